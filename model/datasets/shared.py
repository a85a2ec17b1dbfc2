"""Columns that mean the same in every dataset: declared once, so that they are named and explained once."""

from model.datasets.declaration import Column, Sensitivity, Shape

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
