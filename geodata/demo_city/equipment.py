"""Equipment at crossings: signalised junctions with detectors, gateways and cameras, bollards, car parks."""

from collections import defaultdict

import numpy as np

from geodata.demo_city.ground import Floats, Ground
from geodata.demo_city.lighting import along, street_of
from geodata.demo_city.names import short
from geodata.demo_city.sheet import Sheet, apart, z_order
from geodata.demo_city.streets import Network

INBOUND, OUTBOUND, CENTRAL, RESIDENTIAL = range(4)
"""Traffic profiles, a detector's ``kind``."""

PROFILES = ("inbound", "outbound", "central", "residential")

_BUSY = {1: 880.0, 2: 430.0, 3: 170.0}
_CAR_PARKS = ("Halles", "Gare", "Remparts", "Beffroi", "Tanneurs", "Opéra", "Hôtel de ville", "Université")


def edges_at(network: Network) -> dict[int, list[int]]:
    """The edges that meet at each node."""
    meeting: dict[int, list[int]] = defaultdict(list)
    for edge, (start, end) in enumerate(network.ends.tolist()):
        meeting[start].append(edge)
        meeting[end].append(edge)
    return meeting


def install_junctions(
    rng: np.random.Generator, sheet: Sheet, network: Network, ground: Ground, count: int
) -> None:
    """Write ``count`` signalised junctions on the larger crossings, each with its detectors."""
    meeting = edges_at(network)
    weight = np.zeros(len(network.nodes))
    built = ground.density(network.nodes)
    for node, edges in meeting.items():
        ranks = network.ranks[edges]
        streets = {street_of(network, e) for e in edges}
        if len(edges) >= 3 and len(streets) >= 2 and network.lit[edges].any():
            weight[node] = (4 * (ranks == 1).sum() + (ranks == 2).sum() + 0.02) * built[node]
    chosen = np.array(apart(rng, network.nodes, weight, count, 190.0))
    for number, at in enumerate(z_order(network.nodes[chosen]).tolist(), start=1):
        _install_junction(rng, sheet, network, int(chosen[at]), meeting[int(chosen[at])], number)


def _install_junction(
    rng: np.random.Generator, sheet: Sheet, network: Network, node: int, edges: list[int], number: int
) -> None:
    edges = sorted(edges, key=lambda e: (network.ranks[e], e))
    streets = list(dict.fromkeys(street_of(network, e) for e in edges))
    title = " / ".join(short(s) for s in streets[:2])
    row = sheet.add(
        "junction",
        f"CF-{number:03d}",
        f"Carrefour {title}",
        streets[0],
        network.nodes[node],
        year=int(rng.integers(2004, 2025)),
        signal_groups=2 * len(edges),
        controller=str(rng.choice(["C-100", "C-240", "C-240"])),
        bus_priority=bool(rng.random() < 0.35),
    )
    approaches = [e for e in edges if network.lengths[e] > 20]
    spots = [(e, side) for e in approaches for side in ((2.2, -2.2) if network.ranks[e] == 1 else (2.0,))]
    for loop, (edge, side) in enumerate(spots[:5], start=1):
        _install_detector(rng, sheet, network, row, (node, edge), (number, loop), side, title)


def _install_detector(
    rng: np.random.Generator,
    sheet: Sheet,
    network: Network,
    junction: int,
    place: tuple[int, int],
    numbers: tuple[int, int],
    side: float,
    title: str,
) -> None:
    node, edge = place
    away = min(38.0, float(network.lengths[edge]) * 0.6)
    at = along(network, edge, node, away, side)
    central = float(np.hypot(*at)) < 0.12 * float(np.abs(network.nodes).max())
    rank = int(network.ranks[edge])
    kind = CENTRAL if central else RESIDENTIAL if rank == 3 else INBOUND if side > 0 else OUTBOUND
    busiest = round(_BUSY[rank] * float(rng.lognormal(0, 0.28)))
    sheet.add(
        "detector",
        f"BC-{numbers[0]:03d}.{numbers[1]}",
        f"Boucle D{numbers[1]} · {title}",
        street_of(network, edge),
        at,
        parent=junction,
        rating=busiest,
        kind=kind,
        year=int(rng.integers(2008, 2025)),
        technology=str(rng.choice(["boucle", "boucle", "radar"])),
        speed_limit_kmh=50 if rank < 3 else 30,
        busiest_veh_h=busiest,
        profile=PROFILES[kind],
    )


