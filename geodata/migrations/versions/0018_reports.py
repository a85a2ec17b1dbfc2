"""Monthly reports: what was made, who asked for it anew, who is sent it, and what was sent."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables, and say who may see which rows of them."""
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
