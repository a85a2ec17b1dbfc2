"""The archive: closed days of observations move to Parquet, one file a UTC day, and come back when asked.

A day leaves the database in steps, each of which may be the last before a kill: the file is written beside
its name and flushed, compared with the table by count and checksum, named, recorded; then, in one
transaction that keeps writers out, the table is summed up once more, dropped, and the record says so. What
is not proven equal is never dropped. File names carry the checksum, so no file of a record is ever written
over; files without a record are taken away by the next run.
"""

import logging
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from geodata.partitions import (
    day_start,
    drop_partition,
    ensure_observation_days,
    month_start,
    observation_days,
    observation_months,
    partition_of,
    split_month,
)
from model.errors import Unavailable
from services.history.archive.archive_file import Summed, read_back, sum_of_file, sum_of_table, write_file
from services.history.archive.cold import Cold

log = logging.getLogger(__name__)

DEADLINE_MS = 600_000
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.archive'))")
STEPS = ("written", "verified", "named", "recorded", "dropped")
"""What a day passes through; tests stop after each."""

Step = Callable[[str], None]


class NotEqual(Unavailable):
    """A day's file and its table differ; nothing was dropped, and it is tried again later."""


@dataclass(frozen=True)
class Archived:
    """One archived day: its file below the archive's folder, rows, checksum and size."""

    day: date
    path: str
    count: int
    checksum: str
    bytes: int


