"""The monthly report of the city or of one commune, as a sheet of paper on any screen. Pure.

A deputy mayor takes it into a meeting: first the month in a sentence, then all figures on one page, what is
to be decided, each figure with its months and communes, and last what the report does not know.
"""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.ids import MonthlyPart
from layouts.monthly_charts import place_map, spark
from layouts.monthly_figure import figure, verdict
from layouts.monthly_known import colophon, known
from layouts.monthly_words import change, lead, limit, month_name, name, percent, value, why_withheld
from model.kpis import AreaValue, Good, KpiResult, Verdict
from model.monthly import FIGURES_CHANGED, MonthlyReport, to_decide
from model.texts import Words


def sheet(say: Words, report: MonthlyReport) -> Component:
    """The whole report."""
    return html.Main(
        [
            _cover(say, report),
            _overview(say, report),
            _decisions(say, report),
            html.Section(
                [html.H2(say("monthly.figures"), id=MonthlyPart.FIGURES),
                 *(figure(say, report, result) for result in paged(report))],
                className="monthly-part figures",
            ),
            *_others(say, report),
            known(say, report),
            colophon(say, report),
        ],
        className="monthly-sheet paper" + (" whole-city" if report.whole_city else " one-commune"),
        lang=say.language,
    )  # fmt: skip


def paged(report: MonthlyReport) -> list[KpiResult]:
    """The figures told at length in the order of their pages: those with nothing to draw share the last."""
    return sorted(report.told, key=lambda one: all(step.value is None for step in one.trend))


# --- cover ----------------------------------------------------------------------------------------------


def _cover(say: Words, report: MonthlyReport) -> Component:
    board = report.board
    month = month_name(say, board.start)
    outline = [place_map(board.map, board.area_id, report.place)] if board.map.outlines else []
    return html.Header(
        [
            html.Div(
                [html.P(report.origin.city), html.P(say("monthly.title"))],
                className="monthly-masthead",
            ),
            html.H1(
                [
                    html.Span(report.place, className="monthly-where"),
                    html.Span(month[:1].upper() + month[1:], className="monthly-when"),
                ]
            ),
            html.P(
                [html.Span(text + " ", className=f"phrase-{weight}") for text, weight in lead(say, report)],
                className="monthly-lead",
            ),
            html.Div([_tallies(say, report), *outline], className="monthly-glance"),
            _contents(say, report),
            _made(say, report),
        ],
        className="monthly-cover",
    )


def _tallies(say: Words, report: MonthlyReport) -> Component:
    counts = [
        ("held", sum(one.verdict is Verdict.HELD for one in report.told)),
        ("missed", sum(one.verdict is Verdict.MISSED for one in report.told)),
        ("no_target", sum(one.target is None for one in report.told)),
        ("withheld_count", sum(one.value is None for one in report.told)),
    ]
    return html.Dl(
        [
            html.Div([html.Dt(say(f"monthly.tally_{key}")), html.Dd(say.number(count))])
            for key, count in counts
        ],
        className="monthly-tallies",
    )


def _contents(say: Words, report: MonthlyReport) -> Component:
    lines = []
    for part in MonthlyPart:
        if part is MonthlyPart.OTHERS and not report.others:
            continue
        inside = [_inside(say, paged(report))] if part is MonthlyPart.FIGURES else []
        lines.append(html.Li([html.A(say(f"monthly.{part.value}"), href=f"#{part.value}"), *inside]))
    return html.Nav(
        [html.H2(say("monthly.contents")), html.Ol(lines)],
        className="monthly-contents", **{"aria-label": say("monthly.contents")},
    )  # fmt: skip


def _inside(say: Words, told: Sequence[KpiResult]) -> Component:
    return html.Ol(
        [html.Li(html.A(name(say, one), href=f"#figure-{one.kpi.key}")) for one in told],
    )


def _made(say: Words, report: MonthlyReport) -> Component:
    lines = [say("monthly.made", version=report.version, at=say.instant(report.made_at))]
    if report.reason:
        known_ = say("monthly.reason_figures") if report.reason == FIGURES_CHANGED else report.reason
        lines.append(say("monthly.made_anew", reason=known_))
    if report.generated:
        lines.append(say("monthly.invented"))
    return html.Div([html.P(line) for line in lines], className="monthly-made")


# --- all figures at a glance ----------------------------------------------------------------------------


def _overview(say: Words, report: MonthlyReport) -> Component:
    heads = ["figure", "value", "before", "year_before", "trend_head", "target", "coverage"]
    heads += ["worst", "best"] if report.whole_city else ["whole_city"]
    numbers = {"before", "year_before", "coverage"}
    head = [
        html.Th(say(f"monthly.{key}"), scope="col", className="number" if key in numbers else None)
        for key in heads
    ]
    table = html.Table(
        [
            html.Caption(
                say("monthly.overview_table", month=month_name(say, report.board.start)), className="unseen"
            ),
            html.Thead(html.Tr(head)),
            html.Tbody([_row(say, report, result) for result in report.told]),
        ],
        className="monthly-table overview",
    )
    return html.Section(
        [html.H2(say("monthly.overview"), id=MonthlyPart.OVERVIEW), table,
         html.P(say("monthly.overview_note"), className="monthly-quiet")],
        className="monthly-part",
    )  # fmt: skip


