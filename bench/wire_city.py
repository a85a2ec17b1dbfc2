"""A made-up city in the wire formats the browser reads, to measure and test the map without a database.

Streets are a bent grid, lamps stand along them, cabinets feed them: enough like a city that clusters, labels
and redraws cost what they cost in one. Everything follows from ``n`` and the seed.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from model.domains import ASSET_TYPES, DOMAIN_OF, TYPE_ORDER
from model.states import Freshness, Status, display_codes

BOX = (4.95, 47.27, 5.13, 47.38)
OUTSIDE = 255
SHARES = {
    "control_cabinet": 0.016,
    "junction": 0.006,
    "detector": 0.012,
    "gateway": 0.001,
    "camera": 0.008,
    "building": 0.005,
    "meter": 0.005,
    "access_point": 0.005,
    "bollard": 0.0008,
}
"""Share of each type beside street lights, as in a city of 35,000 assets."""
PARENTS = {
    "streetlight": "control_cabinet",
    "detector": "junction",
    "camera": "gateway",
    "meter": "building",
    "access_point": "building",
}
AREA_GRID = 5


@dataclass
class WireCity:
    """A city as the browser is told of it; ``codes`` may be changed in place, ``frame`` says so. ``moves``
    are the wire rows of what moves, by live index."""

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    types: npt.NDArray[np.uint8]
    areas: npt.NDArray[np.uint8]
    parents: npt.NDArray[np.int32]
    codes: npt.NDArray[np.uint8]
    streets: dict[str, Any]
    area_shapes: dict[str, Any]
    box: tuple[float, float, float, float] = BOX
    version: int = 7
    names: dict[int, str] = field(default_factory=dict)
    moves: dict[int, list[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many assets."""
        return len(self.codes)

    def snapshot(self, sequence: str, server_time: float, source: str = "live") -> dict[str, Any]:
        """What ``GET /live/snapshot`` answers."""
        return {
            "version": self.version,
            "count": len(self),
            "sequence": sequence,
            "server_time": server_time,
            "geometry": f"/live/geometry/{self.version}.bin",
            "codes": base64.b64encode(self.codes.tobytes()).decode(),
            "source": source,
            "moves": list(self.moves.values()),
        }

    def geometry(self) -> bytes:
        """What ``GET /live/geometry/<version>.bin`` answers."""
        return pack_geometry(self)

    def frame(self, indices: npt.NDArray[np.int64], codes: npt.NDArray[np.uint8]) -> str:
        """The base64 of a frame that gives ``indices`` these ``codes``, which are noted."""
        self.codes[indices] = codes
        packed = (indices.astype("<u4") << 8) | codes.astype("<u4")
        return base64.b64encode(packed.astype("<u4").tobytes()).decode()


def pack_geometry(city: WireCity) -> bytes:
    """The geometry file: header length, JSON header, then each column as differences, padded to 4 bytes."""
    types = [_type(name) for name in TYPE_ORDER]
    areas = [
        {"id": shape["properties"]["id"], "name": shape["properties"]["name"]}
        for shape in city.area_shapes["features"]
    ]
    columns = [["lon", "u16"], ["lat", "u16"], ["type", "u8"], ["area", "u8"], ["parent", "i32"]]
    header = json.dumps(
        {"count": len(city), "box": city.box, "types": types, "areas": areas, "columns": columns}
    ).encode()
    west, south, east, north = city.box
    values = (
        np.round((city.lon - west) / (east - west) * 65535).astype("<u2"),
        np.round((city.lat - south) / (north - south) * 65535).astype("<u2"),
        city.types,
        city.areas,
        city.parents.astype("<i4"),
    )
    parts = [_padded(len(header).to_bytes(4, "little") + header), *(_padded(_differences(v)) for v in values)]
    return b"".join(parts)


def _type(name: str) -> dict[str, Any]:
    kind = ASSET_TYPES[name]
    about = {
        "name": name,
        "domain": DOMAIN_OF[name].name,
        "glyph": kind.glyph,
        "priority": kind.priority,
    }
    return about | ({"moving": True, "period": kind.period_s} if kind.moving else {})


def _differences(values: npt.NDArray[Any]) -> bytes:
    first = values[:1]
    return np.concatenate([first, np.diff(values)]).astype(values.dtype).tobytes()


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def made_up_city(n: int = 3_000, seed: int = 1, buses: int = 0) -> WireCity:
    """A city of ``n`` assets of every type but segments and car parks, by night: lamps on, a few faults.

    The last ``buses`` of them are buses, nowhere until they are moved.
    """
    random = np.random.default_rng(seed)
    nodes = _nodes(random, max(8, round((n / 20) ** 0.5)))
    names = _type_names(n - buses) + ["bus"] * buses
    lon, lat = _places(random, nodes, names[: n - buses])
    lon, lat = (np.append(values, np.full(buses, low)) for values, low in ((lon, BOX[0]), (lat, BOX[1])))
    types = np.array([TYPE_ORDER.index(name) for name in names], "u1")
    parents = _parents(names, lon, lat)
    city = WireCity(
        lon, lat, types, _areas(lon, lat), parents, np.zeros(n, "u1"), _streets(nodes), _area_shapes()
    )
    city.codes[:] = _first_codes(random, names, parents)
    city.names = {i: f"{name[:2].upper()}-{i:05d}" for i, name in enumerate(names)}
    return city


