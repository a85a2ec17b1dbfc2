"""The demo city's buses: lines along its main streets, and the vehicles that run them from two depots."""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString

from geodata.demo_city.ground import INNER, OUTER, Floats, Frame, Ground
from geodata.demo_city.names import COMMUNES
from geodata.demo_city.sheet import Sheet
from geodata.demo_city.streets import Ints, Network
from geodata.transit import BusLine

LINES, BUSES = 12, 120
SPEED_MS = 5.0
"""Commercial speed of a bus, stops included: 18 km/h."""
_COST = {1: 1.0, 2: 1.15, 3: 2.4}
"""A metre of each rank: buses keep to the larger streets."""
_PARKED_M = 13.0
Adjacent = dict[int, list[tuple[int, int, float]]]


@dataclass(frozen=True)
class Route:
    """One line as drawn: ``way`` in metres from terminus to terminus, and how many buses run it."""

    name: str
    title: str
    way: LineString
    buses: int

    def line(self, frame: Frame) -> BusLine:
        """The same in WGS84, with the headway its buses can keep."""
        headway = round(2 * self.way.length / SPEED_MS / self.buses)
        path = np.round(frame.lonlat(shapely.get_coordinates(self.way)), 7)
        return BusLine(self.name, self.title, headway, path)


def lay_lines(rng: np.random.Generator, network: Network, ground: Ground, scale: float) -> list[Route]:
    """The lines of a city of ``scale``: across the middle from commune to commune, and one around it."""
    adjacent, hubs = _adjacent(network), _hubs(network)
    count = max(2, round(LINES * float(np.sqrt(scale))))
    fleet = max(3 * count, round(BUSES * scale))
    ways: list[tuple[str, LineString]] = []
    for stops, title in _wanted(rng, ground)[:count]:
        at = [int(hubs[np.square(network.nodes[hubs] - xy).sum(axis=1).argmin()]) for xy in stops]
        way = _way(network, adjacent, at)
        if way is not None:
            ways.append((title, way))
    lengths = np.array([way.length for _, way in ways])
    shares = np.diff(np.round(np.cumsum(np.append(0, lengths)) / lengths.sum() * fleet)).astype(int)
    return [
        Route(f"L{number}", title, way, max(2, int(share)))
        for number, ((title, way), share) in enumerate(zip(ways, shares, strict=True), start=1)
    ]


def install_buses(
    rng: np.random.Generator, sheet: Sheet, network: Network, ground: Ground, routes: list[Route]
) -> None:
    """Write every bus, parked in rows at one of two depots; its line stands where others name a street."""
    hubs = _hubs(network)
    number = 0
    for place, route in enumerate(routes):
        yard = ground.seeds[1 + (place % 2) * (INNER // 2)]
        node = int(hubs[np.square(network.nodes[hubs] - yard).sum(axis=1).argmin()])
        for _ in range(route.buses):
            row, column = divmod(number, 10)
            number += 1
            sheet.add(
                "bus",
                f"BUS-{number:03d}",
                f"Bus {number:03d}",
                f"Ligne {route.name}",
                network.nodes[node] + [25 + _PARKED_M * column, 25 + _PARKED_M * row],
                year=int(rng.integers(2014, 2026)),
                line=route.name,
            )


def _wanted(rng: np.random.Generator, ground: Ground) -> list[tuple[Floats, str]]:
    """What each line joins: opposite communes by way of the middle, then half a ring."""
    near = [(1 + at, 1 + at + INNER // 2) for at in range(INNER // 2)]
    far = [(1 + INNER + at, 1 + INNER + at + OUTER // 2) for at in range(OUTER // 2)]
    wanted = []
    for first, last in [*near, *far]:
        middle = rng.normal(0, 330 * ground.reach, 2)
        stops = np.array([ground.seeds[first], middle, ground.seeds[last]])
        wanted.append((stops, f"{COMMUNES[first]} – {COMMUNES[last]}"))
    around = ground.seeds[1 : 2 + INNER // 2]
    wanted.append((around, f"{COMMUNES[1]} – {COMMUNES[1 + INNER // 2]} par la rocade"))
    return wanted


def _adjacent(network: Network) -> Adjacent:
    adjacent: Adjacent = defaultdict(list)
    costs = network.lengths * np.array([_COST[int(rank)] for rank in network.ranks])
    for edge, (start, end) in enumerate(network.ends.tolist()):
        adjacent[start].append((end, edge, float(costs[edge])))
        adjacent[end].append((start, edge, float(costs[edge])))
    return adjacent


def _hubs(network: Network) -> Ints:
    """The nodes a larger street touches."""
    return np.unique(network.ends[network.ranks < 3])


def _way(network: Network, adjacent: Adjacent, stops: list[int]) -> LineString | None:
    """The cheapest way past all ``stops``; None where it would be no line at all."""
    points: list[Floats] = []
    for start, end in pairwise(stops):
        for edge, forward in _cheapest(network, adjacent, start, end):
            shape = shapely.get_coordinates(network.lines[edge])
            points.append(shape if forward else shape[::-1])
    if not points:
        return None
    return shapely.simplify(shapely.remove_repeated_points(LineString(np.vstack(points)), 0.5), 1.5)


def _cheapest(network: Network, adjacent: Adjacent, start: int, end: int) -> list[tuple[int, bool]]:
    """The edges of the cheapest way, each with whether it is taken in its own direction (Dijkstra)."""
    before: dict[int, tuple[int, int]] = {start: (-1, -1)}
    least = {start: 0.0}
    todo = [(0.0, start)]
    while todo:
        cost, node = heapq.heappop(todo)
        if node == end:
            break
        if cost > least[node]:
            continue
        for other, edge, more in adjacent[node]:
            if cost + more < least.get(other, np.inf):
                least[other] = cost + more
                before[other] = (node, edge)
                heapq.heappush(todo, (cost + more, other))
    return _walked(network, before, start, end)


def _walked(
    network: Network, before: dict[int, tuple[int, int]], start: int, end: int
) -> list[tuple[int, bool]]:
    edges: list[tuple[int, bool]] = []
    node = end
    while node != start:
        previous, edge = before[node]
        edges.append((edge, int(network.ends[edge][0]) == previous))
        node = previous
    return edges[::-1]
