"""State changes by the hour: packed for replay, counted for the timeline."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add packed hours; the keeper of the rollups fills them, for what is on record already too."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
