"""Figures drawn as maps by Plotly: own outlines, no tiles, nothing asked of another site. Pure.

Each class has one flat shade from the tokens; an area without value has none: it is hatched, and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_figures import amount, percent, unit
from layouts.theme import GRAPH_CONFIG, plotly_template
from model.area_maps import CLASSES, MapArea, Missing, Per, Told, class_bounds, class_of, shade_of
from model.kpis import Good, Kpi
from model.texts import Words
from model.tokens import colours

GAP = 0.02
"""Between small maps, in shares of the whole."""


@dataclass(frozen=True)
class Panel:
    """One map: its title, the figure, what it is divided by, what it tells of each area, and its classes."""

    title: str
    kpi: Kpi
    per: Per
    told: tuple[Told, ...]
    bounds: tuple[float, ...]

    @property
    def values(self) -> list[float]:
        """Those there are."""
        return [one.value for one in self.told if one.value is not None]

    @property
    def low_is_dark(self) -> bool:
        """Dark is where it is served worst; of what nobody judges, the high end."""
        return self.kpi.good is Good.HIGH


def panel_of(title: str, kpi: Kpi, per: Per, told: tuple[Told, ...]) -> Panel:
    """A map with classes of its own."""
    values = [one.value for one in told if one.value is not None]
    return Panel(title, kpi, per, told, class_bounds(values))


def alike(panels: Sequence[Panel]) -> list[Panel]:
    """``panels`` of one figure with the same classes, so that the same shade is the same value in all."""
    bounds = class_bounds([value for panel in panels for value in panel.values])
    return [Panel(one.title, one.kpi, one.per, one.told, bounds) for one in panels]


# --- words ------------------------------------------------------------------------------------------------


def unit_text(say: Words, kpi: Kpi, per: Per) -> str:
    """The unit with what it is divided by: kWh, kWh per point."""
    own = unit(say, kpi.unit)
    return own if per is Per.ITSELF else say(f"kpi_map.per_{per}_unit", unit=own)


def decimals_of(panel: Panel) -> int:
    """As many as the figure declares, or more where a quotient is small."""
    if panel.per is Per.ITSELF or not panel.values:
        return panel.kpi.decimals
    high = max(abs(value) for value in panel.values)
    return 0 if high >= 100 else 1 if high >= 10 else 2 if high >= 1 else 3


def area_value(say: Words, panel: Panel, told: Told) -> str:
    """An area's value with its unit, or why it has none."""
    if told.value is None:
        return missing_text(say, panel, told)
    number = say.number(told.value, decimals_of(panel))
    if panel.per is Per.ITSELF:
        return amount(say, number, panel.kpi.unit)
    return f"{number}\u00a0{unit_text(say, panel.kpi, panel.per)}"


def missing_text(say: Words, panel: Panel, told: Told) -> str:
    """Why an area has no value."""
    reason = told.missing or Missing.WITHHELD
    known = told.coverage if told.coverage == told.coverage else 0.0
    return say(
        f"kpi_map.missing_{reason}",
        coverage=percent(say, known),
        floor=percent(say, panel.kpi.coverage_floor),
    )


def area_text(say: Words, panel: Panel, told: Told) -> str:
    """What is read of an area: its name and value."""
    return say("kpi_map.area", name=told.area.name, value=area_value(say, panel, told))


def label(say: Words, panel: Panel) -> str:
    """What a map shows, in one sentence: its ends and how many areas have no value."""
    if not panel.values:
        return say("kpi_map.label_none", title=panel.title)
    low, high = (say.number(end, decimals_of(panel)) for end in (min(panel.values), max(panel.values)))
    return say(
        "kpi_map.label", title=panel.title, low=low, high=high, unit=unit_text(say, panel.kpi, panel.per),
        missing=len(panel.told) - len(panel.values),
    )  # fmt: skip


# --- drawing ----------------------------------------------------------------------------------------------


def map_figure(say: Words, panels: Sequence[Panel], columns: int, theme: str) -> go.Figure:
    """``panels`` as one figure, ``columns`` across."""
    shade = colours(theme)
    figure = go.Figure()
    rows = -(-len(panels) // columns)
    for place, panel in enumerate(panels):
        name = f"geo{place + 1 if place else ''}"
        figure.add_traces(_traces(say, panel, name, shade))
        figure.update_layout({name: _ground(place, columns, rows, titled=len(panels) > 1)})
        if len(panels) > 1:
            figure.add_annotation(_title(panel, place, columns, rows, shade["ink"]))
    figure.update_layout(
        template=plotly_template(theme), dragmode=False, hovermode="closest",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )  # fmt: skip
    return figure


def _traces(say: Words, panel: Panel, geo: str, shade: dict[str, str]) -> list[go.Choropleth | go.Scattergeo]:
    known = [one for one in panel.told if one.value is not None]
    rest = [one for one in panel.told if one.value is None]
    lines = [point for one in rest for line in one.area.hatch for point in (*line, (None, None))]
    return [
        # The hatching first: what lies under the areas' own outlines is not in the way of the pointer.
        go.Scattergeo(
            lon=[lon for lon, _ in lines], lat=[lat for _, lat in lines], mode="lines", geo=geo,
            line={"color": shade["rule2"], "width": 1}, hoverinfo="skip",
        ),
        _areas(say, panel, rest, geo, [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]], shade["rule2"]),
        _areas(say, panel, known, geo, _scale(shade), shade["panel"]),
    ]  # fmt: skip


