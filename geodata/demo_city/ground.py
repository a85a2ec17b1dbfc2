"""The land the demo city stands on: outline, communes, river, and how built-up each place is.

Everything is in metres east and north of the city's centre, in the profile's metric system. ``reach`` is
the square root of the city's scale, so that a small city has the same shape on less land.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, MultiPolygon, Polygon

from geodata.profiles import CityProfile

Floats = npt.NDArray[np.float64]
INNER, OUTER = 8, 14
COMMUNES = 1 + INNER + OUTER
BUILT_UP = 0.19
"""Density above which there are lit local streets."""


@dataclass(frozen=True)
class Frame:
    """Metres around the centre of a city, to and from WGS84."""

    east: float
    north: float
    crs: str

    def lonlat(self, xy: Floats) -> Floats:
        """Longitude and latitude (n, 2) of points ``xy`` (n, 2) in metres."""
        transformer = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        lon, lat = transformer.transform(xy[:, 0] + self.east, xy[:, 1] + self.north)
        return np.column_stack([lon, lat])


def frame_of(profile: CityProfile) -> Frame:
    """The frame centred on the middle of the profile's bounds."""
    box = profile.bounds
    transformer = Transformer.from_crs("EPSG:4326", profile.metric_crs, always_xy=True)
    east, north = transformer.transform((box.west + box.east) / 2, (box.south + box.north) / 2)
    return Frame(float(east), float(north), profile.metric_crs)


@dataclass(frozen=True)
class Ground:
    """The land: ``seeds`` (23, 2) are the communes' centres (the city first, then the near ones)."""

    reach: float
    outline: Polygon
    communes: tuple[Polygon | MultiPolygon, ...]
    seeds: Floats
    river: Polygon
    density: Callable[[Floats], Floats]
    warp: Callable[[Floats], Floats]


def waves(rng: np.random.Generator, wavelength: float, terms: int = 7) -> Callable[[Floats], Floats]:
    """A smooth noise over the plane, about -1 to 1: a sum of random plane waves."""
    angle = rng.uniform(0, 2 * np.pi, terms)
    number = 2 * np.pi / (wavelength * rng.uniform(0.7, 1.6, terms))
    vectors = np.column_stack([np.cos(angle), np.sin(angle)]) * number[:, None]
    phase = rng.uniform(0, 2 * np.pi, terms)
    return lambda xy: np.sin(xy @ vectors.T + phase).sum(axis=1) / np.sqrt(terms)


def make_ground(rng: np.random.Generator, reach: float) -> Ground:
    """The land of a city whose lengths are ``reach`` times those of the full one."""
    outline = _outline(rng, reach)
    seeds = _seeds(rng, outline, reach)
    communes = _communes(rng, outline, seeds, reach)
    # A village stands in the middle of its land.
    seeds[1 + INNER :] = [shapely.get_coordinates(c.point_on_surface())[0] for c in communes[1 + INNER :]]
    return Ground(
        reach=reach,
        outline=outline,
        communes=communes,
        seeds=seeds,
        river=_river(rng, reach),
        density=_density(rng, seeds, reach),
        warp=_warp(rng, reach),
    )


def _outline(rng: np.random.Generator, reach: float) -> Polygon:
    """A rounded, uneven territory of about 240 km² at full reach, inside the profile's bounds."""
    theta = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = np.full_like(theta, 8_900.0)
    for order, depth in ((1, 700), (2, 750), (3, 800), (4, 500), (5, 420), (8, 300), (13, 160)):
        radius += depth * np.cos(order * theta + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius * 0.95, 6_300, 10_500) * reach
    return Polygon(np.column_stack([np.cos(theta) * radius * 1.1, np.sin(theta) * radius * 0.96]))


