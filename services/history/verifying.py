"""Proof of the memory: files of the archive are what was recorded, and every figure equals a recount.

Local day by local day, raw readings (from the database or the archive, corrections applied) are counted by
the hour into a temporary table; rollups by hour and day and the hours of areas are held against it, and the
days of areas against their hours. Left out, and counted: hours that wait to be recomputed, and readings whose
retention is over. Not held against raw are the shares of states (``fault_share``, ``lit_share``), which come
from changes of state, nor the coverage of an area's hour, which depends on how many datastreams it had then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from geodata.partitions import observation_days
from model.errors import Unavailable
from services.history.archive import Archive
from services.history.archive_file import Summed, sum_of_file
from services.history.calendar import day_start, days_between, local_day
from services.history.cold import Cold
from services.history.comparisons import COMPARISONS, PREPARE
from services.history.recount import recount
from services.history.retention import columns_of, limits

DEADLINE_MS = 600_000
MOST_TOLD = 200
"""Differences told of one kind and day; more are counted."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be: of which table or file, what, and both sides of it."""

    table: str
    what: str
    recorded: str
    counted: str

    def __str__(self) -> str:
        """One line, for a terminal."""
        return f"{self.table}: {self.what}: recorded {self.recorded}, counted {self.counted}"


@dataclass
class Verdict:
    """What verifying found: ``differences`` and how much was looked at; ``waiting`` hours, and
    ``expired`` days of datastreams, were left out, for they cannot be counted now."""

    differences: list[Difference] = field(default_factory=list)
    days: int = 0
    files: int = 0
    hours: int = 0
    waiting: int = 0
    expired: int = 0
    untold: int = 0

    @property
    def proven(self) -> bool:
        """Whether nothing is missing and every figure is right."""
        return not self.differences

    def summary(self) -> str:
        """One line: what was looked at, what was found, what could not be counted."""
        found = "no difference" if self.proven else f"{len(self.differences)} differences"
        more = f" (and more of {self.untold} kinds)" if self.untold else ""
        return (
            f"{found}{more} in {self.days} days, {self.hours:,} hours of datastreams and {self.files} files; "
            f"left out: {self.waiting} hours that wait to be recomputed, {self.expired} days of datastreams "
            "whose retention is over"
        )


def verify(
    engine: Engine,
    zone: ZoneInfo,
    archive: Archive,
    *,
    first: date | None = None,
    last: date | None = None,
    area_kind: str = "commune",
) -> Verdict:
    """Hold the local days from ``first`` to ``last`` (None: all raw readings are on record for) against a
    recount. Raises Unavailable when the database is away."""
    verdict = Verdict()
    with asking(engine, DEADLINE_MS) as connection:
        began = first_reading(connection, archive.cold)
        if began is None:
            return verdict
        start = max(first or date.min, local_day(began, zone))
        end = min(last or date.max, local_day(datetime.now(UTC), zone))
        _files(connection, archive, verdict, start, end)
        for statement in PREPARE:
            connection.execute(statement)
        for day in days_between(start, end):
            _day(connection, zone, archive, verdict, day, began, area_kind)
    return verdict


def first_reading(connection: Connection, cold: Cold) -> datetime | None:
    """The instant of the oldest raw reading on record, in the database or the archive; None: there is none.

    Of an archived day whose file cannot be read its first instant.
    """
    hot: datetime | None = connection.scalar(text("SELECT min(phenomenon_time) FROM observation"))
    row = connection.execute(_OLDEST).one_or_none()
    found = [at for at in (hot, _first_of(cold, *row) if row else None) if at is not None]
    return min(found, default=None)


_OLDEST = text("SELECT day, path FROM archived_day WHERE dropped_at IS NOT NULL ORDER BY day LIMIT 1")


_FIRST = "SELECT min(epoch_us(phenomenon_time)) FROM read_parquet($file)"


def _first_of(cold: Cold, day: date, path: str) -> datetime:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        (first,) = cold.file(_FIRST, cold.folder / path)
    except Unavailable:
        return start
    return start if first is None else datetime.fromtimestamp(first / 1e6, UTC)


_RECORDS = text(
    "SELECT day, path, count, checksum, bytes, dropped_at FROM archived_day "
    "WHERE day >= :first AND day <= :last ORDER BY day"
)


def _files(connection: Connection, archive: Archive, verdict: Verdict, first: date, last: date) -> None:
    """Every archived day's file is there and holds the rows that were recorded."""
    bounds = {"first": first - timedelta(days=1), "last": last + timedelta(days=1)}
    tables = set(observation_days(connection))
    for row in connection.execute(_RECORDS, bounds).all():
        day, path, count, checksum, size, dropped_at = tuple(row)
        if dropped_at is None and day in tables:
            # The rows are in the database, which counts; the file is written anew when they leave.
            continue
        verdict.files += 1
        recorded = f"{count} rows, {size} bytes, checksum {checksum}"
        found = _found(archive, path, Summed(count, checksum), size)
        if found:
            verdict.differences.append(Difference("archived_day", f"{day} {path}", recorded, found))


def _found(archive: Archive, path: str, recorded: Summed, size: int) -> str | None:
    """What the file is instead of what was recorded; None when it is that."""
    file = archive.folder / path
    if not file.exists():
        return "no file"
    try:
        found = sum_of_file(archive.cold, file)
    except Unavailable as error:
        return str(error)
    if found == recorded and file.stat().st_size == size:
        return None
    return f"{found.count} rows, {file.stat().st_size} bytes, checksum {found.checksum}"


def _day(
    connection: Connection,
    zone: ZoneInfo,
    archive: Archive,
    verdict: Verdict,
    day: date,
    began: datetime,
    area_kind: str,
) -> None:
    t0, t1 = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    past = limits(connection, datetime.now(UTC))
    try:
        recount(connection, archive.cold, t0, t1, columns_of(past))
    except Unavailable as error:
        verdict.differences.append(Difference("observation", str(day), "readings", str(error)))
        return
    verdict.days += 1
    verdict.expired += int(connection.scalar(text("SELECT count(*) FROM expired")) or 0)
    verdict.hours += int(connection.scalar(text("SELECT count(*) FROM recount_hour")) or 0)
    verdict.waiting += int(connection.scalar(text("SELECT count(*) FROM waiting")) or 0)
    # A day of which raw readings begin in the middle has figures of before: it cannot be counted.
    bounds: dict[str, Any] = {
        "t0": max(t0, began.replace(minute=0, second=0, microsecond=0)), "t1": t1, "day": day,
        "zone": zone.key, "kind": area_kind, "whole": began <= t0, "most": MOST_TOLD + 1,
    }  # fmt: skip
    for found in _differences(connection, bounds, verdict):
        verdict.differences.append(found)


def _differences(connection: Connection, bounds: dict[str, Any], verdict: Verdict) -> Iterator[Difference]:
    for table, question in COMPARISONS.items():
        wanted = {name: bounds[name] for name in question.compile().params}
        rows = connection.execute(question, wanted).all()
        verdict.untold += len(rows) > MOST_TOLD
        for what, recorded, counted in rows[:MOST_TOLD]:
            yield Difference(table, what, recorded or "nothing", counted or "nothing")
