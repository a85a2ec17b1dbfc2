"""The demo city as drawn, before it has any past: areas, streets and assets as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from geodata.demo_city.buildings import install_buildings
from geodata.demo_city.equipment import (
    install_bollards,
    install_cameras,
    install_car_parks,
    install_junctions,
)
from geodata.demo_city.fleet import Route, install_buses, lay_lines
from geodata.demo_city.ground import Floats, Frame, Ground, frame_of, make_ground
from geodata.demo_city.lamps import place_lamps
from geodata.demo_city.lighting import install_lighting
from geodata.demo_city.names import COMMUNES
from geodata.demo_city.roads import lay_roads
from geodata.demo_city.segments import install_segments
from geodata.demo_city.sheet import Sheet
from geodata.demo_city.streets import Network, make_network, points_at
from geodata.profiles import CityProfile
from geodata.transit import BusLine
from model.domains import MOVING, TYPE_ORDER

SEED = 7
METROPOLIS = "Métropole de Valmont"
_DEGREES = 7


@dataclass(frozen=True)
class Commune:
    """One invented commune; ``care`` multiplies how often its equipment fails and how long it waits."""

    name: str
    code: str
    population: int
    shape: BaseGeometry
    care: float


@dataclass(frozen=True)
class Street:
    """One named street with its rank, 1 main to 3 local; WGS84."""

    name: str
    rank: int
    shape: BaseGeometry


@dataclass(frozen=True)
class DemoCity:
    """The drawn city. Asset columns have length n, in the order of their ids, which are rows + 1.

    ``types`` u1 codes into TYPE_ORDER; ``parents`` i4 rows or -1; ``communes`` i4 places in
    ``communes_list``; ``rating`` and ``kind`` as in ``Sheet``; ``lonlat`` f8 (n, 2) WGS84.
    """

    communes_list: tuple[Commune, ...]
    streets: tuple[Street, ...]
    types: npt.NDArray[np.uint8]
    external_ids: list[str]
    names: list[str]
    street_names: list[str]
    lonlat: Floats
    parents: npt.NDArray[np.int32]
    communes: npt.NDArray[np.int32]
    rating: npt.NDArray[np.float32]
    kind: npt.NDArray[np.uint8]
    years: list[int]
    attributes: list[dict[str, Any]]
    lines: tuple[BusLine, ...] = ()

    def __len__(self) -> int:
        """How many assets."""
        return len(self.types)

    def of(self, asset_type: str) -> npt.NDArray[np.int64]:
        """Rows of the assets of ``asset_type``, ascending."""
        return np.flatnonzero(self.types == TYPE_ORDER.index(asset_type))

    @property
    def moving(self) -> npt.NDArray[np.bool_]:
        """Which assets move: they come last, and what the others do never depends on them."""
        return np.isin(self.types, list(MOVING))


def draw_city(profile: CityProfile, scale: float = 1.0, seed: int = SEED) -> DemoCity:
    """Draw the city: the same ``scale`` and ``seed`` give the same city. About 6 s at full scale.

    ``scale`` 1 gives 34,000 lamps; 0.02 a few hundred, with the same structure on less land.
    """

    def count(full: int) -> int:
        return max(1, round(full * scale))

    rngs = [np.random.default_rng([seed, stage]) for stage in range(12)]
    ground = make_ground(np.random.default_rng(seed), float(np.sqrt(scale)))
    network = make_network(rngs[1], ground, lay_roads(rngs[0], ground))
    sheet = Sheet()
    install_lighting(rngs[3], sheet, network, place_lamps(rngs[2], network, count(34_000)))
    install_junctions(rngs[4], sheet, network, ground, count(200))
    install_cameras(rngs[5], sheet, network, ground, count(269), count(30))
    install_buildings(rngs[6], sheet, network, ground, count(180))
    install_bollards(rngs[7], sheet, network, ground, count(26))
    install_car_parks(rngs[8], sheet, network, ground, count(6))
    install_segments(np.random.default_rng([seed, 20]), sheet, network, frame_of(profile), count(400))
    routes = lay_lines(rngs[10], network, ground, scale)
    install_buses(rngs[11], sheet, network, ground, routes)
    return _assemble(rngs[9], profile, ground, network, sheet, routes)


def _assemble(
    rng: np.random.Generator,
    profile: CityProfile,
    ground: Ground,
    network: Network,
    sheet: Sheet,
    routes: list[Route],
) -> DemoCity:
    frame = frame_of(profile)
    shapes = _to_wgs84(frame, list(ground.communes))
    lonlat = np.round(frame.lonlat(np.array(sheet.points)), _DEGREES)
    types = np.array([TYPE_ORDER.index(t) for t in sheet.types], "u1")
    communes = _inside(shapes, lonlat)
    fixed = ~np.isin(types, list(MOVING))
    return DemoCity(
        communes_list=_communes(rng, profile, shapes, communes[fixed]),
        streets=_streets(frame, network),
        types=types,
        external_ids=sheet.external_ids,
        names=sheet.names,
        street_names=sheet.streets,
        lonlat=lonlat,
        parents=np.array(sheet.parents, "i4"),
        communes=communes,
        rating=np.array(sheet.rating, "f4"),
        kind=np.array(sheet.kind, "u1"),
        years=sheet.years,
        attributes=sheet.attributes,
        lines=tuple(route.line(frame) for route in routes),
    )


def _to_wgs84(frame: Frame, shapes: list[BaseGeometry]) -> list[BaseGeometry]:
    moved = shapely.transform(np.array(shapes, "O"), lambda xy: np.round(frame.lonlat(xy), _DEGREES))
    return list(moved)


def _inside(shapes: list[BaseGeometry], lonlat: Floats) -> npt.NDArray[np.int32]:
    """The commune of each point: the first that touches it, else the nearest one."""
    tree = shapely.STRtree(shapes)
    points = points_at(lonlat)
    communes = np.full(len(points), len(shapes))
    row, commune = tree.query(points, predicate="intersects")
    np.minimum.at(communes, row, commune)
    outside = np.flatnonzero(communes == len(shapes))
    communes[outside] = tree.nearest(points[outside]) if len(outside) else 0
    return communes.astype("i4")


def _communes(
    rng: np.random.Generator,
    profile: CityProfile,
    shapes: list[BaseGeometry],
    communes: npt.NDArray[np.int32],
) -> tuple[Commune, ...]:
    """People live where there is equipment; some communes look after theirs better than others."""
    share = np.bincount(communes, minlength=len(shapes)) + 1.0
    share[0] *= 1.6
    people = share / share.sum() * (profile.population or 252_000)
    care = np.exp(rng.normal(0, 0.38, len(shapes)))
    return tuple(
        Commune(
            name, f"99{number:03d}", int(round(float(people[number - 1]), -1)), shape, float(care[number - 1])
        )
        for number, (name, shape) in enumerate(zip(COMMUNES, shapes, strict=True), start=1)
    )


def _streets(frame: Frame, network: Network) -> tuple[Street, ...]:
    order = np.argsort(network.street_of, kind="stable")
    bounds = np.searchsorted(network.street_of[order], np.arange(len(network.street_names) + 1))
    lines = network.lines[order]
    merged = [_merged(lines[low:high].tolist()) for low, high in pairwise(bounds)]
    named = zip(network.street_names, network.street_ranks, _to_wgs84(frame, merged), strict=True)
    return tuple(Street(name, rank, shape) for name, rank, shape in named)


def _merged(lines: Sequence[LineString]) -> BaseGeometry:
    """A street's edges as few lines as possible."""
    return MultiLineString(lines) if len(lines) == 1 else linemerge(lines)
