"""Reviews of alarm rules: opened by who calls an alarm useless, with the change that is proposed."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Say what is proposed, and open a review where somebody calls an alarm useless."""
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
