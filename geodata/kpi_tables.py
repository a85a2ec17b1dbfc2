"""The tables of key figures: quantities by day, figures by month and year, and what waits to be computed.

Written by one engine alone (``services/boards``); what a figure says of its quantities is said by the
functions ``kpi_withheld`` and ``kpi_told`` of the database.
"""

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Date, Float, Integer, Table, Text, func

from geodata.schema import metadata, when

_AREA = "0: the whole city; -1: what lies outside every area"

kpi = Table(
    "kpi",
    metadata,
    Column("key", Text, primary_key=True),
    Column("domain", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("scale", Float, nullable=False),
    Column("floor", Float, nullable=False),
    Column("fewest", Integer, nullable=False),
    Column(
        "definition",
        Text,
        nullable=False,
        comment="identifies the declaration and the question its days were computed by",
    ),
    Column("until", Date, comment="the last local day computed; null: none yet"),
    CheckConstraint("measure IN ('ratio', 'complement', 'total', 'median')"),
    comment="the catalogue (services/boards/catalogue) as the engine last computed by it",
)

kpi_day = Table(
    "kpi_day",
    metadata,
    Column("kpi", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("area_id", Integer, primary_key=True, autoincrement=False, comment=_AREA),
    Column("top", Float, comment="null: no tariff was in force"),
    Column("bottom", Float, nullable=False),
    Column(
        "weight",
        Float,
        nullable=False,
        comment="what it weighs in a coverage of several: the values or hours expected",
    ),
    Column("coverage", Float, nullable=False, comment="share of what was expected that was received, 0 to 1"),
    Column("n", BigInteger, nullable=False),
    Column("cases", ARRAY(Float), comment="of a median: every case of the day"),
    when("computed_at", nullable=False, server_default=func.now()),
    comment="quantities under the key figures, by local day of the city",
)

kpi_value = Table(
    "kpi_value",
    metadata,
    Column("kpi", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column(
        "start", Date, primary_key=True, comment="the first day of the month, or of the last of the twelve"
    ),
    Column("area_id", Integer, primary_key=True, autoincrement=False, comment=_AREA),
    Column("top", Float),
    Column("bottom", Float, nullable=False),
    Column("value", Float, comment="null: withheld, and withheld says why"),
    Column("weight", Float, nullable=False),
    Column("coverage", Float, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("withheld", Text),
    Column("inputs", Text, nullable=False, comment="identifies the state of the days it was made of"),
    when("computed_at", nullable=False, server_default=func.now()),
    CheckConstraint("period IN ('month', 'year')"),
    comment="key figures of whole months and of the twelve months that end with one",
)

kpi_dirty = Table(
    "kpi_dirty",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column(
        "source",
        Text,
        nullable=False,
        comment="an asset type whose figures changed, or state_change, asset, area",
    ),
    Column("day", Date),
    when("at"),
    comment="what key figures are made of changed: of a local day, at an instant, or (neither) for all time",
)
