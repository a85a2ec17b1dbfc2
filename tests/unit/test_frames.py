"""Frames on their way: resume, and consoles that read slowly or not at all."""

import asyncio
import base64
import json
from contextlib import aclosing

import numpy as np
import pytest

from services.live.frames import QUEUE_MOST, Event, Ring, Subscriber, event, frame, moves_event


def one(id_: str, **codes: int) -> Event:
    pairs = [(int(name[1:]) << 8) | code for name, code in codes.items()]
    return frame(id_, 1.0, np.array(pairs, "u4"))


def read(sent: Event) -> dict[int, int]:
    coded = np.frombuffer(base64.b64decode(json.loads(sent.data)["c"]), "<u4")
    return {int(c) >> 8: int(c) & 0xFF for c in coded}


async def taken(subscriber: Subscriber) -> list[Event]:
    subscriber.close()
    async with asyncio.timeout(2), aclosing(subscriber.events()) as events:
        return [one async for one in events]


async def test_a_reader_that_keeps_up_gets_every_event_in_order() -> None:
    subscriber = Subscriber()
    sent = [one("1-0", i1=4), event("beat", "1-0", {}), one("2-0", i1=2)]
    for each in sent:
        subscriber.put(each, 1.0)
    assert await taken(subscriber) == sent


async def test_a_slow_reader_gets_one_merged_frame_with_the_newest_codes() -> None:
    subscriber = Subscriber()
    for n in range(1, 1000):
        subscriber.put(one(f"{n}-0", i1=n % 8, i2=3), 1.0)
        subscriber.put(event("beat", f"{n}-0", {"t": n}), 1.0)
    got = await taken(subscriber)
    (merged,) = [each for each in got if each.kind == "frame"]
    assert read(merged) == {1: 999 % 8, 2: 3}
    assert merged.id == "999-0"
    assert [json.loads(each.data) for each in got if each.kind == "beat"] == [{"t": 999}]


async def test_a_merged_frame_carries_the_newest_trace_it_knows() -> None:
    subscriber = Subscriber()
    for n, trace in enumerate([""] * QUEUE_MOST + ["first", "second", ""]):
        subscriber.put(frame(f"{n}-0", 1.0, np.array([1 << 8], "u4"), trace), 1.0)
    (merged,) = await taken(subscriber)
    assert (merged.trace, json.loads(merged.data)["r"]) == ("second", "second")
    assert "r" not in json.loads(one("1-0", i1=1).data)


async def test_after_catching_up_frames_come_one_by_one_again() -> None:
    subscriber = Subscriber()
    for n in range(QUEUE_MOST + 5):
        subscriber.put(one(f"{n}-0", i1=1), 1.0)
    async with asyncio.timeout(2), aclosing(subscriber.events()) as events:
        await anext(events)
        for n in (100, 101):
            subscriber.put(one(f"{n}-0", i2=n % 8), 1.0)
        assert [(await anext(events)).id, (await anext(events)).id] == ["100-0", "101-0"]


async def test_what_waits_for_a_reader_that_stopped_is_bounded() -> None:
    subscriber = Subscriber()
    for n in range(20_000):
        subscriber.put(frame(f"{n}-0", 1.0, np.array([(n % 50) << 8], "u4")), 1.0)
        subscriber.put(event("notices", f"{n}-0", []), 1.0)
    assert len(subscriber._events) <= QUEUE_MOST
    assert len(subscriber._merged) == 50


@pytest.mark.parametrize("waiting", [1, QUEUE_MOST + 3])
async def test_a_new_layout_drops_what_was_of_the_old_one(waiting: int) -> None:
    subscriber = Subscriber()
    for n in range(waiting):
        subscriber.put(one(f"{n}-0", i1=4), 1.0)
    subscriber.put(event("reload", "90-0", {"version": 2}), 1.0)
    subscriber.put(one("91-0", i7=1), 1.0)
    assert [each.kind for each in await taken(subscriber)] == ["reload", "frame"]


def test_the_ring_hands_out_what_came_after() -> None:
    ring = Ring()
    ring.clear("5-0")
    frames = [one("6-0", i1=1), one("6-0", i2=1), one("7-0", i3=1)]
    for each in frames:
        ring.append(each)
    assert ring.between("5-0", "7-0") == frames
    assert ring.between("6-0", "7-0") == frames[1:], "an own frame under the same id is sent again"
    assert ring.between("7-0", "7-0") == []


@pytest.mark.parametrize("strange", ["4-9", "8-0", "", "x", "1-2-3", "9" * 30])
def test_the_ring_refuses_ids_it_cannot_vouch_for(strange: str) -> None:
    ring = Ring()
    ring.clear("5-0")
    ring.append(one("6-0", i1=1))
    assert ring.between(strange, "7-0") is None


def test_the_ring_forgets_by_number_and_by_size() -> None:
    ring = Ring(most=3, changes_most=100)
    ring.clear("0-0")
    for n in range(1, 6):
        ring.append(one(f"{n}-0", i1=1))
    assert ring.between("1-0", "5-0") is None
    assert [each.id for each in ring.between("2-0", "5-0") or []] == ["3-0", "4-0", "5-0"]
    ring.append(frame("6-0", 1.0, np.zeros(100, "u4")))
    assert [each.id for each in ring.between("5-0", "6-0") or []] == ["6-0"]


def moved(index: int, t: float) -> Event:
    return moves_event(t, [[index, "L1", None, None, [t, 5.0, 47.0]]])


async def test_a_slow_reader_gets_the_newest_position_of_each_asset_and_no_more() -> None:
    subscriber = Subscriber()
    for n in range(2_000):
        subscriber.put(moved(n % 3, float(n)), 1.0)
        subscriber.put(one(f"{n}-0", i1=n % 8), 1.0)
    sent = await taken(subscriber)
    assert sorted(each.kind for each in sent) == ["frame", "moves"]
    moves = next(each for each in sent if each.kind == "moves")
    assert {row[0]: row[4][0] for row in json.loads(moves.data)["m"]} == {0: 1998.0, 1: 1999.0, 2: 1997.0}


async def test_positions_of_the_layout_before_are_not_sent_after_a_new_one() -> None:
    subscriber = Subscriber()
    for n in range(50):
        subscriber.put(moved(1, float(n)), 1.0)
    subscriber.put(event("reload", "9-0", {}), 1.0)
    assert [each.kind for each in await taken(subscriber)] == ["reload"]
