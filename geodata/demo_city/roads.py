"""The demo city's roads before they are streets: main roads, secondary roads, then local ones.

Main roads are radials and rings; secondary ones link communes and cut the town into quarters; local ones
split each quarter again and again across its longer side, as land is parcelled out, until blocks have the
size that suits the density there. Lines are in metres around the centre.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from geodata.demo_city.ground import BUILT_UP, INNER, Floats, Ground

Line = BaseGeometry


@dataclass(frozen=True)
class Roads:
    """Lines by rank: 1 main, 2 secondary, 3 local."""

    main: list[Line]
    secondary: list[Line]
    local: list[Line]


def lay_roads(rng: np.random.Generator, ground: Ground) -> Roads:
    """Every road of the city, not yet cut where roads meet."""
    land = shapely.union_all(np.array(ground.communes))
    dry = land.difference(ground.river.buffer(2))
    radials, rings = list(_radials(rng, ground)), list(_rings(rng, ground))
    main = [line.intersection(land.buffer(40)) for line in radials + rings]
    secondary = [line.intersection(land) for line in _links(rng, ground)] + _quays(ground)
    secondary += [line.intersection(dry) for line in _quarters(rng, ground)]
    return Roads(main, secondary, list(_locals(rng, ground, main, secondary, dry)))


def _wander(rng: np.random.Generator, start: Floats, end: Floats, sway: float) -> Floats:
    """Points of a road from ``start`` to ``end`` that bends a little on its way."""
    length = float(np.linalg.norm(end - start))
    along = np.linspace(0, 1, max(3, int(length / 110)))
    across = np.array([-(end - start)[1], (end - start)[0]]) / max(length, 1)
    bend = np.sum([np.sin(np.pi * k * along) * rng.normal(0, 1 / k) for k in (1, 2, 3, 5)], axis=0)
    return np.asarray(start + along[:, None] * (end - start) + (bend * sway * length)[:, None] * across)


def _radials(rng: np.random.Generator, ground: Ground) -> Iterator[Line]:
    """From the old town through each near commune to the far ones behind it, and out of the territory."""
    near, far = ground.seeds[1 : 1 + INNER], ground.seeds[1 + INNER :]
    for at in near:
        direction = at / np.linalg.norm(at)
        start = direction * rng.uniform(120, 420) * ground.reach
        yield LineString(_wander(rng, start, at, 0.035))
    for at in far:
        gate = near[np.argmin(np.linalg.norm(near - at, axis=1))]
        yield LineString(_wander(rng, gate, at, 0.04))
        yield LineString(_wander(rng, at, at * 1.6, 0.04))


def _rings(rng: np.random.Generator, ground: Ground) -> Iterator[Line]:
    """The boulevard around the old town, a second one, and a bypass that was never closed."""
    for radius, depth, share in ((640, 0.16, 1.0), (1_850, 0.10, 1.0), (3_300, 0.08, 0.72)):
        theta = 2.0 + np.linspace(0, 2 * np.pi * share, 160)
        wave = np.sum([np.cos(k * theta + rng.uniform(0, 6.3)) * depth / k for k in (2, 3, 5)], axis=0)
        length = radius * ground.reach * (1 + wave)
        yield LineString(ground.warp(np.column_stack([np.cos(theta), np.sin(theta)]) * length[:, None]))


def _links(rng: np.random.Generator, ground: Ground) -> Iterator[Line]:
    """Roads from village to village, the shorter sides of a triangulation of their centres."""
    sides = shapely.get_parts(
        shapely.delaunay_triangles(shapely.multipoints(ground.seeds[1:]), only_edges=True)
    )
    for side in sides:
        points = shapely.get_coordinates(side)
        for start, end in pairwise(points):
            if np.linalg.norm(end - start) < 4_700 * ground.reach:
                yield LineString(_wander(rng, start, end, 0.05))


def _quays(ground: Ground) -> list[Line]:
    """A road along each bank where the town touches the river."""
    banks = ground.river.buffer(14).exterior
    pieces = shapely.get_parts(shapely.node(banks.segmentize(120)))
    segments = [
        LineString(pair)
        for piece in pieces
        for pair in zip(list(piece.coords)[:-1], list(piece.coords)[1:], strict=True)
    ]
    ends = np.array([s.interpolate(0.5, normalized=True).coords[0] for s in segments])
    return [s for s, built in zip(segments, ground.density(ends) > BUILT_UP * 1.3, strict=True) if built]


def _quarters(rng: np.random.Generator, ground: Ground) -> Iterator[Line]:
    """Secondary roads: the sides of uneven cells, smaller where the town is denser."""
    step = 330.0
    axis = np.arange(-10_500 * ground.reach, 10_500 * ground.reach, step)
    grid = np.column_stack([g.ravel() for g in np.meshgrid(axis, axis)])
    points = grid + rng.uniform(-0.44, 0.44, grid.shape) * step
    built = ground.density(points)
    wanted = np.interp(built, [0, BUILT_UP, 0.45, 1.0], [900, 760, 560, 420])
    points = points[(rng.random(len(points)) < (step / wanted) ** 2) & (built > BUILT_UP * 0.5)]
    if len(points) < 4:
        return
    for edge in shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), only_edges=True)):
        at = shapely.get_coordinates(edge)
        for start, end in pairwise(at):
            middle = (start + end)[None] / 2
            if np.linalg.norm(end - start) < 2_500 and ground.density(middle)[0] > BUILT_UP:
                yield LineString(_wander(rng, start, end, 0.03))


def _locals(
    rng: np.random.Generator, ground: Ground, main: list[Line], secondary: list[Line], dry: BaseGeometry
) -> Iterator[Line]:
    """Split every built-up face between the larger roads down to blocks; yields the cuts."""
    border = [ground.river.exterior, *(shapely.boundary(c) for c in ground.communes)]
    lines = shapely.union_all([*main, *secondary, *border], grid_size=1.0)
    todo = [f for f in shapely.get_parts(shapely.polygonize([lines])) if f.intersects(dry)]
    homes = _homes(ground)
    while todo:
        face = todo.pop()
        middle = shapely.get_coordinates(shapely.centroid(face))
        built = float(ground.density(middle)[0])
        if not _to_be_split(rng, face, built, homes):
            continue
        cut = _cut(rng, face, jitter=0.30 if np.hypot(*middle[0]) < 640 * ground.reach else 0.09)
        inside = cut.intersection(face).difference(ground.river)
        if inside.length > 12 and _is_built(ground, inside):
            yield inside
        todo += [piece for piece in split(face, cut).geoms if piece.area < face.area * 0.97]


def _homes(ground: Ground) -> shapely.STRtree:
    """Points all over the built-up land, to find the fields that have a village in a corner."""
    axis = np.arange(-10_500, 10_500, 130.0) * ground.reach
    grid = np.column_stack([g.ravel() for g in np.meshgrid(axis, axis)])
    return shapely.STRtree(
        list(shapely.get_parts(shapely.multipoints(grid[ground.density(grid) > BUILT_UP])))
    )


def _is_built(ground: Ground, line: Line) -> bool:
    middle = shapely.get_coordinates(line.interpolate(0.5, normalized=True))
    return bool(ground.density(middle)[0] > BUILT_UP * 0.9)


def _to_be_split(rng: np.random.Generator, face: Polygon, built: float, homes: shapely.STRtree) -> bool:
    """Whether a face is still larger than the blocks of its surroundings; some stay whole, as parks."""
    if built < BUILT_UP:
        return face.area > 26_000 and len(homes.query(face, "contains")) > 0
    park = face.area < 90_000 and rng.random() < 0.012
    target = float(np.interp(built, [BUILT_UP, 0.4, 0.8, 1.1], [24_000, 20_000, 15_000, 8_000]))
    return not park and face.area > target * rng.uniform(0.75, 1.5)


def _cut(rng: np.random.Generator, face: Polygon, jitter: float) -> LineString:
    """A line across the longer side of ``face``, a little off its middle, its right angle and straight."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(face))[:4]
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    long, short = (first, second) if np.linalg.norm(first) > np.linalg.norm(second) else (second, first)
    middle = corners.mean(axis=0) + long * rng.uniform(-0.12, 0.12)
    turn = rng.normal(0, jitter)
    across = short @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    bow = middle + long * rng.normal(0, 0.025)
    return LineString([middle - across * 0.9, bow, middle + across * 0.9])
