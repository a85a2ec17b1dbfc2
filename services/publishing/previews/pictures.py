"""A preview as an SVG file of a fixed width: for wide pages and for narrow ones, its text the same size."""

from textwrap import wrap

from markupsafe import Markup

from model.tokens import colours
from services.publishing.licences import licence
from services.publishing.panels.drawings import Areas, Squares
from services.publishing.previews.showing import Asked, Picture
from services.publishing.rendering import template

WIDTHS = {"wide": 720, "narrow": 358}
"""By the name in the file's: css pixels."""
_CHARACTER_PX = 7.3
"""Of a character of 13 px, rather more than less."""
_MARGIN = 16
_MARK_PX = 34
"""Of a mark of the key, with the space around it."""


def key_of(picture: Picture) -> list[tuple[str, str]]:
    """The marks of a map with what they mean; a chart needs none."""
    drawing = picture.drawing
    return drawing.key if isinstance(drawing, Areas | Squares) else []


def drawn(picture: Picture, asked: Asked, theme: str, width: int) -> bytes:
    """``picture`` as SVG, ``width`` pixels wide."""
    characters = int((width - 2 * _MARGIN) / _CHARACTER_PX)
    widest = max((len(text) for _, text in key_of(picture)), default=1) * _CHARACTER_PX + _MARK_PX
    style = template("drawing.css").render(colours=colours(theme))
    release = asked.release
    source = f"{asked.say('embed.source', city=asked.profile.title)} {licence(release.licence).name}."
    text = template("preview.svg").render(
        picture=picture, drawing=picture.drawing, say=asked.say, colours=colours(theme), title=asked.title,
        caption=wrap(picture.caption, characters), source=wrap(source, characters), width=width,
        key=key_of(picture), across=max(1, int((width - 2 * _MARGIN) / widest)), widest=round(widest),
        generated=asked.say("embed.generated") if asked.profile.generated else "",
        style=Markup(style),  # noqa: S704 - our own file
    )  # fmt: skip
    return text.encode()
