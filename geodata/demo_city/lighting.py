"""Lighting on the sheet: each cabinet followed by the lamps it feeds, in the order they are fed."""

from itertools import pairwise

import numpy as np
import shapely

from geodata.demo_city.ground import Floats
from geodata.demo_city.lamps import Lamps
from geodata.demo_city.sheet import Sheet, z_order
from geodata.demo_city.streets import Ints, Network

PROGRAMMES = (1.0, 0.5, 0.6, 0.7)
"""Share of the light kept from 23:00 to 05:00, by programme; the first does not dim."""

_LED = {1: (88, 96, 110), 2: (52, 60, 71), 3: (28, 36, 43)}
_SODIUM = {1: (165, 165, 280), 2: (115, 115, 165), 3: (83, 83, 115)}
_HEIGHT = {1: 9.0, 2: 7.0, 3: 5.0}
SODIUM_W = {height: sum(_SODIUM[rank]) / len(_SODIUM[rank]) for rank, height in _HEIGHT.items()}
"""Mean rated power of a sodium lamp by the height it hangs at."""


def install_lighting(rng: np.random.Generator, sheet: Sheet, network: Network, lamps: Lamps) -> None:
    """Write every cabinet and lamp."""
    count = int(lamps.cabinets.max()) + 1
    bounds = np.searchsorted(lamps.cabinets, np.arange(count + 1))
    middles = np.array([lamps.xy[a:b].mean(axis=0) for a, b in pairwise(bounds)])
    modern = rng.beta(4.5, 1.6, count)
    lamp_number = 0
    for number, cabinet in enumerate(z_order(middles).tolist(), start=1):
        fed = np.arange(bounds[cabinet], bounds[cabinet + 1])
        _install_one(rng, sheet, network, lamps, fed, number, lamp_number, float(modern[cabinet]))
        lamp_number += len(fed)


def _install_one(
    rng: np.random.Generator,
    sheet: Sheet,
    network: Network,
    lamps: Lamps,
    fed: Ints,
    number: int,
    lamp_number: int,
    modern: float,
) -> None:
    """One cabinet, beside the lamp nearest the middle of its lamps, then those lamps."""
    ranks = network.ranks[lamps.edges[fed]]
    led = rng.random(len(fed)) < modern
    watts = np.array([_watts(rng, int(r), bool(m)) for r, m in zip(ranks, led, strict=True)])
    middle = lamps.xy[fed].mean(axis=0)
    beside = fed[np.square(lamps.xy[fed] - middle).sum(axis=1).argmin()]
    programme = _programme(rng, ranks)
    row = sheet.add(
        "control_cabinet",
        f"EP-{number:04d}",
        f"Armoire EP-{number:04d}",
        street_of(network, int(lamps.edges[beside])),
        lamps.xy[beside] + rng.uniform(3, 6, 2) * rng.choice([-1, 1], 2),
        rating=float(watts.sum()) / 1000,
        kind=programme,
        year=int(rng.integers(1998, 2025)),
        feeders=int(np.ceil(len(fed) / 24)),
        programme=f"P-{programme}",
        dimming_percent=round(100 * PROGRAMMES[programme]),
        rated_kw=round(float(watts.sum()) / 1000, 3),
    )
    for at, lamp in enumerate(fed.tolist()):
        rank = int(ranks[at])
        sheet.add(
            "streetlight",
            f"L-{lamp_number + at + 1:06d}",
            f"Point lumineux {lamp_number + at + 1}",
            street_of(network, int(lamps.edges[lamp])),
            lamps.xy[lamp],
            parent=row,
            rating=float(watts[at]),
            year=int(rng.integers(2015, 2026) if led[at] else rng.integers(1991, 2013)),
            power_w=int(watts[at]),
            source="LED" if led[at] else "SHP",
            height_m=_HEIGHT[rank],
            feeder=at // 24 + 1,
        )


def _watts(rng: np.random.Generator, rank: int, led: bool) -> int:
    choices = (_LED if led else _SODIUM)[rank]
    return int(choices[rng.integers(len(choices))])


def _programme(rng: np.random.Generator, ranks: Ints) -> int:
    """Main roads keep more of their light; a few cabinets never dim."""
    if rng.random() < 0.1:
        return 0
    return 3 if (ranks == 1).mean() > 0.4 else 2 if (ranks < 3).mean() > 0.5 else 1


def street_of(network: Network, edge: int) -> str:
    """The name of the street an edge belongs to."""
    return network.street_names[int(network.street_of[edge])]


def along(network: Network, edge: int, node: int, metres: float, beside: float) -> Floats:
    """A point on ``edge``, ``metres`` from its end ``node`` and ``beside`` metres to its left."""
    line = network.lines[edge]
    length = float(line.length)
    ahead = metres if network.ends[edge][0] == node else length - metres
    at = np.clip([ahead - 1, ahead, ahead + 1], 0, length)
    behind, here, before = (shapely.get_coordinates(line.interpolate(a))[0] for a in at)
    way = before - behind
    way = way / max(float(np.linalg.norm(way)), 1e-6)
    return np.asarray(here + beside * np.array([-way[1], way[0]]))
