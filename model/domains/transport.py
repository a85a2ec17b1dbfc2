"""Public transport: the buses of the network, which move; positions outside duty are nobody's business.

Speed and place of a bus say what its driver does, so they are kept with its positions, under their own
retention rule, and never as observations (docs/moving-assets.md).
"""

from model.alarm_rules import Rule, state_rule
from model.domains.declaration import AssetType, Domain, Property, State
from model.states import Status

BUS = AssetType(
    name="bus",
    glyph="bus",
    period_s=20,
    priority=4,
    moving=True,
    states=(
        State(0, "unknown", Status.UNKNOWN),
        State(1, "at_depot", Status.NORMAL),
        State(2, "in_service", Status.ACTIVE),
        State(3, "bunched", Status.DEGRADED),
        State(4, "breakdown", Status.FAULT),
        State(5, "no_contact", Status.COMMS_LOST),
        State(6, "maintenance", Status.MAINTENANCE),
        State(7, "out_of_duty", Status.OUT_OF_SERVICE),
    ),
    properties=(Property("speed", "km/h", 0, 120, decimals=0),),
)

ALARMS: tuple[Rule, ...] = (
    state_rule("transport", "bus", "breakdown", priority=3, severity=3, on_delay_s=60, responder="transport"),
)
"""Buses that bunch, or lose contact under a bridge, ask nobody for an answer: events."""

DOMAIN = Domain("transport", "bus", (BUS,), ALARMS)
