"""Where else than in files a publication is told: as observations, as places free, as alerts of closed roads.

Decided by its dataset and columns alone, so that the door, the portal and the catalogue say the same.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.datasets import Shape

OBSERVED_WORDS = ("state",)
"""Columns of words that are observed; other words say what a thing is."""
QUALITY = "coverage"
"""The column that says how much of its time a value rests on: the quality of a result, and no result."""
_TIMES = (Shape.INSTANT, Shape.DAY, Shape.MONTH)
_NUMBERS = (Shape.NUMBER, Shape.COUNT)

CAR_PARKS, ROADS = "car-parks-now", "traffic-now"
"""The datasets that are told as GBFS and as GTFS-Realtime."""
_PARKING = frozenset({"id", "name", "free_places", "state", "measured_at", "geometry"})
_CLOSURES = frozenset({"id", "name", "state"})


@dataclass(frozen=True, slots=True)
class Outlet:
    """One address under the public door: its ``path``, the name of its format, its media type."""

    path: str
    name: str
    media_type: str


def observed_columns(columns: Sequence[tuple[str, str]], key: Collection[str]) -> tuple[str, ...]:
    """Which of ``columns`` (name and shape) are observed; none where no column says when."""
    timed = next((name for name, shape in columns if shape in _TIMES), None)
    if timed is None:
        return ()
    return tuple(
        name
        for name, shape in columns
        if name not in (timed, QUALITY, *key) and (shape in _NUMBERS or name in OBSERVED_WORDS)
    )


def has_parking(dataset: str, columns: Collection[str]) -> bool:
    """Whether a publication of ``dataset`` with ``columns`` is told as GBFS."""
    return dataset == CAR_PARKS and set(columns) >= _PARKING


def has_closures(dataset: str, columns: Collection[str]) -> bool:
    """Whether a publication of ``dataset`` with ``columns`` is told as service alerts of GTFS-Realtime."""
    return dataset == ROADS and set(columns) >= _CLOSURES


def outlets_of(about: Mapping[str, Any]) -> tuple[Outlet, ...]:
    """The outlets of the publication that says ``about`` (its ``about.json``) of itself."""
    name, dataset = about["name"], about["dataset"]
    shapes = [(one["name"], one.get("shape", "")) for one in about["columns"]]
    columns = [one for one, _ in shapes]
    found = []
    if observed_columns(shapes, about.get("key", ())):
        path = f"sensorthings/v1.1/Sensors('{name}')/Datastreams"
        found.append(Outlet(path, "SensorThings API 1.1", "application/json"))
    if has_parking(dataset, columns):
        found.append(Outlet(f"gbfs/{name}/gbfs.json", "GBFS 2.3", "application/json"))
    if has_closures(dataset, columns):
        path = f"gtfs-realtime/{name}/alerts.pb"
        found.append(Outlet(path, "GTFS-Realtime 2.0", "application/x-protobuf"))
    return tuple(found)
