"""Feeds accounted for: minutes, states, dead letters, settled batches, leases; dirty hours by batch."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what the pipeline keeps of itself; the hours marked so far go on in the new table."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
