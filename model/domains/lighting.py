"""Public lighting: light points fed by control cabinets."""

from model.domains.declaration import AssetType, Domain, Property, State
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

DOMAIN = Domain("lighting", "lamp", (CONTROL_CABINET, STREETLIGHT))
