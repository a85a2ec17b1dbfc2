"""Public transport: the buses of the network, which move; positions outside duty are nobody's business.

Speed and place of a bus say what its driver does, so they are kept with its positions, under their own
retention rule, and never as observations (docs/feeds/moving-assets.md).
"""

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

DOMAIN = Domain("transport", "bus", (BUS,))
