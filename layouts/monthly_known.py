"""What a monthly report does not know, what was corrected, and how it was made. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.ids import MonthlyPart
from layouts.monthly_words import month_name, name, percent, why_withheld
from model.kpis import KpiResult
from model.monthly import Corrected, MonthlyReport, computed_at, inputs_of, withheld
from model.texts import Words


def known(say: Words, report: MonthlyReport) -> Component:
    """Coverage, what is withheld and why, and the corrections of the month."""
    return html.Section(
        [
            html.H2(say("monthly.known"), id=MonthlyPart.KNOWN),
            html.P(say("monthly.known_body")),
            *_covered(say, report),
            html.H3(say("monthly.withheld_title")),
            *_withheld(say, report),
            html.H2(say("monthly.corrections"), id=MonthlyPart.CORRECTIONS),
            *_corrections(say, report),
        ],
        className="monthly-part known",
    )


def _covered(say: Words, report: MonthlyReport) -> list[Component]:
    """The figures that rest on least, said one by one: what is whole needs no line."""
    told = [one for one in (*report.told, *report.others) if one.value is not None]
    partial = sorted((one for one in told if one.coverage < 0.995), key=lambda one: one.coverage)
    if not told:
        return []
    if not partial:
        return [html.P(say("monthly.all_covered"))]
    rows = [
        html.Li(say("monthly.covered", name=name(say, one), coverage=percent(say, one.coverage)))
        for one in partial[:12]
    ]
    return [html.P(say("monthly.least_covered")), html.Ul(rows, className="monthly-lines columns")]


def _withheld(say: Words, report: MonthlyReport) -> list[Component]:
    hidden = withheld(report)
    if not hidden:
        return [html.P(say("monthly.nothing_withheld"))]
    lines = [html.Li([html.Strong(name(say, one)), f" · {why_withheld(say, one)}"]) for one in hidden]
    communes = _without(report)
    parts: list[Component] = [html.Ul(lines, className="monthly-lines columns")]
    if communes:
        parts.append(html.P(say("monthly.communes_withheld", n=say.number(communes))))
    return parts


def _without(report: MonthlyReport) -> int:
    """How many values of single communes are withheld though the city's is told."""

    def missing(result: KpiResult) -> int:
        return sum(area.value is None and area.coverage > 0 for area in result.areas)

    return sum(missing(one) for one in report.told if one.value is not None) if report.whole_city else 0


def _corrections(say: Words, report: MonthlyReport) -> list[Component]:
    month = month_name(say, report.board.start)
    if not report.corrected:
        return [html.P(say("monthly.no_corrections", month=month))]
    heads = ("kind", "property", "readings", "assets", "withdrawn")
    head = [
        html.Th(
            say(f"monthly.corrected_{key}"), scope="col", className="number" if key in heads[2:] else None
        )
        for key in heads
    ]
    table = html.Table(
        [
            html.Caption(say("monthly.corrections_table", month=month), className="unseen"),
            html.Thead(html.Tr(head)),
            html.Tbody([_corrected(say, one) for one in report.corrected]),
        ],
        className="monthly-table",
    )
    return [html.P(say("monthly.corrections_body", month=month)), table]


def _corrected(say: Words, one: Corrected) -> Component:
    counts = (one.readings, one.assets, one.withdrawn)
    return html.Tr(
        [
            html.Th(say(f"type.{one.asset_type}"), scope="row"),
            html.Td(say(f"property.{one.observed_property}")),
            *(html.Td(say.number(count), className="number") for count in counts),
        ]
    )


def colophon(say: Words, report: MonthlyReport) -> Component:
    """Method, sources, licence, and what identifies this version."""
    boards = (report.board, report.city)
    when = computed_at(boards)
    source = [say("takeaway.source", source=report.origin.source)]
    source += [say("takeaway.licence", licence=report.origin.licence)] if report.origin.licence else []
    lines: list[Any] = [
        say("monthly.method_body"),
        " · ".join(source),
        *([say("monthly.computed", at=say.instant(when), zone=report.origin.zone)] if when else []),
        say("monthly.identity", version=report.version, inputs=inputs_of(boards)[:16]),
        say("monthly.no_person"),
    ]
    return html.Footer(
        [html.H2(say("monthly.method"), id=MonthlyPart.METHOD), *(html.P(line) for line in lines)],
        className="monthly-part monthly-colophon",
    )
