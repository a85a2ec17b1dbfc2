"""Time series out of a collection: one column by hour, day, month or year, one series for each of a group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from public.features.about import About
from public.features.asked import BadParameter
from public.features.collection import Features
from public.features.columns import Column, Kind, kind_of

PARAMETERS = ("value", "by", "every", "aggregate")
EVERY = ("hour", "day", "month", "year")
AGGREGATES = ("mean", "sum", "min", "max")
MOST_VALUES = 20_000
_QUARTER_MS = 900_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = {"year": 4, "month": 7, "day": 10}


@dataclass(frozen=True)
class Wish:
    """What is to be told: of which column, by which, how often, as what."""

    value: str
    by: str | None
    every: str
    aggregate: str


def wish(given: Mapping[str, str], about: About) -> Wish:
    """The wish ``given`` parameters say. BadParameter names the first that is wrong."""
    value, by = given.get("value", ""), given.get("by")
    if value not in numbers(about):
        raise BadParameter("value", "one of " + ", ".join(numbers(about)))
    if by is not None and by not in groups(about):
        raise BadParameter("by", "one of " + ", ".join(groups(about)) if groups(about) else "not to be given")
    every, aggregate = given.get("every", "day"), given.get("aggregate", "mean")
    if every not in spans(about):
        raise BadParameter("every", "one of " + ", ".join(spans(about)))
    if aggregate not in AGGREGATES:
        raise BadParameter("aggregate", "one of " + ", ".join(AGGREGATES))
    return Wish(value, by, every, aggregate)


def has_series(about: About) -> bool:
    """Whether there is a number by instant or by day to be told."""
    return bool(about.timed and kind_of(about.timed) is not Kind.TEXT and numbers(about))


def numbers(about: About) -> tuple[str, ...]:
    """Columns a series can be of."""
    return tuple(one.name for one in about.fields if kind_of(one) is Kind.NUMBER)


def groups(about: About) -> tuple[str, ...]:
    """Columns there can be a series for each value of."""
    return tuple(one.name for one in about.fields if kind_of(one) is Kind.TEXT)


def spans(about: About) -> tuple[str, ...]:
    """How often there can be a value."""
    return EVERY if about.timed and kind_of(about.timed) is Kind.INSTANT else EVERY[1:]


def series(
    features: Features, wanted: Wish, rows: npt.NDArray[np.int64] | None
) -> list[tuple[str | None, list[str], list[float], list[int]]]:
    """By group: its name, the times, the values, and of how many rows each is. BadParameter when too many."""
    timed = features.about.timed
    assert timed is not None  # noqa: S101 - has_series was asked
    value, time = features.columns[wanted.value], features.columns[timed.name]
    mask = value.known & time.known
    rows = np.flatnonzero(mask) if rows is None else rows[mask[rows]]
    group, names = _groups(features.columns[wanted.by] if wanted.by else None, rows)
    bucket, labels = _buckets(time, rows, wanted.every, ZoneInfo(features.about.time_zone))
    cells, place, counts = np.unique(group * len(labels) + bucket, return_inverse=True, return_counts=True)
    if len(cells) > MOST_VALUES:
        told = f"this would be {len(cells):,} values, and {MOST_VALUES:,} are the most"
        raise BadParameter("every", f"{told}: ask for less by datetime, filter or every")
    figures = _figures(value.values[rows], place, counts, wanted.aggregate)
    return _by_group(names, labels, cells, figures, counts)


def _groups(column: Column | None, rows: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], list[str | None]]:
    if column is None or column.words is None:
        return np.zeros(len(rows), "i8"), [None]
    # A row without a group is in the one after the last.
    codes = column.values[rows].astype("i8")
    codes[codes < 0] = len(column.words)
    return codes, [*column.words.to_pylist(), None]


def _buckets(
    time: Column, rows: npt.NDArray[Any], every: str, zone: ZoneInfo
) -> tuple[npt.NDArray[Any], list[str]]:
    """For each row the place of its label: of the few different times only, whose zone is looked up."""
    step = _QUARTER_MS if time.kind is Kind.INSTANT else 1
    moments, place = np.unique(time.values[rows] // step, return_inverse=True)
    texts = [_label(int(moment), time.kind, every, zone) for moment in moments]
    labels, which = np.unique(np.array(texts, "U20"), return_inverse=True)
    return which[place] if len(texts) else place, labels.tolist()


def _label(moment: int, kind: Kind, every: str, zone: ZoneInfo) -> str:
    if kind is Kind.DAY:
        return (_EPOCH + timedelta(days=moment)).date().isoformat()[: _DIGITS[every]]
    local = (_EPOCH + timedelta(milliseconds=moment * _QUARTER_MS)).astimezone(zone)
    if every == "hour":
        return local.replace(minute=0).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return local.date().isoformat()[: _DIGITS[every]]


def _figures(
    values: npt.NDArray[Any], place: npt.NDArray[Any], counts: npt.NDArray[Any], aggregate: str
) -> npt.NDArray[np.float64]:
    if aggregate in ("sum", "mean"):
        sums = np.bincount(place, values, len(counts)) if len(counts) else np.zeros(0)
        return np.round(sums / counts if aggregate == "mean" else sums, 6) + 0.0
    order = np.argsort(place, kind="stable")
    firsts = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else np.zeros(0, "i8")
    reduce = np.minimum if aggregate == "min" else np.maximum
    return reduce.reduceat(values[order], firsts) if len(counts) else np.zeros(0)


def _by_group(
    names: list[str | None],
    labels: list[str],
    cells: npt.NDArray[Any],
    figures: npt.NDArray[Any],
    counts: npt.NDArray[Any],
) -> list[tuple[str | None, list[str], list[float], list[int]]]:
    group, bucket = np.divmod(cells, max(len(labels), 1))
    told = []
    for one in np.unique(group):
        first, last = np.searchsorted(group, [one, one + 1])
        times = [labels[place] for place in bucket[first:last]]
        told.append((names[one], times, figures[first:last].tolist(), counts[first:last].tolist()))
    return told
