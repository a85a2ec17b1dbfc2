"""What is done with one alarm: its sheet, what is hidden, windows of works. All three ask the desk."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import Dash, Input, Output, State
from fastapi import FastAPI, Request, Response

from callbacks.alarm_documents import row_document, stamp
from callbacks.alarm_reads import fresh, speaking
from callbacks.wiring import in_browser, route
from layouts.ids import Room
from model.alarms import AlarmRow
from model.errors import NotFound
from model.notes import Annotation
from model.roles import ALARM_READERS, ROOM
from services.city import City

AHEAD = timedelta(days=90)
WORKS = "works"


async def alarms_of_asset(city: City, request: Request) -> Response:
    """``GET /alarms/of.json?asset=``: the open alarms of one asset, hidden and explained ones too."""
    asset, say = request.query_params.get("asset", "")[:200], speaking(city, request)

    def read() -> tuple[AlarmRow, ...]:
        try:
            return city.alarms.of_asset(city.alarms.asset_named(asset))
        except NotFound:
            return ()

    return fresh({"rows": [row_document(say, row) for row in await asyncio.to_thread(read)]})


async def alarm_windows(city: City, _request: Request) -> Response:
    """``GET /alarms/windows.json``: windows of works, and planned works that have none yet."""
    now = datetime.now(UTC)
    windows = await asyncio.to_thread(city.alarms.windows)
    notes = await asyncio.to_thread(city.notes.between, now, now + AHEAD)
    taken = {one.annotation for one in windows if one.annotation}
    works = [note for note in notes if note.kind == WORKS and note.t1 > now and note.id not in taken]
    return fresh({"windows": [_window(one) for one in windows], "works": [_works(one) for one in works]})


def _window(window: Any) -> dict[str, Any]:
    told = asdict(window)
    told["from"] = stamp(told.pop("from_at"))
    return told | {"until": stamp(window.until), "ended_at": stamp(window.ended_at)}


def _works(note: Annotation) -> dict[str, Any]:
    return {
        "id": note.id, "title": note.title, "body": note.body, "from": stamp(note.t0),
        "until": stamp(note.t1), "asset": note.asset_key or "", "area": note.area_id,
        "name": note.asset or note.area or "", "author": note.author,
    }  # fmt: skip


def routes(server: FastAPI, city: City) -> None:
    """Declare the doors; before those of ``alarm_reads``, one of which takes any name."""
    route(server, city, "/alarms/of.json", alarms_of_asset, may=ALARM_READERS)
    route(server, city, "/alarms/windows.json", alarm_windows, may=ALARM_READERS)


def register(app: Dash, city: City) -> None:
    """Wire the sheet to what is picked, and to the dialogs the list asks for."""
    del city  # every page is wired alike
    in_browser(
        app, "vigie_alarms.sheet",
        Output(Room.SHEET, "asset"), Output(Room.SHEET, "alarm"), Output(Room.SHEET, "asked"),
        Input(Room.SELECTED, "data"), Input(Room.ALARM, "data"), Input(Room.ALARM_ACT, "data"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_alarms.shown", Output(Room.ALARM, "data", allow_duplicate=True),
        Input(Room.SHEET, "shown"), State(Room.ALARM, "data"), may=ROOM, prevent_initial_call=True,
    )  # fmt: skip
