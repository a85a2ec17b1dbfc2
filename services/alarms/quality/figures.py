"""The figures: rates, floods, bad actors, mix and response of one position over a period.

Bins are the fixed ten minutes of the city's clock, counted from local midnight: the night with 25 hours
has 150 of them. Definitions and sources: docs/alarm-quality.md.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.asking import asking
from model.alarm_quality import AlarmQuality, FloodSpan, Offender, Position, Response
from services.alarms.desk import BIN, FloodSettings, bin_start
from services.alarms.quality.reading import Read, named, read

DEADLINE_MS = 8_000
TOP = 10
CHATTER_TIMES, CHATTER_S = 3, 60.0
FLEETING_S = 60.0
HOUR_BINS = 6

Key = tuple[int, int, int]
Counts = npt.NDArray[np.int64]


def quality(
    engine: Engine, position: Position, t0: datetime, t1: datetime, zone: ZoneInfo, settings: FloodSettings
) -> AlarmQuality:
    """The figures of ``position`` over [t0, t1) (aware), within the scope of ``engine``. Unavailable."""
    first = bin_start(t0, zone)
    with asking(engine, DEADLINE_MS) as connection:
        found = read(connection, position, t0, t1)
        keys = _keys(found)
        top, chattering = Counter(keys).most_common(TOP), _chattering(found)
        names = named(connection, [key for key, _ in (*top, *chattering.items())])

    def told(some: list[tuple[Key, int]]) -> tuple[Offender, ...]:
        return tuple(Offender(*names[key], count, count / max(len(keys), 1)) for key, count in some)

    bins = _bins(found.alarms["shown"], first, t1)
    floods = tuple(_floods(bins, first, settings))
    hours = (
        np.convolve(bins, np.ones(HOUR_BINS, "i8"), "valid") if len(bins) >= HOUR_BINS else bins.cumsum()[-1:]
    )
    watched_s = sum(end - begin for begin, end in found.watched)
    return AlarmQuality(
        position=position, t0=t0, t1=t1, total=len(keys), first_bin=first, bins=tuple(bins.tolist()),
        watched=min(watched_s / (t1 - t0).total_seconds(), 1.0),
        per_ten_minutes=_rate(len(keys), watched_s, 600), per_hour=_rate(len(keys), watched_s, 3_600),
        per_day=_rate(len(keys), watched_s, 86_400),
        peak_bin=int(bins.max(initial=0)), peak_bin_at=_when(bins, first),
        peak_hour=int(hours.max(initial=0)), peak_hour_at=_when(hours, first),
        floods=floods, in_flood=sum((f.end - f.begin) / (t1 - t0) for f in floods),
        by_priority={p: int((found.alarms["priority"] == p).sum()) for p in range(1, 5)},
        offenders=told(top), offenders_share=sum(n for _, n in top) / max(len(keys), 1),
        chattering=told(list(chattering.items())),
        fleeting=int((found.alarms["returned"] - found.alarms["raised"] < FLEETING_S).sum()),
        stale=found.stale, responses=tuple(_responses(found.alarms)), shelved=found.shelved,
        suppressed=found.suppressed, outcome=_share(found.alarms["confirmed"]),
        useless=_share(found.alarms["useless"]),
    )  # fmt: skip


def _keys(found: Read) -> list[Key]:
    return [tuple(key) for key in found.alarms[["rule", "asset", "area"]].tolist()]


def _rate(count: int, watched_s: float, per_s: float) -> float:
    return count / watched_s * per_s if watched_s else 0.0


def _share(flags: npt.NDArray[Any]) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _bins(shown: npt.NDArray[np.float64], first: datetime, t1: datetime) -> Counts:
    width = BIN.total_seconds()
    count = int(np.ceil((t1 - first).total_seconds() / width))
    return np.bincount(((shown - first.timestamp()) // width).astype("i8"), minlength=count)


def _when(counts: Counts, first: datetime) -> datetime | None:
    return first + int(counts.argmax()) * BIN if counts.max(initial=0) else None


def _floods(bins: Counts, first: datetime, settings: FloodSettings) -> Iterator[FloodSpan]:
    begin: int | None = None
    for place, count in enumerate([*bins.tolist(), 0]):
        if begin is None and settings.is_flood(count):
            begin = place
        elif begin is not None and (count < settings.ends_below or place == len(bins)):
            inside = bins[begin:place]
            yield FloodSpan(first + begin * BIN, first + place * BIN, int(inside.sum()), int(inside.max()))
            begin = None


def _chattering(found: Read) -> dict[Key, int]:
    """Things and classes that activated three times within a minute, each with how often that began."""
    rows = found.activations
    if len(rows) < CHATTER_TIMES:
        return {}
    later = CHATTER_TIMES - 1
    same = (rows[later:, :3] == rows[:-later, :3]).all(axis=1)
    quick = same & (rows[later:, 3] - rows[:-later, 3] <= CHATTER_S)
    keys = [tuple(int(part) for part in row[:3]) for row in rows[:-later][quick]]
    return dict(Counter(keys).most_common())  # type: ignore[arg-type]


def _responses(alarms: npt.NDArray[Any]) -> Iterator[Response]:
    for priority in range(1, 5):
        mine = alarms[alarms["priority"] == priority]
        took = (mine["acknowledged"] - mine["shown"])[~np.isnan(mine["acknowledged"])]
        median = float(np.percentile(took, 50)) if len(took) else None
        late = float(np.percentile(took, 95)) if len(took) else None
        yield Response(priority, len(mine), len(took), median, late)


def last_days(days: int, now: datetime) -> tuple[datetime, datetime]:
    """The ``days`` before ``now`` (aware)."""
    return now.astimezone(UTC) - timedelta(days=days), now.astimezone(UTC)
