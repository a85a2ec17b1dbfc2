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
from services.alarms.quality.by_rule import Key, chattering_of, fleeting_of, in_rates, of_rules, rate
from services.alarms.quality.reading import Read, named, read, rule_names
from services.alarms.quality.watched import Span, lasted, within

DEADLINE_MS = 8_000
TOP = 10
DAY_S = 86_400.0
HOUR_BINS = 6

Counts = npt.NDArray[np.int64]


def quality(
    engine: Engine, position: Position, t0: datetime, t1: datetime, zone: ZoneInfo, settings: FloodSettings
) -> AlarmQuality:
    """The figures of ``position`` over [t0, t1) (aware), within the scope of ``engine``. Unavailable."""
    first = bin_start(t0, zone)
    with asking(engine, DEADLINE_MS) as connection:
        found = read(connection, position, t0, t1)
        keys = _keys(found)
        top, chattering = Counter(keys).most_common(TOP), chattering_of(found)
        names = named(connection, [key for key, _ in (*top, *chattering.items())])
        rules = rule_names(connection)

    def told(some: list[tuple[Key, int]]) -> tuple[Offender, ...]:
        return tuple(Offender(*names[key], count, count / max(len(keys), 1)) for key, count in some)

    bins = _bins(found.alarms["shown"], first, t1)
    floods = tuple(_floods(bins, first, settings))
    hours = (
        np.convolve(bins, np.ones(HOUR_BINS, "i8"), "valid") if len(bins) >= HOUR_BINS else bins.cumsum()[-1:]
    )
    counted, watched = in_rates(found), within(found.watched, t0.timestamp(), t1.timestamp())
    watched_s, load = lasted(watched), int(counted.sum())
    return AlarmQuality(
        position=position, t0=t0, t1=t1, total=len(keys), first_bin=first, bins=tuple(bins.tolist()),
        watched=watched_s / (t1 - t0).total_seconds(), unwatched=len(keys) - load,
        per_ten_minutes=rate(load, watched_s, 600), per_hour=rate(load, watched_s, 3_600),
        per_day=rate(load, watched_s, DAY_S),
        peak_bin=int(bins.max(initial=0)), peak_bin_at=_when(bins, first),
        peak_hour=int(hours.max(initial=0)), peak_hour_at=_when(hours, first),
        floods=floods, in_flood=rate(_flooded(floods, watched), watched_s, 1),
        by_priority={p: int((found.alarms["priority"] == p).sum()) for p in range(1, 5)},
        offenders=told(top), offenders_share=sum(n for _, n in top) / max(len(keys), 1),
        chattering=told(list(chattering.items())),
        fleeting=int(fleeting_of(found).sum()),
        stale=_stale(found.stale, zone), responses=tuple(_responses(found.alarms)), shelved=found.shelved,
        suppressed=found.suppressed, outcome=_share(found.alarms["confirmed"]),
        useless=_share(found.alarms["useless"]), rules=of_rules(found, rules, chattering, watched_s),
    )  # fmt: skip


def _keys(found: Read) -> list[Key]:
    return [tuple(key) for key in found.alarms[["rule", "asset", "area"]].tolist()]


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


def _flooded(floods: tuple[FloodSpan, ...], watched: list[Span]) -> float:
    """Seconds in flood while somebody watched."""
    return sum(lasted(within(watched, f.begin.timestamp(), f.end.timestamp())) for f in floods)


def _stale(spans: list[tuple[datetime, datetime]], zone: ZoneInfo) -> int:
    """How many alarms were too old on the local day with most of them."""
    days: Counter[int] = Counter()
    for begin, end in spans:
        last = end - timedelta(microseconds=1)
        first_day, last_day = (at.astimezone(zone).date().toordinal() for at in (begin, last))
        days.update(range(first_day, last_day + 1))
    return max(days.values(), default=0)


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
