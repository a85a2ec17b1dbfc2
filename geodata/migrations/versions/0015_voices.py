"""Letters of citizens: feedback and requests for data, what was done about them, whom to answer."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the tables, the two functions the recorder may call, and what the publisher may read."""
    # Past SQLAlchemy, which would take every % of format() for a placeholder.
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
