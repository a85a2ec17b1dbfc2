"""The tables of the spatial database, as SQLAlchemy Core sees them; migrations create them.

Times are ``timestamptz`` and therefore UTC inside; geometries are WGS84 (EPSG:4326), longitude first.
``observation`` and ``state_change`` are range-partitioned by phenomenon_time (``geodata/partitions.py``).
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def _when(name: str, **options: object) -> Column[object]:
    return Column(name, DateTime(timezone=True), **options)  # type: ignore[arg-type]


def _geometry(kind: str) -> Column[object]:
    return Column("geometry", Geometry(kind, srid=4326, spatial_index=False))


area = Table(
    "area",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False, comment="metropolis, commune or district"),
    Column("code", Text, nullable=False, comment="INSEE code or the city's own"),
    Column("name", Text, nullable=False),
    Column("parent_id", ForeignKey("area.id")),
    Column("population", Integer),
    _geometry("MULTIPOLYGON"),
    Column("source", Text, nullable=False),
    UniqueConstraint("kind", "code"),
    Index("area_geometry", "geometry", postgresql_using="gist"),
)

asset = Table(
    "asset",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("external_id", Text, nullable=False, unique=True, comment="what feeds call it; one per city"),
    Column("source", Text, nullable=False, comment="the import profile or generator it came from"),
    Column("domain", Text, nullable=False),
    Column("asset_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("street", Text),
    _geometry("GEOMETRY"),
    Column("commune_id", ForeignKey("area.id"), comment="null: outside every commune, kept and reported"),
    Column("district_id", ForeignKey("area.id")),
    Column("parent_id", ForeignKey("asset.id"), comment="the cabinet, controller, building that feeds it"),
    Column("attributes", JSONB, nullable=False, server_default="{}"),
    Column("content_hash", LargeBinary, comment="of the imported row: equal means unchanged"),
    _when("installed_at"),
    _when("removed_at", comment="gone from its source; kept for its history"),
    _when("created_at", nullable=False, server_default=func.now()),
    _when("updated_at", nullable=False, server_default=func.now()),
    Index("asset_geometry", "geometry", postgresql_using="gist"),
    Index("asset_parent", "parent_id"),
    Index("asset_source", "source"),
    Index("asset_commune_type", "commune_id", "asset_type"),
)

street = Table(
    "street",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("rank", SmallInteger, nullable=False, server_default="3", comment="1 main, 2 middle, 3 local"),
    _geometry("MULTILINESTRING"),
    Column("content_hash", LargeBinary),
    _when("removed_at"),
    UniqueConstraint("source", "external_id"),
    Index("street_geometry", "geometry", postgresql_using="gist"),
)

layout = Table(
    "layout",
    metadata,
    Column("id", SmallInteger, primary_key=True, comment="always 1"),
    Column("version", BigInteger, nullable=False, comment="raised whenever assets, areas or streets change"),
    comment="the version of the map's columns; live indices are dense ranks of asset.id within it",
)

datastream = Table(
    "datastream",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("asset_id", ForeignKey("asset.id"), nullable=False),
    Column("observed_property", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("period_s", Integer, nullable=False),
    UniqueConstraint("asset_id", "observed_property"),
)

observation = Table(
    "observation",
    metadata,
    Column("datastream_id", Integer, primary_key=True),
    _when("phenomenon_time", primary_key=True),
    Column("result", Float, nullable=False),
    Column("quality", SmallInteger, nullable=False, server_default="0"),
    _when("received_at", nullable=False, server_default=func.now()),
    postgresql_partition_by="RANGE (phenomenon_time)",
)
Index("observation_time", observation.c.phenomenon_time, postgresql_using="brin")

state_change = Table(
    "state_change",
    metadata,
    Column("asset_id", BigInteger, primary_key=True),
    _when("phenomenon_time", primary_key=True),
    Column("status", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False, comment="the asset type's own state code"),
    _when("received_at", nullable=False, server_default=func.now()),
    postgresql_partition_by="RANGE (phenomenon_time)",
)
Index("state_change_time", state_change.c.phenomenon_time)

state_keyframe = Table(
    "state_keyframe",
    metadata,
    _when("at", primary_key=True),
    Column("asset_ids", LargeBinary, nullable=False, comment="zlib of little-endian u4, ascending"),
    Column("records", LargeBinary, nullable=False, comment="zlib of model.states.RECORD, same order"),
)


def _figures(*keys: Column[object]) -> list[Column[object]]:
    return [
        *keys,
        Column("n", Integer, nullable=False),
        Column("sum", Float, nullable=False),
        Column("min", Float, nullable=False),
        Column("max", Float, nullable=False),
        Column("coverage", Float, nullable=False, comment="share of the expected values received, 0 to 1"),
    ]


rollup_hour = Table(
    "rollup_hour",
    metadata,
    *_figures(Column("datastream_id", Integer, primary_key=True), _when("bucket", primary_key=True)),
)
rollup_day = Table(
    "rollup_day",
    metadata,
    *_figures(
        Column("datastream_id", Integer, primary_key=True),
        Column("day", Date, primary_key=True, comment="the city's local day"),
    ),
)
area_hour = Table(
    "area_hour",
    metadata,
    *_figures(
        Column("area_id", Integer, primary_key=True),
        Column("asset_type", Text, primary_key=True),
        Column("observed_property", Text, primary_key=True),
        _when("bucket", primary_key=True),
    ),
    comment="hourly figures by commune and asset type",
)
Index("area_hour_bucket", area_hour.c.bucket, postgresql_using="brin")

dirty_hour = Table(
    "dirty_hour",
    metadata,
    Column("datastream_id", Integer, primary_key=True),
    _when("bucket", primary_key=True),
    comment="hours whose observations changed since their rollup was computed; whole hours are recomputed",
)

reject = Table(
    "reject",
    metadata,
    Column("source", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("excerpt", Text, nullable=False, comment="the last refused item, cut to 2,000 characters"),
    _when("first_seen", nullable=False),
    _when("last_seen", nullable=False),
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("file", Text, nullable=False),
    _when("started_at", nullable=False),
    _when("finished_at"),
    Column("report", JSONB, nullable=False),
)
