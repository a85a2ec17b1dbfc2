"""The rows of a board's table: a figure each, with what it changed by, its target and its communes. Pure."""

from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_address import COMMUNE, Shown, to
from layouts.board_figures import (
    change_text,
    limit_text,
    name_of,
    percent,
    short_period,
    unit,
    value_text,
    why_withheld,
)
from layouts.board_tabs import figure_address
from layouts.components import Symbol
from layouts.symbols import status_symbol
from layouts.vectors import Vector, sparkline, spread_strip
from model.kpis import AreaValue, Good, KpiBoard, KpiResult, Period, Verdict
from model.states import Status
from model.texts import Words

WIDTH, HEIGHT = 160, 36
STRIP_WIDTH, STRIP_HEIGHT = 120, 18
CITY_COLUMNS = ("figure", "value", "change", "trend", "target", "coverage", "worst", "best", "spread")
COMMUNE_COLUMNS = ("figure", "value", "change", "trend", "target", "coverage", "city", "spread")

Codes = Mapping[int, str]
"""The code of each commune one may open, by its id."""


def board_table(
    say: Words, board: KpiBoard, shown: Shown, codes: Codes, city: KpiBoard | None = None
) -> Component:
    """The figures of ``board``: of the whole city with its communes' ends, or of one commune beside the
    ``city``."""
    columns = CITY_COLUMNS if city is None else COMMUNE_COLUMNS
    head = [html.Th(_head(say, board, shown, name), scope="col", className=f"col-{name}") for name in columns]
    rows = [_row(say, board, result, shown, codes, city) for result in board.results]
    caption = html.Caption(say("board.table_of", place=place_of(say, board)), className="unseen")
    return html.Table(
        [caption, html.Thead(html.Tr(head)), html.Tbody(rows)], className="figures",
        style={"--rows": len(board.results)},
    )  # fmt: skip


def place_of(say: Words, board: KpiBoard) -> str:
    """Where a board is of, in words."""
    return board.area_name if board.area_id is not None else say("board.whole_city")


def _head(say: Words, board: KpiBoard, shown: Shown, name: str) -> str:
    if name == "value":
        return short_period(say, shown.period, shown.start)
    if name == "trend":
        steps = max((len(result.trend) for result in board.results), default=0)
        return say(f"board.trend_{shown.period.value}", n=say.number(steps))
    if name == "change":
        return say(f"board.change_{shown.period.value}")
    return say(f"board.{name}")


def _row(
    say: Words, board: KpiBoard, result: KpiResult, shown: Shown, codes: Codes, city: KpiBoard | None
) -> Component:
    code = codes.get(board.area_id, "") if board.area_id is not None else ""
    cells = [
        html.Th(_figure(say, result, shown, code), scope="row", className="col-figure"),
        html.Td(value_cell(say, result), className="col-value"),
        html.Td(_changes(say, result, shown.period), className="col-change"),
        html.Td(trend_cell(say, result, shown.period), className="col-trend"),
        html.Td(target_cell(say, result), className="col-target"),
        html.Td(coverage_cell(say, result), className="col-coverage"),
        *(_communes(say, result, shown, codes) if city is None else [_city(say, city, result)]),
        html.Td(_spread(say, result, board, city), className="col-spread"),
    ]
    return html.Tr(
        cells, className="withheld" if result.value is None else None, id=f"figure-{result.kpi.key}"
    )


def _figure(say: Words, result: KpiResult, shown: Shown, code: str) -> list[Component]:
    href = figure_address(shown, result.kpi.key, code)
    return [
        dcc.Link(name_of(say, result.kpi), href=href, className="figure-name"),
        html.Span(name_of(say, result.kpi, "sub"), className="figure-sub"),
    ]


def value_cell(say: Words, result: KpiResult) -> list[Component]:
    """The value with its unit, or that it is withheld and why."""
    kpi = result.kpi
    if result.value is None:
        return [
            html.Div(say("board.withheld"), className="figure-none"),
            html.Div(why_withheld(say, result), className="figure-why"),
        ]
    return [
        html.Span(say.number(result.value, kpi.decimals), className="figure-value"),
        html.Span(unit(say, kpi.unit), className="unit"),
    ]


def _changes(say: Words, result: KpiResult, period: Period) -> list[Component]:
    """Against the period before, and the same a year earlier; of twelve months the former is the latter."""
    against = [(f"before_{period.value}", result.before)]
    if period is not Period.YEAR:
        against.append(("before_year", result.year_before))
    return [
        html.Div(
            [
                html.Span(change_text(say, result.kpi, change), className="change"),
                html.Span(say(f"board.{name}"), className="against"),
            ]
        )
        for name, change in against
    ]


def trend_cell(say: Words, result: KpiResult, period: Period) -> Component | str:
    """The line of the figure, gaps open, the target dashed, the last value a dot."""
    values = [step.value for step in result.trend]
    told = [value for value in values if value is not None]
    if not told:
        return ""
    kpi = result.kpi
    shapes = sparkline(
        values, target=result.target.value if result.target else None,
        missed=result.verdict is Verdict.MISSED, width=WIDTH, height=HEIGHT,
    )  # fmt: skip
    label = say(
        "board.spark", name=name_of(say, kpi), n=say.number(len(values)),
        last=short_period(say, period, result.trend[-1].start), unit=unit(say, kpi.unit),
        low=say.number(min(told), kpi.decimals), high=say.number(max(told), kpi.decimals),
        gaps=say.number(len(values) - len(told)),
    )  # fmt: skip
    return Vector(
        box=[WIDTH, HEIGHT], width=WIDTH, height=HEIGHT, shapes=shapes, label=label, className="spark"
    )


