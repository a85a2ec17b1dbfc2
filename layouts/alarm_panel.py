"""What is done with one alarm: its sheet in the panel, its dossier, what is hidden, windows of works. Pure.

The components draw and ask themselves (``assets/alarms/``); here are their words and who may what.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.acts import acts_of
from layouts.alarm_pages import alarm_ways
from layouts.ids import AlarmDesk, Room
from layouts.live_labels import live_labels, table
from layouts.people_words import domain_choices
from layouts.room_components import AlarmDossierPage, AlarmSheet, AlarmsHidden, AlarmWindows
from layouts.shell import top_bar
from layouts.view import PageView
from model.texts import Words

NUMBER_MOST = 19
"""Digits an id is shorter than."""
TABLES = {
    "sheet": "alarm_sheet",
    "form": "alarm_form",
    "dossier": "alarm_dossier",
    "hidden": "alarm_hidden",
    "windows": "alarm_windows",
    "happening": "alarm.happening",
    "responder": "alarm.responder",
    "role": "role",
    "code": "alarm_code",
}


def alarm_words(say: Words) -> dict[str, Any]:
    """The words of the components, a table each, beside those every live component has."""
    return live_labels(say) | {name: table(say, subject) for name, subject in TABLES.items()}


def _may(view: PageView) -> str:
    return acts_of(view.viewer.role if view.viewer else None)


def alarm_sheet(say: Words, view: PageView) -> Component:
    """The sheet above the panel of the live room; it draws nothing while nothing selected has an alarm."""
    return AlarmSheet(
        id=Room.SHEET, zone=view.zone, acts=_may(view), language=say.language, labels=alarm_words(say)
    )


def hidden_page(say: Words, view: PageView) -> Component:
    """What is hidden now."""
    body = AlarmsHidden(
        id=AlarmDesk.HIDDEN, zone=view.zone, acts=_may(view), me=view.viewer.name if view.viewer else "",
        language=say.language, labels=alarm_words(say),
    )  # fmt: skip
    return _page(say, view, "page.alarms_hidden", body)


def windows_page(say: Words, view: PageView) -> Component:
    """Windows of works."""
    body = AlarmWindows(
        id=AlarmDesk.WINDOWS, zone=view.zone, acts=_may(view), language=say.language,
        labels=alarm_words(say), domains=domain_choices(say),
        areas=[{"value": str(area.id), "label": area.name} for area in view.areas],
    )  # fmt: skip
    return _page(say, view, "page.alarm_windows", body)


def dossier_page(say: Words, view: PageView) -> Component:
    """The dossier of the alarm that ``?alarm=`` names."""
    asked = view.address.get("alarm", "")
    alarm = asked if asked.isascii() and asked.isdigit() and len(asked) < NUMBER_MOST else None
    body = AlarmDossierPage(
        id=AlarmDesk.DOSSIER, zone=view.zone, alarm=alarm, language=say.language, labels=alarm_words(say)
    )
    return _page(say, view, "page.alarm_dossier", body)


def _page(say: Words, view: PageView, title: str, body: Component) -> Component:
    head = html.H1(say(title), className="unseen")
    return html.Div([top_bar(say, view), alarm_ways(say, view), head, body], className="manage alarm-desk")
