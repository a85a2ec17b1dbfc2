"""One theme from the tokens: for Mantine's parts and for Plotly, dark and light, now and in the past."""

from functools import cache
from typing import Any

import plotly.graph_objects as go
from plotly import io

from model.tokens import THEMES, colours

FAMILY = "SourceSans, system-ui, sans-serif"

GRAPH_CONFIG: dict[str, Any] = {
    "showSendToCloud": False,
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
}
"""For every dcc.Graph: no button that posts a figure to a cloud, no mode bar to tab through."""


def template_name(theme: str) -> str:
    """The Plotly template of ``theme``; of the dark one when there is no such theme."""
    return f"vigie_{theme if theme in THEMES else 'dark'}"


def past_theme(theme: str | None) -> str:
    """The theme of the past for who prefers ``theme``: ``past`` by night, ``past-light`` by day."""
    return "past-light" if theme == "light" else "past"


def _axis(shade: dict[str, str]) -> dict[str, Any]:
    return {
        "gridcolor": shade["rule"],
        "linecolor": shade["rule2"],
        "zeroline": False,
        "tickfont": {"size": 13, "color": shade["ink3"]},
        "ticks": "",
        "automargin": True,
        "fixedrange": False,
    }


@cache
def plotly_template(theme: str) -> go.layout.Template:
    """Quiet lines on the panel's own ground: ink for what was measured, no decoration."""
    shade = colours(theme)
    return go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FAMILY, "size": 13, "color": shade["ink2"]},
            "colorway": [shade["ink"], shade["ink3"], shade["maint"], shade["comms"], shade["degradedLine"]],
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": _axis(shade) | {"showgrid": False},
            "yaxis": _axis(shade),
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": shade["raise"],
                "bordercolor": shade["rule2"],
                "font": {"family": FAMILY, "size": 13, "color": shade["ink"]},
            },
            "showlegend": False,
            "dragmode": "zoom",
            "separators": ", ",
        }
    )


def register_templates() -> None:
    """Make ``vigie_dark``, ``vigie_light`` and the two of the past known to Plotly."""
    for theme in THEMES:
        io.templates[template_name(theme)] = plotly_template(theme)


def _shades(*hexes: str) -> list[str]:
    """Ten shades as Mantine wants them, from the few we have, light to dark."""
    return [hexes[min(i * len(hexes) // 10, len(hexes) - 1)] for i in range(10)]


@cache
def mantine_theme() -> dict[str, Any]:
    """Mantine's theme: our family and sizes, square corners, greys and ink, no colour of its own."""
    dark, light = colours("dark"), colours("light")
    return {
        "fontFamily": FAMILY,
        "fontFamilyMonospace": FAMILY,
        "headings": {"fontFamily": FAMILY, "fontWeight": "600"},
        "fontSizes": {"xs": "13px", "sm": "13px", "md": "15px", "lg": "20px", "xl": "32px"},
        "lineHeights": {"xs": "18px", "sm": "18px", "md": "20px", "lg": "24px", "xl": "36px"},
        "spacing": {"xs": "4px", "sm": "8px", "md": "12px", "lg": "16px", "xl": "40px"},
        "defaultRadius": 0,
        "respectReducedMotion": True,
        "primaryColor": "ink",
        "primaryShade": {"light": 9, "dark": 0},
        "autoContrast": True,
        "white": light["panel"],
        "black": light["ink"],
        "colors": {
            "ink": _shades(
                dark["ink"], dark["ink2"], dark["ink3"], light["ink3"], light["ink2"], light["ink"]
            ),
            "dark": [dark[n] for n in ("ink", "ink2", "ink3", "rule2", "rule", "raise", "panel", "panel")]
            + [dark["land"], dark["outside"]],
        },
        "components": {"Select": {"defaultProps": {"checkIconPosition": "right"}}},
    }
