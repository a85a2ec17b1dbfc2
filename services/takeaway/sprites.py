"""The shapes of statuses as small pictures, and letters to write with: our tokens, drawn with Pillow."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from model.tokens import colours, tokens
from services.settings import ROOT

FONT = ROOT / "assets" / "vendor" / "source-sans-3-latin-wght-normal.woff2"
FINE = 6
"""Drawn so many times larger, then made small: smooth edges."""
REGULAR, SEMIBOLD = 400, 600
_CONSEQUENCE = {"shape": "ring", "colour": "fault", "letter": ""}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(size: int, weight: int = REGULAR) -> Font:
    """The house's typeface at ``size`` px; Pillow's own where the bundles are not installed."""
    if not Path(FONT).exists():
        return ImageFont.load_default(size)
    made = ImageFont.truetype(BytesIO(FONT.read_bytes()), size)
    made.set_variation_by_axes([weight])
    return made


def plain(text: str) -> str:
    """``text`` with spaces the typeface has."""
    return text.replace("\u202f", "\u00a0")


@cache
def sprite(name: str, size: int, theme: str) -> Image.Image:
    """The symbol of status ``name`` (or ``consequence``), RGBA, ``size`` px wide, in colours of ``theme``."""
    shade = colours(theme)
    large = Image.new("RGBA", (size * FINE, size * FINE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(large)
    look = (
        {"shape": "ring", "colour": "fault", "letter": ""}
        if name == "consequence"
        else tokens()["status"][name]
    )
    ink = shade[look["colour"]]
    _SHAPES[look["shape"]](pen, large.width, ink)
    letter = look["letter"]
    if letter and size >= 12:
        inside = shade.get(f"{look['colour']}Letter", ink)
        middle = large.width * (0.62 if look["shape"] == "triangle" else 0.5)
        pen.text(
            (large.width / 2, middle), letter, inside, font(int(large.width * 0.5), SEMIBOLD), anchor="mm"
        )
    return large.resize((size, size), Image.Resampling.LANCZOS)


def _diamond(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    half = width / 2
    pen.polygon([(half, width * 0.03), (width * 0.97, half), (half, width * 0.97), (width * 0.03, half)], ink)


def _triangle(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    pen.polygon([(width / 2, width * 0.08), (width * 0.97, width * 0.9), (width * 0.03, width * 0.9)], ink)


def _ring(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    pen.ellipse([width * 0.2, width * 0.2, width * 0.8, width * 0.8], outline=ink, width=round(width * 0.14))


def _broken_ring(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    box = [width * 0.08, width * 0.08, width * 0.92, width * 0.92]
    pen.arc(box, 58, 302, fill=ink, width=round(width * 0.11))
    pen.arc(box, 330, 390, fill=ink, width=round(width * 0.11))


def _dotted_ring(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    box = [width * 0.08, width * 0.08, width * 0.92, width * 0.92]
    for start in range(0, 360, 30):
        pen.arc(box, start, start + 15, fill=ink, width=round(width * 0.1))


def _square(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    box = [width * 0.1, width * 0.1, width * 0.9, width * 0.9]
    pen.rectangle(box, outline=ink, width=round(width * 0.1))


def _crossed_square(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    _square(pen, width, ink)
    for ends in ((0.28, 0.28, 0.72, 0.72), (0.72, 0.28, 0.28, 0.72)):
        pen.line([part * width for part in ends], ink, round(width * 0.09))


def _point(pen: ImageDraw.ImageDraw, width: int, ink: str) -> None:
    pen.ellipse([width * 0.3, width * 0.3, width * 0.7, width * 0.7], ink)


_SHAPES: dict[str, Callable[[ImageDraw.ImageDraw, int, str], None]] = {
    "diamond": _diamond,
    "triangle": _triangle,
    "ring": _ring,
    "broken-ring": _broken_ring,
    "dotted-ring": _dotted_ring,
    "square": _square,
    "crossed-square": _crossed_square,
    "glyph": _point,
    "glyph-bright": _point,
}
