"""The rows of the board's table: one figure each, with its definition a click away. Pure."""

from datetime import date, datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components import Symbol
from layouts.symbols import icon, status_symbol
from layouts.vectors import Vector, sparkline
from model.kpis import AreaValue, Good, KpiBoard, KpiResult, Target, Verdict
from model.states import Status
from model.texts import Words

WIDTH, HEIGHT = 180, 36


def figure_rows(say: Words, board: KpiBoard) -> list[Component]:
    """One table row a figure."""
    return [figure_row(say, board, result) for result in board.results]


def figure_row(say: Words, board: KpiBoard, result: KpiResult) -> Component:
    """A figure: name, value and change, trend, target, coverage, worst and best commune."""
    cells = [
        html.Th([_definition(say, board, result)], scope="row", className="col-figure"),
        html.Td(_value(say, result), className="col-value"),
        html.Td(_trend(say, board.start, result), className="col-trend"),
        html.Td(_target(say, result), className="col-target"),
        html.Td(_coverage(say, result), className="col-coverage"),
        html.Td(
            _commune(say, result, result.worst, "highest"),
            className="col-worst",
            **{"data-label": say("board.worst")},
        ),
        html.Td(
            _commune(say, result, result.best, "lowest"),
            className="col-best",
            **{"data-label": say("board.best")},
        ),
    ]
    return html.Tr(cells, className="withheld" if result.withheld else None)


def percent(say: Words, share: float) -> str:
    """A share from 0 to 1 in whole percent, never rounded up to 100."""
    whole = min(int(share * 100 + 0.5), 100 if share >= 0.9995 else 99)
    return amount(say, say.number(whole), "%")


def amount(say: Words, text: str, unit_name: str) -> str:
    """A number with its unit, as the language writes it: 1,22 % and 1.22%, 67,1 h in both."""
    space = "" if unit_name == "%" and say.language == "en" else "\u202f" if unit_name == "%" else "\u00a0"
    return f"{text}{space}{unit(say, unit_name)}"


def unit(say: Words, name: str) -> str:
    """A unit of figures in words."""
    return say(f"figure_unit.{name}")


def _value(say: Words, result: KpiResult) -> list[Component]:
    kpi = result.kpi
    if result.value is None:
        return [
            html.Div(say("board.withheld"), className="figure-none"),
            html.Div(_why(say, result), className="figure-change"),
        ]
    return [
        html.Div(
            [
                html.Span(say.number(result.value, kpi.decimals), className="figure-value"),
                html.Span(unit(say, kpi.unit), className="unit"),
            ]
        ),
        html.Div(_change(say, result), className="figure-change", title=say("board.week_before")),
    ]


def _why(say: Words, result: KpiResult) -> str:
    return say(
        f"board.withheld_{result.withheld}",
        coverage=percent(say, result.coverage),
        floor=percent(say, result.kpi.coverage_floor),
        n=say.number(result.n),
    )


def _change(say: Words, result: KpiResult) -> str:
    if result.before is None:
        return say("board.no_change")
    if result.kpi.change_in_points:
        return amount(say, say.number(result.before, 2, signed=True), "pt")
    return amount(say, say.number(result.before, 1, signed=True), "%")


def _trend(say: Words, day: date, result: KpiResult) -> Component | str:
    values = [point.value for point in result.trend]
    told = [value for value in values if value is not None]
    if not told:
        return ""
    shapes = sparkline(
        values,
        target=result.target.value if result.target else None,
        missed=result.verdict is Verdict.MISSED,
        width=WIDTH,
        height=HEIGHT,
    )
    label = say(
        "board.spark",
        name=say(f"kpi.{result.kpi.key}.name"),
        day=say.day(datetime(day.year, day.month, day.day, 12, tzinfo=say.zone)),
        low=say.number(min(told), result.kpi.decimals),
        high=say.number(max(told), result.kpi.decimals),
        unit=unit(say, result.kpi.unit),
        gaps=len(values) - len(told),
    )
    return Vector(
        box=[WIDTH, HEIGHT], width=WIDTH, height=HEIGHT, shapes=shapes, label=label, className="spark"
    )