def _nodes(random: np.random.Generator, side: int) -> npt.NDArray[np.float64]:
    """Street corners, (side, side, 2): a grid, bent and shaken so that it is no graph paper."""
    west, south, east, north = BOX
    u, v = np.meshgrid(np.linspace(0.03, 0.97, side), np.linspace(0.03, 0.97, side), indexing="ij")
    x = u + 0.02 * np.sin(7 * v) + random.normal(0, 0.16 / side, u.shape)
    y = v + 0.03 * np.sin(5 * u) + random.normal(0, 0.16 / side, u.shape)
    return np.stack([west + x * (east - west), south + y * (north - south)], axis=-1)


def _type_names(n: int) -> list[str]:
    counts = {name: max(2, round(n * share)) for name, share in SHARES.items()}
    lamps = n - sum(counts.values())
    return [name for name, count in counts.items() for _ in range(count)] + ["streetlight"] * lamps


def _places(
    random: np.random.Generator, nodes: npt.NDArray[np.float64], names: list[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Equipment at corners, lamps evenly along streets, corner by corner so that neighbours stay together."""
    corners = nodes.reshape(-1, 2)
    others = len(names) - names.count("streetlight")
    at_corner = corners[random.integers(0, len(corners), others)] + random.normal(0, 0.0003, (others, 2))
    starts, ends = _edges(nodes)
    along = np.linspace(0, len(starts), names.count("streetlight"), endpoint=False)
    edge, part = along.astype(int), (along % 1)[:, None]
    lamps = starts[edge] * (1 - part) + ends[edge] * part + random.normal(0, 0.00004, (len(edge), 2))
    west, south, east, north = BOX
    both = np.clip(np.concatenate([at_corner, lamps]), (west, south), (east, north))
    return both[:, 0], both[:, 1]


def _edges(nodes: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    starts = np.concatenate([nodes[:-1].reshape(-1, 2), nodes[:, :-1].reshape(-1, 2)])
    ends = np.concatenate([nodes[1:].reshape(-1, 2), nodes[:, 1:].reshape(-1, 2)])
    return starts, ends


def _parents(
    names: list[str], lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> npt.NDArray[np.int32]:
    """The nearest asset of the type that feeds each, by live index; -1 for those nothing feeds."""
    kinds = np.array(names)
    parents = np.full(len(names), -1, "i4")
    for child, parent in PARENTS.items():
        children, feeders = np.flatnonzero(kinds == child), np.flatnonzero(kinds == parent)
        for block in np.array_split(children, max(1, len(children) // 2_000)):
            x = lon[block, None] - lon[None, feeders]
            y = lat[block, None] - lat[None, feeders]
            parents[block] = feeders[np.argmin(x * x + 2 * y * y, axis=1)]
    return parents


def _areas(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    west, south, east, north = BOX
    column = np.clip((lon - west) / (east - west) * AREA_GRID, 0, AREA_GRID - 1).astype(int)
    row = np.clip((lat - south) / (north - south) * AREA_GRID, 0, AREA_GRID - 1).astype(int)
    return (row * AREA_GRID + column).astype("u1")


def _first_codes(
    random: np.random.Generator, names: list[str], parents: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint8]:
    """Nearly all active; one cabinet down with its lamps, single faults, and a little of everything else."""
    n = len(names)
    status = np.full(n, Status.ACTIVE, "u1")
    rare = {
        Status.NORMAL: 0.05,
        Status.MAINTENANCE: 0.001,
        Status.OUT_OF_SERVICE: 0.001,
        Status.UNKNOWN: 0.001,
    }
    for kind, share in (
        rare | {Status.FAULT: 0.004, Status.DEGRADED: 0.001, Status.COMMS_LOST: 0.001}
    ).items():
        status[random.random(n) < share] = kind
    cabinets = np.flatnonzero(np.array(names) == "control_cabinet")
    status[cabinets] = Status.ACTIVE
    down = cabinets[len(cabinets) // 2]
    status[down] = Status.FAULT
    status[parents == down] = Status.FAULT
    return display_codes(status, parents, np.full(n, Freshness.LIVE, "u1"))


def _streets(nodes: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Whole grid lines as streets: every sixth a main one, every third a middle one."""
    lines = [*nodes, *nodes.transpose(1, 0, 2)]
    features = []
    for at, line in enumerate(lines):
        rank = 1 if at % 6 == 0 else 2 if at % 3 == 0 else 3
        features.append(
            {
                "type": "Feature",
                "properties": {"rank": rank, "name": f"Rue {at}"},
                "geometry": {"type": "LineString", "coordinates": np.round(line, 5).tolist()},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _area_shapes() -> dict[str, Any]:
    west, south, east, north = BOX
    xs, ys = np.linspace(west, east, AREA_GRID + 1), np.linspace(south, north, AREA_GRID + 1)
    features = []
    for row in range(AREA_GRID):
        for column in range(AREA_GRID):
            number = 100 + row * AREA_GRID + column
            x0, x1, y0, y1 = (float(v) for v in (xs[column], xs[column + 1], ys[row], ys[row + 1]))
            features.append(
                {
                    "type": "Feature",
                    "id": number,
                    "properties": {
                        "id": number, "name": f"Commune {number}", "kind": "commune", "code": str(number),
                        "lon": (x0 + x1) / 2, "lat": (y0 + y1) / 2,
                    },
                    "geometry": {
                        "type": "MultiPolygon",
                        "coordinates": [[[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]],
                    },
                }
            )  # fmt: skip
    return {"type": "FeatureCollection", "features": features}
