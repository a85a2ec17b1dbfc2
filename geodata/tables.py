"""The tables of the spatial database, as SQLAlchemy Core sees them; migrations create them.

Times are ``timestamptz`` and therefore UTC inside; geometries are WGS84 (EPSG:4326), longitude first.
``observation`` and ``position`` (by day) and ``state_change`` (by month) are range-partitioned by
phenomenon_time (``geodata/partitions.py``).
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL

from geodata.schema import metadata, when


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
    when("installed_at"),
    when("removed_at", comment="gone from its source; kept for its history"),
    when("created_at", nullable=False, server_default=func.now()),
    when("updated_at", nullable=False, server_default=func.now()),
    Index("asset_geometry", "geometry", postgresql_using="gist"),
    Index("asset_parent", "parent_id"),
    Index("asset_source", "source"),
    Index("asset_commune_type", "commune_id", "asset_type"),
    Index("asset_domain_type", "domain", "asset_type"),
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
    when("removed_at"),
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
    when("phenomenon_time", primary_key=True),
    Column("result", Float, nullable=False),
    Column(
        "quality",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="low three bits the quality, above them the doubts (model/observations.py)",
    ),
    when("received_at", nullable=False, server_default=func.now()),
    Column("raw", Float, comment="what was sent, where the door converted it"),
    Column("raw_unit", Text),
    postgresql_partition_by="RANGE (phenomenon_time)",
)
Index("observation_time", observation.c.phenomenon_time, postgresql_using="brin")
Index(
    "observation_received",
    observation.c.received_at,
    postgresql_using="brin",
    postgresql_with={"pages_per_range": 16, "autosummarize": "on"},
)

state_change = Table(
    "state_change",
    metadata,
    Column("asset_id", BigInteger, primary_key=True),
    when("phenomenon_time", primary_key=True),
    Column("status", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False, comment="the asset type's own state code"),
    when("received_at", nullable=False, server_default=func.now()),
    postgresql_partition_by="RANGE (phenomenon_time)",
)
Index("state_change_time", state_change.c.phenomenon_time)
Index(
    "state_change_received",
    state_change.c.received_at,
    postgresql_using="brin",
    postgresql_with={"pages_per_range": 16, "autosummarize": "on"},
)

state_keyframe = Table(
    "state_keyframe",
    metadata,
    when("at", primary_key=True),
    Column("asset_ids", LargeBinary, nullable=False, comment="zlib of little-endian u4, ascending"),
    Column("records", LargeBinary, nullable=False, comment="zlib of model.states.RECORD, same order"),
    Column(
        "heard",
        Boolean,
        nullable=False,
        server_default="true",
        comment="whether its times tell who was still heard; false: made while nobody could tell",
    ),
)

change_hour = Table(
    "change_hour",
    metadata,
    when("hour", primary_key=True),
    Column("revision", BigInteger, Sequence("change_hour_revision_seq"), nullable=False),
    Column("count", Integer, nullable=False),
    Column("first", Float, comment="epoch seconds of its first change; null: nothing changed"),
    Column("last", Float),
    Column(
        "tally",
        LargeBinary,
        nullable=False,
        comment="little-endian u4 (6, 4): changes by ten minutes into fault, degraded, comms_lost, others",
    ),
    Column(
        "packed",
        LargeBinary,
        nullable=False,
        comment="zlib of columns in order of time: u4 microseconds since the one before, u4 asset id, "
        "u1 status, u1 state",
    ),
    comment="state changes of finished hours, packed; an hour without its row is read from state_change",
)

dirty_change_hour = Table(
    "dirty_change_hour",
    metadata,
    Column("id", BigInteger, primary_key=True),
    when("hour", nullable=False),
    comment="hours whose changes may differ from their packed row: read from state_change until packed anew",
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
    *_figures(Column("datastream_id", Integer, primary_key=True), when("bucket", primary_key=True)),
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
        when("bucket", primary_key=True),
    ),
    comment="hourly figures by commune and asset type",
)
Index("area_hour_bucket", area_hour.c.bucket, postgresql_using="brin")

area_day = Table(
    "area_day",
    metadata,
    *_figures(
        Column("area_id", Integer, primary_key=True),
        Column("asset_type", Text, primary_key=True),
        Column("observed_property", Text, primary_key=True),
        Column("day", Date, primary_key=True, comment="the city's local day"),
    ),
    Column(
        "fullest",
        Integer,
        nullable=False,
        server_default="0",
        comment="values the fullest hour of the day held: what the area weighs in a city's coverage",
    ),
    comment="daily figures by commune and asset type",
)
Index("area_day_kind", area_day.c.asset_type, area_day.c.observed_property, area_day.c.day)

correction = Table(
    "correction",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("datastream_id", ForeignKey("datastream.id"), nullable=False),
    when("phenomenon_time", nullable=False),
    Column("result", Float, comment="what the reading should have been; null: it says nothing"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    when("withdrawn_at"),
    Column("withdrawn_by", Text),
    comment="readings known to be wrong; the observation itself is never overwritten",
)
Index(
    "correction_in_force",
    correction.c.datastream_id,
    correction.c.phenomenon_time,
    unique=True,
    postgresql_where=correction.c.withdrawn_at.is_(None),
)

archived_day = Table(
    "archived_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("path", Text, nullable=False, comment="below the archive's folder"),
    Column("count", BigInteger, nullable=False),
    Column(
        "checksum",
        Text,
        nullable=False,
        comment="of the rows, the same for a table and for a file of equal rows",
    ),
    Column("bytes", BigInteger, nullable=False),
    when("written_at", nullable=False, server_default=func.now()),
    when("verified_at"),
    when("dropped_at", comment="when the rows left the database; null: they are in both"),
    comment="closed days of observations in Parquet: one file a UTC day",
)
Index("archived_day_out", archived_day.c.day, postgresql_where=archived_day.c.dropped_at.is_not(None))

annotation = Table(
    "annotation",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False, comment="works, storm, event, outage or note"),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False, server_default=""),
    when("t0", nullable=False),
    when("t1", nullable=False),
    Column("area_id", ForeignKey("area.id")),
    Column("asset_id", ForeignKey("asset.id")),
    Column("author", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    when("withdrawn_at"),
    Column("withdrawn_by", Text),
    CheckConstraint("t1 >= t0"),
    comment="works, storms and events, noted where and when they were; neither place: the whole city",
)
Index(
    "annotation_time", annotation.c.t0, annotation.c.t1, postgresql_where=annotation.c.withdrawn_at.is_(None)
)

bookmark = Table(
    "bookmark",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("title", Text, nullable=False),
    Column("address", Text, nullable=False, comment="path and query of the page that shows it"),
    Column("author", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column(
        "areas",
        ARRAY(Integer),
        server_default=text("scope_kept_areas()"),
        comment="area ids of the scope it was kept in; null: all. It is seen where that is seen",
    ),
    Column(
        "domains",
        ARRAY(Text),
        server_default=text("scope_kept_domains()"),
        comment="domains of the scope it was kept in; null: all",
    ),
)

dirty_batch = Table(
    "dirty_batch",
    metadata,
    Column("id", BigInteger, primary_key=True),
    when("bucket", nullable=False),
    Column("streams", ARRAY(Integer), nullable=False),
    comment="datastreams whose observations of an hour changed since its rollup; one row a batch and hour",
)

feed_minute = Table(
    "feed_minute",
    metadata,
    Column("feed", Text, primary_key=True),
    when("minute", primary_key=True),
    *(
        Column(name, BigInteger, nullable=False)
        for name in ("messages", "received", "stored", "duplicate", "dead")
    ),
    Column(
        "lag_sum",
        Float,
        nullable=False,
        comment="seconds from phenomenon_time to receipt, summed over the stored items",
    ),
    Column("lag_max", Float, nullable=False),
    comment="items by feed and minute of receipt: received = stored + duplicate + dead",
)

feed_status = Table(
    "feed_status",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("adapter", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("period_s", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="starting, ok, away, refused"),
    Column("detail", Text, nullable=False),
    when("updated_at", nullable=False),
    when("state_since", nullable=False),
    when("last_received_at"),
    when("last_phenomenon_time"),
    Column("skew_s", Float),
    Column(
        "live", Integer, nullable=False, server_default="0", comment="datastreams it delivers, by freshness"
    ),
    *(Column(name, Integer, nullable=False, server_default="0") for name in ("late", "stale", "never")),
    Column("spooled", BigInteger, nullable=False, server_default="0"),
    Column(
        "dropped",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="items the spool had to let go, for age or want of room",
    ),
    comment="one row a feed, written by the ingest every few seconds",
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("asset", Text, nullable=False, server_default=""),
    Column("item", LargeBinary, nullable=False),
    Column(
        "form",
        Text,
        nullable=False,
        comment="observation (Vigie's JSON of one), position, or payload (as the feed sent it)",
    ),
    Column("trace", Text, nullable=False),
    when("received_at", nullable=False),
    when("replay_asked_at"),
    Column("replay_asked_by", Text),
    when("replayed_at"),
    Column("outcome", Text, comment="what became of the replay: stored, duplicate, or a reason"),
    Index("dead_letter_feed", "feed", "reason", "id"),
    comment="items that could not be taken, each as it came (64 kB at most)",
)
Index(
    "dead_letter_asset",
    dead_letter.c.asset,
    postgresql_where=(dead_letter.c.reason == "unknown_asset") & dead_letter.c.replayed_at.is_(None),
)
Index(
    "dead_letter_asked",
    dead_letter.c.id,
    postgresql_where=dead_letter.c.replay_asked_at.is_not(None) & dead_letter.c.replayed_at.is_(None),
)

settled_batch = Table(
    "settled_batch",
    metadata,
    Column("id", Text, primary_key=True),
    when("settled_at", nullable=False, server_default=func.now()),
    when("received_at", comment="as its observations say it; its state changes say settled_at"),
    Index("settled_batch_time", "settled_at"),
    comment="batches stored and accounted for, so that one tried again is not counted twice",
)

ingest_lease = Table(
    "ingest_lease",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    when("until", nullable=False),
    comment="which ingest process writes a domain; its token rises with each take-over and fences the last",
)

reject = Table(
    "reject",
    metadata,
    Column("source", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("excerpt", Text, nullable=False, comment="the last refused item, cut to 2,000 characters"),
    when("first_seen", nullable=False),
    when("last_seen", nullable=False),
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("file", Text, nullable=False),
    when("started_at", nullable=False),
    when("finished_at"),
    Column("report", JSONB, nullable=False),
)

transit_line = Table(
    "transit_line",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column(
        "headway_s", Integer, nullable=False, comment="planned seconds between two vehicles of one direction"
    ),
    _geometry("LINESTRING"),
    Column("source", Text, nullable=False),
    comment="lines of public transport, run there and back",
)

position = Table(
    "position",
    metadata,
    Column("asset_id", BigInteger, primary_key=True),
    when("phenomenon_time", primary_key=True),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("bearing", REAL, comment="degrees from north"),
    Column("speed", REAL, comment="km/h"),
    Column("line", Text, nullable=False),
    postgresql_partition_by="RANGE (phenomenon_time)",
    comment="where moving assets were while on duty; by day, dropped as its retention rule says",
)
Index("position_time", position.c.phenomenon_time)

retention_rule = Table(
    "retention_rule",
    metadata,
    Column("class", Text, primary_key=True),
    Column("keep", Interval, nullable=False),
    Column("basis", Text, nullable=False, comment="the legal or other ground, with its source"),
    Column("decided_by", Text, nullable=False),
    when("decided_at", nullable=False, server_default=func.now()),
    comment="how long a class of data is kept, and why",
)
