"""Telling Redis what a batch changed: what it owes is repaid when Redis comes back. For one thread."""

import logging
import time

import numpy as np
import numpy.typing as npt

from model.errors import Unavailable
from services.live.batch import City
from services.live.live_positions import LivePositions
from services.live.moving import Moves
from services.live.state import LayoutMissing, LiveState, packed_changes

log = logging.getLogger(__name__)


class Shown:
    """The live state and positions in Redis, kept in step with a City. Redis away is nobody's error."""

    def __init__(self, redis_url: str, shard: str) -> None:
        self._live = LiveState(redis_url, shard)
        self._positions = LivePositions(redis_url, shard)
        self._owed: npt.NDArray[np.bool_] = np.zeros(0, "?")
        self._moves: list[Moves] = []
        self._moves_lost = True
        self._epoch: int | None = None
        self._wrong = False

    def lay_out(self, city: City) -> None:
        """Another layout: Redis is owed everything."""
        self._owed = np.ones(len(city.memory.columns), "?")
        self._moves, self._moves_lost = [], True

    def refresh(self, city: City) -> None:
        """Take newer values and times from Redis: repeated states and times are not in the history."""
        try:
            snap = self._live.read()
        except Unavailable:
            return
        memory = city.memory
        if snap is None or snap.version != memory.columns.version or len(snap.records) != len(memory.records):
            return
        newer = snap.records["time"] > memory.records["time"]
        for name in ("value", "time"):
            memory.records[name][newer] = snap.records[name][newer]
        memory.value_time[newer] = snap.records["time"][newer]

    def owe(self, touched: npt.NDArray[np.intp], moves: Moves | None) -> None:
        """Note what a batch changed."""
        self._owed[touched] = True
        if moves is not None and len(moves):
            self._moves.append(moves)

    def retract(self) -> None:
        """What was shown last is not so after all: the whole state is put in place anew."""
        self._wrong = True

    def pay(self, city: City, trace: str = "", *, beat: bool = False) -> bool:
        """Tell Redis what it is owed; when it has lost the state, all of it. False: away, later."""
        try:
            self._pay_states(city, trace, beat)
            self._pay_moves(city)
        except Unavailable:
            # It may come back with less than it acknowledged (faults.md 2.1): owe it everything.
            self._owed[:] = True
            self._moves, self._moves_lost = [], True
            return False
        return True

    def _pay_states(self, city: City, trace: str, beat: bool) -> None:
        version, now_ms = city.memory.columns.version, _now_ms()
        try:
            if self._wrong:
                raise LayoutMissing("what is shown became durable nowhere")
            changes = packed_changes(np.flatnonzero(self._owed), city.memory.records)
            if len(changes) or beat:
                self._live.apply(version, changes, now_ms, trace)
            if beat:
                self._note_epoch(self._live.beat(version, now_ms))
        except LayoutMissing:
            self._live.rebuild(version, city.memory.records, now_ms)
            log.info("live state of layout %s rebuilt in Redis", version)
        self._owed[:] = False
        self._wrong = False

    def _note_epoch(self, epoch: int) -> None:
        """Somebody put the state in place anew, perhaps from an older memory: say all of ours again."""
        if self._epoch is not None and epoch != self._epoch:
            self._owed[:] = True
        self._epoch = epoch

    def _pay_moves(self, city: City) -> None:
        if not len(city.fleet.latest) and not self._moves:
            return
        version, now_ms = city.memory.columns.version, _now_ms()
        try:
            if self._moves_lost:
                raise LayoutMissing("the positions are to be put in place")
            if self._moves:
                self._positions.apply(version, np.concatenate(self._moves), now_ms)
        except LayoutMissing:
            self._positions.rebuild(version, city.fleet.latest, now_ms)
        self._moves, self._moves_lost = [], False

    def close(self) -> None:
        """Let go of the connections."""
        self._live.close()
        self._positions.close()


def _now_ms() -> int:
    return int(time.time() * 1000)