def _verdict_symbol(verdict: Verdict) -> Component:
    if verdict is Verdict.HELD:
        return Symbol(group="status", name="recovered", size=20)
    if verdict is Verdict.MISSED:
        return Symbol(group="priority", name="2", size=20, className="no-digit")
    return status_symbol(Status.UNKNOWN, 20)


def limit_text(say: Words, result: KpiResult, target: Target) -> str:
    """The target as a limit: at most 1.5 %."""
    key = "board.at_most" if result.kpi.good is Good.LOW else "board.at_least"
    decimals = 0 if target.value == int(target.value) else 1
    return say(key, limit=amount(say, say.number(target.value, decimals), result.kpi.unit))


def _target(say: Words, result: KpiResult) -> Component:
    limit = [html.Span(limit_text(say, result, result.target), className="quiet")] if result.target else []
    return html.Div(
        [
            _verdict_symbol(result.verdict),
            html.Div([html.Span(say(f"board.{result.verdict.value}"), className="verdict"), *limit]),
        ],
        className=f"target target-{result.verdict.value}",
    )


def _coverage(say: Words, result: KpiResult) -> Component:
    partial = result.coverage < result.kpi.coverage_floor
    bar = html.Span(
        html.Span(style={"width": f"{100 * result.coverage:.1f}%"}),
        className="bar",
        **{"aria-hidden": "true"},
    )
    parts: list[Any] = [html.Span(percent(say, result.coverage)), bar]
    if partial:
        parts.append(html.Span(say("board.partial"), className="partial"))
    return html.Div(parts, className="coverage partial-cover" if partial else "coverage")


def area_value(say: Words, result: KpiResult, area: AreaValue) -> str:
    """A commune's value with its unit."""
    kpi = result.kpi
    return amount(say, say.number(area.value, kpi.decimals), kpi.unit)


def _commune(say: Words, result: KpiResult, area: AreaValue | None, extreme: str) -> list[Component]:
    if area is None:
        return [html.Span(say("board.few_communes"), className="quiet")]
    name = area.name
    title = say(f"board.{extreme}", name=name) if result.kpi.good is Good.NEITHER else None
    return [
        html.Div(name, className="commune-name", **({"title": title} if title else {})),
        html.Div(area_value(say, result, area), className="quiet"),
    ]


def _definition(say: Words, board: KpiBoard, result: KpiResult) -> Component:
    key = result.kpi.key
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(say(f"kpi.{key}.name"), className="figure-name"),
                    html.Span(_sub(say, result), className="figure-sub"),
                ]
            ),
            html.Div(
                [
                    html.Div(
                        [icon("board", 16), html.Strong(say("board.definition"))], className="definition-head"
                    ),
                    html.Dl([part for name, text in _terms(say, result) for part in _term(name, text)]),
                ],
                className="definition",
            ),
        ],
        className="figure",
        id=f"figure-{key}",
    )


def _sub(say: Words, result: KpiResult) -> str:
    text = say(f"kpi.{result.kpi.key}.sub")
    if result.kpi.key == "repair_time" and result.n:
        text = f"{text} · {say('board.repairs', n=say.number(result.n))}"
    return text


def _terms(say: Words, result: KpiResult) -> list[tuple[str, str]]:
    kpi = result.kpi
    rule = say(
        "board.rule_body",
        coverage=percent(say, result.coverage),
        floor=percent(say, kpi.coverage_floor),
    )
    terms = [
        (say("board.formula"), say(f"kpi.{kpi.key}.formula")),
        (say("board.source"), say(f"kpi.{kpi.key}.source")),
        (say("board.rule"), rule),
        (say("board.compared"), say("board.week_before")),
        (say("board.decision"), say(f"kpi.{kpi.key}.decision")),
        (say("board.owner"), say(f"figure_owner.{kpi.owner}")),
    ]
    if result.target:
        since = result.target.since.isoformat() if result.target.since else "–"
        stated = say(
            "board.stated",
            limit=limit_text(say, result, result.target),
            source=result.target.source,
            since=since,
        )
        terms.insert(3, (say("board.target"), stated))
    return terms


def _term(name: str, text: str) -> list[Component]:
    return [html.Dt(name), html.Dd(text)]
