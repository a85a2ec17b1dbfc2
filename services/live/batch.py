"""One batch at a time: judged, stored, remembered, shown. Runs in the ingest's one worker thread."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import Columns, read_columns
from model.errors import Unavailable
from model.observations import Observation
from services.live.keyframes import load_state, places
from services.live.memory import CityMemory, remember
from services.live.quality import STATE_SLOT, Judge, Reject, reason_counts
from services.live.recorder import Recorder
from services.live.state import LayoutMissing, LiveState, packed_changes

log = logging.getLogger(__name__)

Part = tuple[str, Sequence[Observation], Sequence[Reject]]
"""One sending: its source, its observations, and what its feed already refused."""


@dataclass(frozen=True)
class Settled:
    """What became of one part of a batch; rows of ``rejects`` are places in its observations."""

    duplicate: int
    rejects: list[Reject]


@dataclass
class Timings:
    """Seconds spent in each stage."""

    judge: float = 0.0
    postgres: float = 0.0
    redis: float = 0.0

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Add the time of the block to ``stage``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            setattr(self, stage, getattr(self, stage) + time.perf_counter() - began)


@dataclass
class Open:
    """What is open for one layout: the memory and those who work on its columns."""

    memory: CityMemory
    judge: Judge
    recorder: Recorder
    owed: npt.NDArray[np.bool_] = field(repr=False)
    """Which assets Redis has not been told about."""


class Writer:
    """Turns batches into history and live state; opens and reopens by itself."""

    def __init__(self, engine: Engine, live: LiveState, area_kind: str) -> None:
        self._engine = engine
        self._live = live
        self._area_kind = area_kind
        self._open: Open | None = None
        self.ready = False
        self.timings = Timings()

    def commit(self, parts: Sequence[Part], now: float) -> list[Settled]:
        """Judge and store ``parts`` at ``now`` (epoch s), durably; then show them.

        Raises Unavailable when the database is away, psycopg.Error when it refuses the data; nothing of
        the batch is applied then.
        """
        try:
            return self._commit(self._opened(), parts, now)
        except Unavailable:
            self.ready = False
            raise

    def _commit(self, city: Open, parts: Sequence[Part], now: float) -> list[Settled]:
        with self.timings.of("judge"):
            judged, refused = city.judge.judge([o for part in parts for o in part[1]], now)
            draft = city.memory.draft()
            taken = draft.take(judged)
            settled = _shared_out(parts, refused)
        with self.timings.of("postgres"):
            measured = judged[judged["slot"] != STATE_SLOT]
            repeated = city.recorder.write(measured, taken.array(), _counts(parts, settled))
        self.ready = True
        city.memory = draft
        city.owed[judged["index"]] = True
        with self.timings.of("redis"):
            self._pay(city)
        return _with_duplicates(parts, settled, [*repeated, *taken.known])

    def beat(self) -> None:
        """See that the database answers, that the layout is the one in force, and that Redis is right."""
        try:
            city = self._opened()
            if city.recorder.ping() != city.memory.columns.version:
                city = self._reopened(city)
            self.ready = True
        except Unavailable:
            self.ready = False
            return
        self._pay(city, beat=True)

    def close(self) -> None:
        """Let go of every connection."""
        if self._open:
            self._open.recorder.close()
        self._live.close()

    def _opened(self) -> Open:
        if self._open is None:
            columns, memory = self._load()
            _refresh(memory, self._live)
            self._open = self._laid_out(columns, memory)
        return self._open

    def _reopened(self, before: Open) -> Open:
        """The layout changed: read it anew and carry over what is known of the assets that stay."""
        columns, memory = self._load()
        _carry(before.memory, memory)
        before.recorder.close()
        self._open = self._laid_out(columns, memory)
        return self._open

    def _load(self) -> tuple[Columns, CityMemory]:
        try:
            columns = read_columns(self._engine, self._area_kind)
            return columns, remember(columns, *load_state(self._engine, columns))
        except SQLAlchemyError as error:
            raise Unavailable(f"the database is away: {type(error).__name__}") from None

    def _laid_out(self, columns: Columns, memory: CityMemory) -> Open:
        log.info("layout %s with %s assets is open", columns.version, len(columns))
        owed = np.ones(len(columns), "?")
        return Open(memory, Judge(columns), Recorder(self._engine, columns), owed)

    def _pay(self, city: Open, *, beat: bool = False) -> None:
        """Tell Redis what it is owed; when it has lost the state, all of it. Away: later."""
        version, now_ms = city.memory.columns.version, int(time.time() * 1000)
        try:
            try:
                changes = packed_changes(np.flatnonzero(city.owed), city.memory.records)
                self._live.apply(version, changes, now_ms)
                if beat:
                    self._live.beat(version, now_ms)
            except LayoutMissing:
                self._live.rebuild(version, city.memory.records, now_ms)
                log.info("live state of layout %s rebuilt in Redis", version)
        except Unavailable:
            # It may come back with less than it acknowledged (faults.md 2.1): owe it everything.
            city.owed[:] = True
            return
        city.owed[:] = False


def _counts(parts: Sequence[Part], settled: Sequence[Settled]) -> dict[tuple[str, str], tuple[int, str]]:
    counts: dict[tuple[str, str], tuple[int, str]] = {}
    for (source, _, refused), outcome in zip(parts, settled, strict=True):
        for reason, (count, excerpt) in reason_counts([*refused, *outcome.rejects]).items():
            counts[source, reason] = (counts.get((source, reason), (0, ""))[0] + count, excerpt)
    return counts


def _starts(parts: Sequence[Part]) -> npt.NDArray[np.int64]:
    """Where each part's observations begin in the batch, and the end."""
    return np.cumsum([0, *(len(part[1]) for part in parts)])


def _shared_out(parts: Sequence[Part], refused: Sequence[Reject]) -> list[Settled]:
    """The batch's rejects handed back to the parts they came in, rows counted within each."""
    starts = _starts(parts)
    settled = [Settled(0, []) for _ in parts]
    for reject in refused:
        part = int(np.searchsorted(starts, reject.row, "right")) - 1
        settled[part].rejects.append(Reject(reject.row - int(starts[part]), reject.reason, reject.detail))
    return settled


def _with_duplicates(parts: Sequence[Part], settled: Sequence[Settled], rows: Sequence[int]) -> list[Settled]:
    part_of = np.searchsorted(_starts(parts), np.array(rows, "i8"), "right") - 1
    counts = np.bincount(part_of, minlength=len(parts))
    return [Settled(int(n), outcome.rejects) for n, outcome in zip(counts, settled, strict=True)]


def _refresh(memory: CityMemory, live: LiveState) -> None:
    """Take newer values and times from Redis: repeated states and times are not in the history."""
    try:
        snap = live.read()
    except Unavailable:
        return
    if snap is None or snap.version != memory.columns.version or len(snap.records) != len(memory.records):
        return
    newer = snap.records["time"] > memory.records["time"]
    for name in ("value", "time"):
        memory.records[name][newer] = snap.records[name][newer]
    memory.value_time[newer] = snap.records["time"][newer]


def _carry(before: CityMemory, after: CityMemory) -> None:
    """What was known in one layout into the next, by asset id."""
    at = places(after.columns, before.columns.ids)
    stay = np.flatnonzero(at >= 0)
    for name in ("records", "since", "state_time", "value_time", "row_time"):
        getattr(after, name)[at[stay]] = getattr(before, name)[stay]
