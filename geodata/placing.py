"""Is a position where it says it is? Checks of coordinate systems and places against the city's bounds.

Nothing is ever repaired here. A position outside the city is explained: swapped axes, another coordinate
system, or simply elsewhere; a person then mends the profile or passes ``--crs``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geodata.profiles import Bounds, CityProfile
from model.errors import BadFile

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WGS84 = "EPSG:4326"
SUSPECTS = (
    "EPSG:4326",
    "EPSG:2154",
    *(f"EPSG:{3900 + zone}" for zone in range(42, 51)),
    "EPSG:27572",
    "EPSG:3857",
    "EPSG:32630",
    "EPSG:32631",
    "EPSG:32632",
)
"""Systems French files are written in: degrees, Lambert-93, the nine conic zones, Lambert II, web, UTM."""


class Place(IntEnum):
    """What a position turned out to be."""

    INSIDE = 0
    MISSING = 1
    NOT_FINITE = 2
    SWAPPED = 3
    OTHER_SYSTEM = 4
    OUTSIDE = 5

    @property
    def key(self) -> str:
        """The reason it is counted under: ``swapped``."""
        return self.name.lower()


@dataclass(frozen=True)
class Explanation:
    """Why a position is refused: ``place``, and for another system the one that fits (``EPSG:2154``)."""

    place: Place
    system: str = ""


@cache
def transformer(source: str, target: str = WGS84) -> Transformer:
    """From ``source`` to ``target``, x (east or longitude) first on both sides. BadFile if unknown."""
    return Transformer.from_crs(system(source), system(target), always_xy=True)


@cache
def system(name: str) -> CRS:
    """The coordinate system called ``name``: ``EPSG:2154``, WKT, ... BadFile when there is none."""
    try:
        return CRS.from_user_input(name)
    except CRSError:
        raise BadFile(f"{name!r} is no coordinate system; name one such as EPSG:2154") from None


@cache
def short_name(name: str) -> str:
    """``EPSG:2154`` for a WKT that means it; else the system's own name."""
    found = system(name)
    code = found.to_epsg()
    return f"EPSG:{code}" if code else str(found.name)


def to_wgs84(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    """Longitude and latitude, f8 (n), of ``x``, ``y`` in ``crs``; inf where the system does not reach."""
    if short_name(crs) == WGS84:
        return x, y
    lon, lat = transformer(crs).transform(x, y)
    return np.asarray(lon, "f8"), np.asarray(lat, "f8")


def within(west: Floats, south: Floats, east: Floats, north: Floats, bounds: Bounds) -> Flags:
    """Which boxes lie wholly inside ``bounds``, edge included; False for NaN and inf."""
    with np.errstate(invalid="ignore"):
        return (
            (west >= bounds.west) & (east <= bounds.east) & (south >= bounds.south) & (north <= bounds.north)
        )


def explain(x: float, y: float, crs: str | None, city: CityProfile) -> Explanation:
    """Why the raw position ``x``, ``y``, read as ``crs``, is not in the city: the likeliest story first."""
    if not (np.isfinite(x) and np.isfinite(y)):
        return Explanation(Place.NOT_FINITE)
    if crs and _fits(y, x, crs, city.bounds):
        return Explanation(Place.SWAPPED)
    for name in _suspects(city):
        if _fits(x, y, name, city.bounds):
            return Explanation(Place.OTHER_SYSTEM, name)
    if any(_fits(y, x, name, city.bounds) for name in _suspects(city)):
        return Explanation(Place.SWAPPED)
    return Explanation(Place.OUTSIDE)


def likely_system(x: Floats, y: Floats, city: CityProfile) -> str | None:
    """The system that places most of the raw positions inside the city; None when none places half."""
    best, most = None, len(x) / 2
    for name in _suspects(city):
        lon, lat = to_wgs84(x, y, name)
        inside = int(within(lon, lat, lon, lat, city.bounds).sum())
        if inside > most:
            best, most = name, float(inside)
    return best


def demand_system(names: Sequence[str | None], x: Floats, y: Floats, city: CityProfile, file: str) -> str:
    """The first coordinate system named; BadFile, with the likely one, when the file has none."""
    named = next((name for name in names if name), None)
    if named:
        system(named)
        return named
    likely = likely_system(x, y, city)
    hint = (
        f"its positions fit {city.title} as {likely}: if that is right, add --crs {likely} or crs = "
        f'"{likely}" in the profile'
        if likely
        else "no usual system places it in the city; ask who made the file, then add --crs"
    )
    raise BadFile(f"{file}: no coordinate system is given; {hint}")


def _suspects(city: CityProfile) -> tuple[str, ...]:
    return tuple(dict.fromkeys((WGS84, city.metric_crs, *SUSPECTS)))


def _fits(x: float, y: float, crs: str, bounds: Bounds) -> bool:
    if short_name(crs) != WGS84:
        x, y = transformer(crs).transform(x, y)
    return bool(np.isfinite(x) and np.isfinite(y) and bounds.holds(x, y))
