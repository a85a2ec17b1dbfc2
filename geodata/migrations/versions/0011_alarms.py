"""Alarms: rules and versions, alarms and their events, what is hidden, who was told outside."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables, what closes an alarm, and who may what with them."""
    # Past SQLAlchemy, which would take every % of format() for a placeholder.
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
