"""The first tables: areas, assets, streets, datastreams, history, rollups, rejects, imports."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create PostGIS and every table of the first schema."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    op.execute("INSERT INTO layout (id, version) VALUES (1, 1)")
    op.execute(
        "CREATE INDEX asset_search ON asset USING gin "
        "(lower(external_id || ' ' || name || ' ' || coalesce(street, '')) gin_trgm_ops)"
    )
