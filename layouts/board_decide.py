"""What a board asks to be decided: the targets missed most, and what cannot be judged. Pure.

Each line is made of a figure's value, its target, its worst commune and the decision it was declared for.
"""

from collections.abc import Mapping

from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_address import Shown
from layouts.board_figures import alone, limit_text, name_of, percent, value_text
from layouts.board_tabs import figure_address
from layouts.sentence import gap
from model.kpis import KpiBoard, KpiResult, Verdict
from model.texts import Words

MOST = 3


def to_decide(say: Words, board: KpiBoard, shown: Shown, codes: Mapping[int, str]) -> Component:
    """Up to three lines, each leading to its figure; one sentence when nothing asks for a decision."""
    chosen = asking(board)
    code = codes.get(board.area_id, "") if board.area_id is not None else ""
    items = [
        html.Li(
            [
                dcc.Link(
                    name_of(say, result.kpi, "short"),
                    href=figure_address(shown, result.kpi.key, code), className="decide-figure",
                ),
                html.Span(line(say, board, result)),
            ]
        )
        for result in chosen
    ]  # fmt: skip
    inside = html.Ul(items) if items else html.P(say("board.nothing_to_decide"))
    return html.Section([html.H2(say("board.to_decide")), inside], className="to-decide")


def asking(board: KpiBoard) -> list[KpiResult]:
    """The figures furthest from the targets they miss, then what too little was received of."""
    missed = sorted((r for r in board.results if r.verdict is Verdict.MISSED), key=gap, reverse=True)
    unseen = [r for r in board.results if r.withheld == "coverage" and r.target is not None]
    return [*missed[: MOST - 1 if unseen else MOST], *unseen][:MOST]


def line(say: Words, board: KpiBoard, result: KpiResult) -> str:
    """What the figure says, and what it is for to decide."""
    kpi = result.kpi
    if result.value is None or result.target is None:
        return say("board.decide_unseen", coverage=percent(say, result.coverage))
    told = say(
        "board.decide", value=value_text(say, kpi, result.value), limit=limit_text(say, kpi, result.target)
    )
    worst = ""
    if board.area_id is None and result.worst is not None and alone(result, result.worst):
        worst = say(
            "board.decide_worst", name=result.worst.name, value=value_text(say, kpi, result.worst.value)
        )
    return f"{told}{worst}. {say(f'kpi.{kpi.key}.decision')}"
