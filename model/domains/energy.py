"""Energy of public buildings: sites and their meters."""

from model.alarm_rules import MINUTE, Beyond, Explained, Rule, state_rule
from model.domains.declaration import AssetType, Domain, Property, State
from model.domains.presumed import POWER_CUT
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

ALARMS: tuple[Rule, ...] = (
    state_rule(
        "energy",
        "building",
        "power_cut",
        priority=2,
        severity=4,
        hold_s=5,
        escalate_s=(15 * MINUTE,),
        responder="buildings",
    ),
    state_rule(
        "energy",
        "building",
        "overconsumption",
        priority=4,
        severity=2,
        on_delay_s=30 * MINUTE,
        off_delay_s=15 * MINUTE,
        responder="buildings",
    ),
    state_rule(
        "energy",
        "building",
        "no_contact",
        priority=4,
        severity=1,
        on_delay_s=MINUTE,
        hold_s=20,
        responder="networks",
    ),
    state_rule("energy", "meter", "fault", priority=4, severity=2, responder="buildings"),
    state_rule(
        "energy", "meter", "overvoltage", priority=3, severity=3, on_delay_s=MINUTE, responder="buildings"
    ),
    state_rule(
        "energy",
        "meter",
        "no_contact",
        priority=4,
        severity=1,
        on_delay_s=MINUTE,
        hold_s=20,
        explained=(Explained("building.power_cut"), Explained("building.no_contact")),
        responder="networks",
    ),
    Rule(
        "meter.voltage_high",
        "energy",
        "meter",
        Beyond("voltage", above=253, deadband=3),
        priority=3,
        severity=3,
        on_delay_s=15 * MINUTE,
        responder="buildings",
    ),
    POWER_CUT,
)
"""253 V is 10 % over the nominal 230 V (EN 50160)."""

DOMAIN = Domain("energy", "energy", (BUILDING, METER), ALARMS)
