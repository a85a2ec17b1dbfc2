"""The board's drawings as tables: every commune's value, and the thirty days. Pure."""

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.board_figures import unit
from model.board import Board
from model.texts import Words


def tables(say: Words, board: Board) -> Component:
    """Both tables, folded until asked for."""
    return html.Details(
        [
            html.Summary(say("board.table"), className="tables-open"),
            html.Div([communes_table(say, board), trend_table(say, board)], className="tables"),
        ],
        className="board-tables",
    )


def _heads(say: Words, board: Board, first: str, *, areas: bool) -> Component:
    names = [
        html.Th(
            [
                say(f"figure.{r.figure.key}.short"),
                html.Span(unit(say, r.figure.unit_of_areas if areas else r.figure.unit), className="unit"),
            ],
            scope="col",
        )
        for r in board.figures
    ]
    return html.Thead(html.Tr([html.Th(first, scope="col"), *names]))


def communes_table(say: Words, board: Board) -> Component:
    """A row a commune; a value that is withheld is a dash."""
    rows = [
        html.Tr(
            [
                html.Th(area.name, scope="row"),
                *(html.Td(say.number(r.areas[at].value, r.figure.decimals_of_areas)) for r in board.figures),
            ]
        )
        for at, area in enumerate(board.figures[0].areas)
    ]
    day = say.day(datetime(board.day.year, board.day.month, board.day.day, 12, tzinfo=say.zone))
    caption = html.Caption(say("board.table_communes", day=day))
    return html.Table([caption, _heads(say, board, say("board.commune"), areas=True), html.Tbody(rows)])


def trend_table(say: Words, board: Board) -> Component:
    """A row a day, newest first; a gap is a dash."""
    rows = []
    for at in reversed(range(len(board.figures[0].trend))):
        day = board.figures[0].trend[at].day
        cells = [html.Td(say.number(r.trend[at].value, r.figure.decimals)) for r in board.figures]
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=say.zone)
        rows.append(html.Tr([html.Th(say.day(moment, "medium"), scope="row"), *cells]))
    caption = html.Caption(say("board.table_trend"))
    return html.Table([caption, _heads(say, board, say("board.date"), areas=False), html.Tbody(rows)])
