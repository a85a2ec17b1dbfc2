"""Where every asset is, packed for the map: immutable for its layout version.

u32 LE header length, JSON header, zero padding to a multiple of 4, then each column as differences from
the row before (wrapping around, so that it compresses), each padded to a multiple of 4. Types that move
say so in the header; their places mean nothing.
"""

import gzip
import json
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import brotli
import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, DOMAIN_OF, MOVING, TYPE_ORDER, AssetType

OUTSIDE = 255
COLUMNS = [["lon", "u16"], ["lat", "u16"], ["type", "u8"], ["area", "u8"], ["parent", "i32"]]


class Geometry(NamedTuple):
    """The packed geometry: gzipped, brotlied, raw."""

    gz: bytes
    br: bytes
    raw: bytes


def geometry_path(version: int, key: str = "all") -> str:
    """The address of the geometry of layout ``version`` as the scope called ``key`` sees it."""
    return f"/live/geometry/{geometry_name(version, key)}.bin"


def geometry_name(version: int, key: str = "all") -> str:
    """Layout version and scope in one word, as the address has it."""
    return str(version) if key == "all" else f"{version}-{key}"


def geometry(columns: Columns, areas: Sequence[tuple[int, str]]) -> Geometry:
    """The geometry of ``columns``; ``areas`` are (id, name) of the areas assets are counted under."""
    raw = raw_geometry(columns, areas)
    return Geometry(gzip.compress(raw, 9, mtime=0), brotli.compress(raw, quality=9), raw)


def raw_geometry(columns: Columns, areas: Sequence[tuple[int, str]]) -> bytes:
    """As ``geometry``, before compression."""
    box = _box(columns)
    shown = list(areas)[:OUTSIDE]
    header = json.dumps(_header(columns, box, shown), ensure_ascii=False, separators=(",", ":")).encode()
    parts = [struct.pack("<I", len(header)) + header]
    parts.append(bytes(-len(parts[0]) % 4))
    for column in (
        _fractions(_placed(columns, columns.lon, box[0]), box[0], box[2]),
        _fractions(_placed(columns, columns.lat, box[1]), box[1], box[3]),
        columns.types,
        _area_places(columns, [area_id for area_id, _ in shown]),
        columns.parents.astype("<i4").view("<u4"),
    ):
        packed = differences(column).tobytes()
        parts.append(packed + bytes(-len(packed) % 4))
    return b"".join(parts)


def differences(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Each value less the one before it, wrapping around; the first as it is. Unsigned input."""
    return np.concatenate([column[:1], column[1:] - column[:-1]]).astype(column.dtype.newbyteorder("<"))


def _moving(columns: Columns) -> npt.NDArray[np.bool_]:
    return np.isin(columns.types, list(MOVING))


def _placed(columns: Columns, values: npt.NDArray[np.float64], low: float) -> npt.NDArray[np.float64]:
    """``values`` without the places of what moves: it has none but its newest position, so its registered
    one (a depot, a driver's yard) is not told."""
    return np.where(_moving(columns), low, values)


def _box(columns: Columns) -> list[float]:
    lon, lat = (values[~_moving(columns)] for values in (columns.lon, columns.lat))
    if not len(lon):
        return [0.0, 0.0, 0.0, 0.0]
    corners = (lon.min(), lat.min(), lon.max(), lat.max())
    return [round(float(corner), 7) for corner in corners]


def _fractions(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.uint16]:
    span = max(high - low, 1e-9)
    return np.round(np.clip((values - low) / span, 0, 1) * 65_535).astype("u2")


def _area_places(columns: Columns, ids: list[int]) -> npt.NDArray[np.uint8]:
    place = {area_id: at for at, area_id in enumerate(ids)}
    return np.array([place.get(area_id, OUTSIDE) for area_id in columns.areas.tolist()], "u1")


def _type(kind: AssetType) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": kind.name,
        "domain": DOMAIN_OF[kind.name].name,
        "glyph": kind.glyph,
        "priority": kind.priority,
    }
    return about | {"moving": True, "period": kind.period_s} if kind.moving else about


def _header(columns: Columns, box: list[float], areas: list[tuple[int, str]]) -> dict[str, Any]:
    kinds = [ASSET_TYPES[name] for name in TYPE_ORDER]
    return {
        "count": len(columns),
        "box": box,
        "types": [_type(kind) for kind in kinds],
        "areas": [{"id": area_id, "name": name} for area_id, name in areas],
        "columns": COLUMNS,
    }
