"""The communes beside a board's table: small maps of one figure each, missing shown as missing. Pure."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.board_figures import name_of, unit, value_text
from layouts.vectors import Vector, breaks, choropleth
from model.board import LittleMap
from model.kpis import AreaValue, Good, KpiBoard, KpiResult
from model.texts import Words

MOST = 6
"""Maps side by side: more are not compared any more."""


def communes(say: Words, board: KpiBoard, most: int = MOST) -> Component:
    """Small multiples by commune of the first ``most`` figures that have values of several."""
    drawn = [small_map(say, board.map, result) for result in mapped(board)[:most]]
    key = html.Div([html.Span(className="hatch-key"), say("board.missing")], className="map-key")
    return html.Section(
        [
            html.Div([html.H2(say("board.communes")), key], className="section-head"),
            html.Div(drawn, className="small-maps"),
        ],
        className="communes",
    )


def mapped(board: KpiBoard) -> Sequence[KpiResult]:
    """The figures that are drawn: those with values of at least two communes."""
    return [r for r in board.results if sum(a.value is not None for a in r.areas) > 1][:MOST]


def small_map(say: Words, outlines: LittleMap, result: KpiResult) -> Component:
    """One figure over the communes, with the values its shades begin at."""
    kpi = result.kpi
    values = {area.area_id: area.value for area in result.areas}
    told = [value for value in values.values() if value is not None]
    reverse = kpi.good is Good.HIGH
    bounds = [say.number(bound, kpi.decimals) for bound in breaks(told)]
    ends = [bounds[-1], bounds[0]] if reverse else [bounds[0], bounds[-1]]
    titles = {area.area_id: commune_value(say, result, area) for area in result.areas}
    name = name_of(say, kpi, "short")
    label = say("board.map", name=name, low=bounds[0], high=bounds[-1], unit=unit(say, kpi.unit)).rstrip()
    return html.Figure(
        [
            html.Figcaption([html.Strong(name), html.Span(unit(say, kpi.unit), className="unit")]),
            Vector(
                box=[outlines.width, outlines.height],
                shapes=choropleth(outlines, values, titles, low_is_dark=reverse),
                label=label, className="small-map",
            ),
            html.Div([html.Span(className=f"step-{step}") for step in range(5)], className="scale"),
            html.Div([html.Span(end) for end in ends], className="scale-ends"),
        ],
        className="multiple",
    )  # fmt: skip


def commune_value(say: Words, result: KpiResult, area: AreaValue) -> str:
    """A commune with its value, or that it is not told."""
    if area.value is None:
        return say("board.commune_missing", name=area.name)
    return say("board.commune_value", name=area.name, value=value_text(say, result.kpi, area.value))
