"""What the publisher says of publications: what it holds back now, and how often each was asked for."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the two tables, and let the publisher write them."""
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
