"""The symbols of ``model/symbols.json``, drawn in a 24-unit box: status, domain glyph, priority, freshness.

One table for every screen: the browser reads it as ``assets/look.js``, which ``python -m model.symbols``
writes from it and from the tokens (a test holds the two together). Colours are token names; ``self`` is the
colour of the text around.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from model.tokens import THEMES, colours, tokens

Shape = dict[str, Any]
"""``{"d": path, "fill"?, "stroke"?, "width"?, "dash"?}`` or ``{"text", "y" (centre), "size", "fill"}``."""

LOOK_JS = Path(__file__).parent.parent / "assets" / "look.js"


@cache
def symbols() -> dict[str, dict[str, list[Shape]]]:
    """Every symbol: group (``status``, ``glyph``, ``priority``...) to name to shapes, lowest first."""
    table: dict[str, dict[str, list[Shape]]] = json.loads(
        (Path(__file__).parent / "symbols.json").read_text(encoding="utf-8")
    )
    return table


def svg(group: str, name: str, size: int = 20, theme: str | None = None, title: str = "") -> str:
    """The symbol as an ``<svg>`` element of ``size`` px; KeyError when there is none of that name.

    With ``theme`` its colours are fixed, for a file of its own; without, they follow the page's css
    variables. ``title`` is what a screen reader says; without one the symbol is hidden from it.
    """
    paint = _fixed(theme) if theme else _variable
    drawn = "".join(_element(shape, paint) for shape in symbols()[group][name])
    spoken = f'role="img" aria-label="{_escaped(title)}"' if title else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="{size}" height="{size}" '
        f"{spoken}>{drawn}</svg>"
    )


def _element(shape: Shape, paint: Any) -> str:
    if "text" in shape:
        return (
            f'<text x="12" y="{shape["y"]}" text-anchor="middle" dominant-baseline="central" '
            f'font-size="{shape["size"]}" font-weight="600" fill="{paint(shape["fill"])}">'
            f"{shape['text']}</text>"
        )
    fill = paint(shape["fill"]) if "fill" in shape else "none"
    line = ""
    if "stroke" in shape:
        line = f' stroke="{paint(shape["stroke"])}" stroke-width="{shape["width"]}"'
    if "dash" in shape:
        line += f' stroke-dasharray="{" ".join(str(part) for part in shape["dash"])}"'
    return f'<path d="{shape["d"]}" fill="{fill}"{line}/>'


def _fixed(theme: str) -> Any:
    table = colours(theme)
    return lambda token: table["ink"] if token == "self" else table[token]  # noqa: S105 - a colour's name


def _variable(token: str) -> str:
    return "currentColor" if token == "self" else f"var(--{token})"  # noqa: S105 - a colour's name


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def look_script() -> str:
    """The text of ``assets/look.js``: colours of each theme and every symbol, for the browser."""
    look = {
        "themes": {theme: colours(theme) for theme in THEMES},
        "status": tokens()["status"],
        "symbols": symbols(),
    }
    table = json.dumps(look, ensure_ascii=False, separators=(",", ":"))
    return (
        "// Written by `python -m model.symbols` from model/tokens.json and model/symbols.json; edit those.\n"
        f"(window.vigie = window.vigie || {{}}).look = {table};\n"
    )


if __name__ == "__main__":
    LOOK_JS.write_text(look_script(), encoding="utf-8")
