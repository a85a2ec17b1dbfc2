"""The tables of promises and programmes: what was promised against which baseline, and which works are done.

What a commitment says stands in its versions, which are never changed: its history is who changed what.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from geodata.schema import metadata, when

commitment = Table(
    "commitment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True, comment="its name in the city profile and in addresses"),
    Column("domain", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    CheckConstraint("key ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'"),
    comment="what the city has promised; what a commitment says stands in its versions",
)

commitment_version = Table(
    "commitment_version",
    metadata,
    Column("commitment_id", ForeignKey("commitment.id"), primary_key=True),
    Column("version", Integer, primary_key=True, comment="1 is the first; the highest is in force"),
    Column("title_fr", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("measure", Text, nullable=False, comment="lighting_energy or building_energy"),
    Column("target_share", Float, nullable=False, comment="promised saving, 0 to 1 of the adjusted baseline"),
    Column("target_on", Date, nullable=False, comment="last day of the twelve months it is promised for"),
    Column("contract", Text, nullable=False, comment="the contract or decision that promises it"),
    Column("owner", Text, nullable=False),
    Column("baseline", Text, nullable=False, comment="documented, measured, or none"),
    Column("baseline_from", Date),
    Column("baseline_to", Date),
    Column("baseline_document", Text, nullable=False),
    Column("baseline_dated", Date, comment="the date of the document"),
    Column("baseline_kwh", Float, comment="documented: kWh of the whole period"),
    Column("baseline_coverage", Float, comment="documented: share of the points metered or billed, 0 to 1"),
    Column("baseline_points", Float, comment="documented: light points, or meters"),
    Column("baseline_hours", Float, comment="documented, lighting: burning hours of a point in the period"),
    Column("baseline_degree_days", Float, comment="documented, buildings: degree days of the period"),
    Column("weather_share", Float, comment="buildings: share of the baseline that follows degree days"),
    Column("withdrawn", Boolean, nullable=False, server_default="false"),
    Column("reason", Text, nullable=False, comment="why this version was written"),
    Column("made_by", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    CheckConstraint("measure IN ('lighting_energy', 'building_energy')"),
    CheckConstraint("target_share > 0 AND target_share < 1"),
    CheckConstraint("baseline IN ('documented', 'measured', 'none')"),
    CheckConstraint("baseline_to >= baseline_from"),
    CheckConstraint("baseline = 'none' OR baseline_from IS NOT NULL AND baseline_to IS NOT NULL"),
    comment="what a commitment said, from when, and who wrote it; never changed",
)

programme = Table(
    "programme",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False, comment="led or junction"),
    Column("domain", Text, nullable=False),
    Column("title_fr", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    CheckConstraint("kind IN ('led', 'junction')"),
    CheckConstraint("key ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'"),
    comment="renovations the city carries out: works by asset or area",
)

programme_step = Table(
    "programme_step",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("programme_id", ForeignKey("programme.id"), nullable=False),
    Column("asset_id", ForeignKey("asset.id"), comment="null: works of a whole area"),
    Column("area_id", ForeignKey("area.id"), comment="null: works on one asset"),
    Column("done_on", Date, comment="the day the works were finished; null: planned"),
    Column("kind", Text, nullable=False, comment="what is done, in the city's words"),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    UniqueConstraint("programme_id", "asset_id", "area_id", "kind", postgresql_nulls_not_distinct=True),
    CheckConstraint("num_nonnulls(asset_id, area_id) = 1"),
    comment="works of a programme, each at one asset or one area",
)
