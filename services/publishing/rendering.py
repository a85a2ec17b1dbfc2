"""A panel rendered: HTML and SVG in both languages and themes, its data once.

Pages carry their one script and one style inline; their hashes go into the manifest, so that the public
process can name exactly them in the page's content security policy, whatever version is served.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from model.texts import LANGUAGES, Words, words
from model.tokens import colours
from services.publishing.inline import csp_hash
from services.publishing.licences import licence
from services.publishing.panels.drawings import Sheet
from services.publishing.panels.story import Drawn, Story

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


def rendered(panel: Drawn, font: str = "") -> dict[str, Rendered]:
    """Every file of the panel, by its name in the manifest; of one commune alone, its code is in each name.

    ``font`` is the address pages load the typeface from, relative to theirs; empty: the reader's own.
    """
    end = f".{panel.facts.area_code}" if panel.facts.area_code else ""
    files = {f"data{end}.{ending}": Rendered(body, media) for ending, (body, media) in panel.data.items()}
    for language in LANGUAGES:
        say = words(language, panel.facts.zone.key)
        story = panel.story(say)
        for theme in THEMES:
            files[f"panel.{language}.{theme}{end}.html"] = _page(panel, story, say, theme, font)
            files[f"chart.{language}.{theme}{end}.svg"] = _picture(panel, story, say, theme)
    return files


def _page(panel: Drawn, story: Story, say: Words, theme: str, font: str) -> Rendered:
    style = template("panel.css").render(colours=colours(theme), font=font)
    script = (TEMPLATES / "panel.js").read_text(encoding="utf-8")
    code = panel.facts.area_code
    text = template("panel.html").render(
        address=panel.name, query=f"?area={code}" if code else "", story=story, say=say, theme=theme,
        facts=panel.facts, data_time=panel.data_time, period_s=panel.period_s,
        licence=licence(panel.facts.licence),
        style=Markup(style), script=Markup(script),  # noqa: S704 - our own files
    )  # fmt: skip
    return Rendered(text.encode(), "text/html; charset=utf-8", (csp_hash(script),), (csp_hash(style),))


def _picture(panel: Drawn, story: Story, say: Words, theme: str) -> Rendered:
    if isinstance(story.drawing, Sheet):
        story = replace(story, drawing=story.drawing.picture)
    style = template("drawing.css").render(colours=colours(theme))
    text = template("panel.svg").render(
        story=story, say=say, facts=panel.facts, colours=colours(theme),
        licence=licence(panel.facts.licence), style=Markup(style),  # noqa: S704 - our own file
    )  # fmt: skip
    return Rendered(text.encode(), "image/svg+xml")


def template(name: str) -> Template:
    """The template ``name`` of what is published."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
