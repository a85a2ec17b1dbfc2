"""Access control's datasets: its availability by day. Doors and passages stay inside."""

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
from model.datasets.shared import COVERAGE, DAY, DOOR_STATE, ID, INVENTORY, MEASURED_AT, POINTS

DATASETS = (
    Dataset(
        "access-availability",
        "access",
        Openness.OPEN,
        (DAY, POINTS, Column("availability", Shape.NUMBER, "%", decimals=2), COVERAGE),
        Grain(Place.CITY, Span.DAY),
        types=("access_point",),
        key=("day",),
        delay_s=86_400,
        theme="GOVE",
    ),
    Dataset(
        "doors",
        "access",
        Openness.RESTRICTED,
        (*INVENTORY, DOOR_STATE, MEASURED_AT),
        Grain(Place.ASSET, Span.NOW),
        types=("access_point", "bollard"),
        legal_basis="public_task",
        theme="GOVE",
        closed=Closed.SITE_SECURITY,
    ),
    Dataset(
        "badge-passages",
        "access",
        Openness.PERSONAL,
        (
            ID,
            Column("badge", Shape.CODE, sensitivity=Sensitivity.BADGE),
            Column("holder", Shape.TEXT, sensitivity=Sensitivity.PERSON),
            MEASURED_AT,
        ),
        Grain(Place.ASSET, Span.NOW),
        types=("access_point",),
        retention="badge_passages",
        legal_basis="public_task",
        theme="GOVE",
        closed=Closed.PRIVACY,
    ),
)
