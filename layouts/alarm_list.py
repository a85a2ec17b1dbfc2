"""The alarm list of the control room: the component and its words. Pure; what it draws it asks itself."""

from typing import Any

from dash.development.base_component import Component

from layouts.ids import Room
from layouts.live_labels import live_labels, table
from layouts.room_components import AlarmList
from layouts.view import PageView
from model.roles import ALARM_HANDLERS
from model.texts import Words

HIDDEN_NOW = "/alarms/hidden"


def alarm_list(say: Words, view: PageView) -> Component:
    """The list for who looks: those who may not act read it, and are told so."""
    viewer = view.viewer
    return AlarmList(
        id=Room.LIST,
        zone=view.zone,
        me=viewer.name if viewer else "",
        acts=viewer is not None and viewer.role in ALARM_HANDLERS,
        selected=view.address.get("asset"),
        hidden=HIDDEN_NOW if view.is_open(HIDDEN_NOW) else None,
        language=say.language,
        labels=alarm_list_labels(say),
    )


def alarm_list_labels(say: Words) -> dict[str, Any]:
    """The words of ``AlarmList``: its own table, ages, types and the domains' names."""
    return live_labels(say) | {"list": table(say, "alarm_list"), "sound": table(say, "alarm_sound")}
