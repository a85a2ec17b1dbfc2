"""Lamps along the lit streets, and the cabinets that feed them: 40 to 100 neighbours on the network each."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely

from geodata.demo_city.ground import Floats
from geodata.demo_city.streets import Ints, Network

FEWEST, MOST = 40, 100
SPACING = {1: 25.0, 2: 27.0, 3: 31.0}


@dataclass(frozen=True)
class Lamps:
    """n lamps, in the order they are fed: ``xy`` (n, 2) metres, ``edges`` (n), ``cabinets`` (n)."""

    xy: Floats
    edges: Ints
    cabinets: Ints


def place_lamps(rng: np.random.Generator, network: Network, count: int) -> Lamps:
    """``count`` lamps along the lit edges, grouped by cabinet along the network."""
    edges, along = _spread(network, count)
    groups = _feeders(rng, network, edges)
    order = np.concatenate([np.array(g) for g in groups])
    cabinets = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    xy = _kerb(rng, network, edges, along)
    return Lamps(xy[order], edges[order], cabinets)


def _spread(network: Network, count: int) -> tuple[Ints, Floats]:
    """Edge of each lamp and its place along it in metres: evenly, closer on larger roads."""
    spacing = np.array([SPACING[int(r)] for r in network.ranks])
    weight = np.where(network.lit, network.lengths / spacing, 0.0)
    upto = np.cumsum(weight)
    at = (np.arange(count) + 0.5) * upto[-1] / count
    edges = np.searchsorted(upto, at)
    return edges, (at - (upto - weight)[edges]) / weight[edges] * network.lengths[edges]


def _kerb(rng: np.random.Generator, network: Network, edges: Ints, along: Floats) -> Floats:
    """Lamps stand beside the roadway: on both sides in turn on large roads, on one side on small ones."""
    lines = network.lines[edges]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, along))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, along + 1.5))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(along - 1.5, 0)))
    way = ahead - behind
    way /= np.maximum(np.linalg.norm(way, axis=1), 1e-6)[:, None]
    turn = np.where(network.ranks[edges] < 3, np.arange(len(edges)) % 2, edges % 2) * 2 - 1
    width = np.array([0.0, 8.0, 5.5, 3.8])[network.ranks[edges]] + rng.normal(0, 0.5, len(edges))
    return np.asarray(at + np.column_stack([-way[:, 1], way[:, 0]]) * (turn * width)[:, None])


@dataclass
class _Feeding:
    """Groups being made: closed ones, the lamps waiting at each node, and the groups next to those."""

    closed: list[list[int]] = field(default_factory=list)
    waiting: dict[int, list[int]] = field(default_factory=dict)
    beside: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def close(self, lamps: list[int], node: int) -> list[int]:
        """Make ``lamps`` a group, the one now next to ``node``; returns the empty list to go on with."""
        self.closed.append(lamps)
        self.beside[node] = {len(self.closed) - 1}
        return []


def _enough(rng: np.random.Generator) -> int:
    """Lamps that make a group; below half of MOST, so that two waiting lots together are never too many."""
    return int(rng.integers(FEWEST + 5, MOST // 2))


def _feeders(rng: np.random.Generator, network: Network, lamp_edges: Ints) -> list[list[int]]:
    """Cut a spanning tree of the network, from its tips to its root, into groups of 40 to 100 lamps."""
    on_edge: dict[int, list[int]] = defaultdict(list)
    for lamp, edge in enumerate(lamp_edges):
        on_edge[int(edge)].append(lamp)
    order, up, loose = _tree(network)
    feeding = _Feeding()
    for node in order:
        bag = feeding.waiting.pop(node, [])
        for edge in loose[node]:
            bag = _along(rng, feeding, node, bag, on_edge[edge])
        if node in up:
            edge, parent = up[node]
            lamps = on_edge[edge] if network.ends[edge][0] == node else on_edge[edge][::-1]
            bag = _along(rng, feeding, node, bag, lamps)
            _hand_up(rng, feeding, node, parent, bag)
        else:
            _settle(feeding, node, bag)
    return feeding.closed


def _along(
    rng: np.random.Generator, feeding: _Feeding, node: int, bag: list[int], lamps: list[int]
) -> list[int]:
    limit = _enough(rng)
    for lamp in lamps:
        bag = [*bag, lamp]
        if len(bag) >= limit:
            bag = feeding.close(bag, node)
    return bag


def _hand_up(rng: np.random.Generator, feeding: _Feeding, node: int, parent: int, bag: list[int]) -> None:
    """Give a node's unfed lamps to its parent, closing a group there when there are enough."""
    feeding.beside[parent] |= feeding.beside.pop(node, set())
    together = feeding.waiting.get(parent, []) + bag
    if len(together) >= _enough(rng):
        together = feeding.close(together, parent)
    feeding.waiting[parent] = together


def _settle(feeding: _Feeding, root: int, bag: list[int]) -> None:
    """What is left at the root: its own group where large enough, else part of the group next to it."""
    beside = feeding.beside[root]
    if len(bag) >= FEWEST or not beside:
        feeding.close(bag, root)
    else:
        smallest = feeding.closed[min(beside, key=lambda group: len(feeding.closed[group]))]
        if len(smallest) + len(bag) <= MOST:
            smallest += bag
        else:
            # Fed last is nearest the root: those lamps join the ones left there.
            lent = FEWEST - len(bag)
            feeding.close([*smallest[-lent:], *bag], root)
            del smallest[-lent:]


def _tree(network: Network) -> tuple[list[int], dict[int, tuple[int, int]], dict[int, list[int]]]:
    """A spanning tree: nodes from the tips to the root, edge and parent of each, edges left over."""
    leader = list(range(len(network.nodes)))

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    near: dict[int, list[tuple[int, int]]] = defaultdict(list)
    loose: dict[int, list[int]] = defaultdict(list)
    cost = network.lengths * np.where(network.lit, 1.0, 30.0) * np.where(network.ranks == 1, 2.0, 1.0)
    for edge in np.argsort(cost, kind="stable").tolist():
        a, b = (int(n) for n in network.ends[edge])
        if find(a) == find(b):
            loose[a].append(edge)
        else:
            leader[find(a)] = find(b)
            near[a].append((edge, b))
            near[b].append((edge, a))
    return *_from_root(near), loose


def _from_root(
    near: dict[int, list[tuple[int, int]]],
) -> tuple[list[int], dict[int, tuple[int, int]]]:
    up: dict[int, tuple[int, int]] = {}
    seen, todo, order = {0}, [0], []
    while todo:
        order.append(node := todo.pop())
        for edge, other in near[node]:
            if other not in seen:
                seen.add(other)
                up[other] = (edge, node)
                todo.append(other)
    return order[::-1], up
