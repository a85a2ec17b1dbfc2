"""Access control: doors of public buildings and retractable bollards."""

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

DOMAIN = Domain("access", "door", (ACCESS_POINT, BOLLARD))
