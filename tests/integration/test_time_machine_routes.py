"""The time machine's wire contract over HTTP: what a browser gets, and what it is refused."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, insert

from callbacks.wiring import doors
from geodata.tables import annotation
from model.roles import PAST_READERS, ROOM
from model.states import CONSEQUENCE_BIT, Status
from services.history import Kind
from tests.integration.past_city import GAP, HOURS, NEW_FROM, T0, past_city
from tests.room import Room, open_room

pytestmark = pytest.mark.servers
HEAD = np.dtype([("version", "<u4"), ("events", "<u4"), ("changes", "<u4"), ("flags", "<u4"),
                 ("t0", "<f8"), ("t1", "<f8")])  # fmt: skip


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    past_city(engine, 7)
    async with open_room(database_url, redis_url) as opened:
        yield opened


async def _codes(room: Room, at: datetime) -> np.ndarray:
    answer = await room.client.get("/history/state", params={"at": at.isoformat()})
    assert answer.status_code == 200, answer.text
    return np.frombuffer(base64.b64decode(answer.json()["codes"]), "u1")


async def _changes(room: Room, t0: datetime, t1: datetime) -> tuple[np.void, tuple[np.ndarray, ...]]:
    answer = await room.client.get("/history/changes", params={"t0": t0.isoformat(), "t1": t1.isoformat()})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    head, count = np.frombuffer(answer.content, HEAD, 1)[0], len(answer.content) - HEAD.itemsize
    events = int(head["events"])
    assert count == 9 * events
    body = answer.content[HEAD.itemsize :]
    return head, (
        np.frombuffer(body, "<f4", events),
        np.frombuffer(body, "<u4", events, 4 * events),
        np.frombuffer(body, "u1", events, 8 * events),
    )


async def test_the_bytes_of_a_span_lead_from_one_state_to_the_other(room: Room) -> None:
    t0, t1 = T0 + timedelta(hours=3, seconds=1.5), T0 + timedelta(hours=26)
    head, (offsets, index, codes) = await _changes(room, t0, t1)
    state = await _codes(room, t0)
    state = state.copy()
    state[index] = codes
    np.testing.assert_array_equal(state, await _codes(room, t1))
    assert (head["t0"], head["t1"], head["flags"]) == (t0.timestamp(), t1.timestamp(), 0)
    assert (np.diff(offsets) >= 0).all()
    assert 0 < len(offsets) <= 2 * head["changes"] + len(state) * 2


async def test_a_span_with_a_gap_says_so(room: Room) -> None:
    head, _ = await _changes(room, GAP[0] - timedelta(hours=2), GAP[1] + timedelta(hours=2))
    assert head["flags"] & 1


@pytest.mark.parametrize(
    ("path", "names"),
    [("/history/changes", ("t0", "t1")), ("/history/difference", ("a", "b")),
     ("/history/density", ("t0", "t1"))],
)  # fmt: skip
async def test_bad_spans_are_refused_with_a_reason(room: Room, path: str, names: tuple[str, str]) -> None:
    now = datetime.now(UTC)
    spans = [
        ("", ""),
        ("2025-10-25T12:00:00", "2025-10-25T13:00:00Z"),
        (T0.isoformat(), "tomorrow"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01T01:00:00+05:00"),
        (T0.isoformat(), "9999-12-31T23:59:59-05:00"),
        ((T0 + timedelta(hours=1)).isoformat(), T0.isoformat()),
        ((now + timedelta(hours=1)).isoformat(), (now - timedelta(hours=1)).isoformat()),
        ((T0 - timedelta(days=401)).isoformat(), (T0 + timedelta(hours=1)).isoformat()),
    ]
    for t0, t1 in spans:
        answer = await room.client.get(path, params=dict(zip(names, (t0, t1), strict=True)))
        assert answer.status_code == 400, (t0, t1)
        assert "?" in answer.json()["error"]["message"]


async def test_a_span_that_is_not_over_ends_now(room: Room) -> None:
    now = datetime.now(UTC)
    head, _ = await _changes(room, now - timedelta(hours=1), now + timedelta(hours=2))
    assert now.timestamp() <= head["t1"] <= datetime.now(UTC).timestamp()


@pytest.mark.parametrize("steps", ["0", "601", "many", "-1", "²", "9" * 5_000])
async def test_impossible_steps_are_refused(room: Room, steps: str) -> None:
    span = {"t0": T0.isoformat(), "t1": (T0 + timedelta(hours=5)).isoformat()}
    answer = await room.client.get("/history/density", params={**span, "steps": steps})
    assert answer.status_code == 400


async def test_the_difference_adds_up_and_names_the_worst_first(room: Room) -> None:
    a, b = T0 + timedelta(hours=4), T0 + timedelta(hours=24)
    answer = await room.client.get("/history/difference", params={"a": a.isoformat(), "b": b.isoformat()})
    found = answer.json()
    kinds = np.frombuffer(base64.b64decode(found["kinds"]), "u1")
    before, after = await _codes(room, a), await _codes(room, b)
    assert sum(found["totals"].values()) == len(kinds) == len(before)
    for name, count in found["totals"].items():
        assert count == int((kinds == Kind[name.upper()]).sum())
    assert len(found["rows"]) + found["more"] == int((kinds != 0).sum())
    for row in found["rows"]:
        assert row["from"] == Status(int(before[row["index"]]) & 7).key
        assert row["to"] == Status(int(after[row["index"]]) & 7).key
        assert Kind[row["kind"].upper()] == kinds[row["index"]]
    dark = ((after & CONSEQUENCE_BIT) != 0) & ((before & CONSEQUENCE_BIT) == 0)
    assert found["totals"]["dark"] == int(dark.sum())


async def test_the_timeline_counts_gaps_days_and_notes(room: Room, engine: Engine) -> None:
    with engine.begin() as connection:
        row = {"kind": "storm", "title": "Orage", "t0": NEW_FROM, "t1": NEW_FROM, "author": "A. Test"}
        connection.execute(insert(annotation).values(**row))
        connection.execute(insert(annotation).values(**row | {"withdrawn_at": NEW_FROM}))
    t0, t1 = T0 - timedelta(days=2), T0 + timedelta(hours=HOURS)
    span = {"t0": t0.isoformat(), "t1": t1.isoformat(), "steps": "200"}
    found = (await room.client.get("/history/density", params=span)).json()
    assert found["first"] == (T0 - timedelta(hours=2)).timestamp()
    assert found["gaps"][0] == [t0.timestamp(), found["first"]]
    # The third gap: since the last change, nothing was recorded to this day.
    assert len(found["gaps"]) == 3
    assert GAP[0].timestamp() - 3600 < found["gaps"][1][0] <= GAP[0].timestamp()
    assert GAP[1].timestamp() <= found["gaps"][1][1] < GAP[1].timestamp() + 3600
    assert len(found["times"]) == len(found["fault"]) == len(found["other"]) <= 201
    assert [note["title"] for note in found["annotations"]] == ["Orage"]
    assert len(found["days"]) >= 4


def test_the_routes_say_for_whom(room: Room) -> None:
    may = {door.name: door.may for door in doors(room.server) if door.kind == "route"}
    for name in ("state", "changes", "difference"):
        assert may[f"GET /history/{name}"] == ROOM
    assert may["GET /history/density"] == PAST_READERS


async def test_a_settled_instant_is_answered_from_memory_and_by_its_tag(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = {"t0": T0.isoformat(), "t1": (T0 + timedelta(hours=12)).isoformat()}
    for path, params in ("/history/changes", span), ("/history/state", {"at": T0.isoformat()}):
        first = await room.client.get(path, params=params)
        assert first.headers["cache-control"] == "private, max-age=60"
        with monkeypatch.context() as patched:
            patched.delattr(type(room.city.history), "played")
            patched.delattr(type(room.city.history), "state_at")
            again = await room.client.get(path, params=params)
        assert again.content == first.content
        tagged = await room.client.get(path, params=params, headers={"if-none-match": first.headers["etag"]})
        assert (tagged.status_code, tagged.content) == (304, b"")


async def test_an_instant_of_just_now_is_never_kept(room: Room) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    answer = await room.client.get("/history/state", params={"at": at})
    assert answer.headers["cache-control"] == "no-store"
    assert not len(room.server.state.past_answers)


@pytest.mark.parametrize("at", ["", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-09:00", "2025-10-25T12:00"])
async def test_an_instant_no_clock_has_shown_is_refused(room: Room, at: str) -> None:
    answer = await room.client.get("/history/state", params={"at": at})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "badrequest")


async def test_a_future_instant_is_now(room: Room) -> None:
    at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    answer = await room.client.get("/history/state", params={"at": at})
    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json()["at"]) <= datetime.now(UTC)
