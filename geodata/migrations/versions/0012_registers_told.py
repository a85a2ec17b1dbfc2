"""What the publisher may read of the registers, so that the public is told how long and with whom."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the view of agreements without contacts and signatures, and let the publisher read it."""
    op.execute(
        """
        CREATE VIEW told_agreement AS
        SELECT id, partner, kind, purpose, datasets, valid_from, valid_until, revoked_at FROM agreement
        """
    )
    op.execute(
        "COMMENT ON VIEW told_agreement IS 'agreements as the public is told of them: no contact, no name'"
    )
    op.execute("GRANT SELECT ON told_agreement, retention_rule TO vigie_reader")
