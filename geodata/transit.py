"""The lines of public transport: their way through the city and how often a vehicle should pass."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString
from sqlalchemy import Engine, text


@dataclass(frozen=True)
class BusLine:
    """One line: ``path`` f8 (n, 2) longitude and latitude (WGS84) from one terminus to the other.

    Vehicles run it there and back. ``headway_s`` is the planned time between two vehicles of one
    direction; ``title`` says where it goes.
    """

    name: str
    title: str
    headway_s: int
    path: npt.NDArray[np.float64] = field(repr=False, compare=False)


_LINES = text("SELECT name, title, headway_s, ST_AsBinary(geometry) FROM transit_line ORDER BY id")
_STORE = text(
    "INSERT INTO transit_line (name, title, headway_s, geometry, source) "
    "VALUES (:name, :title, :headway_s, ST_GeomFromWKB(:shape, 4326), :source) "
    "ON CONFLICT (name) DO UPDATE SET title = excluded.title, headway_s = excluded.headway_s, "
    "geometry = excluded.geometry, source = excluded.source"
)


def bus_lines(engine: Engine) -> list[BusLine]:
    """Every line of the city, in the order they were stored. SQLAlchemyError when the database is away."""
    with engine.connect() as connection:
        rows = connection.execute(_LINES).all()
    return [
        BusLine(name, title, headway_s, shapely.get_coordinates(shapely.from_wkb(bytes(shape))))
        for name, title, headway_s, shape in rows
    ]


def store_lines(connection: object, lines: list[BusLine], source: str) -> None:
    """Store ``lines`` by name, in the caller's transaction; a known one is replaced."""
    rows = [
        {
            "name": line.name,
            "title": line.title,
            "headway_s": line.headway_s,
            "shape": shapely.to_wkb(LineString(line.path)),
            "source": source,
        }
        for line in lines
    ]
    if rows:
        connection.execute(_STORE, rows)  # type: ignore[attr-defined]
