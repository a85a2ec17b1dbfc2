"""Traffic and traffic lights: signalised junctions, their detectors, road segments, car parks."""

from model.alarm_rules import HOUR, MINUTE, Explained, Rule, state_rule
from model.domains.declaration import AssetType, Domain, Property, State
from model.states import Status

LOOP_DATA = "loop_data"
"""The class of retention of what loops and probes measured."""

JUNCTION = AssetType(
    name="junction",
    glyph="signals",
    period_s=60,
    priority=1,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "standby", Status.NORMAL),
        State(2, "in_colour", Status.ACTIVE),
        State(3, "flashing", Status.FAULT),
        State(4, "dark", Status.FAULT),
        State(5, "lamp_out", Status.DEGRADED),
        State(6, "no_contact", Status.COMMS_LOST),
        State(7, "maintenance", Status.MAINTENANCE),
        State(8, "switched_off", Status.OUT_OF_SERVICE),
    ),
    properties=(Property("cycle", "s", 0, 300, decimals=0, period_s=900),),
    main="cycle",
)

DETECTOR = AssetType(
    name="detector",
    glyph="detector",
    period_s=300,
    parents=("junction",),
    priority=3,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "idle", Status.NORMAL),
        State(2, "counting", Status.ACTIVE),
        State(3, "silent", Status.FAULT),
        State(4, "stuck", Status.DEGRADED),
        State(5, "no_contact", Status.COMMS_LOST),
        State(6, "maintenance", Status.MAINTENANCE),
    ),
    properties=(
        Property("flow", "veh/h", 0, 8_000, decimals=0, stuck_s=6 * 3_600, kept=LOOP_DATA),
        Property("occupancy", "", 0, 1, decimals=2, stuck_s=6 * 3_600, kept=LOOP_DATA),
        Property("speed", "km/h", 0, 180, decimals=0, kept=LOOP_DATA),
    ),
    main="flow",
)

SEGMENT = AssetType(
    name="segment",
    glyph="segment",
    period_s=180,
    priority=4,
    states=(
        State(0, "no_data", Status.UNKNOWN),
        State(1, "free_flow", Status.NORMAL),
        State(2, "heavy", Status.ACTIVE),
        State(3, "congested", Status.DEGRADED),
        State(4, "closed", Status.OUT_OF_SERVICE),
    ),
    properties=(
        Property("speed", "km/h", 0, 180, decimals=0, kept=LOOP_DATA),
        Property("travel_time", "s", 0, 7_200, decimals=0, kept=LOOP_DATA),
        Property("probes", "", 0, 100_000, decimals=0, kept=LOOP_DATA),
    ),
    main="speed",
)

CAR_PARK = AssetType(
    name="car_park",
    glyph="parking",
    period_s=300,
    priority=4,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "closed", Status.NORMAL),
        State(2, "open", Status.ACTIVE),
        State(3, "no_contact", Status.COMMS_LOST),
    ),
    properties=(Property("free_places", "", 0, 10_000, decimals=0),),
    main="free_places",
)

ALARMS: tuple[Rule, ...] = (
    state_rule(
        "traffic",
        "junction",
        "flashing",
        priority=1,
        severity=4,
        escalate_s=(5 * MINUTE, 15 * MINUTE),
        re_alarm_s=2 * HOUR,
        responder="signals",
    ),
    state_rule(
        "traffic",
        "junction",
        "dark",
        priority=1,
        severity=5,
        hold_s=5,
        escalate_s=(5 * MINUTE, 15 * MINUTE),
        re_alarm_s=2 * HOUR,
        responder="signals",
    ),
    state_rule(
        "traffic", "junction", "lamp_out", priority=3, severity=3, on_delay_s=MINUTE, responder="signals"
    ),
    state_rule(
        "traffic",
        "junction",
        "no_contact",
        priority=2,
        severity=3,
        on_delay_s=MINUTE,
        hold_s=10,
        escalate_s=(15 * MINUTE,),
        responder="networks",
    ),
    state_rule(
        "traffic",
        "detector",
        "silent",
        priority=4,
        severity=2,
        on_delay_s=5 * MINUTE,
        hold_s=20,
        responder="signals",
    ),
    state_rule(
        "traffic", "detector", "stuck", priority=4, severity=1, on_delay_s=15 * MINUTE, responder="signals"
    ),
    state_rule(
        "traffic",
        "detector",
        "no_contact",
        priority=4,
        severity=1,
        on_delay_s=MINUTE,
        hold_s=20,
        explained=(Explained("junction.dark"), Explained("junction.no_contact")),
        responder="networks",
    ),
    state_rule(
        "traffic",
        "car_park",
        "no_contact",
        priority=4,
        severity=1,
        on_delay_s=5 * MINUTE,
        responder="networks",
    ),
)
"""A congested road is an event and no alarm: it asks nobody for an answer within a time."""

DOMAIN = Domain("traffic", "signals", (JUNCTION, DETECTOR, SEGMENT, CAR_PARK), ALARMS)
