"""Alarms at an instant of the past: the words of the list, and what the panel tells of an asset's. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from dash import html
from dash.development.base_component import Component

from layouts import live_labels as labels
from layouts.symbols import priority_symbol
from model.alarms import AlarmEvent, AlarmRow, Happening
from model.texts import Words

LATER_MOST = 4
"""Lines shown of what was written after the instant; how many more there are is said."""


class Stood(Protocol):
    """An alarm as it stood, its thread up to the instant and what was written later."""

    @property
    def row(self) -> AlarmRow:
        """The alarm."""

    @property
    def thread(self) -> tuple[AlarmEvent, ...]:
        """Up to the instant."""

    @property
    def later(self) -> tuple[AlarmEvent, ...]:
        """After it."""


def list_labels(say: Words) -> dict[str, Any]:
    """The words of ``AlarmsThen``."""
    return labels.live_labels(say) | {"then": labels.table(say, "past_alarms")}


def class_title(say: Words, alarm_class: str, title: Mapping[str, str]) -> str:
    """What an alarm is called: by its rule, or by the catalogue of its class."""
    if title:
        return title.get(say.language) or next(iter(title.values()))
    key = f"alarm.rule.{alarm_class}"
    return say(key) if say.has(key) else alarm_class


def panel_alarms(say: Words, stood: Iterable[Stood], at: datetime) -> list[Component]:
    """The alarms of one asset at ``at`` for its panel, each with who knew what by then."""
    told = list(stood)
    if not told:
        return []
    # Where one would act stands why one cannot.
    why = html.P(say("past_alarms.read_only_why"), className="quiet then-why")
    return [
        html.Section(
            [html.H3(say("past_alarms.panel_title")), *(_alarm(say, one, at) for one in told), why],
            className="then-alarms",
        )
    ]


def _alarm(say: Words, one: Stood, at: datetime) -> Component:
    row = one.row
    later = [_line(say, event, at, later=True) for event in one.later[:LATER_MOST]]
    if later:
        later.insert(0, html.Li(say("past_alarms.later"), className="then-later"))
    more = len(one.later) - LATER_MOST
    if more > 0:
        later.append(html.Li(say("past_alarms.more_later", n=say.number(more)), className="then-later"))
    return html.Div(
        [
            html.P(
                [
                    priority_symbol(row.priority, 18, say(f"past_alarms.priority_{row.priority}")),
                    html.B(class_title(say, row.alarm_class, row.title)),
                    html.Span(standing(say, row), className="then-standing"),
                ],
                className="then-title",
            ),
            html.Ol([_line(say, event, at) for event in one.thread] + later, className="then-thread"),
        ],
        className="then-alarm",
    )


def standing(say: Words, row: AlarmRow) -> str:
    """How an alarm stood: to be acknowledged, acknowledged by whom, hidden by what, over."""
    if row.hiding is not None:
        return say(f"past_alarms.hiding_{row.hiding.value}")
    if row.acknowledged:
        return say("past_alarms.acknowledged", who=row.acknowledged_by)
    return say("past_alarms.to_acknowledge" if row.active else "past_alarms.over")


def _line(say: Words, event: AlarmEvent, at: datetime, *, later: bool = False) -> Component:
    local = say.local(event.at)
    same_day = local.date() == say.local(at).date()
    when = f"{local:%H:%M:%S}" if same_day else say.instant(event.at)
    what = say(f"past_alarms.happened_{event.kind.value}")
    if event.kind is Happening.ASSIGNED and event.details.get("to"):
        what = say("past_alarms.happened_assigned_to", who=event.details["to"])
    said = [
        html.Time(when, dateTime=event.at.isoformat()),
        html.Span([what, html.Span(f" · {event.actor}", className="then-who")] if event.actor else what),
    ]
    if event.text and event.kind is not Happening.ASSIGNED:
        said.append(html.Q(event.text, className="then-said"))
    return html.Li(said, className="then-line later" if later else "then-line")
