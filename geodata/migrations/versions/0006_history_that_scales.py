"""History that scales: daily figures read by kind, what corrections leave of what was sent, retention."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add what daily figures of areas weigh, an index by kind, and the classes of raw values."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
