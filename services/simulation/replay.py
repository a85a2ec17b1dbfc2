"""Replay: plays recorded observations into the intake, at a chosen speed, with their instants moved to now.

It reads the capture of Rennes' live traffic, and any file of observations: NDJSON or a JSON array in the
intake's words, or CSV with the columns asset, property, value, phenomenon_time and, if wanted, quality.
"""

import asyncio
import csv
import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import structs

from model.errors import BadObservation, BadRequest
from model.observations import Observation, Quality, moment
from services.live import FEEDS, PLAIN
from services.simulation.posting import BATCH, send, wait

_TRAFFIC = next(feed for feed in FEEDS if feed.name == "rennes_traffic")
_PLAIN = next(feed for feed in FEEDS if feed.name == "http_push")
_COLUMNS = {"asset", "property", "value", "phenomenon_time"}
TICK_S = 0.25


@dataclass(frozen=True)
class Replayed:
    """What became of a replay: items of the file that were no observation, and the intake's counts."""

    unreadable: int
    received: int
    stored: int
    duplicate: int
    rejected: int


def read_recording(file: Path) -> tuple[list[Observation], int]:
    """The observations of ``file`` in the order of their instants, and how many items were none.

    Raises BadRequest when the file is of no kind that is known.
    """
    payload = file.read_bytes()
    if file.suffix.lower() == ".csv":
        head = payload[:4_000].decode("utf-8-sig", "replace").partition("\n")[0]
        if "predefinedLocationReference" in head:
            parsed = _TRAFFIC.parse(payload, PLAIN)
            return _in_order(parsed.observations), len(parsed.rejects)
        return _from_csv(payload)
    parsed = _PLAIN.parse(_as_array(payload), PLAIN)
    return _in_order(parsed.observations), len(parsed.rejects)


def _in_order(observations: Sequence[Observation]) -> list[Observation]:
    return sorted(observations, key=lambda one: one.phenomenon_time)


def _as_array(payload: bytes) -> bytes:
    """A JSON array as it is; lines of JSON (NDJSON) made into one."""
    text = payload.removeprefix(b"\xef\xbb\xbf").strip()
    if text.startswith(b"["):
        return text
    return b"[" + b",".join(line for line in text.splitlines() if line.strip()) + b"]"


def _from_csv(payload: bytes) -> tuple[list[Observation], int]:
    text = payload.decode("utf-8-sig")
    comma = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=comma)
    missing = _COLUMNS - set(rows.fieldnames or ())
    if missing:
        raise BadRequest(f"columns are missing: {', '.join(sorted(missing))}")
    found, unreadable = [], 0
    for row in rows:
        try:
            found.append(_from_row(row))
        except (ValueError, KeyError, AttributeError, TypeError, BadObservation):
            unreadable += 1
    return _in_order(found), unreadable


def _from_row(row: dict[str, str]) -> Observation:
    value: float | str = row["value"].strip()
    if row["property"] != "state":
        value = float(row["value"])
    quality = Quality[(row.get("quality") or "good").upper()]
    seen_at = datetime.fromisoformat(row["phenomenon_time"])
    return Observation(row["asset"], row["property"], value, seen_at, quality)


async def replay(
    file: Path,
    intake_url: str,
    key: str,
    *,
    speed: float = 1.0,
    stop: asyncio.Event | None = None,
    repeat_s: float | None = None,
    clock: Callable[[], float] = time.time,
) -> Replayed:
    """Play ``file`` into the intake: the first observation is of now, the others follow at ``speed``.

    Speed 60 plays an hour in a minute. With ``repeat_s`` the recording is played again that many seconds
    after it began, until ``stop``: so one instant, such as the Rennes capture, stays fresh. Raises
    Unavailable, Refused or BadRequest as ``send`` does.
    """
    observations, unreadable = await asyncio.to_thread(read_recording, file)
    stop = stop or asyncio.Event()
    counts = dict.fromkeys(("received", "stored", "duplicate", "rejected"), 0)
    while True:
        began = clock()
        for due, batch in _batches(observations, began, speed):
            await wait(stop, due - clock())
            if stop.is_set():
                break
            answer = await send(intake_url, key, batch)
            counts = {name: counts[name] + int(answer.get(name, 0)) for name in counts}
        if repeat_s is None or stop.is_set():
            return Replayed(unreadable, **counts)
        await wait(stop, began + repeat_s - clock())


def _batches(
    observations: list[Observation], began: float, speed: float
) -> Iterator[tuple[float, list[dict[str, Any]]]]:
    """When to send what: observations within a tick travel together, up to a batch."""
    batch: list[dict[str, Any]] = []
    due = began
    for one in observations:
        at = began + (one.phenomenon_time - observations[0].phenomenon_time).total_seconds() / speed
        if batch and (at > due + TICK_S or len(batch) >= BATCH):
            yield due, batch
            batch = []
        due = at if not batch else due
        batch.append(wire(structs.replace(one, phenomenon_time=moment(at))))
    if batch:
        yield due, batch


def wire(one: Observation) -> dict[str, Any]:
    """An observation in the words of the intake."""
    return {
        "asset": one.asset,
        "property": one.property,
        "value": one.value,
        "phenomenon_time": one.phenomenon_time.isoformat(),
        "quality": one.quality if isinstance(one.quality, str) else Quality(one.quality).name.lower(),
    }
