"""Energy of public buildings: sites and their meters."""

from model.domains.declaration import AssetType, Domain, Property, State
from model.states import Status

BUILDING = AssetType(
    name="building",
    glyph="building",
    period_s=900,
    priority=3,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "closed", Status.NORMAL),
        State(2, "occupied", Status.ACTIVE),
        State(3, "power_cut", Status.FAULT),
        State(4, "overconsumption", Status.DEGRADED),
        State(5, "no_contact", Status.COMMS_LOST),
    ),
    properties=(
        Property("indoor_temperature", "°C", -20, 60, rate=0.05, stuck_s=7 * 86_400),
        Property("outdoor_temperature", "°C", -45, 60, rate=0.05, stuck_s=7 * 86_400),
    ),
    main="indoor_temperature",
)

METER = AssetType(
    name="meter",
    glyph="energy",
    period_s=900,
    parents=("building",),
    priority=3,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "idle", Status.NORMAL),
        State(2, "metering", Status.ACTIVE),
        State(3, "fault", Status.FAULT),
        State(4, "overvoltage", Status.DEGRADED),
        State(5, "no_contact", Status.COMMS_LOST),
        State(6, "maintenance", Status.MAINTENANCE),
    ),
    properties=(
        Property("power", "kW", 0, 5_000),
        Property("energy", "kWh", 0, 100_000, adds_up=True),
        Property("voltage", "V", 0, 500, decimals=0),
    ),
    main="power",
)

DOMAIN = Domain("energy", "energy", (BUILDING, METER))
