"""The city board: one sentence, eight figures, the communes. Pure: a computed board in, components out."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_figures import figure_rows
from layouts.board_maps import communes
from layouts.board_tables import tables
from layouts.ids import CityBoard
from layouts.sentence import sentence
from layouts.shell import state_card, top_bar
from layouts.symbols import icon
from layouts.vectors import PageTheme
from layouts.view import PageView
from model.kpis import KpiBoard
from model.texts import Words

FAIRNESS_FROM = 3
"""Communes from which on it means something that one is served worst (services/boards/judging.py)."""
HEADS = ("figure", "value", "trend", "target", "coverage", "worst", "best")


def page(say: Words, view: PageView) -> Component:
    """The page around the board; the board itself comes when it is computed."""
    printing = html.Button(
        [icon("print", 16), say("board.print")], id=CityBoard.PRINT, type="button", className="board-print"
    )
    return html.Div(
        [
            top_bar(say, view, right=[printing]),
            html.Div(
                state_card("loading", say("board.loading"), say("board.loading_body")),
                id=CityBoard.BODY,
                className="board",
                **{"aria-live": "polite", "aria-busy": "true"},
            ),
            dcc.Store(id=CityBoard.PRINTED),
            PageTheme(theme="light"),
        ],
        className="board-page",
    )


def board_body(
    say: Words, board: KpiBoard, *, last_day: date, generated: bool, attribution: str, scope: str = ""
) -> Component:
    """Everything under the top bar; ``scope`` says in words which part of the city it is of, if not all."""
    if not board.results:
        return state_card("empty", say("scope.empty"), say("scope.empty_body"))
    return html.Article(
        [
            _head(say, board, last_day, scope),
            _columns(say, board),
            tables(say, board),
            _foot(say, board, generated, attribution),
        ]
    )


def _columns(say: Words, board: KpiBoard) -> Component:
    """The figures, and beside them the communes where there are several to compare.

    Of fewer than three none is served best or worst: the columns that would say so are left out.
    """
    few = " board-few" if len(board.map.outlines) < FAIRNESS_FROM else ""
    if len(board.map.outlines) < 2:
        return html.Div(_table(say, board), className=f"board-columns board-alone{few}")
    return html.Div([_table(say, board), communes(say, board)], className=f"board-columns{few}")


def board_away(say: Words, what: str) -> Component:
    """The board when it cannot be computed."""
    return state_card("broken", say("board.away"), say("board.away_body", what=what))


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone)


def day_in_words(say: Words, day: date, width: str = "long") -> str:
    """The local ``day``: 22 novembre 2026."""
    return say.day(_noon(day, say.zone), width)


def _head(say: Words, board: KpiBoard, last_day: date, scope: str) -> Component:
    text = day_in_words(say, board.start)
    return html.Header(
        [
            html.H1(
                [html.Span(p.text, className=f"phrase-{p.weight}") for p in sentence(say, board, text)],
                className="board-sentence",
            ),
            html.Div(
                [
                    *([html.Strong(scope, className="board-scope")] if scope else []),
                    html.Span(say("board.day", day=text), className="board-day"),
                    *_day_links(say, board.start, last_day),
                    *_computed(say, board),
                ],
                className="board-when",
            ),
        ],
        className="board-head",
    )


def _computed(say: Words, board: KpiBoard) -> list[Component]:
    newest = max((r.computed_at for r in board.results if r.computed_at), default=None)
    return [html.Span(say("board.computed", at=say.instant(newest)), className="quiet")] if newest else []


def _day_links(say: Words, day: date, last_day: date) -> list[Component]:
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    links = [
        dcc.Link("←", href=f"/boards/city?day={before}", title=say("board.previous_day"), className="step")
    ]
    if after <= last_day:
        links.append(
            dcc.Link("→", href=f"/boards/city?day={after}", title=say("board.next_day"), className="step")
        )
    return links


def _table(say: Words, board: KpiBoard) -> Component:
    head = html.Thead(
        html.Tr([html.Th(say(f"board.{name}"), scope="col", className=f"col-{name}") for name in HEADS])
    )
    return html.Table([head, html.Tbody(figure_rows(say, board))], className="figures")


def _foot(say: Words, board: KpiBoard, generated: bool, attribution: str) -> Component:
    left: list[Any] = [html.Strong(say("board.invented"))] if generated else [html.Span(attribution)]
    return html.Footer([html.P(left), html.P(say("board.footer"))], className="board-foot")
