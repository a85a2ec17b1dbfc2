"""Moving assets: transport lines, positions by day, and how long what is kept may be kept."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add lines, positions and the retention rules they are dropped by."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
