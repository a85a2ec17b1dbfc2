"""Keys for asking open data more often: who has one, how often she may ask, until when."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table, what the room may do with it, and what the publisher may read of it."""
    for one in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";\n"):
        if one.strip():
            op.execute(one)