def _seeds(rng: np.random.Generator, outline: Polygon, reach: float) -> Floats:
    def ring(count: int, radius: float, spread: float, turn: float) -> Floats:
        angle = turn + (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count
        length = radius + rng.uniform(-spread, spread, count)
        return np.column_stack([np.cos(angle), np.sin(angle)]) * length[:, None] * reach

    inner = ring(INNER, 4_450, 850, 0.35)
    outer = ring(OUTER, 7_150, 600, 0.1)
    inside = shapely.contains_xy(outline.buffer(-700 * reach), outer[:, 0], outer[:, 1])
    outer[~inside] *= 0.88
    return np.vstack([[[0.0, 0.0]], inner, outer])


def _communes(
    rng: np.random.Generator, outline: Polygon, seeds: Floats, reach: float
) -> tuple[Polygon | MultiPolygon, ...]:
    """Tile the outline: small Voronoi cells, each given to the commune that is nearest by its weight."""
    box = 11_000 * reach
    step = 330 * reach
    axis = np.arange(-box, box, step)
    grid = np.column_stack([g.ravel() for g in np.meshgrid(axis, axis)])
    points = grid + rng.uniform(-0.42, 0.42, grid.shape) * step
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    cells = cells[shapely.intersects(cells, outline)]
    at = shapely.get_coordinates(shapely.centroid(cells))
    warp = np.column_stack([waves(rng, 3_400 * reach)(at), waves(rng, 3_400 * reach)(at)]) * 430 * reach
    weight = np.array([2_150.0] + [520.0] * INNER + [0.0] * OUTER) * reach
    distance = np.linalg.norm((at + warp)[:, None, :] - seeds[None], axis=2) - weight
    owner = distance.argmin(axis=1)
    # Cells are whole up to the edge, so the border of the territory is as uneven as the inner ones.
    whole = [shapely.coverage_union_all(cells[owner == k]) for k in range(len(seeds))]
    return tuple(shapely.coverage_simplify(np.array(whole), 90 * reach))


def _river(rng: np.random.Generator, reach: float) -> Polygon:
    """A river from the north-west to the south-east, passing just beside the old town."""
    along = np.linspace(-13_000, 13_000, 260) * reach
    calm = 1 - 0.75 * np.exp(-((along / (2_500 * reach)) ** 2))
    side = (
        np.sin(along / (1_700 * reach) + rng.uniform(0, 6)) * 620
        + np.sin(along / (640 * reach) + rng.uniform(0, 6)) * 210
    ) * calm * reach - 950 * reach
    turn = np.deg2rad(-38)
    x = along * np.cos(turn) - side * np.sin(turn)
    y = along * np.sin(turn) + side * np.cos(turn)
    return LineString(np.column_stack([x, y])).buffer(38 * max(reach, 0.3))


def _density(rng: np.random.Generator, seeds: Floats, reach: float) -> Callable[[Floats], Floats]:
    """How built-up a place is, 0 (fields) to about 1 (old town): one mound for each commune, made uneven."""
    height = np.concatenate([[1.0], rng.uniform(0.42, 0.62, INNER), rng.uniform(0.34, 0.46, OUTER)])
    width = np.concatenate([[2_250.0], rng.uniform(820, 1_280, INNER), rng.uniform(460, 760, OUTER)]) * reach
    warps = [waves(rng, 1_900 * reach) for _ in range(2)]
    grain = waves(rng, 900 * reach)

    def density(xy: Floats) -> Floats:
        at = xy + np.column_stack([w(xy) for w in warps]) * 240 * reach
        squared = ((at[:, None, :] - seeds[None]) ** 2).sum(axis=2)
        mounds = height * np.exp(-squared / width**2)
        return np.asarray(mounds.sum(axis=1) * (1 + 0.22 * grain(xy)))

    return density


def _warp(rng: np.random.Generator, reach: float) -> Callable[[Floats], Floats]:
    """Bend what was drawn with a compass: the points it is given, moved by up to some hundred metres."""
    push = [waves(rng, 3_000 * reach) for _ in range(2)]
    return lambda xy: xy + np.column_stack([p(xy) for p in push]) * 300 * reach * _far(xy, reach)


def _far(xy: Floats, reach: float) -> Floats:
    """0 in the old town, 1 beyond the second boulevard: the middle keeps its shape."""
    return np.asarray(np.clip(np.linalg.norm(xy, axis=1) / (1_900 * reach), 0, 1)[:, None])
