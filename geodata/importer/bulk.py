"""Filling an empty table with very many rows: indexes and keys are built once, after the rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

WORTHWHILE = 100_000
"""Rows from which building the indexes afterwards is the faster way."""


@contextmanager
def indexes_last(connection: Connection, table: str, rows: int) -> Iterator[bool]:
    """Set the indexes, unique and foreign keys of ``table`` aside while it is filled, if it is empty.

    All of it happens in the caller's transaction: whoever looks sees the table before or after, with
    every index and constraint. An empty table has no readers to keep waiting. Yields whether it did.
    """
    empty = not connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})"))  # noqa: S608
    if not empty or rows < WORTHWHILE:
        yield False
        return
    rebuild = [*_constraints(connection, table), *_indexes(connection, table)]
    for drop, _ in rebuild:
        connection.execute(text(drop))
    yield True
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    for _, create in reversed(rebuild):
        connection.exec_driver_sql(create)


def _constraints(connection: Connection, table: str) -> list[tuple[str, str]]:
    found = connection.execute(
        text(
            "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = to_regclass(:table) AND contype IN ('f', 'u')"
        ),
        {"table": table},
    )
    return [
        (f"ALTER TABLE {table} DROP CONSTRAINT {name}", f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
        for name, rule in found
    ]


def _indexes(connection: Connection, table: str) -> list[tuple[str, str]]:
    """The indexes that are no constraint's."""
    found = connection.execute(
        text(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "WHERE i.indrelid = to_regclass(:table) "
            "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
        ),
        {"table": table},
    )
    return [(f"DROP INDEX {name}", create) for name, create in found]
