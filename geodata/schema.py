"""What all tables share: the catalogue they stand in, and how an instant is kept."""

from sqlalchemy import Column, DateTime, MetaData

metadata = MetaData()
"""Every table of the database, once the modules of tables are imported (``geodata/migrations/env.py``)."""


def when(name: str, **options: object) -> Column[object]:
    """A column ``name`` for an instant: ``timestamptz``, UTC inside."""
    return Column(name, DateTime(timezone=True), **options)  # type: ignore[arg-type]
