"""Partitions of the history tables, by UTC month, made ahead of the data that needs them."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

PARTITIONED = ("observation", "state_change")


def month_start(moment: datetime, months: int = 0) -> datetime:
    """The first instant (UTC) of the month of ``moment``, ``months`` further on."""
    count = moment.year * 12 + moment.month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def ensure_partitions(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make every monthly partition from ``first`` to ``last`` (aware, inclusive); returns the new names."""
    made: list[str] = []
    start = month_start(first.astimezone(UTC))
    while start <= last:
        end = month_start(start, 1)
        made += [name for table in PARTITIONED if (name := _ensure_month(connection, table, start, end))]
        start = end
    return made


def _ensure_month(connection: Connection, table: str, start: datetime, end: datetime) -> str | None:
    name = f"{table}_{start:%Y_%m}"
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}):
        return None
    connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} "
            f"FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
    )
    return name
