"""When the rows of a release are of: the extent of the table, the time of its data, and its gaps."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import text

from geodata.asking import asking
from model.datasets import Shape, Span
from services.history import day_start, local_day
from services.publishing.datasets.asked import Asked, months_before

NOT_VALUES = ("coverage",)
_CHANGED = text("SELECT max(greatest(updated_at, removed_at)) FROM asset WHERE asset_type = ANY (:types)")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Times:
    """``first`` and ``last`` (UTC) are where the rows begin and end; ``data_time`` the end of the newest span
    with a value, or the newest measurement; ``gaps`` the spans without any value, joined."""

    first: datetime | None
    last: datetime | None
    data_time: datetime | None
    gaps: tuple[tuple[datetime, datetime], ...] = ()


def times_of(asked: Asked, table: pa.Table) -> Times:
    """When ``table``, read for ``asked``, is of."""
    column = time_column(asked, table)
    if column is None:
        return Times(None, None, _changed(asked))
    if asked.release.grain.span is Span.NOW:
        low, high = (_aware(value) for value in pc.min_max(table[column]).as_py().values())
        return Times(low, high, high)
    told = pc.unique(table[column].filter(_with_value(asked, table))).drop_null()
    every = pc.unique(table[column]).drop_null()
    if not len(every):
        return Times(None, None, None)
    starts = sorted(_start(asked, value) for value in every.to_pylist())
    known = {_start(asked, value) for value in told.to_pylist()}
    last = _after(asked, starts[-1])
    return Times(
        starts[0], last, _after(asked, max(known)) if known else None, _gaps(asked, starts[0], last, known)
    )


def time_column(asked: Asked, table: pa.Table) -> str | None:
    """The column that says when a row is of; None for an inventory."""
    timed = (Shape.INSTANT, Shape.DAY, Shape.MONTH)
    named = (name for name in table.column_names if asked.release.dataset.by_name[name].shape in timed)
    return next(named, None)


def _with_value(asked: Asked, table: pa.Table) -> pa.Array:
    """Which rows say anything: one of their figures is there. Without any figure, all do."""
    figures = [
        one.name
        for one in asked.release.dataset.columns
        if one.shape is Shape.NUMBER and one.name in table.column_names and one.name not in NOT_VALUES
    ] or [name for name in ("vehicles",) if name in table.column_names]
    there = np.zeros(table.num_rows, bool) if figures else np.ones(table.num_rows, bool)
    for name in figures:
        there |= table[name].is_valid().to_numpy()
    return pa.array(there)


def _start(asked: Asked, value: datetime | date) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return day_start(value, asked.profile.zone)


def _after(asked: Asked, start: datetime) -> datetime:
    """The end of the release's span that begins at ``start``."""
    zone, span = asked.profile.zone, asked.release.grain.span
    if span is Span.HOUR:
        return start + _HOUR
    day = local_day(start, zone)
    if span is Span.MONTH:
        return day_start(months_before(day, -1), zone)
    return day_start(day + timedelta(days=1), zone)


def _gaps(
    asked: Asked, first: datetime, last: datetime, known: set[datetime]
) -> tuple[tuple[datetime, datetime], ...]:
    gaps: list[tuple[datetime, datetime]] = []
    at = first
    while at < last:
        after = _after(asked, at)
        if at not in known:
            joined = bool(gaps) and gaps[-1][1] == at
            gaps[-1:] = [(gaps[-1][0], after)] if joined else [*gaps[-1:], (at, after)]
        at = after
    return tuple(gaps)


def _changed(asked: Asked) -> datetime | None:
    """When anything of an inventory last changed."""
    with asking(asked.engine) as connection:
        found: datetime | None = connection.scalar(_CHANGED, {"types": asked.types})
    return found.astimezone(UTC).replace(microsecond=0) if found else None


def _aware(value: datetime | None) -> datetime | None:
    return value.astimezone(UTC) if value else None
