"""The visual tokens of ``model/tokens.json``: the one place css, Plotly and the map take colours from."""

import json
from functools import cache
from pathlib import Path
from typing import Any

THEMES = ("dark", "light", "past", "past-light")
"""By day and by night, for now and for the past."""


@cache
def tokens() -> dict[str, Any]:
    """Everything in ``tokens.json``: colours by theme, type, space, and the look of each status."""
    table: dict[str, Any] = json.loads((Path(__file__).parent / "tokens.json").read_text(encoding="utf-8"))
    return table


def colours(theme: str) -> dict[str, str]:
    """The colours of ``theme``, one of ``THEMES``, token to hex."""
    chosen: dict[str, str] = tokens()[theme]
    return chosen


def css_variables() -> str:
    """The colours as css custom properties (``--ink``), switched by ``data-theme``; paper is light.

    What is of class ``paper`` is light on any screen, and so is everything that is printed.
    """
    blocks = []
    for theme in THEMES:
        pairs = "".join(f"--{name}:{value};" for name, value in colours(theme).items())
        scheme = "light" if theme.endswith("light") else "dark"
        blocks.append(f'html[data-theme="{theme}"]{{color-scheme:{scheme};{pairs}}}')
    paper = "".join(f"--{name}:{value};" for name, value in colours("light").items())
    blocks.append(f".paper{{color-scheme:light;{paper}}}")
    blocks.append(f"@media print{{html[data-theme]{{color-scheme:light;{paper}}}}}")
    return "".join(blocks)
