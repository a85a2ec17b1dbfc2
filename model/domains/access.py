"""Access control: doors of public buildings and retractable bollards."""

from model.alarm_rules import MINUTE, Explained, Rule, state_rule
from model.domains.declaration import AssetType, Domain, Property, State
from model.states import Status

_OPENINGS = Property(
    "openings", "", 0, 100_000, adds_up=True, decimals=0, period_s=3_600, kept="badge_passages"
)
"""Passages by the hour; kept as long as the passages of badges they were counted from."""

ACCESS_POINT = AssetType(
    name="access_point",
    glyph="door",
    period_s=300,
    parents=("building",),
    priority=2,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "closed", Status.NORMAL),
        State(2, "open", Status.ACTIVE),
        State(3, "forced", Status.FAULT),
        State(4, "held_open", Status.DEGRADED),
        State(5, "no_contact", Status.COMMS_LOST),
        State(6, "maintenance", Status.MAINTENANCE),
        State(7, "removed_from_duty", Status.OUT_OF_SERVICE),
    ),
    properties=(_OPENINGS,),
    main="openings",
    guarded="personal",
)

BOLLARD = AssetType(
    name="bollard",
    glyph="bollard",
    period_s=300,
    priority=2,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "raised", Status.NORMAL),
        State(2, "lowered", Status.ACTIVE),
        State(3, "jammed", Status.FAULT),
        State(4, "slow", Status.DEGRADED),
        State(5, "no_contact", Status.COMMS_LOST),
        State(6, "maintenance", Status.MAINTENANCE),
    ),
    properties=(_OPENINGS,),
    main="openings",
)

ALARMS: tuple[Rule, ...] = (
    state_rule(
        "access",
        "access_point",
        "forced",
        priority=2,
        severity=4,
        latching=True,
        escalate_s=(5 * MINUTE, 15 * MINUTE),
        responder="security",
    ),
    state_rule(
        "access", "access_point", "held_open", priority=3, severity=2, on_delay_s=MINUTE, responder="security"
    ),
    state_rule(
        "access",
        "access_point",
        "no_contact",
        priority=4,
        severity=2,
        on_delay_s=MINUTE,
        hold_s=20,
        explained=(Explained("building.power_cut"), Explained("building.no_contact")),
        responder="networks",
    ),
    state_rule(
        "access", "bollard", "jammed", priority=3, severity=3, escalate_s=(30 * MINUTE,), responder="security"
    ),
    state_rule(
        "access", "bollard", "slow", priority=4, severity=1, on_delay_s=10 * MINUTE, responder="security"
    ),
    state_rule(
        "access", "bollard", "no_contact", priority=4, severity=1, on_delay_s=MINUTE, responder="networks"
    ),
)
"""A forced door stays on the list until somebody has reset it."""

DOMAIN = Domain("access", "door", (ACCESS_POINT, BOLLARD), ALARMS)
