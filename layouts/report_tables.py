"""What changed in a night, as tables: new, came and went, mended, already there; how long each lasted."""

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.state_words import place, state_label
from layouts.symbols import status_symbol
from model.report import NightReport, Trouble
from model.texts import Words

MOST = {"new": 20, "came_and_went": 20, "recovered": 8, "already": 8, "degraded": 8}
"""Rows of each list on paper; the rest is counted, and is in the files."""

SHORT = 8
"""A list of at most so many rows is kept on one page."""

LISTS = tuple(MOST)


def troubles(say: Words, report: NightReport) -> Component:
    """Every list that holds something, and one sentence for those that hold nothing."""
    found = [_list(say, report, name) for name in LISTS if getattr(report, name)]
    empty = [say(f"report.{name}").lower() for name in LISTS if not getattr(report, name)]
    nothing = (
        [html.P(say("report.none_of", lists=", ".join(empty)), className="report-quiet")] if empty else []
    )
    return html.Section([html.H2(say("report.changed")), *found, *nothing], className="report-part")


def _list(say: Words, report: NightReport, name: str) -> Component:
    rows: Sequence[Trouble] = getattr(report, name)
    heads = ("what", "fact", "began", "ended", "lasted", "consequences")
    classes = {"began": "when", "ended": "when", "lasted": "number", "consequences": "number"}
    head = [html.Th(say(f"report.{key}"), scope="col", className=classes.get(key)) for key in heads]
    most = MOST[name]
    more = [html.P(say("report.more", n=say.number(len(rows) - most)), className="report-quiet")]
    return html.Div(
        [
            html.H3([say(f"report.{name}"), html.Span(say.number(len(rows)), className="report-count")]),
            html.P(say(f"report.{name}_says"), className="report-quiet"),
            html.Table(
                [
                    html.Caption(say(f"report.{name}"), className="unseen"),
                    html.Thead(html.Tr(head)),
                    html.Tbody([_row(say, report, row) for row in rows[:most]]),
                ],
                className="report-table",
            ),
            *(more if len(rows) > most else []),
        ],
        className="report-list short" if min(len(rows), most) <= SHORT else "report-list",
    )


def _row(say: Words, report: NightReport, row: Trouble) -> Component:
    where = place(row.street, row.area)
    name = html.Div(
        [html.Strong(row.name), html.Span(f"{row.external_id} · {where}" if where else row.external_id)]
    )
    what = [status_symbol(row.status, 18, say(f"legend.{row.status}")), name]
    return html.Tr(
        [
            html.Th(html.Div(what, className="report-thing"), scope="row"),
            _cell(say, "fact", state_label(say, row.asset_type, row.state), "fact"),
            _cell(say, "began", _when(say, report, row.began, "before_record"), "when"),
            _cell(say, "ended", _when(say, report, row.ended, "still"), "when"),
            _cell(say, "lasted", _lasted(say, row), "number"),
            _cell(say, "consequences", say.number(row.consequences) if row.consequences else "–", "number"),
        ]
    )


def _cell(say: Words, key: str, text: str, name: str) -> Component:
    return html.Td(text, className=name, **{"data-label": say(f"report.{key}")})


def _when(say: Words, report: NightReport, at: datetime | None, otherwise: str) -> str:
    """The time alone where A and B leave no doubt of the day, else with its day."""
    if at is None:
        return say(f"report.{otherwise}")
    within = report.a <= at <= report.b and (report.b - report.a).total_seconds() < 86_400
    return say.time(at) if within else say.soon(at)


def _lasted(say: Words, row: Trouble) -> str:
    """How long; at least so long where its beginning is not on record."""
    age = say.age(row.seconds)
    return age if row.began else say("report.at_least", age=age)
