"""Road segments of the demo city: stretches of ranked streets, each driven in one direction.

Vehicles that report their own speed are followed there, so a segment has no equipment, no parent and no
past of its own: what is known of it comes with a feed.
"""

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString

from geodata.demo_city.equipment import CENTRAL, INBOUND, OUTBOUND, PROFILES
from geodata.demo_city.ground import Floats, Frame
from geodata.demo_city.lighting import street_of
from geodata.demo_city.sheet import Sheet
from geodata.demo_city.streets import Network

SHORTEST_M = 60.0
MAIN_SHARE = 0.7
"""Of the segments, how many lie on main streets where there are enough of them."""
_LANE_M = 3.0
_BUSY = {1: 880.0, 2: 430.0, 3: 170.0}
_DEGREES = 7


def install_segments(
    rng: np.random.Generator, sheet: Sheet, network: Network, frame: Frame, count: int
) -> None:
    """Write about ``count`` segments, two to a stretch of street (``_D`` as drawn, ``_G`` against it).

    The attribute ``path`` is the driven line, [lon, lat] pairs in WGS84; the other attributes are what the
    traffic feed says of a segment and what the physics needs.
    """
    stretches = _stretches(rng, network, max(1, count // 2))
    for number, edge in enumerate(stretches, start=1):
        for side in ("D", "G"):
            _install(rng, sheet, network, frame, edge, f"{number:04d}_{side}")


def _stretches(rng: np.random.Generator, network: Network, count: int) -> list[int]:
    """Edges long enough to be followed, whole streets at a time, main streets first."""
    usable = network.lit & (network.lengths >= SHORTEST_M)
    main = _by_street(rng, network, usable & (network.ranks == 1))
    other = _by_street(rng, network, usable & (network.ranks == 2))
    wanted = max(round(MAIN_SHARE * count), count - len(other))
    chosen = main[:wanted] + other[: count - min(wanted, len(main))]
    return chosen or _by_street(rng, network, network.lengths > 0)[:count]


def _by_street(rng: np.random.Generator, network: Network, usable: npt.NDArray[np.bool_]) -> list[int]:
    """The ``usable`` edges, street by street, likelier first those that come near the centre."""
    edges = np.flatnonzero(usable)
    if not len(edges):
        return []
    middles = shapely.line_interpolate_point(network.lines[edges], 0.5, normalized=True)
    street = network.street_of[edges]
    nearest = np.full(len(network.street_names), np.inf)
    np.minimum.at(nearest, street, np.linalg.norm(shapely.get_coordinates(middles), axis=1))
    order = nearest * rng.lognormal(0, 1.0, len(nearest))
    return [int(edge) for edge in edges[np.lexsort((edges, street, order[street]))]]


def _install(
    rng: np.random.Generator, sheet: Sheet, network: Network, frame: Frame, edge: int, code: str
) -> None:
    line = _driven(network.lines[edge], against=code.endswith("G"))
    way = shapely.get_coordinates(line)
    rank, street = int(network.ranks[edge]), street_of(network, edge)
    kind = _profile(way, float(np.abs(network.nodes).max()))
    busiest = round(_BUSY[rank] * float(rng.lognormal(0, 0.28)))
    middle = shapely.get_coordinates(line.interpolate(0.5, normalized=True))[0]
    sheet.add(
        "segment",
        f"TR-{code}",
        f"Tronçon {code} · {street}",
        street,
        middle,
        rating=busiest,
        kind=kind,
        year=int(rng.integers(2019, 2025)),
        hierarchy="Réseau d'armature" if rank == 1 else "Réseau de distribution",
        insee=f"99{int(network.communes[edge]) + 1:03d}",
        length_m=round(float(line.length)),
        speed_limit_kmh=30 if kind == CENTRAL and rank > 1 else 50,
        busiest_veh_h=busiest,
        profile=PROFILES[kind],
        path=np.round(frame.lonlat(way), _DEGREES).tolist(),
    )


def _driven(line: LineString, *, against: bool) -> LineString:
    """The lane to the right of the way one drives."""
    beside = line.offset_curve(_LANE_M if against else -_LANE_M, join_style="mitre").simplify(0.5)
    # A tight bend may fold the offset into pieces; the axis is then near enough.
    whole = isinstance(beside, LineString) and beside.length > SHORTEST_M / 2
    lane = shapely.get_coordinates(beside if whole else line)
    return LineString(lane[::-1] if against else lane)


def _profile(way: Floats, reach: float) -> int:
    """Towards the centre fills in the morning, away from it in the evening; the centre all day."""
    start, end = float(np.hypot(*way[0])), float(np.hypot(*way[-1]))
    if max(start, end) < 0.12 * reach:
        return CENTRAL
    return INBOUND if end < start else OUTBOUND
