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
from model.datasets.shared import DOOR_STATE, ID, INVENTORY, MEASURED_AT, availability

DATASETS = (
    availability("access-availability", "access", "access_point", "GOVE"),
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
