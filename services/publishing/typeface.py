"""The typeface panels are set in: kept once in the store, under an address that holds its hash."""

from pathlib import Path

from services.publishing.artefacts import Artefact, Store
from services.settings import ROOT

FONT_NAME = "source-sans-3-latin-wght-normal.woff2"
FONT_FOLDERS = (ROOT / "assets" / "vendor", ROOT / "node_modules" / "@fontsource-variable")


def typeface_in(store: Store) -> Artefact | None:
    """The installed typeface, in the store; None without one: pages then use the reader's own fonts."""
    found: Path | None = next(
        (file for folder in FONT_FOLDERS for file in sorted(folder.rglob(FONT_NAME))), None
    )
    return store.put(found.read_bytes(), "font/woff2") if found else None


def typeface_address(typeface: Artefact | None) -> str:
    """Where a panel's page loads it from, relative to its own address; empty without one."""
    return f"../fonts/{typeface.sha256}.woff2" if typeface else ""
