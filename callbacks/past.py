"""The city at one past instant: its state for the map."""

import asyncio
import base64
import time
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.wiring import route
from geodata.assets import Columns
from layouts.history_address import read_instant, write_instant
from model.errors import BadRequest, Unavailable
from model.roles import ROOM
from model.states import RECORD, Freshness, Status, display_codes
from services.city import City
from services.history import PastState
from services.live import moves_at

Records = npt.NDArray[np.void]


def laid_out(columns: Columns, past: PastState) -> Records:
    """The records of ``past`` in the order of ``columns``; an asset nothing was known of is unknown."""
    records = np.zeros(len(columns), RECORD)
    if len(past.asset_ids):
        at = np.minimum(np.searchsorted(past.asset_ids, columns.ids), len(past.asset_ids) - 1)
        known = past.asset_ids[at] == columns.ids
        records[known] = past.records[at[known]]
    return records


def codes_of(columns: Columns, records: Records) -> npt.NDArray[np.uint8]:
    """Display codes u1 (n) at that instant: a state on record was of then; without one, never seen."""
    freshness = np.where(records["status"] == Status.UNKNOWN, Freshness.NEVER, Freshness.LIVE).astype("u1")
    return display_codes(records["status"], columns.parents, freshness)


def present_columns(city: City) -> Columns:
    """The layout in force. Unavailable while it is not read yet."""
    if city.live.columns is None:
        raise Unavailable("the city's assets are not read yet: the database is away")
    return city.live.columns


async def past_state(city: City, request: Request) -> Response:
    """``GET /history/state?at=``: every asset's display code at that instant (wire contract)."""
    at = read_instant(request.query_params.get("at"), datetime.now(UTC))
    if at is None:
        raise BadRequest("?at= takes an instant with its zone, such as 2026-11-01T20:42:00Z")
    columns = present_columns(city)
    past = await asyncio.to_thread(city.history.state_at, at)
    moves = await asyncio.to_thread(moves_at, city.engine, columns, at)
    records = laid_out(columns, past)
    codes = codes_of(columns, records)
    known = float(np.mean(records["status"] != Status.UNKNOWN)) if len(records) else 0.0
    return JSONResponse(
        {
            "version": columns.version,
            "count": len(columns),
            "sequence": "",
            "server_time": time.time(),
            "geometry": f"/live/geometry/{columns.version}.bin",
            "codes": base64.b64encode(codes.tobytes()).decode(),
            "source": "database",
            "moves": moves,
            "at": write_instant(at),
            "known": round(known, 4),
        },
        headers={"cache-control": "no-store"},
    )


def routes(server: FastAPI, city: City) -> None:
    """Declare the route of past states."""
    route(server, city, "/history/state", past_state, may=ROOM)