def verdict_symbol(verdict: Verdict, size: int = 20) -> Symbol:
    """Held, missed or not judged, by its shape."""
    if verdict is Verdict.HELD:
        return Symbol(group="status", name="recovered", size=size)
    if verdict is Verdict.MISSED:
        return Symbol(group="priority", name="2", size=size, className="no-digit")
    return status_symbol(Status.UNKNOWN, size)


def target_cell(say: Words, result: KpiResult) -> Component:
    """The verdict by shape and word, with the limit."""
    limit = (
        [html.Span(limit_text(say, result.kpi, result.target), className="quiet")] if result.target else []
    )
    word = html.Span(say(f"board.{result.verdict.value}"), className="judged")
    return html.Div(
        [verdict_symbol(result.verdict), html.Div([word, *limit])],
        className=f"target target-{result.verdict.value}",
    )


def coverage_cell(say: Words, result: KpiResult) -> Component:
    """How much of what should have come did, as a share and as a bar."""
    partial = result.coverage < result.kpi.coverage_floor
    width = f"{100 * min(max(result.coverage, 0.0), 1.0):.1f}%"
    bar = html.Span(html.Span(style={"width": width}), className="bar", **{"aria-hidden": "true"})
    parts: list[Any] = [html.Span(percent(say, result.coverage)), bar]
    if partial:
        parts.append(html.Span(say("board.partial"), className="partial"))
    return html.Div(parts, className="coverage partial-cover" if partial else "coverage")


# --- communes ---------------------------------------------------------------------------------------------


def _communes(say: Words, result: KpiResult, shown: Shown, codes: Codes) -> list[Component]:
    return [
        html.Td(
            _commune(say, result, area, extreme, shown, codes), className=f"col-{name}",
            **{"data-label": say(f"board.{name}")},
        )
        for name, area, extreme in (("worst", result.worst, "highest"), ("best", result.best, "lowest"))
    ]  # fmt: skip


def _commune(
    say: Words, result: KpiResult, area: AreaValue | None, extreme: str, shown: Shown, codes: Codes
) -> list[Component]:
    if area is None:
        key = "board.few_communes" if result.kpi.per_area else "board.not_by_commune"
        return [html.Span(say(key), className="quiet")]
    told = say(f"board.{extreme}") if result.kpi.good is Good.NEITHER else ""
    value = value_text(say, result.kpi, area.value)
    return [
        commune_link(area.name, codes.get(area.area_id, ""), shown),
        html.Div(f"{value} {told}".strip(), className="quiet"),
    ]


def commune_link(name: str, code: str, shown: Shown) -> Component:
    """A commune's name, leading to its own board where it has one."""
    if not code:
        return html.Div(name, className="commune-name")
    return dcc.Link(name, href=to(f"{COMMUNE}/{code}", shown), className="commune-name")


def _city(say: Words, city: KpiBoard, result: KpiResult) -> Component:
    """The whole city's value, beside a commune's."""
    whole = city.result(result.kpi.key)
    text = value_text(say, result.kpi, whole.value if whole else None)
    return html.Td(text, className="col-city", **{"data-label": say("board.city")})


def _spread(say: Words, result: KpiResult, board: KpiBoard, city: KpiBoard | None) -> list[Component] | str:
    """Where the communes lie: each a tick, the middle half a bar, the one the board is of a mark."""
    told = {area.area_id: area.value for area in result.areas if area.value is not None}
    if len(told) < 2:
        return ""
    own = told.get(board.area_id) if board.area_id is not None else None
    whole = city.result(result.kpi.key) if city is not None else result
    shapes = spread_strip(
        list(told.values()), result.spread, marked=own if city is not None else whole and whole.value,
        width=STRIP_WIDTH, height=STRIP_HEIGHT,
    )  # fmt: skip
    kpi = result.kpi
    values = {"name": name_of(say, kpi), "n": say.number(len(told)), "unit": unit(say, kpi.unit)}
    ends = {
        "low": say.number(min(told.values()), kpi.decimals),
        "high": say.number(max(told.values()), kpi.decimals),
    }
    text = _middle(say, result)
    return [
        Vector(
            box=[STRIP_WIDTH, STRIP_HEIGHT], width=STRIP_WIDTH, height=STRIP_HEIGHT, shapes=shapes,
            label=say("board.strip", **values, **ends), className="strip",
        ),
        *([html.Div(text, className="quiet")] if text else []),
    ]  # fmt: skip


def _middle(say: Words, result: KpiResult) -> str:
    """The middle half of the communes, from and to."""
    if result.spread is None:
        return ""
    low, high = (say.number(value, result.kpi.decimals) for value in result.spread)
    return say("board.middle", low=low, high=high)
