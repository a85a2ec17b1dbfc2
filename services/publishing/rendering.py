"""The publication rendered: HTML and SVG in both languages and themes, JSON and CSV once.

Pages carry their one script and one style inline; their hashes go into the manifest, so that the public
process can name exactly them in the page's content security policy, whatever version is served.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from model.texts import LANGUAGES, words
from model.tokens import colours
from services.publishing.chart import Chart, chart
from services.publishing.inline import csp_hash
from services.publishing.licences import licence
from services.publishing.lighting import LightingStatus
from services.publishing.tables import as_csv, as_json
from services.publishing.wording import Said

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("light", "dark")
FONT_FILE = "font.woff2"


@dataclass(frozen=True)
class Rendered:
    """One file ready for the store; the hashes are those of what is inline in a page."""

    body: bytes
    media_type: str
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plot:
    """The fixed frame of the SVG file, in its own units."""

    left: int = 44
    top: int = 76
    width: int = 580
    height: int = 200

    def x(self, fraction: float) -> str:
        """A place across, from a fraction of the plot."""
        return f"{self.left + fraction * self.width:.1f}"

    def y(self, fraction: float) -> str:
        """A place down, from a fraction of the plot."""
        return f"{self.top + fraction * self.height:.1f}"


def rendered(status: LightingStatus, font: str = "") -> dict[str, Rendered]:
    """Every file of the publication, by its name in the manifest.

    ``font`` is the address pages load the typeface from, relative to theirs; empty: the reader's own.
    """
    drawn = chart([day.rate for day in status.days], status.target.rate if status.target else None)
    files = {
        "data.json": Rendered(as_json(status), "application/json"),
        "data.csv": Rendered(as_csv(status), "text/csv; charset=utf-8"),
    }
    for language, theme in product(LANGUAGES, THEMES):
        said = Said(status, words(language, status.zone.key))
        files[f"panel.{language}.{theme}.html"] = _page(said, drawn, theme, font)
        files[f"chart.{language}.{theme}.svg"] = _svg(said, drawn, theme)
    return files


def _page(said: Said, drawn: Chart, theme: str, font: str) -> Rendered:
    style = _environment().get_template("panel.css").render(colours=colours(theme), font=font)
    script = (TEMPLATES / "panel.js").read_text(encoding="utf-8")
    text = _environment().get_template("lighting-status.html").render(
        said=said, say=said.say, status=said.status, chart=drawn, theme=theme,
        licence=licence(said.status.licence), style=Markup(style), script=Markup(script),  # noqa: S704 - our own files
    )  # fmt: skip
    return Rendered(text.encode(), "text/html; charset=utf-8", (csp_hash(script),), (csp_hash(style),))


def _svg(said: Said, drawn: Chart, theme: str) -> Rendered:
    text = (
        _environment()
        .get_template("lighting-status.svg")
        .render(
            said=said, say=said.say, status=said.status, chart=drawn, colours=colours(theme), plot=Plot(),
            licence=licence(said.status.licence),
        )
    )  # fmt: skip
    return Rendered(text.encode(), "image/svg+xml")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
