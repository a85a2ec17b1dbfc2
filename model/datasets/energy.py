"""Energy's datasets: public buildings, and their consumption by commune, never of one delivery point."""

from model.datasets.declaration import (
    Closed,
    Column,
    Dataset,
    Grain,
    Openness,
    Place,
    Secrecy,
    Sensitivity,
    Shape,
    Span,
)
from model.datasets.shared import AREA, AREA_CODE, COVERAGE, DAY, HOUR, ID, INVENTORY, NAME

DELIVERY_POINTS_LEAST = 10
"""In each published cell of energy (decree 2020-196)."""

_ENERGY = Column("energy", Shape.NUMBER, "kWh", decimals=0)

DATASETS = (
    Dataset(
        "public-buildings",
        "energy",
        Openness.OPEN,
        INVENTORY,
        Grain(Place.ASSET, Span.NONE),
        types=("building",),
        theme="GOVE",
    ),
    Dataset(
        "energy-by-area",
        "energy",
        Openness.ANONYMISED,
        (DAY, AREA, AREA_CODE, Column("delivery_points", Shape.COUNT), _ENERGY, COVERAGE),
        Grain(Place.AREA, Span.DAY),
        types=("meter",),
        key=("day", "area_code"),
        delay_s=86_400,
        theme="ENER",
        secrecy=Secrecy(DELIVERY_POINTS_LEAST, "delivery_points", ("energy",), total="day"),
    ),
    Dataset(
        "energy-by-meter",
        "energy",
        Openness.RESTRICTED,
        (HOUR, ID, NAME, Column("energy", Shape.NUMBER, "kWh", Sensitivity.DELIVERY_POINT, 1), COVERAGE),
        Grain(Place.ASSET, Span.HOUR),
        types=("meter",),
        key=("hour", "id"),
        theme="ENER",
        closed=Closed.COMMERCIAL,
    ),
)
