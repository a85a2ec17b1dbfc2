"""Public lighting: light points fed by control cabinets."""

from model.alarm_rules import HOUR, MINUTE, Explained, Rule, Unexpected, state_rule
from model.domains.declaration import AssetType, Domain, Property, State
from model.domains.presumed import FEEDER_LOST
from model.states import Status

STREETLIGHT = AssetType(
    name="streetlight",
    glyph="lamp",
    period_s=3600,
    parents=("control_cabinet",),
    priority=4,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "off", Status.NORMAL),
        State(2, "on", Status.ACTIVE),
        State(3, "dimmed", Status.ACTIVE),
        State(4, "lamp_failure", Status.FAULT),
        State(5, "flickering", Status.DEGRADED),
        State(6, "no_contact", Status.COMMS_LOST),
        State(7, "maintenance", Status.MAINTENANCE),
        State(8, "removed_from_duty", Status.OUT_OF_SERVICE),
        State(9, "lit_by_day", Status.DEGRADED),
        State(10, "no_supply", Status.FAULT),
    ),
    properties=(Property("power", "W", 0, 600, decimals=0), Property("dimming", "%", 0, 100, decimals=0)),
    main="power",
)

CONTROL_CABINET = AssetType(
    name="control_cabinet",
    glyph="cabinet",
    period_s=60,
    priority=1,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "idle", Status.NORMAL),
        State(2, "feeding", Status.ACTIVE),
        State(3, "breaker_tripped", Status.FAULT),
        State(4, "feeder_open", Status.DEGRADED),
        State(5, "no_contact", Status.COMMS_LOST),
        State(6, "maintenance", Status.MAINTENANCE),
        State(7, "removed_from_duty", Status.OUT_OF_SERVICE),
        State(8, "door_open", Status.DEGRADED),
    ),
    properties=(
        Property("power", "kW", 0, 200, decimals=2, period_s=900),
        Property("energy", "kWh", 0, 5_000, adds_up=True, period_s=900),
        Property("voltage", "V", 0, 500, decimals=0, period_s=900),
    ),
    main="power",
)

ALARMS: tuple[Rule, ...] = (
    state_rule(
        "lighting",
        "control_cabinet",
        "breaker_tripped",
        priority=1,
        severity=4,
        escalate_s=(5 * MINUTE, 15 * MINUTE),
        re_alarm_s=4 * HOUR,
        responder="lighting",
    ),
    state_rule(
        "lighting",
        "control_cabinet",
        "feeder_open",
        priority=2,
        severity=3,
        escalate_s=(15 * MINUTE,),
        re_alarm_s=8 * HOUR,
        responder="lighting",
    ),
    state_rule(
        "lighting",
        "control_cabinet",
        "no_contact",
        priority=2,
        severity=3,
        on_delay_s=MINUTE,
        hold_s=10,
        escalate_s=(15 * MINUTE,),
        responder="networks",
    ),
    state_rule(
        "lighting",
        "control_cabinet",
        "door_open",
        priority=3,
        severity=2,
        on_delay_s=2 * MINUTE,
        responder="lighting",
    ),
    state_rule(
        "lighting",
        "streetlight",
        "lamp_failure",
        priority=4,
        severity=2,
        on_delay_s=5 * MINUTE,
        off_delay_s=MINUTE,
        responder="lighting",
    ),
    state_rule(
        "lighting",
        "streetlight",
        "flickering",
        priority=4,
        severity=1,
        on_delay_s=10 * MINUTE,
        off_delay_s=5 * MINUTE,
        responder="lighting",
    ),
    state_rule(
        "lighting",
        "streetlight",
        "no_contact",
        priority=4,
        severity=1,
        on_delay_s=MINUTE,
        hold_s=20,
        explained=(Explained("control_cabinet.no_contact"), Explained("control_cabinet.breaker_tripped")),
        responder="networks",
    ),
    state_rule(
        "lighting",
        "streetlight",
        "no_supply",
        priority=4,
        severity=2,
        hold_s=20,
        explained=(
            Explained("control_cabinet.breaker_tripped"),
            Explained("control_cabinet.feeder_open"),
            Explained("control_cabinet.no_contact"),
        ),
        responder="lighting",
    ),
    state_rule(
        "lighting",
        "streetlight",
        "lit_by_day",
        priority=4,
        severity=1,
        on_delay_s=15 * MINUTE,
        responder="lighting",
    ),
    Rule(
        "streetlight.on_by_day",
        "lighting",
        "streetlight",
        Unexpected("day", ("on", "dimmed"), HOUR),
        priority=4,
        severity=1,
        on_delay_s=30 * MINUTE,
        responder="lighting",
    ),
    FEEDER_LOST,
)
"""A lamp that failed is its own; one without supply is its cabinet's."""

DOMAIN = Domain("lighting", "lamp", (CONTROL_CABINET, STREETLIGHT), ALARMS)
