"""The boards of a period: the city's, one part of the catalogue, one commune's. Pure: a board in, components
out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_address import CITY, COMMUNE, WALL, Shown, to
from layouts.board_decide import to_decide
from layouts.board_figures import board_period, limit_text, name_of, why_withheld
from layouts.board_maps import MOST, communes, mapped
from layouts.board_rows import (
    Codes,
    board_table,
    place_of,
    trend_cell,
    value_cell,
    verdict_symbol,
)
from layouts.board_tables import tables
from layouts.board_tabs import frame, period_steps
from layouts.ids import CityBoard
from layouts.promise_chart import promise_chart
from layouts.sentence import figure_sentence, sentence
from layouts.shell import state_card
from layouts.view import PageView
from model.board import Phrase
from model.kpis import KpiBoard, KpiResult
from model.promises import PromiseState
from model.texts import Words

FAIRNESS_FROM = 3
"""Communes from which on it means something that one is served worst."""
BESIDE_A_PROMISE = 3
"""Maps of communes on one screen with the chart of a promise."""


def page(say: Words, view: PageView) -> Component:
    """The page around a board of the city; the board itself comes when it is read."""
    return frame(say, view, CityBoard.BODY)


def city_board(
    say: Words, board: KpiBoard, shown: Shown, codes: Codes, *, path: str = CITY, title: str = "",
    foot: Sequence[Any] = (), scope: str = "", promise: PromiseState | None = None,
) -> Component:  # fmt: skip
    """A board of the whole city, or of what of it one sees (``scope`` in words): the figures, the ``promise``
    beside them, their communes, what is to decide. ``title`` stands over a part of the catalogue instead of
    the sentence."""
    if not board.results:
        return state_card("empty", say("scope.empty"), say("scope.empty_body"))
    if shown.wall:
        return wall_board(say, board)
    head = title_head(title) if title else sentence_head(sentence(say, board))
    wall = dcc.Link(say("board.wall"), href=to(path, shown, layout=WALL), className="wall-link")
    when = [
        *([html.Strong(scope, className="board-scope")] if scope else []),
        period_steps(say, shown, path),
        *_computed(say, board),
        *([wall] if path == CITY else []),
    ]
    return html.Article(
        [
            html.Header([head, html.Div(when, className="board-when")], className="board-head"),
            _columns(say, board, shown, codes, promise),
            tables(say, board),
            _foot(say, foot),
        ]
    )


def commune_board(
    say: Words, board: KpiBoard, city: KpiBoard, shown: Shown, codes: Codes, *, sharing: Component | None,
    foot: Sequence[Any] = (),
) -> Component:  # fmt: skip
    """One commune's board: the same figures as every other's, beside the whole city's."""
    if not board.results:
        return state_card("empty", say("scope.empty"), say("scope.empty_body"))
    code = codes.get(board.area_id or 0, "")
    when = [
        period_steps(say, shown, f"{COMMUNE}/{code}"),
        *_computed(say, board),
        html.Span(say("board.same_for_all"), className="quiet"),
    ]
    few = sentence_head((Phrase(f"{board.area_name}. ", "strong"), *sentence(say, board)))
    table = html.Div(
        [board_table(say, board, shown, codes, city), to_decide(say, board, shown, codes)],
        className="board-columns board-alone",
    )
    return html.Article(
        [
            html.Header([few, html.Div(when, className="board-when")], className="board-head"),
            table,
            *([sharing] if sharing is not None else []),
            tables(say, board, areas=False),
            _foot(say, foot),
        ]
    )


def sentence_head(phrases: Sequence[Phrase]) -> Component:
    """The sentence over a board, what matters most the heaviest."""
    return html.H1(
        [html.Span(phrase.text, className=f"phrase-{phrase.weight}") for phrase in phrases],
        className="board-sentence",
    )


def title_head(text: str) -> Component:
    """A plain title over a board."""
    return html.H1(text, className="board-title")


def _columns(
    say: Words, board: KpiBoard, shown: Shown, codes: Codes, promise: PromiseState | None = None
) -> Component:
    """The figures, and beside them the promise and the communes where there are several to compare.

    Of fewer than three none is served best or worst: the columns that would say so are left out.
    """
    few = " board-few" if len(board.map.outlines) < FAIRNESS_FROM else ""
    table, decide = board_table(say, board, shown, codes), to_decide(say, board, shown, codes)
    if not mapped(board):
        return html.Div([table, decide], className=f"board-columns board-alone{few}")
    kept = [] if promise is None else [html.Section(promise_chart(say, promise), className="board-promise")]
    maps = communes(say, board, MOST if promise is None else BESIDE_A_PROMISE)
    beside = html.Div([*kept, maps, decide], className="board-beside")
    return html.Div([table, beside], className=f"board-columns{few}")


def _computed(say: Words, board: KpiBoard) -> list[Component]:
    """When the oldest of the figures was computed: none is older than that."""
    times: list[datetime] = [r.computed_at for r in board.results if r.computed_at is not None]
    if not times:
        return []
    return [html.Span(say("board.computed", at=say.instant(min(times))), className="quiet")]


def foot_parts(say: Words, *, generated: bool, attribution: str) -> list[Any]:
    """Whose data these are, for the foot of a board."""
    return [html.Strong(say("board.invented"))] if generated else [html.Span(attribution)]


def _foot(say: Words, left: Sequence[Any]) -> Component:
    return html.Footer([html.P(list(left)), html.P(say("board.footer"))], className="board-foot")


# --- a wall -----------------------------------------------------------------------------------------------


def wall_board(say: Words, board: KpiBoard) -> Component:
    """The city's figures for a screen one reads from across a room: no control, no table, large type."""
    return html.Article(
        [
            html.Header(
                [
                    html.P([place_of(say, board), html.Span(board_period(say, board), className="quiet")]),
                    sentence_head(sentence(say, board)),
                ],
                className="wall-head",
            ),
            html.Ul([_tile(say, board, result) for result in board.results], className="wall-tiles"),
        ],
        className="wall-board",
    )


def _tile(say: Words, board: KpiBoard, result: KpiResult) -> Component:
    kpi = result.kpi
    limit = limit_text(say, kpi, result.target) if result.target else ""
    word = say(f"board.{result.verdict.value}")
    if result.value is None:
        shown = [html.P(say("board.withheld"), className="wall-value figure-none")]
        shown.append(html.P(why_withheld(say, result), className="quiet"))
    else:
        shown = [html.P(value_cell(say, result), className="wall-value")]
        shown.append(html.Div(trend_cell(say, result, board.period), className="wall-trend"))
    return html.Li(
        [
            html.H2(name_of(say, kpi)),
            *shown,
            html.P(
                [verdict_symbol(result.verdict, 28), html.Span(", ".join(filter(None, (word, limit))))],
                className=f"wall-target target-{result.verdict.value}",
            ),
        ],
        title=figure_sentence(say, result, board.period),
    )
