"""Frames on their way to the consoles: events, the ring they are resumed from, and slow readers.

A console that reads slowly gets one merged frame instead of a queue: what waits for it is never more than
one code an asset, and one position an asset that moves.
"""

import asyncio
import base64
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

QUEUE_MOST = 16
"""Events waiting for a console before its frames are merged."""
RING_MOST = 18_000
RING_CHANGES_MOST = 2_000_000

STARTS_AGAIN = ("reload", "resync")
"""Events after which a console takes a new snapshot: what waited before them is of no use."""

Changes = npt.NDArray[np.uint32]
"""Packed display changes, u4: live index << 8 | display code."""


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event: ``kind`` (frame, moves, beat, notices, resync, reload), stream id, JSON text.

    A frame also has its ``changes``, and the ``trace`` of the newest batch in it; ``again`` says that its id
    was told before, as of a frame that no batch made (freshness). ``moves`` are the rows of a moves event by
    live index; it has no id, since nobody resumes from it.
    """

    kind: str
    id: str
    data: str
    changes: Changes | None = field(default=None, repr=False, compare=False)
    trace: str = ""
    moves: Mapping[int, list[Any]] | None = field(default=None, repr=False, compare=False)
    again: bool = False


def packed(indices: npt.NDArray[np.intp], codes: npt.NDArray[np.uint8]) -> Changes:
    """The display ``codes`` (u1, n) at ``indices`` as Changes."""
    return indices.astype("u4") << np.uint32(8) | codes[indices]


def frame(id_: str, server_time: float, changes: Changes, trace: str = "", *, again: bool = False) -> Event:
    """The frame event of ``changes``: ``t`` server time, ``c`` the changes, ``r`` the trace if it has one."""
    coded = base64.b64encode(changes.astype("<u4").tobytes()).decode()
    content = {"t": round(server_time, 3), "c": coded} | ({"r": trace} if trace else {})
    return Event("frame", id_, json.dumps(content), changes, trace, again=again)


def moves_event(server_time: float, rows: list[list[Any]]) -> Event:
    """The moves event of wire ``rows`` (services/live/movements.py), of each asset the last."""
    of = {int(row[0]): row for row in rows}
    content = {"t": round(server_time, 3), "m": list(of.values())}
    return Event("moves", "", json.dumps(content, ensure_ascii=False, allow_nan=False), moves=of)


def event(kind: str, id_: str, content: Mapping[str, Any] | list[dict[str, Any]]) -> Event:
    """Any other event."""
    return Event(kind, id_, json.dumps(content, ensure_ascii=False, allow_nan=False))


def id_order(id_: str) -> tuple[int, int]:
    """A stream id as something that can be compared; ValueError when it is none."""
    first, _, second = id_.partition("-")
    return int(first), int(second or 0)


class Ring:
    """The newest frames, for consoles that come back. Not older than the process."""

    def __init__(self, most: int = RING_MOST, changes_most: int = RING_CHANGES_MOST) -> None:
        self._frames: deque[Event] = deque()
        self._most = most
        self._changes_most = changes_most
        self._held = 0
        self._before = (0, 0)

    def clear(self, id_: str) -> None:
        """Start again: only what comes after ``id_`` can be resumed."""
        self._frames.clear()
        self._held = 0
        self._before = id_order(id_)

    def append(self, one: Event) -> None:
        """Keep a frame, and forget the oldest past the limits."""
        self._frames.append(one)
        self._held += _size(one)
        while len(self._frames) > self._most or self._held > self._changes_most:
            oldest = self._frames.popleft()
            self._held -= _size(oldest)
            self._before = id_order(oldest.id)

    def between(self, last_id: str, newest_id: str) -> list[Event] | None:
        """The frames after the first one called ``last_id``; None when they are not all kept, or when
        ``last_id`` is not ours: newer than ``newest_id``, or no stream id."""
        try:
            last = id_order(last_id)
        except ValueError:
            return None
        if not self._before <= last <= id_order(newest_id):
            return None
        # Frames of our own (freshness) carry the id before them, and are harmless twice. Where the batch of
        # an id changed nothing to be seen, such a frame is the first of it, and may not have been read yet.
        later = [one for one in self._frames if id_order(one.id) >= last]
        known = bool(later) and id_order(later[0].id) == last and not later[0].again
        return later[1:] if known else later


def _size(one: Event) -> int:
    return 0 if one.changes is None else len(one.changes)


class Merged:
    """Changes merged, of each asset the last: two bytes an asset, however long a console does not read."""

    def __init__(self) -> None:
        self._codes = np.zeros(0, "u1")
        self._changed = np.zeros(0, "?")

    def __len__(self) -> int:
        return int(np.count_nonzero(self._changed))

    def __bool__(self) -> bool:
        return len(self._changed) > 0

    def add(self, changes: Changes) -> None:
        """Merge ``changes`` in."""
        indices = changes >> np.uint32(8)
        if len(indices) and indices.max() >= len(self._codes):
            longer = max(int(indices.max()) + 1, 2 * len(self._codes))
            self._codes = np.append(self._codes, np.zeros(longer - len(self._codes), "u1"))
            self._changed = np.append(self._changed, np.zeros(longer - len(self._changed), "?"))
        self._codes[indices] = changes & np.uint32(0xFF)
        self._changed[indices] = True

    def take(self) -> Changes:
        """Everything merged, in order of index; nothing is left."""
        indices = np.flatnonzero(self._changed)
        merged = packed(indices, self._codes)
        self.clear()
        return merged

    def clear(self) -> None:
        """Forget everything."""
        self._codes, self._changed = np.zeros(0, "u1"), np.zeros(0, "?")


class Subscriber:
    """What waits for one console; ``merged`` is called for each frame that is put into another."""

    def __init__(self, merged: Callable[[], object] = lambda: None) -> None:
        self._on_merge = merged
        self._events: deque[Event] = deque()
        self._merged = Merged()
        self._merging = False
        self._moves: dict[int, list[Any]] = {}
        self._at = ("0-0", 0.0)
        self._trace = ""
        self._moved_at = 0.0
        self._woken = asyncio.Event()
        self._closed = False

    def put(self, one: Event, server_time: float) -> None:
        """Add an event; past the limit frames are merged, and of the others the newest is kept."""
        if one.kind in STARTS_AGAIN:
            self._events.clear()
            self._merged.clear()
            self._moves.clear()
            self._merging = False
        if not self._merging and len(self._events) < QUEUE_MOST:
            self._events.append(one)
        else:
            self._conflate(one, server_time)
        self._woken.set()

    def close(self) -> None:
        """End the iteration once what waits is read."""
        self._closed = True
        self._woken.set()

    def _conflate(self, one: Event, server_time: float) -> None:
        if not self._merging:
            self._merging = True
            waiting, self._events = self._events, deque()
            for earlier in waiting:
                self._merge(earlier, server_time)
        self._merge(one, server_time)

    def _merge(self, one: Event, server_time: float) -> None:
        if one.moves is not None:
            self._moves.update(one.moves)
            self._moved_at = server_time
            return
        if one.changes is None:
            self._events = deque([*(other for other in self._events if other.kind != one.kind), one])
            return
        self._on_merge()
        self._merged.add(one.changes)
        self._at = (one.id, server_time)
        self._trace = one.trace or self._trace

    def _take(self) -> Event:
        starts_again = bool(self._events) and self._events[0].kind in STARTS_AGAIN
        if not starts_again and self._moves:
            rows, self._moves = list(self._moves.values()), {}
            self._merging = bool(self._merged)
            return moves_event(self._moved_at, rows)
        if starts_again or not self._merged:
            self._merging = bool(self._merged or self._moves)
            return self._events.popleft()
        trace, self._trace, self._merging = self._trace, "", False
        return frame(*self._at, self._merged.take(), trace)

    async def events(self) -> AsyncIterator[Event]:
        """The events as they come, until closed."""
        while True:
            while self._events or self._merged or self._moves:
                yield self._take()
            if self._closed:
                return
            self._woken.clear()
            await self._woken.wait()
