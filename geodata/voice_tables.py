"""The tables of citizens' letters: what somebody outside wrote, whom to answer, and what was done about it.

Who wrote stands apart from what was written, so that it can be erased alone. Letters and acts are never
changed: how a letter stands is what its acts say (``model/voices.py``).
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, func, text

from geodata.schema import metadata, when

citizen_letter = Table(
    "citizen_letter",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("reference", Text, nullable=False, unique=True, comment="what the sender looks it up by"),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="dataset:name or panel:name; empty: the site"),
    Column("domain", Text, comment="whose steward it is for; null: nobody's in particular"),
    Column("language", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("use", Text, nullable=False, comment="what requested data is for"),
    when("received_at", nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('wrong', 'missing', 'other', 'request')"),
    CheckConstraint("language IN ('fr', 'en')"),
    Index("citizen_letter_received", "received_at"),
    comment="feedback and requests for data, as somebody outside typed them; never changed",
)

citizen_contact = Table(
    "citizen_contact",
    metadata,
    Column("letter_id", ForeignKey("citizen_letter.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    comment="who may be written to about a letter: kept apart, never published, erased after closing",
)

citizen_letter_act = Table(
    "citizen_letter_act",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("letter_id", ForeignKey("citizen_letter.id"), nullable=False),
    Column("kind", Text, nullable=False),
    when("at", nullable=False, server_default=func.now()),
    Column("by", Text, comment="who did it; null: the sender"),
    Column("reason", Text, nullable=False, comment="a code of model/voices.py: why hidden or refused"),
    Column("words", Text, nullable=False, comment="the public answer, or why refused or extended"),
    Column(
        "appeal",
        Text,
        nullable=False,
        comment="of a refusal: where and by when it may be contested, as it was told",
    ),
    CheckConstraint("kind IN ('received', 'published', 'hidden', 'answered', 'refused', 'extended')"),
    CheckConstraint("kind NOT IN ('hidden', 'refused') OR reason <> ''"),
    CheckConstraint("kind NOT IN ('answered', 'refused', 'extended') OR words <> ''"),
    CheckConstraint("kind <> 'refused' OR appeal <> ''"),
    Index("citizen_letter_act_of", "letter_id"),
    Index(
        "citizen_letter_act_received", "letter_id", unique=True, postgresql_where=text("kind = 'received'")
    ),
    Index(
        "citizen_letter_act_extended", "letter_id", unique=True, postgresql_where=text("kind = 'extended'")
    ),
    Index(
        "citizen_letter_act_closed",
        "letter_id",
        unique=True,
        postgresql_where=text("kind IN ('answered', 'refused')"),
    ),
    comment="append-only: what was done about a letter, in the order it was",
)
