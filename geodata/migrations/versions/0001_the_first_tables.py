"""The first tables: areas, assets, streets, datastreams, history, rollups, rejects, imports."""

from alembic import op

from geodata.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create PostGIS and every table of the first schema."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    metadata.create_all(op.get_bind())
    op.execute("INSERT INTO layout (id, version) VALUES (1, 1)")
    op.execute(
        "CREATE INDEX asset_search ON asset USING gin "
        "(lower(external_id || ' ' || name || ' ' || coalesce(street, '')) gin_trgm_ops)"
    )
