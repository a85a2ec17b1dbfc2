"""Publications: what may be let out of a dataset, in versions, and who approved or revoked them."""

from pathlib import Path
from typing import Any

import psycopg
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables, what keeps them as they were written, and who may what with them."""
    raw: psycopg.Connection[Any] = op.get_bind().connection.driver_connection
    raw.execute(Path(__file__).with_suffix(".sql").read_bytes())
