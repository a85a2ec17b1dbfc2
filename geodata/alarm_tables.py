"""The tables of alarms: rules and versions, alarms and their events, what is hidden, who was told outside.

The condition, the handling and the hiding of an alarm are kept apart (field.md (d)): an alarm's row says the
first two, ``alarm_hiding`` and ``cause_id`` the third. What happened is in ``alarm_event`` and never changed.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema import metadata, when

alarm_rule = Table(
    "alarm_rule",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, comment="the alarm class, such as control_cabinet.breaker_tripped"),
    Column("domain", Text, nullable=False),
    Column("asset_type", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    UniqueConstraint("key"),
    comment="classes of alarm; what a rule says stands in its versions",
)

alarm_rule_version = Table(
    "alarm_rule_version",
    metadata,
    Column("rule_id", ForeignKey("alarm_rule.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("declaration", JSONB, nullable=False, comment="model/alarm_rules.py: Rule"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column(
        "backtest",
        JSONB,
        comment="what it would have raised, tried against history before it was switched on",
    ),
    when("backtested_at"),
    when("on_at"),
    Column("on_by", Text),
    when("off_at"),
    Column("off_by", Text),
    Column("off_why", Text),
    CheckConstraint("off_at >= on_at"),
    comment="what a rule said and when it was in force; never changed, only switched on and off",
)
Index(
    "alarm_rule_version_in_force",
    alarm_rule_version.c.rule_id,
    unique=True,
    postgresql_where=text("on_at IS NOT NULL AND off_at IS NULL"),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("rule_id", Integer, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("alarm_class", Text, nullable=False),
    Column("asset_id", ForeignKey("asset.id")),
    Column("area_id", ForeignKey("area.id"), comment="of an alarm of a whole area, which has no asset"),
    Column(
        "commune_id",
        Integer,
        comment="where it lies; who may see it is decided by this, the district and the domain",
    ),
    Column("district_id", Integer),
    Column("domain", Text, nullable=False),
    Column("asset_type", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False, comment="how soon to respond: 1 critical to 4 low"),
    Column(
        "severity", SmallInteger, nullable=False, comment="how bad the effect: 1 informational to 5 critical"
    ),
    Column("state", SmallInteger, comment="the asset type's own state code when it was raised"),
    Column("value", Float),
    when("raised_at", nullable=False, comment="when the condition began, by the clock of what told it"),
    when("noticed_at", nullable=False, server_default=func.now(), comment="when the city knew"),
    when(
        "annunciated_at",
        comment="when it was first put before an operator; null: never, it was explained or hidden before",
    ),
    when("last_raised_at", nullable=False),
    Column("activations", Integer, nullable=False, server_default="1"),
    when("returned_at", comment="when the condition ended; null: it lasts"),
    when("return_noticed_at", comment="when the city knew that it ended"),
    Column("latching", Boolean, nullable=False, server_default="false"),
    when("reset_at"),
    Column("reset_by", Text),
    when("acknowledged_at"),
    Column("acknowledged_by", Text),
    Column("acknowledged_by_id", BigInteger),
    when("confirmed_at"),
    Column("confirmed_by", Text),
    Column("confirmed_action", Text),
    Column("assigned_to", Text),
    Column("assigned_to_id", BigInteger),
    when("assigned_at"),
    Column("escalation", SmallInteger, nullable=False, server_default="0"),
    when("escalated_at"),
    Column("re_alarms", SmallInteger, nullable=False, server_default="0"),
    Column(
        "cause_id",
        ForeignKey("alarm.id"),
        comment="the alarm that explains this one: suppressed by design while it stands",
    ),
    when("cause_since"),
    Column("grouped_by", Text, comment="who put it under its cause by hand; null: the network did"),
    Column(
        "uncertain",
        Boolean,
        nullable=False,
        server_default="false",
        comment="contact was lost since it was raised: it may be over",
    ),
    when("closed_at", comment="when it left the list: over and dealt with"),
    ForeignKeyConstraint(
        ["rule_id", "rule_version"], ["alarm_rule_version.rule_id", "alarm_rule_version.version"]
    ),
    CheckConstraint("asset_id IS NOT NULL OR area_id IS NOT NULL"),
    CheckConstraint("priority BETWEEN 1 AND 4"),
    CheckConstraint("severity BETWEEN 1 AND 5"),
    CheckConstraint("cause_id <> id"),
    comment="abnormal conditions that need an answer in time: one open alarm for one thing and class",
)
Index(
    "alarm_open_asset",
    alarm.c.asset_id,
    alarm.c.rule_id,
    unique=True,
    postgresql_where=text("closed_at IS NULL AND asset_id IS NOT NULL"),
)
Index(
    "alarm_open_area",
    alarm.c.area_id,
    alarm.c.rule_id,
    unique=True,
    postgresql_where=text("closed_at IS NULL AND asset_id IS NULL"),
)
Index("alarm_open", alarm.c.priority, alarm.c.raised_at, postgresql_where=text("closed_at IS NULL"))
Index("alarm_cause", alarm.c.cause_id, postgresql_where=text("cause_id IS NOT NULL"))
Index("alarm_noticed", alarm.c.noticed_at)
Index("alarm_annunciated", alarm.c.annunciated_at, postgresql_where=text("annunciated_at IS NOT NULL"))
Index("alarm_closed", alarm.c.closed_at)
Index("alarm_asset", alarm.c.asset_id, alarm.c.raised_at)
# Two more, alarm_stood and alarm_learnt, are on ranges of time: the migration makes them.

alarm_event = Table(
    "alarm_event",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("alarm_id", ForeignKey("alarm.id"), nullable=False),
    when("at", nullable=False, server_default=func.now(), comment="when the city knew it"),
    Column("kind", Text, nullable=False, comment="model/alarms.py: Happening"),
    Column("actor_id", BigInteger),
    Column("actor", Text, nullable=False, server_default="", comment="her name; empty: the system"),
    Column("role", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    Column("details", JSONB, nullable=False, server_default="{}"),
    comment="everything that happened to an alarm, by the system and by people, in one thread; never changed",
)
Index("alarm_event_alarm", alarm_event.c.alarm_id, alarm_event.c.id)
Index("alarm_event_at", alarm_event.c.at)

alarm_hiding = Table(
    "alarm_hiding",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column(
        "rule_id", ForeignKey("alarm_rule.id"), comment="the class hidden; null: all of the asset or area"
    ),
    Column("asset_id", ForeignKey("asset.id")),
    Column(
        "with_children",
        Boolean,
        nullable=False,
        server_default="false",
        comment="what the asset feeds is hidden too",
    ),
    Column("area_id", ForeignKey("area.id")),
    Column("domain", Text),
    Column("alarm_id", ForeignKey("alarm.id")),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False, server_default="", comment="work order or decision"),
    Column("annotation_id", ForeignKey("annotation.id"), comment="the planned works it comes from"),
    Column(
        "ends_when",
        Text,
        nullable=False,
        server_default="",
        comment="severity: ends by itself when the alarm gets worse; empty: by its time",
    ),
    when("from_at", nullable=False),
    when("until", nullable=False),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    Column("made_by_id", BigInteger),
    when("seconded_at", comment="disabling takes two persons: nothing is disabled before the second"),
    Column("seconded_by", Text),
    Column("seconded_by_id", BigInteger),
    when("began_at", comment="when the engine saw it begin"),
    when("ended_at"),
    Column("ended_by", Text),
    Column("ended_why", Text, comment="expired, lifted, worse or withdrawn"),
    CheckConstraint("kind IN ('shelved', 'out_of_service', 'disabled')"),
    CheckConstraint("until > from_at"),
    CheckConstraint("asset_id IS NOT NULL OR area_id IS NOT NULL OR rule_id IS NOT NULL"),
    CheckConstraint("seconded_by_id IS DISTINCT FROM made_by_id OR seconded_by_id IS NULL"),
    comment="alarms kept from the list on purpose: by whom, why, until when; recorded all the same",
)
Index("alarm_hiding_now", alarm_hiding.c.until, postgresql_where=text("ended_at IS NULL"))
Index("alarm_hiding_asset", alarm_hiding.c.asset_id)

alarm_rating = Table(
    "alarm_rating",
    metadata,
    Column("alarm_id", ForeignKey("alarm.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("useless", Boolean, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    when("at", nullable=False, server_default=func.now()),
    comment="whether an alarm was of use to who answered it",
)

alarm_review = Table(
    "alarm_review",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("rule_id", ForeignKey("alarm_rule.id"), nullable=False),
    when("opened_at", nullable=False, server_default=func.now()),
    Column("opened_why", Text, nullable=False, comment="rated: somebody called an alarm of the rule useless"),
    Column("proposed_version", Integer),
    when("decided_at"),
    Column("decided_by", Text),
    Column("decision", Text),
    Column("decision_why", Text),
    Column(
        "proposal",
        JSONB,
        comment="model/alarm_review.py: Proposal, as it was last tried against the past",
    ),
    when("proposed_at"),
    ForeignKeyConstraint(
        ["rule_id", "proposed_version"], ["alarm_rule_version.rule_id", "alarm_rule_version.version"]
    ),
    CheckConstraint("decision IN ('changed', 'kept')"),
    comment="rules somebody must look at again, with the change that is proposed",
)
Index("alarm_review_open", alarm_review.c.rule_id, unique=True, postgresql_where=text("decided_at IS NULL"))

alarm_engine = Table(
    "alarm_engine",
    metadata,
    Column("id", SmallInteger, primary_key=True),
    when("settled_at", nullable=False),
    when("looked_at", nullable=False),
    Column("layout", BigInteger, nullable=False),
    when("started_at", nullable=False),
    CheckConstraint("id = 1"),
    comment="up to where the rules have seen: settled batches, and the clock",
)

alarm_watch = Table(
    "alarm_watch",
    metadata,
    Column("id", BigInteger, primary_key=True),
    when("began_at", nullable=False),
    when("ended_at", nullable=False),
    comment="spans in which alarms were watched: what was outside them is found later, or never",
)

alarm_view = Table(
    "alarm_view",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("view", JSONB, nullable=False),
    when("at", nullable=False, server_default=func.now()),
    comment="the filters of the list each person left",
)

alarm_route = Table(
    "alarm_route",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column(
        "channel",
        Text,
        nullable=False,
        comment="a channel of the setting VIGIE_CHANNELS; addresses and secrets are not kept here",
    ),
    Column("classes", ARRAY(Text)),
    Column("domains", ARRAY(Text)),
    Column("priorities", ARRAY(SmallInteger), nullable=False),
    Column("areas", ARRAY(Integer)),
    Column("moments", ARRAY(Text), nullable=False, comment="raised, escalated, returned"),
    Column("enabled", Boolean, nullable=False, server_default="false"),
    when("made_at", nullable=False, server_default=func.now()),
    Column("made_by", Text, nullable=False),
    when("changed_at"),
    Column("changed_by", Text),
    when("removed_at"),
    Column("removed_by", Text),
    comment="which alarms are told to whom outside the room",
)
Index("alarm_route_name", alarm_route.c.name, unique=True, postgresql_where=text("removed_at IS NULL"))

alarm_channel = Table(
    "alarm_channel",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("place", Text, nullable=False, comment="the host it goes to; never a password, a key or a path"),
    Column("fault", Text, nullable=False, server_default="", comment="why it cannot be used; empty: it can"),
    when("seen_at", nullable=False, server_default=func.now()),
    comment="the channels the engine was started with: their names, for who makes routes",
)

alarm_notice = Table(
    "alarm_notice",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("route_id", ForeignKey("alarm_route.id"), nullable=False),
    Column("alarm_id", ForeignKey("alarm.id")),
    Column("moment", Text, nullable=False),
    Column(
        "turn",
        Integer,
        nullable=False,
        server_default="0",
        comment="the activation or escalation step it tells of",
    ),
    when("made_at", nullable=False, server_default=func.now()),
    Column("asked_by", Text, comment="who asked for a test; null: an alarm did"),
    when("next_try_at", nullable=False, server_default=func.now()),
    Column("tries", Integer, nullable=False, server_default="0"),
    when("sent_at"),
    when("given_up_at"),
    Column("error", Text),
    UniqueConstraint("route_id", "alarm_id", "moment", "turn"),
    comment="what was told outside, each once: written with what it tells of, then sent",
)
Index(
    "alarm_notice_waiting",
    alarm_notice.c.next_try_at,
    postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL"),
)
