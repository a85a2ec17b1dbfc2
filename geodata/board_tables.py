"""The tables of boards that people compose: what a board holds in versions, who may see it, what went out.

A version is never changed: two editors at once lose nothing, and what a steward approved stays what it was.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
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

composed_board = Table(
    "composed_board",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("owner_id", ForeignKey("person.id"), nullable=False),
    Column("owner", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    when("deleted_at", comment="null: it is there"),
    Column("deleted_by", Text),
    comment="boards that people put together; what one holds stands in its versions",
)

composed_version = Table(
    "composed_version",
    metadata,
    Column("board_id", ForeignKey("composed_board.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column(
        "tiles",
        JSONB,
        nullable=False,
        comment="keys of figures, places, widths and texts, in order; no value",
    ),
    when("saved_at", nullable=False, server_default=func.now()),
    Column("saved_by_id", BigInteger, nullable=False),
    Column("saved_by", Text, nullable=False),
    CheckConstraint("version > 0"),
    CheckConstraint("jsonb_typeof(tiles) = 'array'"),
    comment="what a board held each time it was saved; never changed",
)

composed_share = Table(
    "composed_share",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("board_id", ForeignKey("composed_board.id"), nullable=False),
    Column("sees", Text, nullable=False, comment="owner, people, role or readers"),
    Column("people", ARRAY(BigInteger), nullable=False),
    Column("role", Text, nullable=False),
    Column("edits", Boolean, nullable=False, comment="whether the named people may also change it"),
    when("at", nullable=False, server_default=func.now()),
    Column("by", Text, nullable=False),
    CheckConstraint("sees IN ('owner', 'people', 'role', 'readers')"),
    CheckConstraint("(sees = 'people') = (cardinality(people) > 0)"),
    CheckConstraint("(sees = 'role') = (role <> '')"),
    CheckConstraint("NOT edits OR sees = 'people'"),
    comment="who may see a board beside its owner; the newest row holds",
)

Index("composed_share_of", composed_share.c.board_id, composed_share.c.id)

composed_release = Table(
    "composed_release",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, comment="of the publication"),
    Column("board_id", BigInteger, nullable=False),
    Column("board_version", Integer, nullable=False),
    ForeignKeyConstraint(["name", "version"], ["publication_version.name", "publication_version.version"]),
    ForeignKeyConstraint(
        ["board_id", "board_version"], ["composed_version.board_id", "composed_version.version"]
    ),
    comment="which version of which board a publication was proposed to show",
)

Index("composed_release_of", composed_release.c.board_id)
