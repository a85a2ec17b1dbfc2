"""The live state in a real Redis: newest wins, only what shows is framed, and nobody waits for a hung one."""

import itertools
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.errors import Unavailable
from model.states import CHANGE, RECORD
from services.live.follower import Follower
from services.live.memory import blank_records
from services.live.state import LayoutMissing, LiveState, Records, keys

COUNT = 6
shards = (f"shard{n}" for n in itertools.count())


@pytest.fixture
def live(redis_url: str) -> Iterator[LiveState]:
    one = LiveState(redis_url, "test")
    yield one
    one.close()


def changes(*rows: tuple[int, int, int, float, int]) -> Records:
    """CHANGE records of (index, status, state, value, time)."""
    return np.array(list(rows), CHANGE)


def read(live: LiveState) -> Records:
    snap = live.read()
    assert snap is not None
    return snap.records


def frames(redis_url: str) -> list[Records]:
    with redis.Redis.from_url(redis_url) as client:
        entries = client.xrange(keys("test").frames)
    return [np.frombuffer(fields[b"d"], CHANGE) for _, fields in entries]


row = st.tuples(
    st.integers(0, COUNT - 1), st.integers(0, 7), st.integers(0, 9), st.just(1.5), st.integers(1, 50)
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(row, max_size=40), size=st.integers(1, 9))
def test_newest_wins_in_any_order(
    redis_url: str, rows: list[tuple[int, int, int, float, int]], size: int
) -> None:
    live = LiveState(redis_url, next(shards))
    live.rebuild(1, blank_records(COUNT), 1)
    expected: dict[int, tuple[int, int, float, int]] = {}
    for one in rows:
        if one[4] >= expected.get(one[0], (0, 0, 0.0, 0))[3]:
            expected[one[0]] = one[1:]
    for start in range(0, len(rows), size):
        live.apply(1, changes(*rows[start : start + size]), 1)
    stored = read(live)
    live.close()
    assert {i: tuple(stored[i].tolist()) for i in expected} == expected


def test_only_what_shows_is_framed(live: LiveState, redis_url: str) -> None:
    live.rebuild(3, blank_records(COUNT), 1)
    assert live.apply(3, changes((0, 2, 2, 70, 100), (1, 4, 4, np.nan, 100)), 1) == 2
    assert live.apply(3, changes((0, 2, 2, 70, 160)), 1) == 0, "a heartbeat only moves the time"
    assert read(live)["time"][0] == 160
    assert live.apply(3, changes((0, 2, 2, 71, 170)), 1) == 1
    assert live.apply(3, changes((1, 2, 2, 0, 99)), 1) == 0, "older is nothing"
    assert [frame["index"].tolist() for frame in frames(redis_url)] == [[], [0, 1], [0]]


def test_the_sequence_rises_and_survives_a_rebuild(live: LiveState) -> None:
    live.rebuild(3, blank_records(COUNT), 1)
    sequences = []
    for step in range(3):
        live.apply(3, changes((0, 1, 1, 0, step + 1)), 1)
        snap = live.read()
        assert snap is not None
        sequences.append(snap.sequence)
    live.rebuild(4, blank_records(COUNT + 1), 1)
    snap = live.read()
    assert snap is not None
    assert (sequences, snap.sequence, snap.version, len(snap.records)) == ([2, 3, 4], 5, 4, COUNT + 1)


def test_another_layout_or_none_is_refused(live: LiveState, redis_url: str) -> None:
    assert live.read() is None
    one = changes((0, 1, 1, 0, 1))
    with pytest.raises(LayoutMissing):
        live.apply(3, one, 1)
    with pytest.raises(LayoutMissing):
        live.beat(3, 1)
    live.rebuild(3, blank_records(COUNT), 1)
    live.beat(3, 1)
    with pytest.raises(LayoutMissing):
        live.apply(4, one, 1)
    with pytest.raises(LayoutMissing):
        live.beat(4, 1)


def test_an_index_outside_is_ignored(live: LiveState) -> None:
    live.rebuild(3, blank_records(COUNT), 1)
    assert live.apply(3, changes((COUNT, 4, 4, 0, 9), (4_000_000_000, 4, 4, 0, 9)), 1) == 0
    assert read(live).tobytes() == blank_records(COUNT).tobytes()


def test_a_large_batch_goes_in_pieces(live: LiveState) -> None:
    live.rebuild(3, blank_records(12_000), 1)
    batch = np.zeros(12_000, CHANGE)
    batch["index"], batch["status"], batch["time"] = np.arange(12_000), 2, 5
    assert live.apply(3, batch, 1) == 12_000
    assert set(read(live)["status"].tolist()) == {2}
    assert read(live).dtype == RECORD


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.sock"))
        server.listen(50)
        yield f"unix://{tmp_path / 's.sock'}"


def test_a_hung_redis_costs_a_quarter_second_and_then_nothing(silent: str) -> None:
    live = LiveState(silent, "test")
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(Unavailable):
            live.read()
    assert time.monotonic() - began < 2
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(Unavailable):
            live.read()
    assert time.monotonic() - began < 0.5
    live.close()


async def test_a_follower_of_a_hung_redis_gives_up(silent: str) -> None:
    follower = Follower(silent, "test")
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await follower.read()
    with pytest.raises(Unavailable):
        await follower.after("0-0")
    assert time.monotonic() - began < 3
    await follower.close()


def test_cut_or_foreign_content_is_no_state(live: LiveState, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for content in (b"", b"short", b"\x01" * 20):
            client.set(keys("test").snap, content)
            assert live.read() is None
