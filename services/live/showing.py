"""Telling Redis what a batch changed: what it owes is repaid when Redis comes back. For one thread."""

import logging
import time

import numpy as np

from model.errors import Unavailable
from model.states import CHANGE
from services.live.batch import Batch, City
from services.live.live_positions import LivePositions
from services.live.moving import MOVE, Moves
from services.live.state import LayoutMissing, LiveState, Records, packed_changes

log = logging.getLogger(__name__)


class Shown:
    """The live state and positions in Redis, kept in step with a City. Redis away is nobody's error."""

    def __init__(self, redis_url: str, shard: str) -> None:
        self._live = LiveState(redis_url, shard)
        self._positions = LivePositions(redis_url, shard)
        self._city: City | None = None
        self._owes_all = True
        self._moves: list[Moves] = []
        self._moves_lost = True
        self._epoch: int | None = None

    def show(self, city: City, batch: Batch) -> None:
        """Tell Redis what ``batch``, durable by now, changed."""
        if batch.moves is not None and len(batch.moves):
            self._moves.append(batch.moves)
        self._pay(city, batch.changes, batch.plan.id)

    def beat(self, city: City) -> None:
        """See that Redis is right, and tell the screens that somebody takes observations in."""
        self._pay(city, np.zeros(0, CHANGE), "", beat=True)

    def _pay(self, city: City, changes: Records, trace: str, *, beat: bool = False) -> None:
        """Tell Redis ``changes``, or all of it when it may know less than we do. Away: later."""
        if city is not self._city:
            self._city, self._owes_all = city, True
            self._moves, self._moves_lost = [], True
        try:
            self._pay_states(city, changes, trace, beat)
            self._pay_moves(city, beat)
        except Unavailable:
            # It may come back with less than it acknowledged (faults.md 2.1): owe it everything.
            self._owes_all = True
            self._moves, self._moves_lost = [], True

    def _pay_states(self, city: City, changes: Records, trace: str, beat: bool) -> None:
        memory, now_ms = city.memory, _now_ms()
        version = memory.columns.version
        if self._owes_all:
            changes = packed_changes(np.arange(len(memory.columns)), memory.records)
        try:
            self._live.apply(version, changes, now_ms, trace)
            self._owes_all = False
            if beat:
                self._note_epoch(self._live.beat(version, now_ms))
        except LayoutMissing:
            self._live.rebuild(version, memory.records, now_ms)
            self._owes_all = False
            log.info("live state of layout %s rebuilt in Redis", version)

    def _note_epoch(self, epoch: int) -> None:
        """Somebody put the state in place anew, perhaps from an older memory: say all of ours again."""
        if self._epoch is not None and epoch != self._epoch:
            self._owes_all = True
        self._epoch = epoch

    def _pay_moves(self, city: City, beat: bool) -> None:
        version, now_ms = city.memory.columns.version, _now_ms()
        try:
            if self._moves_lost:
                raise LayoutMissing("the positions are to be put in place")
            if self._moves or beat:
                moves = np.concatenate([np.zeros(0, MOVE), *self._moves])
                self._positions.apply(version, moves, now_ms)
        except LayoutMissing:
            self._positions.rebuild(version, city.fleet.latest, now_ms)
        self._moves, self._moves_lost = [], False

    def close(self) -> None:
        """Let go of the connections."""
        self._live.close()
        self._positions.close()


def _now_ms() -> int:
    return int(time.time() * 1000)


def take_newer(redis_url: str, shard: str, city: City) -> None:
    """Take newer values and times from Redis: repeated states and times are not in the history."""
    live = LiveState(redis_url, shard)
    try:
        snap = live.read()
    except Unavailable:
        return
    finally:
        live.close()
    memory = city.memory
    if snap is None or snap.version != memory.columns.version or len(snap.records) != len(memory.records):
        return
    newer = snap.records["time"] > memory.records["time"]
    for name in ("value", "time"):
        memory.records[name][newer] = snap.records[name][newer]
    memory.value_time[newer] = snap.records["time"][newer]
