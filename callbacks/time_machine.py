"""The time machine over HTTP: an instant, what to play from there, what differs elsewhen, the timeline."""

import asyncio
import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.kept_answers import Answer, KeptAnswers, answer_of, respond
from callbacks.wiring import route
from geodata.assets import Columns
from layouts.history_address import iso, read_instant
from layouts.strip import load_properties
from model.domains import TYPE_ORDER
from model.errors import BadRequest, Unavailable
from model.roles import ALARM_READERS, PAST_READERS, ROOM
from model.states import Status
from model.sun import sun_times
from services.city import City
from services.history import Difference, Kind, Played, codes_of, laid_out, when
from services.live import geometry_path, moves_at
from services.notes import annotations_between

LONGEST_PLAYED = timedelta(hours=24)
LONGEST_COMPARED = timedelta(days=31)
LONGEST_TIMELINE = timedelta(days=400)
MOST_STEPS = 600
ROWS_SHOWN = 200
SETTLED = timedelta(hours=1)
"""What is older hardly changes any more: late news has mostly come in."""
JSON = "application/json"
KEEP = "private, max-age=60"
SILENT_FLAG = 1


def present_columns(city: City) -> Columns:
    """The layout in force. Unavailable while it is not read yet."""
    if city.live.columns is None:
        raise Unavailable("the city's assets are not read yet: the database is away")
    return city.live.columns


def asked_instant(request: Request, name: str) -> datetime:
    """The instant ``?name=`` asks for, at most now. BadRequest when it names none, or has no zone."""
    at = read_instant(request.query_params.get(name), datetime.now(UTC))
    if at is None:
        raise BadRequest(f"?{name}= takes an instant with its zone, such as 2026-11-01T20:42:00Z")
    return at


def asked_span(request: Request, names: tuple[str, str], longest: timedelta) -> tuple[datetime, datetime]:
    """The two instants asked for, in order; BadRequest when they are not, or lie too far apart."""
    first, last = (asked_instant(request, name) for name in names)
    if first > last:
        raise BadRequest(f"?{names[0]}= must not be later than ?{names[1]}=, nor in the future")
    if last - first > longest:
        hours = longest.total_seconds() / 3600
        raise BadRequest(f"from ?{names[0]}= to ?{names[1]}= are more than {hours:g} hours")
    return first, last


def kept(at: datetime) -> str:
    """The cache-control of an answer about ``at``: what is settled may be kept for a minute."""
    return KEEP if settled(at) else "no-store"


def settled(at: datetime) -> bool:
    """Whether ``at`` is so long ago that its answer may be kept."""
    return datetime.now(UTC) - at > SETTLED


# --- an instant ------------------------------------------------------------------------------------------


def answers(request: Request) -> KeptAnswers:
    """The answers this process keeps."""
    state = request.app.state
    if not hasattr(state, "past_answers"):
        state.past_answers = KeptAnswers()
    found: KeptAnswers = state.past_answers
    return found


async def past_state(city: City, request: Request) -> Response:
    """``GET /history/state?at=``: every asset's display code at that instant (wire contract)."""
    at = asked_instant(request, "at")
    columns = present_columns(city)
    question = (city.scope.key, "state", columns.version, at)
    found = await answers(request).get(question, lambda: _state(city, columns, at), keep=settled(at))
    return respond(request, found, kept(at))


def _state(city: City, columns: Columns, at: datetime) -> Answer:
    past = city.history.state_at(at)
    moves = moves_at(city.engine, columns, at)
    records = laid_out(columns, past)
    codes = codes_of(records["status"], columns.parents)
    known = float(np.mean(records["status"] != Status.UNKNOWN)) if len(records) else 0.0
    document = {
        "version": columns.version,
        "count": len(columns),
        "sequence": "",
        "server_time": time.time(),
        "geometry": geometry_path(columns.version, city.scope.key),
        "codes": base64.b64encode(codes.tobytes()).decode(),
        "source": "database",
        "moves": moves,
        "at": iso(at),
        "known": round(known, 4),
    }
    # The time of making says nothing about the instant: left out, the same state has the same tag.
    same = {name: value for name, value in document.items() if name != "server_time"}
    return answer_of(_json(document), JSON, _json(same))


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


# --- a span to play --------------------------------------------------------------------------------------


async def past_changes(city: City, request: Request) -> Response:
    """``GET /history/changes?t0=&t1=``: the display codes that changed in (t0, t1] (wire contract)."""
    t0, t1 = asked_span(request, ("t0", "t1"), LONGEST_PLAYED)
    columns = present_columns(city)
    question = (city.scope.key, "changes", columns.version, t0, t1)

    def make() -> Answer:
        return answer_of(packed_changes(city.history.played(columns, t0, t1)), "application/octet-stream")

    return respond(request, await answers(request).get(question, make, keep=settled(t1)), kept(t1))


