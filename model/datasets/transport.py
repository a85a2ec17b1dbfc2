"""Public transport's datasets: how many vehicles run. Where one is now tells where its driver is."""

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
from model.datasets.shared import COVERAGE, HOUR, ID, MEASURED_AT, STATE

DATASETS = (
    Dataset(
        "vehicles-in-service",
        "transport",
        Openness.OPEN,
        (HOUR, Column("vehicles", Shape.COUNT), COVERAGE),
        Grain(Place.CITY, Span.HOUR),
        types=("bus",),
        key=("hour",),
        delay_s=3_600,
        every_s=3_600,
        theme="TRAN",
    ),
    Dataset(
        "vehicle-positions",
        "transport",
        Openness.RESTRICTED,
        (
            ID,
            STATE,
            MEASURED_AT,
            Column("geometry", Shape.POINT, sensitivity=Sensitivity.DUTY_POSITION),
        ),
        Grain(Place.ASSET, Span.NOW),
        types=("bus",),
        retention="vehicle_positions",
        legal_basis="public_task",
        theme="TRAN",
        closed=Closed.DUTY,
    ),
)
