"""Times of observations: milliseconds since 1970 to intervals of hours, days or months, and to ISO 8601."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from public.features.about import About
from public.features.columns import Column, Kind

Millis = npt.NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_MS = 3_600_000
SPANS = ("hour", "day", "month")


def span_of(about: About) -> str:
    """How long what the rows tell of lasts: ``hour``, ``day``, ``month``, or empty for an instant."""
    told = about.timed
    shape = told.shape if told else ""
    said = about.grain.get("span", "")
    if said in SPANS:
        return said
    return shape if shape in SPANS else ""


def starts_of(column: Column, zone: ZoneInfo) -> Millis:
    """The beginning of each row's time; what is not known is 0. Days and months begin in ``zone``."""
    if column.kind is Kind.INSTANT:
        return np.asarray(column.values, "i8")
    if column.kind is Kind.DAY:
        return _by_value(column.values, lambda day: _midnight(_EPOCH.date() + timedelta(days=day), zone))
    words = column.words.to_pylist() if column.words is not None else []
    begins = np.array([*(_midnight(date.fromisoformat(f"{one}-01"), zone) for one in words), 0], "i8")
    return np.asarray(begins[column.values], "i8")


def ends_of(starts: Millis, span: str, zone: ZoneInfo) -> Millis:
    """The end of each span that begins at ``starts``; of an instant itself."""
    if not span:
        return starts
    if span == "hour":
        return starts + _HOUR_MS
    return _by_value(starts, lambda start: _next(start, span, zone))


def _by_value(values: npt.NDArray[np.int64], told: Callable[[int], int]) -> Millis:
    different, place = np.unique(values, return_inverse=True)
    return np.array([told(int(one)) for one in different], "i8")[place]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return millis(datetime(day.year, day.month, day.day, tzinfo=zone))


def _next(start: int, span: str, zone: ZoneInfo) -> int:
    day = moment(start).astimezone(zone).date()
    if span == "day":
        return _midnight(day + timedelta(days=1), zone)
    return _midnight((day.replace(day=1) + timedelta(days=32)).replace(day=1), zone)


def moment(at: int) -> datetime:
    """The instant ``at`` milliseconds since 1970, in UTC."""
    return _EPOCH + timedelta(milliseconds=at)


def millis(at: datetime) -> int:
    """``at`` (aware) in milliseconds since 1970."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def iso(at: int) -> str:
    """``at`` milliseconds since 1970 as ISO 8601 in UTC; fractions only where there are some."""
    told = moment(at)
    return told.strftime("%Y-%m-%dT%H:%M:%S") + (f".{at % 1000:03}Z" if at % 1000 else "Z")


def iso_span(start: int, end: int) -> str:
    """An instant, or an interval with a slash between."""
    return iso(start) if start == end else f"{iso(start)}/{iso(end)}"
