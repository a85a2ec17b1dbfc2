"""The alarm list of the control room: its marks over HTTP, and who is picked. The list asks the desk itself.

Rows come from the doors of ``alarm_reads`` by fetch, acts go to those of ``alarm_acts``: no callback stands
between a key and its answer, and a flood of alarms holds no callback up.
"""

import asyncio
from typing import Any

import msgspec
from dash import Dash, Input, Output, State
from fastapi import FastAPI, Request, Response

from callbacks.alarm_reads import FRESH, layout_of
from callbacks.kept_answers import Answer, answer_of, respond
from callbacks.wiring import in_browser, route
from layouts.ids import Room
from model.roles import ALARM_READERS, ROOM
from services.alarms import Marks
from services.city import City


def marks_document(found: Marks, layout: int) -> dict[str, Any]:
    """``found`` as the map takes it: columns of causes, and the live indices of consequences."""
    causes = found.causes
    return {
        "layout": layout,
        "id": [mark.id for mark in causes],
        "index": [mark.index for mark in causes],
        "priority": [mark.priority for mark in causes],
        "acknowledged": [mark.acknowledged for mark in causes],
        "active": [mark.active for mark in causes],
        "consequences": [mark.consequences for mark in causes],
        "activations": [mark.activations for mark in causes],
        "name": [mark.name for mark in causes],
        "behind": list(found.consequences),
        "left_out": found.left_out,
        "flood": found.flood,
    }


class PackedMarks:
    """Marks as bytes, packed once a scope however many consoles ask."""

    def __init__(self) -> None:
        self._packed: dict[str, tuple[Marks, int, Answer]] = {}

    def answer(self, scope: str, found: Marks, layout: int) -> Answer:
        """``found`` for ``scope``; blocks for some milliseconds where it was not packed yet."""
        kept = self._packed.get(scope)
        if kept is None or kept[0] is not found or kept[1] != layout:
            raw = msgspec.json.encode(marks_document(found, layout))
            kept = self._packed[scope] = (found, layout, answer_of(raw, "application/json"))
        return kept[2]


async def alarm_marks(city: City, request: Request) -> Response:
    """``GET /alarms/marks.json``: what of the alarms stands on the map, and what may sound."""
    layout = layout_of(city)
    packed: PackedMarks = request.app.state.alarm_marks

    def make() -> Answer:
        return packed.answer(city.scope.key, city.alarms.marks(), layout)

    return respond(request, await asyncio.to_thread(make), FRESH)


def routes(server: FastAPI, city: City) -> None:
    """Declare the door; before those of ``alarm_reads``, one of which takes any name."""
    server.state.alarm_marks = PackedMarks()
    route(server, city, "/alarms/marks.json", alarm_marks, may=ALARM_READERS)


def register(app: Dash, city: City) -> None:
    """Wire what the list picks, and what is picked elsewhere back to it."""
    del city  # every page is wired alike
    in_browser(
        app, "vigie_alarms.pick", Output(Room.ALARM, "data"),
        Input(Room.LIST, "picked"), Input(Room.SELECTED, "data"), State(Room.ALARM, "data"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_alarms.picked", Output(Room.LIST, "alarm"), Input(Room.ALARM, "data"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_alarms.asked", Output(Room.ALARM_ACT, "data"), Input(Room.LIST, "asked"), may=ROOM,
        prevent_initial_call=True,
    )  # fmt: skip
