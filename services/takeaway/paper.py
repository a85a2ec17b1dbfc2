"""HTML to PDF with WeasyPrint, in a process of its own: a deadline that holds, and nothing left behind.

The process reads one HTML document from its standard input and writes the PDF to its standard output. What
the document may load is what this file names: the typeface among the installed bundles, and nothing else.
"""

import ctypes.util
import os
import subprocess
import sys
from functools import cache
from typing import Any, BinaryIO

from model.errors import Unavailable
from services.settings import ROOT

VARIANT = "pdf/ua-1"
"""Tagged, with title and language: readable by those who hear it (ISO 14289-1)."""

DEADLINE_S = 60.0
FONTS = ROOT / "assets" / "vendor"
FONT_ADDRESS = "font:"
LIBRARY = "pango-1.0"
MISSING = "libpango is not installed"


class PaperTooLong(Unavailable):
    """The PDF was not ready within the deadline."""


@cache
def can_make_pdf() -> bool:
    """Whether this machine has the library WeasyPrint sets text with."""
    return ctypes.util.find_library(LIBRARY) is not None


def pdf_of(html: str, deadline_s: float = DEADLINE_S) -> bytes:
    """The PDF of the document ``html``. Blocks.

    Raises Unavailable where Pango is missing or the document could not be set, PaperTooLong after
    ``deadline_s`` seconds; the process is ended with it.
    """
    if not can_make_pdf():
        raise Unavailable(MISSING)
    command = [sys.executable, "-m", "services.takeaway.paper"]
    try:
        done = subprocess.run(
            command, input=html.encode(), capture_output=True, cwd=ROOT, timeout=deadline_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PaperTooLong(f"the PDF was not ready within {deadline_s:g} s") from error
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Unavailable(f"the PDF could not be made: {' '.join(last)[:200]}")
    return done.stdout


def own_file(url: str) -> bytes:
    """What ``font:<name>`` names among the installed bundles; ValueError for any other address."""
    name = url.removeprefix(FONT_ADDRESS)
    if not url.startswith(FONT_ADDRESS) or "/" in name or not name.endswith(".woff2"):
        raise ValueError(f"a report loads nothing from elsewhere: {url[:80]}")
    return (FONTS / name).read_bytes()


def write(html: str, out: BinaryIO) -> None:
    """Set ``html`` and write its PDF to ``out``; runs in the process of its own."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):  # type: ignore[misc]
        """Every address a document names comes through here; none leaves the machine."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            return URLFetcherResponse(url, own_file(url), {"content-type": "font/woff2"})

    HTML(string=html, url_fetcher=OwnFiles()).write_pdf(out, pdf_variant=VARIANT)


if __name__ == "__main__":
    # Paper can wait for the live city: on a busy machine everything else goes first.
    os.nice(10)
    write(sys.stdin.buffer.read().decode(), sys.stdout.buffer)
