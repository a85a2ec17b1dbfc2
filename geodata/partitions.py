"""Partitions of the history tables, by UTC month or day, made ahead of the data that needs them.

What has a retention rule is partitioned by day: keeping the rule is dropping whole days, never deleting rows.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

PARTITIONED = ("observation", "state_change")
"""By month."""
BY_DAY = ("position",)


def month_start(moment: datetime, months: int = 0) -> datetime:
    """The first instant (UTC) of the month of ``moment``, ``months`` further on."""
    count = moment.year * 12 + moment.month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def day_start(moment: datetime, days: int = 0) -> datetime:
    """The first instant of the UTC day of ``moment`` (aware), ``days`` further on."""
    at = moment.astimezone(UTC)
    return datetime(at.year, at.month, at.day, tzinfo=UTC) + timedelta(days=days)


def ensure_partitions(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make every monthly partition from ``first`` to ``last`` (aware, inclusive); returns the new names."""
    return _ensure(connection, PARTITIONED, "%Y_%m", _steps(month_start, first, last))


def ensure_days(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make every daily partition from ``first`` to ``last`` (aware, inclusive); returns the new names."""
    return _ensure(connection, BY_DAY, "%Y_%m_%d", _steps(day_start, first, last))


def drop_days(connection: Connection, table: str, before: datetime) -> list[str]:
    """Drop the daily partitions of ``table`` that begin before ``before`` (aware); returns their names.

    The day the limit falls in goes as a whole: what must not be kept any longer is never kept a day longer.
    """
    names = connection.scalars(_PARTITIONS_OF, {"table": table}).all()
    old = [name for name in names if _day_of(name, table) < before]
    for name in old:
        connection.execute(text(f"DROP TABLE {name}"))
    return old


_PARTITIONS_OF = text(
    "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
    "WHERE inhparent = to_regclass(:table) ORDER BY 1"
)


def _day_of(name: str, table: str) -> datetime:
    return datetime.strptime(name.removeprefix(f"{table}_"), "%Y_%m_%d").replace(tzinfo=UTC)


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


def _made(connection: Connection, table: str, name: str, start: datetime, end: datetime) -> bool:
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}):
        return False
    connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} "
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
    )
    return True
