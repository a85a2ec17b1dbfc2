"""Alembic's entry: runs the migrations on the address ``geodata.database.migrate`` hands over."""

from alembic import context
from sqlalchemy import NullPool, create_engine

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
from geodata.schema import metadata

with create_engine(context.config.attributes["url"], poolclass=NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
