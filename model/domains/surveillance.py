"""Video surveillance: the health of cameras and of the gateways behind them, never an image."""

from model.alarm_rules import MINUTE, Explained, Rule, state_rule
from model.domains.declaration import AssetType, Domain, Property, State
from model.domains.presumed import CAMERAS_LOST
from model.states import Status

CAMERA = AssetType(
    name="camera",
    glyph="camera",
    period_s=300,
    parents=("gateway",),
    priority=2,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "standby", Status.NORMAL),
        State(2, "in_service", Status.ACTIVE),
        State(3, "no_image", Status.FAULT),
        State(4, "blurred", Status.DEGRADED),
        State(5, "no_contact", Status.COMMS_LOST),
        State(6, "maintenance", Status.MAINTENANCE),
        State(7, "removed_from_duty", Status.OUT_OF_SERVICE),
    ),
    properties=(Property("availability", "%", 0, 100),),
    main="availability",
    guarded="video",
)

GATEWAY = AssetType(
    name="gateway",
    glyph="gateway",
    period_s=60,
    priority=2,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "standby", Status.NORMAL),
        State(2, "in_service", Status.ACTIVE),
        State(3, "hardware_fault", Status.FAULT),
        State(4, "no_contact", Status.COMMS_LOST),
    ),
    properties=(Property("latency", "ms", 0, 60_000, decimals=0, period_s=900),),
    main="latency",
)

_GATEWAY = (
    Explained("gateway.no_contact"), Explained("gateway.hardware_fault"), Explained("gateway.cameras_lost"),
)  # fmt: skip
ALARMS: tuple[Rule, ...] = (
    state_rule(
        "surveillance",
        "gateway",
        "hardware_fault",
        priority=2,
        severity=4,
        hold_s=5,
        escalate_s=(15 * MINUTE,),
        responder="networks",
    ),
    state_rule(
        "surveillance",
        "gateway",
        "no_contact",
        priority=2,
        severity=3,
        on_delay_s=MINUTE,
        hold_s=10,
        escalate_s=(15 * MINUTE,),
        responder="networks",
    ),
    state_rule(
        "surveillance", "camera", "no_image", priority=3, severity=3, on_delay_s=2 * MINUTE, responder="video"
    ),
    state_rule(
        "surveillance", "camera", "blurred", priority=4, severity=1, on_delay_s=15 * MINUTE, responder="video"
    ),
    state_rule(
        "surveillance",
        "camera",
        "no_contact",
        priority=3,
        severity=2,
        on_delay_s=MINUTE,
        hold_s=20,
        explained=_GATEWAY,
        responder="networks",
    ),
    CAMERAS_LOST,
)
"""The health of equipment alone: no rule looks at an image."""

DOMAIN = Domain("surveillance", "camera", (GATEWAY, CAMERA), ALARMS)
