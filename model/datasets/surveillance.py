"""Video surveillance's datasets: the public list of systems (CSI R252-10), and how well they work by day.

The law wants the list of systems and a notice; what a camera sees and whether it works now is nobody's.
"""

from model.datasets.declaration import (
    Closed,
    Column,
    Dataset,
    Grain,
    Openness,
    Place,
    Sensitivity,
    Shape,
    Span,
)
from model.datasets.shared import (
    AREA,
    AREA_CODE,
    ID,
    INVENTORY,
    MEASURED_AT,
    VIDEO_STATE,
    availability,
)

DATASETS = (
    Dataset(
        "video-systems",
        "surveillance",
        Openness.OPEN,
        (AREA, AREA_CODE, Column("cameras", Shape.COUNT)),
        Grain(Place.AREA, Span.NONE),
        types=("camera",),
        key=("area_code",),
        legal_basis="video_list",
        theme="JUST",
    ),
    availability("video-availability", "surveillance", "camera", "JUST"),
    Dataset(
        "video-equipment",
        "surveillance",
        Openness.RESTRICTED,
        (
            *INVENTORY,
            VIDEO_STATE,
            Column("field_of_view", Shape.OUTLINE, sensitivity=Sensitivity.VIDEO_VIEW),
            MEASURED_AT,
        ),
        Grain(Place.ASSET, Span.NOW),
        types=("camera", "gateway"),
        key=(ID.name,),
        legal_basis="video_authorisation",
        theme="JUST",
        closed=Closed.VIDEO,
    ),
)
