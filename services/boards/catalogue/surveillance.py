"""Key figures of cameras and what links them."""

from model.kpis import Good, Kpi, Measure

SURVEILLANCE: tuple[Kpi, ...] = (
    Kpi(
        "camera_availability",
        "surveillance",
        "%",
        2,
        Good.HIGH,
        Measure.COMPLEMENT,
        "mean",
        (("camera", "fault_share"),),
        ("video-availability",),
        "surveillance",
        scale=100,
        change_in_points=True,
    ),
    Kpi(
        "camera_repair_time",
        "surveillance",
        "h",
        1,
        Good.LOW,
        Measure.MEDIAN,
        "repairs",
        (("camera", "fault_share"), ("state_change", "")),
        ("video-availability",),
        "surveillance",
    ),
    Kpi(
        "gateway_availability",
        "surveillance",
        "%",
        2,
        Good.HIGH,
        Measure.COMPLEMENT,
        "mean",
        (("gateway", "fault_share"),),
        (),
        "surveillance",
        scale=100,
        change_in_points=True,
    ),
)
