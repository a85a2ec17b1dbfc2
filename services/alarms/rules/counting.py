"""What turned over a past, put together: each time with its end, by day, by hour, by equipment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from model.rule_book import Counted, Once
from services.alarms.watching.rows import Indices, Rows, Times, begins

ASSETS_MOST, EXAMPLES_MOST = 20, 50
FLEETING_S = 60.0
HOUR_S, QUARTER_S = 3_600, 900

Key = tuple[int, int]
"""Live index and 0, or -1 and the id of an area."""
Named = Callable[[set[Key]], dict[Key, tuple[str, str]]]
"""External id and name of each."""


@dataclass(frozen=True, eq=False, slots=True)
class Episodes:
    """Each time a rule was in alarm, in order of beginning.

    ``keys`` i8 the live index, or -1 less the id of an area; ``raised`` and ``returned`` f8 epoch s, NaN
    where it lasts.
    """

    keys: Indices
    raised: Times
    returned: Times

    def __len__(self) -> int:
        """How many."""
        return len(self.keys)

    def key(self, place: int) -> Key:
        """Whose the one at ``place`` is."""
        key = int(self.keys[place])
        return (key, 0) if key >= 0 else (-1, -1 - key)


def episodes(told: Rows) -> Episodes:
    """The times that TURNS ``told`` tell of; an end of what never began says nothing."""
    told = told[np.argsort(told["time"], kind="stable")]
    key = np.where(told["index"] >= 0, told["index"], -1 - told["area"].astype("i8"))
    order = np.argsort(key, kind="stable")
    key, active, time = key[order], told["active"][order], told["time"][order]
    first = begins(key)
    # Told twice the same is once; so beginnings and ends of a key take turns, and the first is a beginning.
    kept = np.where(first, active, active != np.append(False, active[:-1])[: len(active)])
    key, active, time, order = key[kept], active[kept], time[kept], order[kept]
    begun = np.flatnonzero(active)
    after = np.minimum(begun + 1, max(len(key) - 1, 0))
    ended = (after > begun) & (key[after] == key[begun])
    returned = np.where(ended, time[after], np.nan)
    # Of those that began at one moment the one that ended first comes first.
    settled = np.where(ended, order[after], len(told) + order[begun])
    by = np.lexsort((settled, time[begun]))
    return Episodes(key[begun][by], time[begun][by], returned[by])


def by_day(raised: Times, zone: ZoneInfo) -> tuple[tuple[str, int], ...]:
    """How many began on each local day that had any, in order."""
    found: dict[str, int] = {}
    # Every zone's midnight is a quarter of an hour of UTC: one look at the calendar for each of them.
    quarters, counts = np.unique(raised // QUARTER_S, return_counts=True)
    for quarter, count in zip(quarters.tolist(), counts.tolist(), strict=True):
        day = datetime.fromtimestamp(quarter * QUARTER_S, UTC).astimezone(zone).date().isoformat()
        found[day] = found.get(day, 0) + count
    return tuple(sorted(found.items()))


def worst_hour(raised: Times) -> tuple[float | None, int]:
    """Where the hour begins (epoch s) in which most began, the earliest of several, and how many did."""
    hours, counts = np.unique(raised // HOUR_S, return_counts=True)
    if not len(hours):
        return None, 0
    worst = int(np.argmax(counts))
    return float(hours[worst] * HOUR_S), int(counts[worst])


def most_often(found: Episodes, named: Named) -> tuple[tuple[Counted, ...], int]:
    """Who was in alarm most, of equals who was first; and how many were at all."""
    keys, first, counts = np.unique(found.keys, return_index=True, return_counts=True)
    top = np.lexsort((first, -counts))[:ASSETS_MOST]
    told = [(found.key(int(first[at])), int(counts[at])) for at in top]
    names = named({key for key, _ in told})
    return tuple(Counted(*names[key], count) for key, count in told), len(keys)


def examples(found: Episodes, named: Named) -> tuple[Once, ...]:
    """Some of them, spread over the whole."""
    shown = range(0, len(found), max(1, len(found) // EXAMPLES_MOST))[:EXAMPLES_MOST]
    names = named({found.key(at) for at in shown})
    return tuple(
        Once(*names[found.key(at)], float(found.raised[at]), _or_none(found.returned[at])) for at in shown
    )


def lasted(found: Episodes) -> tuple[int, float | None, int]:
    """How many lasted under a minute, how long half of those that ended lasted, how many last still."""
    over = ~np.isnan(found.returned)
    spans: npt.NDArray[np.float64] = (found.returned - found.raised)[over]
    median = float(np.median(spans)) if len(spans) else None
    return int(np.count_nonzero(spans < FLEETING_S)), median, int(np.count_nonzero(~over))


def _or_none(time: float) -> float | None:
    return None if np.isnan(time) else float(time)
