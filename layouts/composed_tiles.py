"""What tiles of a composed board show: a figure, its trend, its communes as bars or map, or a text. Pure.

Every drawing has its numbers in a table beside it. A reader of a part of the city sees of a tile what he may,
and is told where there is more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_figures import change_text, limit_text, percent, value_text, why_withheld
from layouts.kpi_maps import Panel, area_value, legend, map_graph
from layouts.theme import GRAPH_CONFIG, plotly_template
from model.composed import Kind, Tile
from model.kpis import AreaValue, Good, Kpi, KpiResult, Verdict
from model.texts import Words
from model.tokens import colours

MAP_PX, TREND_PX, BAR_PX = 260, 200, 24


@dataclass(frozen=True)
class Shown:
    """What was read for a tile: its figure over the period, its map, or ``hidden``, why there is neither
    (``outside``: a part of the city this reader may not see)."""

    result: KpiResult | None = None
    panel: Panel | None = None
    place: str = ""
    hidden: str = ""


def tile_label(say: Words, tile: Tile) -> str:
    """What a tile is called where it is moved and read out."""
    if tile.kind is Kind.TEXT:
        return say("composed.kind_text")
    return say("composed.tile", kind=say(f"composed.kind_{tile.kind}"), name=say(f"kpi.{tile.kpi}.short"))


def contents(
    say: Words, tiles: Sequence[Tile], shown: Mapping[str, Shown], theme: str, month: date
) -> list[Component]:
    """What each of ``tiles`` holds, in their order."""
    return [_content(say, tile, shown.get(tile.key, Shown()), theme, month) for tile in tiles]


def _content(say: Words, tile: Tile, shown: Shown, theme: str, month: date) -> Component:
    if tile.kind is Kind.TEXT:
        return html.Div(
            [html.P(line) for line in tile.text.split("\n") if line.strip()], className="tile-text"
        )
    head = [html.H2(say(f"kpi.{tile.kpi}.name")), html.P(_sub(say, tile, shown), className="tile-sub")]
    return html.Div([*head, *_drawn(say, tile, shown, theme, month)], className="tile-body")


def _sub(say: Words, tile: Tile, shown: Shown) -> str:
    return " · ".join(part for part in (shown.place, say(f"kpi.{tile.kpi}.sub")) if part)


def _drawn(say: Words, tile: Tile, shown: Shown, theme: str, month: date) -> list[Component]:
    if shown.hidden:
        return [html.P(say(f"composed.hidden_{shown.hidden}"), className="tile-hidden")]
    if tile.kind is Kind.MAP and shown.panel is not None:
        return _map(say, tile, shown.panel, theme)
    result = shown.result
    if result is None:
        return [html.P(say("composed.hidden_nothing"), className="tile-hidden")]
    if tile.kind is Kind.TREND:
        return _trend(say, tile, result, theme)
    return _bars(say, tile, result, theme) if tile.kind is Kind.BARS else _figure(say, result)


# --- a figure ---------------------------------------------------------------------------------------------


def _figure(say: Words, result: KpiResult) -> list[Component]:
    if result.value is None:
        return [html.P(why_withheld(say, result), className="tile-hidden")]
    kpi = result.kpi
    facts = [
        (say("composed.month_before"), change_text(say, kpi, result.before)),
        (say("composed.year_before"), change_text(say, kpi, result.year_before)),
        (say("composed.coverage"), percent(say, result.coverage)),
    ]
    if result.target is not None:
        limit = limit_text(say, kpi, result.target)
        verdict = say(f"board.{result.verdict}") if result.verdict is not Verdict.NONE else ""
        facts.insert(0, (say("composed.target"), " · ".join(part for part in (verdict, limit) if part)))
    rows = [html.Div([html.Dt(name), html.Dd(text)]) for name, text in facts]
    return [
        html.P(value_text(say, kpi, result.value), className="tile-value"),
        html.Dl(rows, className="tile-facts"),
    ]


# --- charts -----------------------------------------------------------------------------------------------


def month_short(say: Words, month: date) -> str:
    """The month and its year: octobre 2026."""
    return say.month(datetime(month.year, month.month, 15, 12, tzinfo=say.zone))


def _trend(say: Words, tile: Tile, result: KpiResult, theme: str) -> list[Component]:
    told = [point for point in result.trend if point.value is not None]
    if not told:
        return [html.P(say("composed.hidden_nothing"), className="tile-hidden")]
    kpi, shade = result.kpi, colours(theme)
    names = [month_short(say, point.start) for point in result.trend]
    figure = go.Figure(
        go.Scatter(
            x=[point.start.isoformat() for point in result.trend],
            y=[point.value for point in result.trend],
            mode="lines+markers",
            line={"color": shade["ink"], "width": 2},
            marker={"size": 5},
            connectgaps=False,
            customdata=[
                f"{name}<br><b>{value_text(say, kpi, point.value)}</b>"
                for name, point in zip(names, result.trend, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    if result.target is not None:
        figure.add_hline(y=result.target.value, line={"color": shade["ink3"], "width": 1, "dash": "dash"})
    figure.update_layout(
        template=plotly_template(theme), hovermode="closest", dragmode=False,
        margin={"l": 4, "r": 12, "t": 8, "b": 4},
    )  # fmt: skip
    every = max(1, len(names) // 6)
    starts = [point.start for point in result.trend]
    figure.update_xaxes(
        fixedrange=True, tickvals=[start.isoformat() for start in starts[::every]],
        ticktext=[f"{start:%m/%y}" for start in starts[::every]],
    )  # fmt: skip
    figure.update_yaxes(fixedrange=True, nticks=5)
    label = say(
        "composed.trend_label", name=say(f"kpi.{kpi.key}.name"), first=names[0], last=names[-1],
        low=value_text(say, kpi, min(point.value for point in told if point.value is not None)),
        high=value_text(say, kpi, max(point.value for point in told if point.value is not None)),
        gaps=len(result.trend) - len(told),
    )  # fmt: skip
    rows = [
        (name, value_text(say, kpi, point.value), percent(say, point.coverage))
        for name, point in zip(names, result.trend, strict=True)
    ]
    heads = (say("composed.month"), say(f"kpi.{kpi.key}.short"), say("composed.coverage"))
    return [_graph(tile, figure, label, TREND_PX), _table(say, heads, rows[::-1])]


def _bars(say: Words, tile: Tile, result: KpiResult, theme: str) -> list[Component]:
    kpi, shade = result.kpi, colours(theme)
    told = sorted((area for area in result.areas if area.value is not None), key=_by_value(kpi))
    missing = [area for area in result.areas if area.value is None]
    if not told:
        return [html.P(say("composed.hidden_nothing"), className="tile-hidden")]
    longest = max(len(value_text(say, kpi, area.value)) for area in told)
    figure = go.Figure(
        go.Bar(
            x=[area.value for area in told][::-1], y=[area.name for area in told][::-1], orientation="h",
            marker={"color": shade["step3"]}, text=[value_text(say, kpi, area.value) for area in told][::-1],
            textposition="outside", cliponaxis=False, hoverinfo="skip",
        )
    )  # fmt: skip
    figure.update_layout(
        template=plotly_template(theme),
        dragmode=False,
        bargap=0.35,
        margin={"l": 4, "r": 12 + 8 * longest, "t": 4, "b": 4},
    )
    figure.update_xaxes(visible=False, fixedrange=True, rangemode="tozero")
    figure.update_yaxes(fixedrange=True, showgrid=False)
    label = say(
        "composed.bars_label",
        name=say(f"kpi.{kpi.key}.name"),
        worst=told[0].name,
        high=value_text(say, kpi, told[0].value),
        best=told[-1].name,
        low=value_text(say, kpi, told[-1].value),
    )
    rows = [
        (area.name, value_text(say, kpi, area.value), percent(say, area.coverage))
        for area in (*told, *missing)
    ]
    heads = (say("kpi_map.commune"), say(f"kpi.{kpi.key}.short"), say("composed.coverage"))
    noted = [
        html.P(say("composed.bars_missing", n=len(missing), names=_names(missing)), className="tile-sub")
    ]
    graph = _graph(tile, figure, label, BAR_PX * len(told) + 16)
    return [graph, *(noted if missing else []), _table(say, heads, rows)]


def _by_value(kpi: Kpi) -> Callable[[AreaValue], tuple[float, str]]:
    sign = 1 if kpi.good is Good.HIGH else -1
    return lambda area: (sign * (area.value or 0), area.name)


def _names(areas: Sequence[AreaValue]) -> str:
    return ", ".join(area.name for area in areas)


def _map(say: Words, tile: Tile, panel: Panel, theme: str) -> list[Component]:
    rows = [
        (
            one.area.name,
            area_value(say, panel, one),
            percent(say, one.coverage) if one.coverage == one.coverage else "–",
        )
        for one in panel.told
    ]
    heads = (say("kpi_map.commune"), say(f"kpi.{panel.kpi.key}.short"), say("composed.coverage"))
    graph = map_graph(say, [panel], theme, id_=_graph_id(tile), row_px=MAP_PX)
    reading = html.P("", className="kpi-reading", **{"data-hint": ""})
    return [graph, reading, legend(say, panel), _table(say, heads, rows)]


def _graph_id(tile: Tile) -> dict[str, str]:
    return {"type": "composed-graph", "tile": tile.key}


def _graph(tile: Tile, figure: go.Figure, label: str, height: int) -> Component:
    graph = dcc.Graph(id=_graph_id(tile), figure=figure, config=GRAPH_CONFIG, style={"height": f"{height}px"})
    return html.Div(graph, role="img", className="tile-graph", **{"aria-label": label})


def _table(say: Words, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Component:
    head = html.Tr([html.Th(text, scope="col") for text in heads])
    body = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)])
    return html.Details([html.Summary(say("composed.table")), html.Div(table, className="tile-rows")])
