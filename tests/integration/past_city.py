"""A city with a hand-made past for tests of the time machine: cabinets and lamps, changes at random, some of
them received late, an asset that came later, one that falls silent, and hours in which nothing was recorded.

What was true at an instant is counted here from the raw rows, one asset at a time, without the code tested.
"""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Engine, insert, text

from geodata.partitions import ensure_partitions
from geodata.tables import state_change, state_keyframe
from model.domains import ASSET_TYPES
from model.states import RECORD, Status
from tests.live_city import lay_out, rows

T0 = datetime(2025, 10, 25, 12, tzinfo=UTC)
HOURS = 60
LAMPS = 24
GAP = (T0 + timedelta(hours=33), T0 + timedelta(hours=43))
SILENT = 13
SILENT_FROM = T0 + timedelta(hours=8)
NEW = 124
NEW_FROM = T0 + timedelta(hours=20)
KNOWN_FOR = timedelta(hours=7)


@dataclass(frozen=True)
class Change:
    """One row of the past."""

    asset_id: int
    at: datetime
    status: int
    received: datetime


@dataclass(frozen=True)
class Past:
    """What was written: changes in order of time, keyframes as (instant, asset -> last heard)."""

    t0: datetime
    hours: int
    gap: tuple[datetime, datetime]
    changes: list[Change]
    frames: list[tuple[datetime, dict[int, datetime]]]
    periods: dict[int, float]

    def statuses(self, at: datetime) -> dict[int, int]:
        """The status of every asset at ``at``, unknown where nothing says it."""
        return {asset_id: self._status(asset_id, at) for asset_id in self.periods}

    def _status(self, asset_id: int, at: datetime) -> int:
        own = [c for c in self.changes if c.asset_id == asset_id and c.at <= at]
        newest = own[-1] if own else None
        frame = max((f for f in self.frames if f[0] <= at), key=lambda f: f[0], default=None)
        if newest and (frame is None or newest.at > frame[0]):
            return newest.status if at - newest.at < KNOWN_FOR else Status.UNKNOWN
        if frame is None or newest is None or at - frame[0] >= KNOWN_FOR:
            return Status.UNKNOWN
        return newest.status if self._heard(newest, frame) else Status.UNKNOWN

    def _heard(self, newest: Change, frame: tuple[datetime, dict[int, datetime]]) -> bool:
        if newest.status in (Status.COMMS_LOST, Status.OUT_OF_SERVICE):
            return True
        late = newest.received > frame[0]
        heard = frame[1].get(newest.asset_id)
        last = max(heard or newest.at, newest.at) if late or heard else None
        if last is None:
            return False
        age = (frame[0] - last.replace(microsecond=0)).total_seconds()
        return age <= max(3 * self.periods[newest.asset_id], 30)


def past_city(engine: Engine, seed: int) -> Past:
    """Lay the small city out and write its past from ``seed``."""
    lay_out(engine, LAMPS)
    random = np.random.default_rng(seed)
    city = rows(LAMPS)
    ids = [row.id for row in city]
    changes = _changes(random, ids)
    frames = _frames(changes, ids)
    with engine.begin() as connection:
        ensure_partitions(connection, T0 - timedelta(days=1), T0 + timedelta(hours=HOURS))
        connection.execute(
            insert(state_change),
            [
                {"asset_id": c.asset_id, "phenomenon_time": c.at, "status": c.status, "state": 1,
                 "received_at": c.received}
                for c in changes
            ],
        )  # fmt: skip
        for at, heard in frames:
            connection.execute(insert(state_keyframe).values(at=at, **_packed(changes, at, heard)))
        connection.execute(text("ANALYZE state_change"))
    periods = {row.id: float(ASSET_TYPES[row.type].period_s) for row in city}
    return Past(T0, HOURS, GAP, changes, [(at, heard) for at, heard in frames], periods)


def _changes(random: np.random.Generator, ids: list[int]) -> list[Change]:
    first = [Change(i, T0 - timedelta(hours=2), 1, T0 - timedelta(hours=2)) for i in ids if i != NEW]
    first.append(Change(NEW, NEW_FROM, 1, NEW_FROM))
    seconds = random.choice(HOURS * 3600, 900, replace=False)
    for second in sorted(seconds.tolist()):
        at = T0 + timedelta(seconds=second, milliseconds=int(random.integers(0, 1000)))
        asset_id = int(random.choice([*ids, 10, 10, 11]))
        if _nobody_listens(asset_id, at):
            continue
        late = timedelta(seconds=float(random.choice([1, 2, 200, 4_000, 30_000, 100_000], p=_LATE)))
        first.append(Change(asset_id, at, int(random.integers(1, 8)), at + late))
    return sorted(first, key=lambda c: c.at)


_LATE = [0.5, 0.2, 0.1, 0.1, 0.05, 0.05]


def _nobody_listens(asset_id: int, at: datetime) -> bool:
    silent = asset_id == SILENT and at >= SILENT_FROM
    return silent or (asset_id == NEW and at <= NEW_FROM) or GAP[0] < at < GAP[1]


def _frames(changes: list[Change], ids: list[int]) -> list[tuple[datetime, dict[int, datetime]]]:
    """Keyframes: hourly for a day, then every six hours; each asset last heard a minute before it."""
    instants = [T0 - timedelta(hours=1), *(T0 + timedelta(hours=h) for h in range(24))]
    instants += [T0 + timedelta(hours=h) for h in range(24, HOURS, 6)]
    found = []
    for at in instants:
        if GAP[0] < at < GAP[1]:
            continue
        known = {c.asset_id for c in changes if c.at <= at and c.received <= at}
        heard = {i: at - timedelta(seconds=10) for i in ids if i in known}
        if SILENT in heard and at > SILENT_FROM:
            own = [c.at for c in changes if c.asset_id == SILENT and c.at <= at and c.received <= at]
            heard[SILENT] = max([*own, SILENT_FROM])
        found.append((at, heard))
    return found


def _packed(changes: list[Change], at: datetime, heard: dict[int, datetime]) -> dict[str, bytes]:
    """The keyframe as it was written at ``at``: by what had been received."""
    records = np.zeros(len(heard), RECORD)
    for place, asset_id in enumerate(sorted(heard)):
        own = [c for c in changes if c.asset_id == asset_id and c.at <= at and c.received <= at]
        records[place] = (own[-1].status, 1, np.nan, int(heard[asset_id].timestamp()))
    return {
        "asset_ids": zlib.compress(np.array(sorted(heard), "<u4").tobytes()),
        "records": zlib.compress(records.tobytes()),
    }