def _row(say: Words, report: MonthlyReport, result: KpiResult) -> Component:
    shown: Any = html.Strong(value(say, result))
    if result.value is None:
        shown = [html.Strong(say("monthly.withheld")), html.Span(why_withheld(say, result))]
    cells: list[Any] = [
        html.Td(shown, className="monthly-shown"),
        html.Td(change(say, result, result.before), className="number"),
        html.Td(change(say, result, result.year_before), className="number"),
        html.Td(spark(say, result)),
        html.Td(verdict(say, result)),
        html.Td(percent(say, result.coverage), className="number"),
    ]
    if report.whole_city:
        cells += [
            _extreme(say, result, result.worst, "highest"),
            _extreme(say, result, result.best, "lowest"),
        ]
    else:
        city = report.of_city(result.kpi.key)
        cells.append(html.Td(value(say, city) if city else "–"))
    link = html.A(name(say, result), href=f"#figure-{result.kpi.key}")
    return html.Tr([html.Th(link, scope="row"), *cells])


def _extreme(say: Words, result: KpiResult, area: AreaValue | None, otherwise: str) -> Component:
    """The commune served worst or best; where no direction is good, that it is the highest or the lowest."""
    if area is None:
        return html.Td("–")
    told = value(say, result, area.value)
    if result.kpi.good is Good.NEITHER:
        told = say(f"monthly.{otherwise}", value=told)
    return html.Td([html.Span(area.name), html.Span(told, className="second")])


# --- to decide ------------------------------------------------------------------------------------------


def _decisions(say: Words, report: MonthlyReport) -> Component:
    """What misses its target, each with the decision its figure is for; then what cannot be judged."""
    missed = to_decide(report)
    hidden = [result for result in report.told if result.value is None]
    items = [_decision(say, report, result) for result in missed]
    items += [_unseen(say, result) for result in hidden]
    body = html.Ol(items) if items else html.P(say("monthly.nothing_to_decide"))
    return html.Section(
        [html.H2(say("monthly.decide"), id=MonthlyPart.DECIDE),
         html.P(say("monthly.decide_note"), className="monthly-quiet"), body],
        className="monthly-part decide",
    )  # fmt: skip


def _decision(say: Words, report: MonthlyReport, result: KpiResult) -> Component:
    told = [
        say(
            "monthly.decide_missed", value=value(say, result),
            limit=limit(say, result, result.target) if result.target else "",
        )
    ]  # fmt: skip
    if report.whole_city and result.worst is not None:
        told.append(
            say(
                "monthly.decide_worst",
                commune=result.worst.name,
                value=value(say, result, result.worst.value),
            )
        )
    return html.Li(
        [
            html.Strong(name(say, result)),
            html.Span(" ".join(told)),
            html.Span(say("monthly.decision_is", decision=say(f"kpi.{result.kpi.key}.decision"))),
        ]
    )


def _unseen(say: Words, result: KpiResult) -> Component:
    return html.Li(
        [
            html.Strong(name(say, result)),
            html.Span(say("monthly.decide_hidden", why=why_withheld(say, result))),
        ]
    )


# --- every other figure ---------------------------------------------------------------------------------


def _others(say: Words, report: MonthlyReport) -> list[Component]:
    if not report.others:
        return []
    heads = ("figure", "value", "before", "year_before", "target", "coverage")
    head = [
        html.Th(say(f"monthly.{key}"), scope="col", className="number" if key in heads[2:4] else None)
        for key in heads
    ]
    table = html.Table(
        [
            html.Caption(say("monthly.others_table"), className="unseen"),
            html.Thead(html.Tr(head)),
            html.Tbody([_other(say, result) for result in report.others]),
        ],
        className="monthly-table others",
    )
    return [
        html.Section(
            [html.H2(say("monthly.others"), id=MonthlyPart.OTHERS), table],
            className="monthly-part others",
        )
    ]


def _other(say: Words, result: KpiResult) -> Component:
    shown: Any = html.Strong(value(say, result))
    if result.value is None:
        shown = [html.Strong(say("monthly.withheld")), html.Span(why_withheld(say, result))]
    return html.Tr(
        [
            html.Th([html.Span(name(say, result)),
                     html.Span(say(f"kpi.{result.kpi.key}.sub"), className="second")], scope="row"),
            html.Td(shown, className="monthly-shown"),
            html.Td(change(say, result, result.before), className="number"),
            html.Td(change(say, result, result.year_before), className="number"),
            html.Td(verdict(say, result)),
            html.Td(percent(say, result.coverage), className="number"),
        ]
    )  # fmt: skip
