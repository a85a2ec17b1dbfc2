"""Where visitors reach this door, and how an embed of it is written down."""

from html import escape
from urllib.parse import urlsplit

from public.headers import SANDBOX
from services.settings import Settings

HEIGHT = 590
"""Of the frame in the snippet, in css pixels: all of a panel 420 wide; pages may follow its message."""


def snippet(source: str, title: str, width: str = "100%", height: int = HEIGHT) -> str:
    """The lines to paste into a page: one sandboxed frame on ``source``, without script."""
    return (
        f'<iframe src="{escape(source)}"\n  title="{escape(title)}" width="{width}" height="{height}"\n'
        f'  style="border:0" loading="lazy" referrerpolicy="no-referrer"\n  sandbox="{SANDBOX}">\n</iframe>'
    )


def element(settings: Settings, name: str, title: str, language: str) -> str:
    """The same as an element that follows the panel's height and the reader's theme; one script of ours."""
    return (
        f'<script src="{settings.public_address}/vigie-panel.js" defer></script>\n'
        f'<vigie-panel name="{escape(name)}" lang="{language}" title="{escape(title)}"></vigie-panel>'
    )


def below(settings: Settings, url: str, folder: str) -> str | None:
    """What ``url`` names under ``folder`` of this door, its query with it; None for another place."""
    try:
        there, here = urlsplit(url), urlsplit(f"{settings.public_address}/{folder}/")
    except ValueError:
        return None
    same = (there.scheme, there.netloc) == (here.scheme, here.netloc) and not there.fragment
    if not same or not there.path.startswith(here.path):
        return None
    return there.path.removeprefix(here.path) + (f"?{there.query}" if there.query else "")
