"""Key figures: their days, months and years as computed, and what waits to be computed again."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the tables, the functions that tell a figure from its quantities, and who is told of changes."""
    # Past SQLAlchemy, which would take every % of format() for a placeholder.
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