class Archive:
    """The archive of one city below ``folder``. Methods block, and several processes may hold one."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self.folder = folder
        self.cold = Cold(folder)

    def run(self, now: datetime, after_days: int, step: Step = lambda _: None) -> list[Archived]:
        """Archive every closed UTC day older than ``after_days`` at ``now`` (aware); what was archived.

        Days with hours still to be recomputed wait. Raises Unavailable when the database is away; a day
        that cannot be proven equal is logged and left.
        """
        before = day_start(now, -after_days).date()
        self._split(before)
        done = []
        for day in self._due(before):
            try:
                archived = self.archive(day, step)
            except NotEqual as error:
                log.warning("%s stays in the database: %s", day, error)
                continue
            done += [archived] if archived else []
        self._tidy()
        return done

    def archive(self, day: date, step: Step = lambda _: None) -> Archived | None:
        """Move the UTC ``day`` to its file; None when it has no rows (its partition goes) or must wait.

        Raises NotEqual when file and table differ, Unavailable when the database is away.
        """
        self.restore(day)
        with asking(self._engine, DEADLINE_MS) as connection:
            if _waits(connection, day):
                return None
            part = self._part(day)
            write_file(connection, day, part)
            table = sum_of_table(connection, day)
        step("written")
        if table.count == 0:
            part.unlink()
            self._drop(day, None)
            return None
        archived = self._named(day, part, table, step)
        self._record(archived)
        step("recorded")
        self._drop(day, archived)
        step("dropped")
        return archived

    def restore(self, day: date) -> int:
        """Put an archived ``day`` back into the database; rows read back, 0 when it was not out.

        What arrived for it meanwhile stays, except repetitions of what was there. Raises Unavailable when
        the file is missing or not what was recorded: then nothing changes.
        """
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(ONE_AT_A_TIME)
            row = connection.execute(_OUT, {"day": day}).one_or_none()
            if row is None:
                return 0
            file = self.folder / row[0]
            self._prove(file, Summed(row[1], row[2]))
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            ensure_observation_days(connection, start, start)
            count = read_back(connection, file)
            connection.execute(_IS_BACK, {"day": day})
            connection.commit()
        log.info("%s is back in the database: %s rows", day, count)
        return count

    def restore_dirty(self, limit: int) -> int:
        """Put back the days that the next ``limit`` dirty batches touch; how many days that were.

        A day that cannot come back is logged; its batches wait (``roll_up_dirty`` leaves them).
        """
        with asking(self._engine) as connection:
            days = connection.scalars(_DIRTY_OUT, {"limit": limit}).all()
        back = 0
        for day in days:
            try:
                back += bool(self.restore(day))
            except NotEqual as error:
                log.error("%s cannot be recomputed: %s", day, error)
        return back

    def forget(self, path: str) -> None:
        """Take away the file ``path`` (below the folder) unless it is on record: it holds what must go."""
        with asking(self._engine) as connection:
            kept = connection.scalar(_ON_RECORD, {"path": path})
        if not kept:
            (self.folder / path).unlink(missing_ok=True)

    # steps --------------------------------------------------------------------------------------------

    def _prove(self, file: Path, recorded: Summed) -> None:
        """NotEqual unless ``file`` is there and holds what was recorded."""
        try:
            found = sum_of_file(self.cold, file)
        except Unavailable as error:
            raise NotEqual(str(error)) from error
        if found != recorded:
            raise NotEqual(f"{file.name} is not the file that was recorded")

    def _split(self, before: date) -> None:
        """Cut the months that are over and due into days."""
        with asking(self._engine, DEADLINE_MS) as connection:
            for month in observation_months(connection):
                if month_start(month, 1).date() <= before:
                    split_month(connection, month)
                    connection.commit()

    def _due(self, before: date) -> list[date]:
        with asking(self._engine) as connection:
            return [day for day in observation_days(connection) if day < before]

    def _part(self, day: date) -> Path:
        folder = self.folder / f"{day:%Y}" / f"{day:%m}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{day}.{uuid.uuid4().hex}.part"

    def _named(self, day: date, part: Path, table: Summed, step: Step) -> Archived:
        found = sum_of_file(self.cold, part)
        if found != table:
            part.unlink()
            raise NotEqual(f"the file has {found.count} rows, the table {table.count}, or their sums differ")
        step("verified")
        file = part.with_name(f"{day}.{int(table.checksum):x}.parquet")
        part.rename(file)
        _flush(file.parent)
        step("named")
        path = str(file.relative_to(self.folder))
        return Archived(day, path, table.count, table.checksum, file.stat().st_size)

    def _record(self, archived: Archived) -> None:
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(_RECORD, vars(archived))
            connection.commit()

    def _drop(self, day: date, archived: Archived | None) -> None:
        """Drop the partition in the transaction that records it, once more proven equal with writers out."""
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(ONE_AT_A_TIME)
            connection.execute(text(f"LOCK TABLE {partition_of(day)} IN SHARE MODE"))
            found = sum_of_table(connection, day)
            recorded = Summed(archived.count, archived.checksum) if archived else Summed(0, "0")
            if found != recorded or _waits(connection, day):
                raise NotEqual("something came in while it was archived")
            if archived:
                connection.execute(_DROPPED, {"day": day, "path": archived.path})
            drop_partition(connection, partition_of(day))
            connection.commit()

    def _tidy(self) -> None:
        """Take away what no record names: halves of killed runs, and files of days archived anew.

        Called by whoever archives, under a lock: a half that is being written belongs to nobody else.
        """
        with asking(self._engine, DEADLINE_MS) as connection:
            if not connection.scalar(_ONE_TIDIES):
                return
            kept = set(connection.scalars(text("SELECT path FROM archived_day")))
            for file in [*self.folder.glob("*/*/*.parquet"), *self.folder.glob("*/*/*.part")]:
                if str(file.relative_to(self.folder)) not in kept and _old(file):
                    file.unlink(missing_ok=True)


_OUT = text(
    "SELECT path, count, checksum FROM archived_day WHERE day = :day AND dropped_at IS NOT NULL FOR UPDATE"
)
_IS_BACK = text("UPDATE archived_day SET dropped_at = NULL WHERE day = :day")
_ON_RECORD = text("SELECT count(*) FROM archived_day WHERE path = :path")
_RECORD = text(
    """
    INSERT INTO archived_day (day, path, count, checksum, bytes, verified_at)
    VALUES (:day, :path, :count, :checksum, :bytes, now())
    ON CONFLICT (day) DO UPDATE
    SET path = excluded.path, count = excluded.count, checksum = excluded.checksum, bytes = excluded.bytes,
        written_at = now(), verified_at = now(), dropped_at = NULL
    """
)
_DROPPED = text("UPDATE archived_day SET dropped_at = now() WHERE day = :day AND path = :path")
_DIRTY_OUT = text(
    """
    SELECT DISTINCT a.day FROM (SELECT bucket FROM dirty_batch ORDER BY id LIMIT :limit) d
    JOIN archived_day a ON a.day = (d.bucket AT TIME ZONE 'UTC')::date
    WHERE a.dropped_at IS NOT NULL
    """
)
_WAITING = text("SELECT EXISTS (SELECT FROM dirty_batch WHERE bucket >= :t0 AND bucket < :t1)")
_ONE_TIDIES = text("SELECT pg_try_advisory_xact_lock(hashtext('vigie.archive'))")
_STALE = timedelta(hours=1)


def _waits(connection: Connection, day: date) -> bool:
    """Whether hours of ``day`` are still to be recomputed."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return bool(connection.scalar(_WAITING, {"t0": start, "t1": start + timedelta(days=1)}))


def _old(file: Path) -> bool:
    """Whether nobody can be writing ``file`` any more."""
    return datetime.now(UTC) - datetime.fromtimestamp(file.stat().st_mtime, UTC) > _STALE


def _flush(folder: Path) -> None:
    """Make a new name in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
