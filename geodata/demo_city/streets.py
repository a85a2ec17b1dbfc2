"""The street network: roads cut where they meet, and the streets with names they make up.

A street is a run of edges that go on in the same direction through their crossings, as people name them;
its name ends at the commune's border.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from geodata.demo_city.ground import BUILT_UP, Floats, Ground
from geodata.demo_city.names import street_names
from geodata.demo_city.roads import Line, Roads

Ints = npt.NDArray[np.int64]
MIN_EDGE = 7.0
STRAIGHT = np.deg2rad(38)


@dataclass(frozen=True)
class Network:
    """The street graph: m edges between k nodes, and s streets made of edges.

    ``nodes`` (k, 2) metres; ``ends`` (m, 2) node of each end; ``lines`` (m) their shapes in that direction;
    ``ranks`` (m) 1 to 3; ``lit`` (m) whether lamps stand there; ``communes`` (m); ``street_of`` (m) index
    into ``street_names`` and ``street_ranks`` (s).
    """

    nodes: Floats
    ends: Ints
    lines: npt.NDArray[np.object_]
    ranks: Ints
    lit: npt.NDArray[np.bool_]
    communes: Ints
    street_of: Ints
    street_names: list[str]
    street_ranks: list[int]

    @cached_property
    def lengths(self) -> Floats:
        """Metres of each edge."""
        return np.asarray(shapely.length(self.lines))


def points_at(xy: Floats) -> npt.NDArray[np.object_]:
    """One point for each row of ``xy`` (n, 2)."""
    return np.asarray(shapely.points(xy), "O").reshape(-1)


def commune_of(ground: Ground, xy: Floats) -> Ints:
    """The commune each point is in, -1 where none; a point on a border goes to the first."""
    tree = shapely.STRtree(list(ground.communes))
    point, commune = tree.query(points_at(xy), predicate="intersects")
    found = np.full(len(xy), len(ground.communes))
    np.minimum.at(found, point, commune)
    return np.where(found == len(ground.communes), -1, found)


def make_network(rng: np.random.Generator, ground: Ground, roads: Roads) -> Network:
    """Cut the roads where they meet, keep what is inside the territory, and name the streets."""
    lines = _cut_roads(roads)
    middles = _middles(lines)
    communes = commune_of(ground, middles)
    kept = communes >= 0
    lines, middles, communes = lines[kept], middles[kept], communes[kept]
    nodes, ends = _graph(lines)
    kept = _reached(ends, len(nodes))
    lines, middles, communes = lines[kept], middles[kept], communes[kept]
    nodes, ends = _graph(lines)
    ranks = _ranks(middles, roads)
    streets = _streets(lines, ends, ranks, communes)
    street_ranks = [int(ranks[edges[0]]) for edges in streets]
    street_of = np.empty(len(lines), "i8")
    for number, edges in enumerate(streets):
        street_of[edges] = number
    names = street_names(
        rng, street_ranks, _dead_ends(streets, ends), [int(communes[edges[0]]) for edges in streets]
    )
    lit = _lit(ground, lines, middles, ranks)
    return Network(nodes, ends, lines, ranks, lit, communes, street_of, names, street_ranks)


def _cut_roads(roads: Roads) -> npt.NDArray[np.object_]:
    merged = shapely.union_all([*roads.main, *roads.secondary, *roads.local], grid_size=1.0)
    lines = shapely.get_parts(shapely.line_merge(merged))
    return np.asarray(lines[(shapely.length(lines) > MIN_EDGE) & ~shapely.is_closed(lines)])


def _middles(lines: npt.NDArray[np.object_]) -> Floats:
    return shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))


def _ranks(middles: Floats, roads: Roads) -> Ints:
    def near(wanted: list[Line]) -> npt.NDArray[np.bool_]:
        parts = shapely.get_parts(np.array(wanted))
        found = shapely.STRtree(parts).query(points_at(middles), predicate="dwithin", distance=2.0)[0]
        return np.isin(np.arange(len(middles)), found)

    return np.where(near(roads.main), 1, np.where(near(roads.secondary), 2, 3))


def _graph(lines: npt.NDArray[np.object_]) -> tuple[Floats, Ints]:
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    last = shapely.get_coordinates(shapely.get_point(lines, -1))
    both = np.round(np.vstack([first, last])).astype("i8")
    nodes, index = np.unique(both, axis=0, return_inverse=True)
    return nodes.astype("f8"), index.reshape(2, -1).T


def _reached(ends: Ints, count: int) -> npt.NDArray[np.bool_]:
    """The edges of the largest connected piece: a road nobody can reach is no road."""
    piece = np.arange(count)
    while True:
        least = np.minimum(piece[ends[:, 0]], piece[ends[:, 1]])
        before = piece.copy()
        np.minimum.at(piece, ends.ravel(), np.repeat(least, 2))
        piece = piece[piece]
        if (piece == before).all():
            return np.asarray(piece[ends[:, 0]] == np.bincount(piece).argmax())


def _lit(
    ground: Ground, lines: npt.NDArray[np.object_], middles: Floats, ranks: Ints
) -> npt.NDArray[np.bool_]:
    inside = shapely.contains_properly(shapely.union_all(list(ground.communes)).buffer(-12), lines)
    return np.asarray(inside & (ground.density(middles) > np.where(ranks == 1, 0.45, 0.8) * BUILT_UP))


def _streets(lines: npt.NDArray[np.object_], ends: Ints, ranks: Ints, communes: Ints) -> list[list[int]]:
    """Group edges into streets: at each crossing the pair that goes on straightest stays together."""
    joined: dict[int, list[int]] = defaultdict(list)
    for pair in _pairs(lines, ends, ranks, communes):
        joined[pair[0]].append(pair[1])
        joined[pair[1]].append(pair[0])
    seen: set[int] = set()
    streets = []
    for edge in range(len(lines)):
        if edge not in seen:
            streets.append(_reach(edge, joined, seen))
    return streets


def _reach(edge: int, joined: dict[int, list[int]], seen: set[int]) -> list[int]:
    todo, street = [edge], []
    seen.add(edge)
    while todo:
        street.append(at := todo.pop())
        for other in joined[at]:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return street


def _pairs(lines: npt.NDArray[np.object_], ends: Ints, ranks: Ints, communes: Ints) -> list[tuple[int, int]]:
    bearings = np.column_stack([_bearing(lines, 0, 1), _bearing(lines, -1, -2)])
    at_node: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for edge, (start, end) in enumerate(ends):
        at_node[int(start)].append((edge, float(bearings[edge, 0])))
        at_node[int(end)].append((edge, float(bearings[edge, 1])))
    same = [(ranks[e], communes[e]) for e in range(len(lines))]
    pairs: list[tuple[int, int]] = []
    for meeting in at_node.values():
        found = sorted(
            (_deflection(a[1], b[1]), a[0], b[0])
            for i, a in enumerate(meeting)
            for b in meeting[i + 1 :]
            if same[a[0]] == same[b[0]] and a[0] != b[0]
        )
        pairs += _straightest(found)
    return pairs


def _straightest(found: list[tuple[float, int, int]]) -> list[tuple[int, int]]:
    used: set[int] = set()
    pairs = []
    for deflection, a, b in found:
        if deflection < STRAIGHT and a not in used and b not in used:
            used |= {a, b}
            pairs.append((a, b))
    return pairs


def _bearing(lines: npt.NDArray[np.object_], at: int, towards: int) -> Floats:
    step = shapely.get_coordinates(shapely.get_point(lines, towards)) - shapely.get_coordinates(
        shapely.get_point(lines, at)
    )
    return np.asarray(np.arctan2(step[:, 1], step[:, 0]))


def _deflection(one: float, other: float) -> float:
    """How far from straight on: two edges leave a node in directions ``one`` and ``other`` (radians)."""
    return float(abs(np.pi - abs((one - other + np.pi) % (2 * np.pi) - np.pi)))


def _dead_ends(streets: list[list[int]], ends: Ints) -> list[bool]:
    degree = np.bincount(ends.ravel())
    return [len(edges) == 1 and bool((degree[ends[edges[0]]] == 1).any()) for edges in streets]
