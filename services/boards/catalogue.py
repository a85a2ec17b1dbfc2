"""The figures of the city's day: each a declaration. A new figure is one entry here and its words."""

from model.board import Compare, Figure, Good, Reduce

FIGURES: tuple[Figure, ...] = (
    Figure(
        "failure_rate", "%", 2, Good.LOW, "lighting", (("streetlight", "fault_share"),),
        Reduce.RATE, Compare.SEVEN_DAYS, "lighting", change_in_points=True,
    ),
    Figure(
        "lighting_energy", "kWh", 2, Good.LOW, "lighting", (("control_cabinet", "energy"),),
        Reduce.PER_POINT, Compare.WEEK_BEFORE, "lighting",
    ),
    Figure(
        "repair_time", "h", 1, Good.LOW, "lighting", (("streetlight", "state"),),
        Reduce.MEDIAN_REPAIR, Compare.WINDOW_BEFORE, "lighting",
    ),
    Figure(
        "junction_availability", "%", 2, Good.HIGH, "traffic", (("junction", "fault_share"),),
        Reduce.AVAILABILITY, Compare.SEVEN_DAYS, "traffic", change_in_points=True,
    ),
    Figure(
        "traffic_flow", "veh", 0, Good.NEITHER, "traffic", (("detector", "flow"),),
        Reduce.VEHICLES, Compare.SAME_WEEKDAYS, "traffic",
    ),
    Figure(
        "camera_availability", "%", 2, Good.HIGH, "surveillance", (("camera", "fault_share"),),
        Reduce.AVAILABILITY, Compare.SEVEN_DAYS, "surveillance", change_in_points=True,
    ),
    Figure(
        "building_energy", "kWh", 0, Good.LOW, "energy", (("meter", "energy"),),
        Reduce.TOTAL, Compare.WEEK_BEFORE, "buildings",
        per_area=Reduce.PER_POINT, area_unit="kWh_meter",
    ),
    Figure(
        "access_availability", "%", 2, Good.HIGH, "access",
        (("access_point", "fault_share"), ("bollard", "fault_share")),
        Reduce.AVAILABILITY, Compare.SEVEN_DAYS, "security", change_in_points=True,
    ),
)  # fmt: skip

POINTS = {"lighting_energy": "streetlight", "building_energy": "meter"}
"""What a figure per point is divided by: how many of this asset type there are."""
