"""Where rows of the history belong: what row policies look it up in, kept by triggers (migration 0010)."""

from sqlalchemy import ARRAY, Column, Integer, Table, Text, UniqueConstraint

from geodata.schema import metadata

scope_cell = Table(
    "scope_cell",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("commune_id", Integer, nullable=False, comment="-1: in no commune"),
    Column("district_id", Integer, nullable=False, comment="-1: in no district"),
    Column("domain", Text, nullable=False),
    UniqueConstraint("commune_id", "district_id", "domain"),
    comment="commune, district and domain together, numbered without a gap: what a scope is made of",
)

scope_index = Table(
    "scope_index",
    metadata,
    Column("name", Text, primary_key=True),
    Column("places", ARRAY(Integer), nullable=False),
    comment="kept by triggers: asset: the cell of each asset id; stream: the asset of each datastream id; "
    "0: none",
)