def packed_changes(shown: Played) -> bytes:
    """``shown`` as the wire carries it, little endian: the head, then offsets f4, indices u4, codes u1."""
    count = len(shown.offsets)
    flags = SILENT_FLAG if shown.silent else 0
    head = np.array([shown.version, count, shown.changes, flags], "<u4").tobytes()
    span = np.array([shown.t0, shown.t1], "<f8").tobytes()
    offsets = np.minimum(shown.offsets, shown.t1 - shown.t0).astype("<f4")
    return head + span + offsets.tobytes() + shown.index.astype("<u4").tobytes() + shown.codes.tobytes()


# --- two instants ----------------------------------------------------------------------------------------


async def past_difference(city: City, request: Request) -> Response:
    """``GET /history/difference?a=&b=``: what became of every asset in between (wire contract)."""
    a, b = asked_span(request, ("a", "b"), LONGEST_COMPARED)
    columns = present_columns(city)
    names = await asyncio.to_thread(city.registry.area_names, columns.version)
    question = (city.scope.key, "difference", columns.version, a, b)

    def make() -> Answer:
        return answer_of(_json(_difference(city, columns, a, b, names)), JSON)

    return respond(request, await answers(request).get(question, make, keep=settled(b)), kept(b))


def _difference(
    city: City, columns: Columns, a: datetime, b: datetime, names: dict[int, str]
) -> dict[str, Any]:
    found = city.history.difference(columns, a, b)
    rows = _rows(city, columns, found, names)
    return {
        "version": found.version,
        "a": iso(a),
        "b": iso(b),
        "kinds": base64.b64encode(found.kinds.tobytes()).decode(),
        "totals": found.totals(),
        "rows": rows,
        "more": int((found.kinds != Kind.UNCHANGED).sum()) - len(rows),
    }


def _rows(city: City, columns: Columns, found: Difference, names: dict[int, str]) -> list[dict[str, Any]]:
    shown = found.worst(columns, ROWS_SHOWN).tolist()
    ids = [int(columns.ids[i]) for i in shown]
    since = city.history.since(found.b, ids, [int(found.after[i]) & 7 for i in shown]) if ids else {}
    rows = []
    for index, asset_id in zip(shown, ids, strict=True):
        at = when(found, index, since, asset_id)
        rows.append(
            {
                "index": index,
                "external_id": str(columns.external_ids[index]),
                "name": str(columns.names[index]),
                "type": TYPE_ORDER[columns.types[index]],
                "kind": Kind(int(found.kinds[index])).key,
                "from": Status(int(found.before[index]) & 7).key,
                "to": Status(int(found.after[index]) & 7).key,
                "at": at.timestamp() if at else None,
                "area": names.get(int(columns.areas[index]), ""),
                "consequences": int(found.consequences[index]),
            }
        )
    return rows


# --- the timeline ----------------------------------------------------------------------------------------


def alarm_load(city: City, t0: datetime, t1: datetime, step_s: int) -> dict[str, Any] | None:
    """The load of alarms a timeline draws, for those who see alarms (else None). Blocks."""
    if city.viewer is None or city.viewer.role not in ALARM_READERS:
        return None
    return load_properties(city.alarms.load(t0, t1, step_s))


async def past_density(city: City, request: Request) -> Response:
    """``GET /history/density?t0=&t1=&steps=``: the timeline's data (wire contract)."""
    t0, t1 = asked_span(request, ("t0", "t1"), LONGEST_TIMELINE)
    steps = request.query_params.get("steps", "300")
    if len(steps) > 3 or not steps.isdecimal() or not 1 <= int(steps) <= MOST_STEPS:
        raise BadRequest(f"?steps= takes a number from 1 to {MOST_STEPS}")
    if t0 == t1:
        raise BadRequest("a timeline has a beginning and a later end")
    found = await asyncio.to_thread(city.history.timeline, t0, t1, int(steps))
    alarms = await asyncio.to_thread(alarm_load, city, t0, t1, found.density.step_s)
    bounds = city.profile.bounds
    lon, lat = (bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2
    days = await asyncio.to_thread(sun_times, lon, lat, t0, t1)
    notes = await asyncio.to_thread(annotations_between, city.engine, t0, t1)
    density = found.density
    document = {
        "t0": t0.timestamp(),
        "t1": t1.timestamp(),
        "step": density.step_s,
        "times": density.times.tolist(),
        **{n: getattr(density, n).tolist() for n in ("fault", "degraded", "comms_lost", "other")},
        "alarms": alarms,
        "gaps": found.gaps,
        "days": days,
        "first": found.first.timestamp() if found.first else None,
        "annotations": [
            {
                "id": note.id,
                "kind": note.kind,
                "title": note.title,
                "t0": note.t0.timestamp(),
                "t1": note.t1.timestamp(),
            }
            for note in reversed(notes)
        ],
    }
    return JSONResponse(document, headers={"cache-control": kept(t1), "vary": "cookie"})


def routes(server: FastAPI, city: City) -> None:
    """Declare the routes of the time machine."""
    route(server, city, "/history/state", past_state, may=ROOM)
    route(server, city, "/history/changes", past_changes, may=ROOM)
    route(server, city, "/history/difference", past_difference, may=ROOM)
    route(server, city, "/history/density", past_density, may=PAST_READERS)
