"""Video surveillance: the health of cameras and of the gateways behind them, never an image."""

from model.domains.declaration import AssetType, Domain, Property, State
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

DOMAIN = Domain("surveillance", "camera", (GATEWAY, CAMERA))
