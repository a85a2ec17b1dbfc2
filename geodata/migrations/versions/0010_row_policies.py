"""The second wall: a role of the database for each process, and rows let through by scope."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the roles that are missing on this server, grant each what it needs, and write the policies."""
    # Past SQLAlchemy, which would take every % of format() for a placeholder.
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
