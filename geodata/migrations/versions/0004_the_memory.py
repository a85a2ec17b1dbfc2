"""The memory: corrections, daily figures of areas, and the record of what was archived."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add corrections with the view that applies them, daily figures of areas, and archived days."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
