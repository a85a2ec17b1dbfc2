"""Public lighting's datasets: where lights stand, and how many are out of order, by commune and day."""

from model.datasets.declaration import Column, Dataset, Grain, Openness, Place, Shape, Span
from model.datasets.shared import AREA, AREA_CODE, COVERAGE, DAY, INVENTORY, POINTS, key_figures

DATASETS = (
    Dataset(
        "lighting-points",
        "lighting",
        Openness.OPEN,
        INVENTORY,
        Grain(Place.ASSET, Span.NONE),
        types=("streetlight", "control_cabinet"),
        theme="ENER",
    ),
    Dataset(
        "lighting-failures",
        "lighting",
        Openness.OPEN,
        (
            DAY,
            AREA,
            AREA_CODE,
            POINTS,
            Column("failure_rate", Shape.NUMBER, "%", decimals=2),
            COVERAGE,
        ),
        Grain(Place.AREA, Span.DAY),
        types=("streetlight",),
        key=("day", "area_code"),
        delay_s=3_600,
        theme="ENER",
    ),
    key_figures("lighting-key-figures", "lighting", ("streetlight", "control_cabinet"), "ENER"),
)
