"""The parameter ``datetime``: an instant, a day, or an interval that may be open on either side."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from public.features.asked import BadParameter
from public.features.collection import Features
from public.features.columns import Column, Kind
from public.features.cql.tree import DATE, INSTANT
from public.features.places import Mask

Moment = date | datetime
_FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class Interval:
    """From ``first`` to ``last``, both included; None is open. A day is all of it, an instant itself."""

    first: Moment | None
    last: Moment | None


def interval(text: str) -> Interval:
    """The interval ``text`` says (RFC 3339; ``a/b``, ``a/..``, ``../b``). BadParameter when it says none."""
    parts = text.split("/")
    if len(parts) == 1:
        moment = _moment(parts[0])
        return Interval(moment, moment)
    if len(parts) != 2:
        raise BadParameter("datetime", "an instant, a day, or two of them with a slash between")
    first, last = (None if part in ("", "..") else _moment(part) for part in parts)
    if first and last and _begin(first, UTC) > _end(last, UTC):
        raise BadParameter("datetime", "the interval ends before it begins")
    return Interval(first, last)


def _moment(text: str) -> Moment:
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
        if INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadParameter("datetime", "an instant such as 2026-05-01T12:00:00Z, a day such as 2026-05-01")


def in_interval(features: Features, span: Interval) -> Mask | None:
    """Rows that touch ``span``, and those without a time; None, all, where rows have no time."""
    told = features.about.timed
    if told is None:
        return None
    column = features.columns[told.name]
    return _touching(column, span, ZoneInfo(features.about.time_zone)) | ~column.known


def _touching(column: Column, span: Interval, zone: ZoneInfo) -> Mask:
    if column.kind is Kind.INSTANT:
        low = _millis(_begin(span.first, zone)) if span.first else -np.inf
        high = _millis(_end(span.last, zone)) if span.last else np.inf
        return np.asarray((column.values >= low) & (column.values <= high), bool)
    first, last = (_local_day(side, zone) if side else None for side in (span.first, span.last))
    if column.kind is Kind.DAY:
        low = (first - _FIRST_DAY).days if first else -np.inf
        high = (last - _FIRST_DAY).days if last else np.inf
        return np.asarray((column.values >= low) & (column.values <= high), bool)
    return _months(column, first, last)


def _months(column: Column, first: date | None, last: date | None) -> Mask:
    mask = np.ones(len(column.values), bool)
    if first:
        mask &= column.spread(pc.greater_equal(column.words, pa.scalar(first.isoformat()[:7])))
    if last:
        mask &= column.spread(pc.less_equal(column.words, pa.scalar(last.isoformat()[:7])))
    return mask


def _begin(moment: Moment, zone: ZoneInfo | object) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), zone)  # type: ignore[arg-type]


def _end(moment: Moment, zone: ZoneInfo | object) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(23, 59, 59, 999_999), zone)  # type: ignore[arg-type]


def _millis(moment: datetime) -> float:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)


def _local_day(moment: Moment, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
