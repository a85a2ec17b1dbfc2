"""The communes beside each other: the main figures of each in the same columns, in the order asked. Pure."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.board import title_head
from layouts.board_address import COMMUNE, COMMUNES, Shown, to
from layouts.board_figures import board_period, is_beyond, limit_text, name_of, unit, value_text
from layouts.board_rows import Codes, commune_link
from layouts.board_tabs import figure_address, frame, period_steps
from layouts.ids import CommuneBoards
from layouts.shell import state_card
from layouts.symbols import icon
from layouts.view import PageView
from model.kpis import AreaValue, Good, KpiBoard, KpiResult
from model.texts import Words

MAIN = 5
"""Figures beside each other: those one asks of a commune first."""
FIRST = ("failure_rate", "repair_time")
"""The main figures that lead, where they are on the board."""


def page(say: Words, view: PageView) -> Component:
    """The page around the index and around each commune's board."""
    return frame(say, view, CommuneBoards.BODY)


def main_figures(board: KpiBoard) -> list[KpiResult]:
    """The figures of the index: those of communes, the ones asked for first at the left."""
    found = [result for result in board.results if result.kpi.per_area and result.areas]
    leading = [result for key in FIRST for result in found if result.kpi.key == key]
    return [*leading, *(result for result in found if result.kpi.key not in FIRST)][:MAIN]


def index(
    say: Words,
    board: KpiBoard,
    shown: Shown,
    codes: Codes,
    *,
    sort: str,
    down: bool,
    foot: Sequence[Any] = (),
) -> Component:
    """Every commune with the main figures, ordered by the figure ``sort`` (by name for any other)."""
    figures = main_figures(board)
    if not figures:
        return state_card("empty", say("scope.empty"), say("scope.empty_body"))
    by = next((result for result in figures if result.kpi.key == sort), None)
    rows = [_row(say, figures, area, shown, codes) for area in ordered(figures[0], by, down=down)]
    heads = [_head(say, shown, None, by, down=down), *(_head(say, shown, r, by, down=down) for r in figures)]
    caption = html.Caption(say("board.table_communes", period=board_period(say, board)), className="unseen")
    city = [html.Td(value_text(say, result.kpi, result.value)) for result in figures]
    table = html.Table(
        [
            caption,
            html.Thead(html.Tr([*heads, html.Th(say("communes.link"), scope="col", className="col-copy")])),
            html.Tbody(rows),
            html.Tfoot(html.Tr([html.Th(say("board.whole_city"), scope="row"), *city, html.Td("")])),
        ],
        className="commune-index",
    )
    return html.Article(
        [
            html.Header(
                [
                    title_head(say("communes.title")),
                    html.P(say("communes.equal"), className="board-lead quiet"),
                    html.Div(
                        period_steps(say, shown, COMMUNES, sort=sort, dir="desc" if down else ""),
                        className="board-when",
                    ),
                ],
                className="board-head",
            ),
            html.Div(
                table, className="index-scroll", tabIndex="0", role="region",
                **{"aria-label": say("communes.title")},
            ),
            html.Footer(
                [html.P(list(foot)), html.P(say("communes.legend"))], className="board-foot",
            ),
        ]
    )  # fmt: skip


def ordered(first: KpiResult, by: KpiResult | None, *, down: bool) -> Sequence[AreaValue]:
    """The communes by name, or by their value of ``by``; those without one last, whichever the direction."""
    if by is None:
        return sorted(first.areas, key=lambda area: area.name.casefold(), reverse=down)
    told = [area for area in by.areas if area.value is not None]
    rest = [area for area in by.areas if area.value is None]
    return [*sorted(told, key=lambda area: (area.value or 0.0, area.name), reverse=down), *rest]


def _head(
    say: Words, shown: Shown, result: KpiResult | None, by: KpiResult | None, *, down: bool
) -> Component:
    """A column's head: a way to order by it; a second time, the other way round."""
    here = (by.kpi.key if by else "") == (result.kpi.key if result else "")
    turned = here and not down
    href = to(COMMUNES, shown, sort=result.kpi.key if result else "", dir="desc" if turned else "")
    name = name_of(say, result.kpi, "short") if result else say("board.commune")
    arrow = html.Span(("↓" if down else "↑") if here else "", className="arrow", **{"aria-hidden": "true"})
    parts: list[Any] = [dcc.Link([name, arrow], href=href, className="order")]
    if result is not None:
        parts.append(html.Span(unit(say, result.kpi.unit), className="unit"))
    order = {"aria-sort": "descending" if down else "ascending"} if here else {}
    return html.Th(parts, scope="col", **order)


def _row(say: Words, figures: Sequence[KpiResult], area: AreaValue, shown: Shown, codes: Codes) -> Component:
    code = codes.get(area.area_id, "")
    cells = [_cell(say, result, area, shown, code) for result in figures]
    copy = [copy_link(say, to(f"{COMMUNE}/{code}", shown), area.name)] if code else []
    return html.Tr(
        [
            html.Th(commune_link(area.name, code, shown), scope="row"),
            *cells,
            html.Td(copy, className="col-copy"),
        ]
    )


def _cell(say: Words, result: KpiResult, area: AreaValue, shown: Shown, code: str) -> Component:
    kpi = result.kpi
    value = next((one.value for one in result.areas if one.area_id == area.area_id), None)
    label = {"data-label": name_of(say, kpi, "short")}
    if value is None:
        return html.Td(say("board.withheld"), className="quiet", **label)
    far = result.target is not None and kpi.good is not Good.NEITHER and is_beyond(kpi, value, result.target)
    title = limit_text(say, kpi, result.target) if far and result.target else None
    link = dcc.Link(say.number(value, kpi.decimals), href=figure_address(shown, kpi.key, code))
    mark = [
        html.Span("▲", className="beyond", title=title, role="img", **{"aria-label": say("communes.beyond")})
    ]
    return html.Td([*(mark if far else []), link], **label)


def copy_link(say: Words, path: str, name: str) -> Component:
    """A button that puts the address of ``path`` on the clipboard."""
    return html.Button(
        [icon("share", 16), html.Span(say("communes.copy"), className="copy-text")],
        type="button", className="board-copy",
        **{"data-copy-path": path, "data-copied": say("communes.copied"),
           "aria-label": say("communes.copy_of", name=name)},
    )  # fmt: skip


def unknown(say: Words, code: str) -> Component:
    """There is no such commune, or not in what she may see."""
    way = dcc.Link(say("communes.title"), href=COMMUNES, className="button")
    return state_card("empty", say("communes.unknown"), say("communes.unknown_body", code=code), way)
