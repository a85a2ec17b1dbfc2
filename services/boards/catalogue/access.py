"""Key figures of doors and bollards."""

from model.kpis import Good, Kpi, Measure

ACCESS: tuple[Kpi, ...] = (
    Kpi(
        "access_availability",
        "access",
        "%",
        2,
        Good.HIGH,
        Measure.COMPLEMENT,
        "mean",
        (("access_point", "fault_share"), ("bollard", "fault_share")),
        ("access-availability",),
        "security",
        scale=100,
        change_in_points=True,
    ),
    Kpi(
        "access_events",
        "access",
        "per_door_week",
        3,
        Good.LOW,
        Measure.RATIO,
        "events",
        (("access_point", "fault_share"), ("bollard", "fault_share"), ("state_change", "")),
        (),
        "security",
        scale=7,
    ),
    Kpi(
        "openings",
        "access",
        "per_door_day",
        1,
        Good.NEITHER,
        Measure.RATIO,
        "by_length_of_day",
        (("access_point", "openings"),),
        (),
        "security",
    ),
)
