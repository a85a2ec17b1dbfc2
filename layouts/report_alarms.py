"""The alarms of a night on its report: which, when they were acknowledged and by whom. Pure."""

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.past_alarms import class_title
from layouts.symbols import priority_symbol
from model.report import NightAlarm, NightReport
from model.texts import Words


def alarms_part(say: Words, report: NightReport) -> list[Component]:
    """What was put before the operators between A and B; a sentence where nothing was. Nothing for who sees
    no alarms."""
    alarms = report.alarms
    if alarms is None:
        return []
    if not alarms.total:
        inside = [html.P(say("report_alarms.none"), className="report-quiet")]
    else:
        many = "one" if alarms.total == 1 else "many"
        told = say(
            f"report_alarms.says_{many}", n=say.number(alarms.total), acked=say.number(alarms.acknowledged)
        )
        inside = [html.P(told, className="report-quiet"), _table(say, report, alarms.rows)]
        if alarms.total > len(alarms.rows):
            rest = say("report.more", n=say.number(alarms.total - len(alarms.rows)))
            inside.append(html.P(rest, className="report-quiet"))
    return [html.Section([html.H2(say("report_alarms.title")), *inside], className="report-part")]


def _table(say: Words, report: NightReport, rows: Sequence[NightAlarm]) -> Component:
    heads = ("what", "shown", "acknowledged", "ended", "consequences")
    classes = {"shown": "when", "acknowledged": "when", "ended": "when", "consequences": "number"}
    head = [html.Th(say(f"report_alarms.{key}"), scope="col", className=classes.get(key)) for key in heads]
    return html.Table(
        [
            html.Caption(say("report_alarms.title"), className="unseen"),
            html.Thead(html.Tr(head)),
            html.Tbody([_row(say, report, row) for row in rows]),
        ],
        className="report-table",
    )


def _row(say: Words, report: NightReport, row: NightAlarm) -> Component:
    name = html.Div([html.Strong(row.name), html.Span(class_title(say, row.alarm_class, row.title))])
    sign = priority_symbol(row.priority, 18, say(f"past_alarms.priority_{row.priority}"))
    acknowledged = (
        say("report_alarms.by", at=_when(say, report, row.acknowledged_at), who=row.acknowledged_by)
        if row.acknowledged_at
        else say("report_alarms.not_acknowledged")
    )
    ended = _when(say, report, row.returned_at) if row.returned_at else say("report_alarms.lasts")
    cells = (
        ("shown", _when(say, report, row.shown_at), "when"),
        ("acknowledged", acknowledged, "when"),
        ("ended", ended, "when"),
        ("consequences", say.number(row.consequences) if row.consequences else "–", "number"),
    )
    return html.Tr(
        [
            html.Th(html.Div([sign, name], className="report-thing"), scope="row"),
            *(
                html.Td(value, className=name, **{"data-label": say(f"report_alarms.{key}")})
                for key, value, name in cells
            ),
        ]
    )


def _when(say: Words, report: NightReport, at: datetime) -> str:
    same = say.local(report.a).date() == say.local(report.b).date() == say.local(at).date()
    return say.time(at) if same else say.soon(at)
