"""Columns that mean the same in every dataset: declared once, so that they are named and explained once."""

from model.datasets.declaration import Column, Dataset, Grain, Openness, Place, Sensitivity, Shape, Span

ID = Column("id", Shape.CODE)
TYPE = Column("type", Shape.CODE)
NAME = Column("name", Shape.TEXT)
STREET = Column("street", Shape.TEXT)
AREA = Column("area", Shape.TEXT)
AREA_CODE = Column("area_code", Shape.CODE)
POINT = Column("geometry", Shape.POINT)
OUTLINE = Column("geometry", Shape.OUTLINE)
DAY = Column("day", Shape.DAY)
HOUR = Column("hour", Shape.INSTANT)
MEASURED_AT = Column("measured_at", Shape.INSTANT)
COVERAGE = Column("coverage", Shape.NUMBER, "%", decimals=1)
POINTS = Column("points", Shape.COUNT)
STATE = Column("state", Shape.CODE)

INVENTORY = (ID, TYPE, NAME, STREET, AREA, AREA_CODE, POINT)
"""What an inventory of equipment that is open says of each piece."""

VIDEO_STATE = Column("state", Shape.CODE, sensitivity=Sensitivity.VIDEO_STATE)
DOOR_STATE = Column("state", Shape.CODE, sensitivity=Sensitivity.DOOR_STATE)


def availability(name: str, domain: str, kind: str, theme: str) -> Dataset:
    """How much of each day equipment of ``kind`` worked, of the whole city and a day late: which piece does
    not work now is nobody's to know."""
    return Dataset(
        name,
        domain,
        Openness.OPEN,
        (DAY, POINTS, Column("availability", Shape.NUMBER, "%", decimals=2), COVERAGE),
        Grain(Place.CITY, Span.DAY),
        types=(kind,),
        key=("day",),
        delay_s=86_400,
        theme=theme,
    )


def key_figures(name: str, domain: str, types: tuple[str, ...], theme: str) -> Dataset:
    """The key figures of ``domain``, by commune and month: a row a figure, as the boards show it.

    ``day`` is the first of the month. A value that the board withholds is missing.
    """
    return Dataset(
        name,
        domain,
        Openness.OPEN,
        (DAY, AREA, AREA_CODE, Column("figure", Shape.CODE), Column("value", Shape.NUMBER), COVERAGE),
        Grain(Place.AREA, Span.MONTH),
        types=types,
        key=("day", "area_code", "figure"),
        delay_s=86_400,
        theme=theme,
    )
