"""What composed boards let out: values of key figures by month, never finer than the datasets beneath allow.

It is no entry of the open register, which lists what the city has: it is what a board on its way to the
public is judged by. It belongs to no domain, so only those who answer for the whole city decide on it.
"""

from collections.abc import Sequence

from model.datasets.declaration import Column, Dataset, Grain, Openness, Place, Shape, Span
from model.datasets.shared import AREA, AREA_CODE, COVERAGE

PREFIX = "board-"
"""Every composed board is published under a name that begins so: never a dataset's or another panel's."""

COMPOSED_BOARDS = Dataset(
    "composed-boards",
    "city",
    Openness.OPEN,
    (
        Column("month", Shape.MONTH),
        AREA,
        AREA_CODE,
        Column("figure", Shape.CODE),
        Column("value", Shape.NUMBER, decimals=4),
        COVERAGE,
    ),
    Grain(Place.AREA, Span.MONTH),
    key=("month", "area_code", "figure"),
    delay_s=86_400,
)


def leaves(datasets: Sequence[Dataset | None]) -> bool:
    """Whether a figure made of ``datasets`` may be published: it is made of some, and each may be open."""
    return bool(datasets) and all(one is not None and one.publishable for one in datasets)


def by_area(datasets: Sequence[Dataset | None]) -> bool:
    """Whether such a figure may be published by commune: none is of the city alone, none hides cells."""
    return leaves(datasets) and all(
        one is not None and one.grain.place is not Place.CITY and one.secrecy is None for one in datasets
    )
