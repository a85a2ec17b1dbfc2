"""The schema comes up on a real PostGIS, and is what ``geodata/tables.py`` says it is."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

import geodata.access_tables
import geodata.alarm_tables
import geodata.board_tables
import geodata.kpi_tables
import geodata.promise_tables
import geodata.publication_tables
import geodata.report_tables
import geodata.scope_tables
import geodata.tables
import geodata.voice_tables  # noqa: F401 - they fill the catalogue
from geodata.assets import read_columns, read_version
from geodata.schema import metadata

BY_HAND = {"asset_search", "state_change_late", "alarm_stood", "alarm_learnt", "spatial_ref_sys"}
"""What migrations make and tables cannot say: indexes on an expression, PostGIS's own table."""


def test_an_empty_city_has_empty_columns(engine: Engine) -> None:
    assert read_version(engine) == 1
    assert len(read_columns(engine)) == 0


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Whether alembic should compare the object: not PostGIS's tables, nor partitions and their indexes."""
    table = name if kind == "table" else ""
    return name not in BY_HAND and not (table and table not in metadata.tables)


def test_the_migrations_make_exactly_the_declared_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        differences = compare_metadata(context, metadata)
    assert differences == []
