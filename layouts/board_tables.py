"""A board's drawings as tables: every commune's value, and the trends. Pure."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.board_figures import board_period, name_of, short_period, unit
from model.kpis import KpiBoard, KpiResult
from model.texts import Words


def tables(say: Words, board: KpiBoard, *, areas: bool = True) -> Component:
    """Both tables, folded until asked for; ``areas``: the communes' values are on the board."""
    parts = [trend_table(say, board)]
    if areas and board.results[0].areas:
        parts.insert(0, communes_table(say, board))
    return html.Details(
        [
            html.Summary(say("board.table"), className="tables-open"),
            html.Div(
                parts, className="tables", tabIndex="0", role="region", **{"aria-label": say("board.table")}
            ),
        ],
        className="board-tables",
    )


def _heads(say: Words, results: Sequence[KpiResult], first: str) -> Component:
    names = [
        html.Th(
            [name_of(say, r.kpi, "short"), html.Span(unit(say, r.kpi.unit), className="unit")], scope="col"
        )
        for r in results
    ]
    return html.Thead(html.Tr([html.Th(first, scope="col"), *names]))


def communes_table(say: Words, board: KpiBoard) -> Component:
    """A row a commune; a value that is withheld is a dash."""
    told = [result for result in board.results if result.areas]
    rows = []
    for area in told[0].areas:
        values = [next((a.value for a in r.areas if a.area_id == area.area_id), None) for r in told]
        cells = [html.Td(say.number(value, r.kpi.decimals)) for r, value in zip(told, values, strict=True)]
        rows.append(html.Tr([html.Th(area.name, scope="row"), *cells]))
    caption = html.Caption(say("board.table_communes", period=board_period(say, board)))
    return html.Table([caption, _heads(say, told, say("board.commune")), html.Tbody(rows)])


def trend_table(say: Words, board: KpiBoard) -> Component:
    """A row a step of the trends, newest first; a gap is a dash."""
    starts = sorted({step.start for result in board.results for step in result.trend}, reverse=True)
    known = [{step.start: step.value for step in result.trend} for result in board.results]
    rows = [
        html.Tr(
            [
                html.Th(short_period(say, board.period, start), scope="row"),
                *(
                    html.Td(say.number(steps.get(start), r.kpi.decimals))
                    for r, steps in zip(board.results, known, strict=True)
                ),
            ]
        )
        for start in starts
    ]
    caption = html.Caption(say("board.table_trend"))
    head = _heads(say, board.results, say(f"board.{board.period.value}"))
    return html.Table([caption, head, html.Tbody(rows)])
