"""Partitions of the history tables, by UTC month or day, made ahead of the data that needs them.

What has a retention rule, or is archived day by day, is partitioned by day: keeping a rule is dropping whole
days, and a closed day of observations is one partition and one file. Observations were kept by month once;
such months stay as they are until they are over and one of their days is due (``split_month``).

Partitions are made and dropped by functions of the database (migration 0010), which know no other names: the
processes that keep the history need not own it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

OBSERVATION = "observation"
PARTITIONED = (OBSERVATION, "state_change")
"""The tables of ``ensure_partitions``: observations by day, changes of state by month."""
BY_MONTH = ("state_change",)
BY_DAY = ("position",)
_DAY, _MONTH = "%Y_%m_%d", "%Y_%m"


def month_start(moment: datetime, months: int = 0) -> datetime:
    """The first instant (UTC) of the month of ``moment``, ``months`` further on."""
    count = moment.year * 12 + moment.month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def day_start(moment: datetime, days: int = 0) -> datetime:
    """The first instant of the UTC day of ``moment`` (aware), ``days`` further on."""
    at = moment.astimezone(UTC)
    return datetime(at.year, at.month, at.day, tzinfo=UTC) + timedelta(days=days)


def ensure_partitions(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make what observations and changes of state from ``first`` to ``last`` (aware, inclusive) need.

    Returns the names of the partitions that were missing.
    """
    return ensure_observation_days(connection, first, last) + ensure_months(connection, first, last)


def ensure_months(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make every month of changes of state from ``first`` to ``last``; returns the new names."""
    return _ensure(connection, BY_MONTH, _MONTH, _steps(month_start, first, last))


def ensure_days(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make every day of positions from ``first`` to ``last`` (aware, inclusive); returns the new names."""
    return _ensure(connection, BY_DAY, _DAY, _steps(day_start, first, last))


def ensure_observation_days(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make every day of observations from ``first`` to ``last`` that no older partition of a month holds."""
    months = set(observation_months(connection))
    steps = (step for step in _steps(day_start, first, last) if month_start(step[0]) not in months)
    return _ensure(connection, (OBSERVATION,), _DAY, steps)


def observation_months(connection: Connection) -> list[datetime]:
    """The months (first instants) whose observations still lie in one partition, oldest first."""
    return [start for start, form in _held(connection, OBSERVATION) if form == _MONTH]


def observation_days(connection: Connection) -> list[date]:
    """The UTC days of observations that are partitions of their own, oldest first."""
    return [start.date() for start, form in _held(connection, OBSERVATION) if form == _DAY]


def partition_of(day: date) -> str:
    """The name of the partition of observations of the UTC ``day``."""
    return f"{OBSERVATION}_{day:{_DAY}}"


def split_month(connection: Connection, month: datetime) -> list[str]:
    """Cut the partition of a month of observations into its days; the names of the days.

    The caller's transaction holds it whole: a kill leaves the month as it was. Nobody writes to
    observations meanwhile, so it is for months that are over.
    """
    old = f"{OBSERVATION}_{month:{_MONTH}}"
    days = list(_steps(day_start, month, month_start(month, 1) - timedelta(seconds=1)))
    connection.execute(text("SELECT detach_partition(:name)"), {"name": old})
    names = _ensure(connection, (OBSERVATION,), _DAY, iter(days))
    connection.execute(text(f"INSERT INTO {OBSERVATION} SELECT * FROM {old}"))  # noqa: S608 - a name of ours
    drop_partition(connection, old)
    return names


def drop_days(connection: Connection, table: str, before: datetime) -> list[str]:
    """Drop the daily partitions of ``table`` that begin before ``before`` (aware); returns their names.

    The day the limit falls in goes as a whole: what must not be kept any longer is never kept a day longer.
    """
    old = [f"{table}_{start:{form}}" for start, form in _held(connection, table) if start < before]
    for name in old:
        drop_partition(connection, name)
    return old


def drop_partition(connection: Connection, name: str) -> None:
    """Drop the partition ``name`` of the history, in the caller's transaction."""
    connection.execute(text("SELECT drop_partition(:name)"), {"name": name})


_PARTITIONS_OF = text(
    "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
    "WHERE inhparent = to_regclass(:table) ORDER BY 1"
)


def _held(connection: Connection, table: str) -> list[tuple[datetime, str]]:
    """(first instant, form of the name) of each partition of ``table``, oldest first."""
    stamps = [name.removeprefix(f"{table}_") for name in connection.scalars(_PARTITIONS_OF, {"table": table})]
    held = [(stamp, _MONTH if stamp.count("_") == 1 else _DAY) for stamp in stamps]
    return sorted((datetime.strptime(stamp, form).replace(tzinfo=UTC), form) for stamp, form in held)


def _steps(
    start_of: Callable[[datetime, int], datetime], first: datetime, last: datetime
) -> Iterator[tuple[datetime, datetime]]:
    start = start_of(first.astimezone(UTC), 0)
    while start <= last:
        end = start_of(start, 1)
        yield start, end
        start = end


def _ensure(
    connection: Connection, tables: tuple[str, ...], form: str, steps: Iterator[tuple[datetime, datetime]]
) -> list[str]:
    wanted = [(table, f"{table}_{start:{form}}", start, end) for start, end in steps for table in tables]
    return [name for table, name, *span in wanted if _made(connection, table, name, *span)]


_MAKE = text("SELECT make_partition(:parent, :name, :start, :end)")


def _made(connection: Connection, table: str, name: str, start: datetime, end: datetime) -> bool:
    span = {"parent": table, "name": name, "start": start, "end": end}
    return bool(connection.scalar(_MAKE, span))
