"""The communes beside the board's table: small maps of one figure each, missing shown as missing. Pure."""

from dash import html
from dash.development.base_component import Component

from layouts.board_figures import area_value, unit
from layouts.vectors import Vector, breaks, choropleth
from model.kpis import Good, KpiBoard, KpiResult
from model.texts import Words

SHOWN = (
    "failure_rate",
    "repair_time",
    "lighting_energy",
    "camera_availability",
    "junction_availability",
    "building_energy",
)


def communes(say: Words, board: KpiBoard) -> Component:
    """Small multiples by commune, in the order of ``SHOWN``; a figure without any value is left out."""
    results = [board.result(key) for key in SHOWN]
    drawn = [small_map(say, board, r) for r in results if r and any(a.value is not None for a in r.areas)]
    key = html.Div([html.Span(className="hatch-key"), say("board.missing")], className="map-key")
    return html.Section(
        [
            html.Div([html.H2(say("board.communes")), key], className="section-head"),
            html.Div(drawn, className="small-maps"),
        ],
        className="communes",
    )


def small_map(say: Words, board: KpiBoard, result: KpiResult) -> Component:
    """One figure over the communes, with the values its shades begin at."""
    kpi = result.kpi
    values = {area.area_id: area.value for area in result.areas}
    told = [value for value in values.values() if value is not None]
    reverse = kpi.good is Good.HIGH
    bounds = [say.number(bound, kpi.decimals) for bound in breaks(told)]
    ends = [bounds[-1], bounds[0]] if reverse else [bounds[0], bounds[-1]]
    titles = {area.area_id: _title(say, result, area.area_id) for area in result.areas}
    name = say(f"kpi.{kpi.key}.short")
    label = say("board.map", name=name, low=bounds[0], high=bounds[-1], unit=unit(say, kpi.unit))
    width, height = board.map.width, board.map.height
    return html.Figure(
        [
            html.Figcaption([html.Strong(name), html.Span(unit(say, kpi.unit), className="unit")]),
            Vector(
                box=[width, height],
                shapes=choropleth(board.map, values, titles, low_is_dark=reverse),
                label=label,
                className="small-map",
            ),
            html.Div([html.Span(className=f"step-{step}") for step in range(5)], className="scale"),
            html.Div([html.Span(end) for end in ends], className="scale-ends"),
        ],
        className="multiple",
    )


def _title(say: Words, result: KpiResult, area_id: int) -> str:
    area = next(area for area in result.areas if area.area_id == area_id)
    if area.value is None:
        return say("board.commune_missing", name=area.name)
    return (
        f"{area.name}\u202f: {area_value(say, result, area)}"
        if say.language == "fr"
        else (f"{area.name}: {area_value(say, result, area)}")
    )
