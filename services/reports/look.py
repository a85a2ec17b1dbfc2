"""What a report carries of how it looks: its style and its typeface, read from the installed files."""

from functools import cache
from pathlib import Path

from services.settings import ROOT

STYLE = Path(__file__).parent / "monthly.css"
"""Not among the assets: it is for the documents alone, and no page of the control room loads it."""
FACES = ROOT / "assets" / "vendor"


@cache
def style() -> str:
    """The css of the report."""
    return STYLE.read_text(encoding="utf-8")


@cache
def faces() -> dict[str, bytes]:
    """The house's typeface, by file name; empty where the bundles are not installed."""
    return {file.name: file.read_bytes() for file in sorted(FACES.glob("source-sans-3-*.woff2"))}
