"""The board's drawings as tables: every commune's value, and the thirty days. Pure."""

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.board_figures import unit
from model.kpis import KpiBoard, KpiResult
from model.texts import Words


def tables(say: Words, board: KpiBoard) -> Component:
    """Both tables, folded until asked for."""
    return html.Details(
        [
            html.Summary(say("board.table"), className="tables-open"),
            html.Div([communes_table(say, board), trend_table(say, board)], className="tables"),
        ],
        className="board-tables",
    )


def _heads(say: Words, results: Sequence[KpiResult], first: str) -> Component:
    names = [
        html.Th(
            [
                say(f"kpi.{r.kpi.key}.short"),
                html.Span(unit(say, r.kpi.unit), className="unit"),
            ],
            scope="col",
        )
        for r in results
    ]
    return html.Thead(html.Tr([html.Th(first, scope="col"), *names]))


def communes_table(say: Words, board: KpiBoard) -> Component:
    """A row a commune; a value that is withheld is a dash."""
    told = [result for result in board.results if result.areas]
    rows = [
        html.Tr(
            [
                html.Th(area.name, scope="row"),
                *(html.Td(say.number(r.areas[at].value, r.kpi.decimals)) for r in told),
            ]
        )
        for at, area in enumerate(told[0].areas if told else ())
    ]
    day = say.day(datetime(board.start.year, board.start.month, board.start.day, 12, tzinfo=say.zone))
    caption = html.Caption(say("board.table_communes", day=day))
    return html.Table([caption, _heads(say, told, say("board.commune")), html.Tbody(rows)])


def trend_table(say: Words, board: KpiBoard) -> Component:
    """A row a day, newest first; a gap is a dash."""
    rows = []
    for at in reversed(range(len(board.results[0].trend))):
        day = board.results[0].trend[at].start
        cells = [html.Td(say.number(r.trend[at].value, r.kpi.decimals)) for r in board.results]
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=say.zone)
        rows.append(html.Tr([html.Th(say.day(moment, "medium"), scope="row"), *cells]))
    caption = html.Caption(say("board.table_trend"))
    return html.Table([caption, _heads(say, board.results, say("board.date")), html.Tbody(rows)])
