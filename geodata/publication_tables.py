"""The tables of publications: what was ever proposed, and what was done with it. Nothing in these is changed.

Where a version stands follows from its acts (``services/publishing/register``); expiry from ``valid_until``.
Beside them what the publisher writes: what it holds back now, and how often what is public was asked for.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema import metadata, when

publication = Table(
    "publication",
    metadata,
    Column("name", Text, primary_key=True, comment="its address for ever"),
    Column("dataset", Text, nullable=False, comment="of the register (model/datasets)"),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    CheckConstraint("name ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'"),
    comment="what may be let out of a dataset; what it says stands in its versions",
)

publication_version = Table(
    "publication_version",
    metadata,
    Column("name", ForeignKey("publication.name"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("columns", ARRAY(Text), nullable=False),
    Column("areas", ARRAY(Integer), comment="area ids; null: the whole city"),
    Column("place", Text, nullable=False, comment="asset, area or city: the finest it tells"),
    Column("span", Text, nullable=False, comment="now, hour, day, month or none"),
    Column("delay_s", Integer, nullable=False, comment="how old data is when it leaves"),
    Column("cadence_s", Integer, nullable=False, comment="how often it is made"),
    Column("licence", Text, nullable=False),
    Column("why", Text, nullable=False, comment="public"),
    when("valid_until", nullable=False),
    when("proposed_at", nullable=False, server_default=func.now()),
    Column("proposed_by", Text, nullable=False),
    CheckConstraint("place IN ('asset', 'area', 'city')"),
    CheckConstraint("span IN ('now', 'hour', 'day', 'month', 'none')"),
    CheckConstraint("delay_s >= 0 AND cadence_s > 0"),
    CheckConstraint("valid_until > proposed_at"),
    comment="what a publication was proposed to let out; never changed",
)

publication_act = Table(
    "publication_act",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    when("at", nullable=False, server_default=func.now()),
    Column("act", Text, nullable=False),
    Column("actor_id", BigInteger, comment="person; null: the system"),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False, server_default=""),
    Column("why", Text, nullable=False, server_default="", comment="public"),
    ForeignKeyConstraint(["name", "version"], ["publication_version.name", "publication_version.version"]),
    CheckConstraint("act IN ('proposed', 'approved', 'cleared', 'refused', 'replaced', 'revoked')"),
    comment="what was done with a version, by whom and why; its public history, never changed",
)
Index("publication_act_of", publication_act.c.name, publication_act.c.version, publication_act.c.id)

publication_held_back = Table(
    "publication_held_back",
    metadata,
    Column("name", ForeignKey("publication.name"), primary_key=True),
    Column("version", Integer, nullable=False),
    when("since", nullable=False),
    Column("findings", JSONB, nullable=False, comment="what speaks against it; no value of the data"),
    comment="publications in force whose table may not leave now; the last files stay out meanwhile",
)

dataset_use = Table(
    "dataset_use",
    metadata,
    Column("day", Date, primary_key=True, comment="UTC"),
    Column("name", Text, primary_key=True, comment="the publication"),
    Column("kind", Text, primary_key=True),
    Column("counted", BigInteger, nullable=False),
    CheckConstraint("kind IN ('view', 'download', 'query')"),
    CheckConstraint("counted > 0"),
    comment="how often what is published was asked for; of who asked nothing was ever kept",
)
