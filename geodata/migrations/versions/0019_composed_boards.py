"""Boards that people compose: their versions, who may see them, what was proposed to the public."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the tables, what keeps them as they were written, and who may what with them."""
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