def install_cameras(
    rng: np.random.Generator, sheet: Sheet, network: Network, ground: Ground, cameras: int, gateways: int
) -> None:
    """Write the gateways, each followed by the cameras nearest to it. No image, no field of view."""
    meeting = edges_at(network)
    weight = np.array([float(network.lit[meeting[n]].any()) for n in range(len(network.nodes))])
    weight *= ground.density(network.nodes) ** 1.4
    spots = np.array(apart(rng, network.nodes, weight, cameras, 75.0))
    hubs = np.array(apart(rng, network.nodes[spots], weight[spots], gateways, 900.0 * ground.reach))
    distance = np.linalg.norm(network.nodes[spots][:, None, :] - network.nodes[spots[hubs]][None], axis=2)
    nearest = distance.argmin(axis=1)
    camera = 0
    for number, hub in enumerate(z_order(network.nodes[spots[hubs]]).tolist(), start=1):
        node = int(spots[hubs[hub]])
        gateway = sheet.add(
            "gateway",
            f"GW-{number:02d}",
            f"Passerelle GW-{number:02d}",
            street_of(network, meeting[node][0]),
            network.nodes[node] + 9.0,
            year=int(rng.integers(2017, 2025)),
            link="fibre",
        )
        for spot in spots[nearest == hub].tolist():
            camera += 1
            street = street_of(network, meeting[spot][0])
            sheet.add(
                "camera",
                f"C-{camera:03d}",
                f"Caméra C-{camera:03d}",
                street,
                network.nodes[spot] + rng.uniform(4, 6, 2) * rng.choice([-1, 1], 2),
                parent=gateway,
                year=int(rng.integers(2016, 2026)),
                mount=str(rng.choice(["mât", "façade"])),
            )


def install_bollards(
    rng: np.random.Generator, sheet: Sheet, network: Network, ground: Ground, count: int
) -> None:
    """Write ``count`` retractable bollards at the gates of the old town's pedestrian streets."""
    meeting = edges_at(network)
    weight = np.exp(-((np.linalg.norm(network.nodes, axis=1) / (520 * ground.reach)) ** 2))
    weight *= [float(network.lit[meeting[n]].any()) for n in range(len(network.nodes))]
    for number, node in enumerate(apart(rng, network.nodes, weight, count, 60.0), start=1):
        street = street_of(network, meeting[node][-1])
        sheet.add(
            "bollard",
            f"BE-{number:02d}",
            f"Borne {short(street)}",
            street,
            network.nodes[node] + 3.0,
            year=int(rng.integers(2012, 2024)),
        )


def install_car_parks(
    rng: np.random.Generator, sheet: Sheet, network: Network, ground: Ground, count: int
) -> None:
    """Write ``count`` car parks around the old town."""
    meeting = edges_at(network)
    radius: Floats = np.linalg.norm(network.nodes, axis=1) / (850 * ground.reach)
    weight = np.exp(-((radius - 0.8) ** 2) * 6)
    weight *= [float(network.lit[meeting[n]].any()) for n in range(len(network.nodes))]
    for number, node in enumerate(apart(rng, network.nodes, weight, count, 420 * ground.reach), start=1):
        places = int(rng.integers(18, 92) * 10)
        sheet.add(
            "car_park",
            f"PK-{number:02d}",
            f"Parking {_CAR_PARKS[(number - 1) % len(_CAR_PARKS)]}",
            street_of(network, meeting[node][0]),
            network.nodes[node] + 16.0,
            rating=float(places),
            year=int(rng.integers(1985, 2020)),
            places=places,
        )