def _areas(
    say: Words, panel: Panel, shown: Sequence[Told], geo: str, scale: list[list[object]], edge: str
) -> go.Choropleth:
    return go.Choropleth(
        geojson=collection([one.area for one in shown]), locations=[str(one.area.id) for one in shown],
        z=[_shade(panel, one) for one in shown], zmin=-0.5, zmax=CLASSES - 0.5, colorscale=scale,
        showscale=False, marker_line={"color": edge, "width": 1}, geo=geo,
        customdata=[area_text(say, panel, one) for one in shown],
        hovertemplate="%{customdata}<extra></extra>", name=panel.title,
        meta="known" if shown and shown[0].value is not None else "missing",
    )  # fmt: skip


def collection(areas: Sequence[MapArea]) -> dict[str, object]:
    """``areas`` as GeoJSON features by their id."""
    features = [{"type": "Feature", "id": str(one.id), "geometry": one.outline} for one in areas]
    return {"type": "FeatureCollection", "features": features}


def _shade(panel: Panel, told: Told) -> int:
    if told.value is None:
        return 0
    step = class_of(told.value, panel.bounds)
    return shade_of(step, max(len(panel.bounds) - 1, 1), panel.low_is_dark)


def _scale(shade: dict[str, str]) -> list[list[object]]:
    """One flat colour a shade."""
    stops: list[list[object]] = []
    for step in range(CLASSES):
        stops += [[step / CLASSES, shade[f"step{step}"]], [(step + 1) / CLASSES, shade[f"step{step}"]]]
    return stops


def _box(place: int, columns: int, rows: int) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of one small map in the whole figure."""
    across, down = place % columns, place // columns
    left, top = across / columns, 1 - down / rows
    return left, (across + 1) / columns - GAP * (columns > 1), 1 - (down + 1) / rows, top


def _ground(place: int, columns: int, rows: int, *, titled: bool) -> dict[str, object]:
    """The ground of one map: nothing on it, so that Plotly asks no site for the outlines of the world."""
    left, right, bottom, top = _box(place, columns, rows)
    high = (top - bottom) * (0.16 if titled else 0)
    return {
        "visible": False, "fitbounds": "geojson", "projection": {"type": "mercator"},
        "bgcolor": "rgba(0,0,0,0)", "domain": {"x": [left, right], "y": [bottom + 0.005, top - high]},
    }  # fmt: skip


def _title(panel: Panel, place: int, columns: int, rows: int, ink: str) -> dict[str, object]:
    left, _, _, top = _box(place, columns, rows)
    return {
        "x": left, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top",
        "text": panel.title, "showarrow": False, "font": {"color": ink, "size": 13}, "align": "left",
    }  # fmt: skip


def map_graph(
    say: Words,
    panels: Sequence[Panel],
    theme: str,
    *,
    id_: str | dict[str, str],
    columns: int = 1,
    row_px: int = 0,
) -> Component:
    """``panels`` as a graph whose areas can be walked with the arrow keys; each is read out as it is met.

    ``row_px`` is the height of one row of maps; 0 leaves it to the page.
    """
    rows = -(-len(panels) // columns)
    figure = map_figure(say, panels, columns, theme)
    graph = dcc.Graph(
        id=id_, figure=figure, config=GRAPH_CONFIG, className="kpi-graph",
        style={"height": f"{row_px * rows}px"} if row_px else {},
    )  # fmt: skip
    return html.Div(
        graph, className="kpi-map", role="group",
        **{"aria-label": " ".join(label(say, panel) for panel in panels), "data-walk": say("kpi_map.walk")},
    )  # fmt: skip


def legend(say: Words, panel: Panel) -> Component:
    """The classes with their shades from low to high, and what hatching means."""
    count = max(len(panel.bounds) - 1, 0)
    ends = [say.number(bound, _bound_decimals(panel)) for bound in panel.bounds]
    rows = [
        html.Li(
            [
                html.Span(className=f"swatch step-{shade_of(step, count, panel.low_is_dark)}"),
                say("kpi_map.class", low=ends[step], high=ends[step + 1])
                if panel.bounds[step] != panel.bounds[step + 1]
                else ends[step],
            ]
        )
        for step in range(count)
    ]
    rows.append(html.Li([html.Span(className="swatch hatch-key"), say("kpi_map.missing")]))
    return html.Div(
        [
            html.Strong(unit_text(say, panel.kpi, panel.per)),
            html.Ul(rows),
            html.Span(
                say("kpi_map.dark_low" if panel.low_is_dark else "kpi_map.dark_high"), className="quiet"
            ),
        ],
        className="kpi-legend",
    )


def _bound_decimals(panel: Panel) -> int:
    """As many as the bounds need: they are round numbers."""
    return next((n for n in range(5) if all(round(b, n) == round(b, 6) for b in panel.bounds)), 5)
