"""The tables of access: people, what they may, their sessions, partners' agreements, and the audit.

What is over stays on record: a grant is revoked, a person disabled, a session ended; nothing is deleted but
by its retention rule. Secrets are kept as hashes; the TOTP secret, which must be read again, is encrypted.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema import metadata, when

person = Table(
    "person",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("login", Text, nullable=False, unique=True, comment="lower case; for a device, its name"),
    Column("name", Text, nullable=False, comment="as signed under what she does"),
    Column("kind", Text, nullable=False, server_default="person", comment="person or device"),
    Column("email", Text),
    Column("password_hash", Text, comment="argon2id; null: signs in elsewhere, or not yet"),
    when("password_set_at"),
    Column("must_change", Boolean, nullable=False, server_default="false", comment="at her next sign-in"),
    Column("totp_secret", LargeBinary, comment="encrypted with a key made of VIGIE_SECRET"),
    when("totp_confirmed_at"),
    Column("totp_step", BigInteger, comment="the last time step used: a code is taken once"),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    when("disabled_at"),
    Column("disabled_by", Text),
    CheckConstraint("kind IN ('person', 'device')"),
    CheckConstraint("login = lower(login)"),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
)

access_grant = Table(
    "access_grant",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("areas", ARRAY(Integer), comment="area ids; null: the whole city"),
    Column("domains", ARRAY(Text), comment="domain names; null: all"),
    Column("reason", Text, nullable=False, server_default=""),
    when("valid_from", nullable=False, server_default=func.now()),
    when("valid_until", comment="null: until revoked"),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    when("revoked_at"),
    Column("revoked_by", Text),
    CheckConstraint("valid_until > valid_from"),
    comment="who may do what, where and until when (access_grant in field.md (c))",
)

video_right = Table(
    "video_right",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("authority", Text, nullable=False, comment="who named and cleared her"),
    Column("decided_on", Date, nullable=False),
    Column("areas", ARRAY(Integer), comment="area ids; null: all of her scope"),
    when("valid_until", nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    when("revoked_at"),
    Column("revoked_by", Text),
    comment="persons named and cleared for records of cameras on public roads (CSI R253-3)",
)

session = Table(
    "session",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the cookie"),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("grant_id", ForeignKey("access_grant.id"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("method", Text, nullable=False, comment="local, oidc, demo or device"),
    Column("address", Text, nullable=False, server_default=""),
    Column("agent", Text, nullable=False, server_default="", comment="what browser, in words"),
    when("began_at", nullable=False, server_default=func.now()),
    when("seen_at", nullable=False, server_default=func.now()),
    when("expires_at", nullable=False),
    Column("idle_s", Integer, nullable=False, comment="seconds unseen after which it ends"),
    when("ended_at"),
    Column("ended_by", Text),
    Column("ended_why", Text, comment="signed_out, revoked, expired, idle, disabled or replaced"),
)
Index("session_open", session.c.expires_at, postgresql_where=session.c.ended_at.is_(None))

known_browser = Table(
    "known_browser",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    when("made_at", nullable=False, server_default=func.now()),
    when("valid_until", nullable=False),
    comment="browsers a person signed in with before: guesses from elsewhere do not lock them out",
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("purpose", Text, nullable=False, comment="device: shows a wall; password: sets one"),
    when("valid_until", nullable=False),
    when("used_at"),
    Column("made_by", Text, nullable=False),
    comment="codes to be used once: a wall's browser becomes its device, a person sets her password",
)

look_purpose = Table(
    "look_purpose",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("session_id", ForeignKey("session.id"), nullable=False),
    Column("asset_id", ForeignKey("asset.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reference", Text, nullable=False, server_default=""),
    when("stated_at", nullable=False, server_default=func.now()),
    when("valid_until", nullable=False),
    Index("look_purpose_asset", "session_id", "asset_id"),
    comment="why somebody looks at a record the law protects, said before it is shown",
)

agreement = Table(
    "agreement",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="public, private or association"),
    Column("purpose", Text, nullable=False),
    Column("contact", Text, nullable=False, server_default=""),
    Column("datasets", ARRAY(Text), nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("areas", ARRAY(Integer), comment="area ids; null: the whole city"),
    Column("rate_per_minute", Integer, nullable=False),
    Column("processor_terms", Boolean, nullable=False, comment="GDPR article 28 terms are signed"),
    when("valid_from", nullable=False),
    when("valid_until", nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    when("revoked_at"),
    Column("revoked_by", Text),
    CheckConstraint("kind IN ('public', 'private', 'association')"),
    CheckConstraint("valid_until > valid_from"),
    CheckConstraint("rate_per_minute BETWEEN 1 AND 6000"),
    comment="sharing agreements with partners (field.md (g))",
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("agreement_id", ForeignKey("agreement.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("prefix", Text, nullable=False, comment="its first characters, to tell keys apart"),
    Column("key_hash", LargeBinary, nullable=False, unique=True, comment="SHA-256: the key is random"),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    when("revoked_at"),
    Column("revoked_by", Text),
)

api_use = Table(
    "api_use",
    metadata,
    Column("key_id", ForeignKey("api_key.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("answered", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    when("last_at", nullable=False),
    comment="what keys were used for, by day",
)

open_key = Table(
    "open_key",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("prefix", Text, nullable=False, comment="its first characters, to tell keys apart"),
    Column("key_hash", LargeBinary, nullable=False, unique=True, comment="SHA-256: the key is random"),
    Column("rate_per_minute", Integer, nullable=False),
    when("valid_until", nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    when("revoked_at"),
    Column("revoked_by", Text),
    CheckConstraint("rate_per_minute BETWEEN 3000 AND 60000"),
    comment="keys to ask open data more often; it is open without one",
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("book", Text, primary_key=True, comment="security, looks or changes: each kept for its time"),
    Column("number", BigInteger, primary_key=True, comment="without a gap from 1 on"),
    when("at", nullable=False),
    Column("actor_id", BigInteger, comment="person; null: the system, or nobody known"),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False, server_default=""),
    Column("session_id", BigInteger),
    Column("address", Text, nullable=False, server_default=""),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="", comment="what was acted on: asset, person, ..."),
    Column("object", Text, nullable=False, server_default="", comment="its name or id"),
    Column("asset_id", BigInteger, comment="where the object is an asset"),
    Column("purpose", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default="done", comment="done or refused"),
    Column(
        "details", JSONB, nullable=False, server_default="{}", comment="before and after, filters, counts"
    ),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of previous and this entry"),
    CheckConstraint("book IN ('security', 'looks', 'changes')"),
    comment="append-only and chained: who did what, when, why",
)
Index("audit_entry_at", audit_entry.c.at)
Index("audit_entry_asset", audit_entry.c.asset_id, audit_entry.c.at)
Index("audit_entry_actor", audit_entry.c.actor_id, audit_entry.c.at)

audit_purge = Table(
    "audit_purge",
    metadata,
    Column("book", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, comment="the last entry that went"),
    Column("hash", LargeBinary, nullable=False, comment="its hash: the chain goes on from there"),
    Column("count", BigInteger, nullable=False),
    when("at", nullable=False, server_default=func.now()),
    comment="entries that reached the end of their retention, with the proof of what they were",
)

audit_check = Table(
    "audit_check",
    metadata,
    Column("book", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="the last entry that was as it was written"),
    Column("hash", LargeBinary, nullable=False, comment="its hash, to find a cut tail or a rebuilt chain"),
    when("at", nullable=False, server_default=func.now()),
    Column("fault", Text, nullable=False, server_default="", comment="what is wrong after it; empty: none"),
    Column("fault_number", BigInteger),
    comment="how far each book was last verified, and what was found",
)
