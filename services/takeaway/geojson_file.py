"""A table as GeoJSON (RFC 7946): WGS84, longitude first, exterior rings counter-clockwise.

The label is a foreign member ``takeaway`` of the collection (RFC 7946, 6.1), the columns' units another,
``columns``; both stand before the features, so that an empty answer still carries them.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import shapely

from model.observations import moment
from model.takeaway import facts
from services.takeaway.csv_file import instant_heads
from services.takeaway.table import GEOMETRY, Batch, Column, Table, bounded

EXTENSION = "geojson"
MEDIA_TYPE = "application/geo+json"
DIGITS = 7
"""Decimal degrees: about a centimetre, which RFC 7946 (11.2) calls more than enough."""


def write(table: Table, out: BinaryIO) -> None:
    """Write ``table`` to ``out`` as one FeatureCollection."""
    zone = ZoneInfo(table.label.origin.zone)
    head = {"takeaway": facts(table.label), "columns": columns_told(table.columns)}
    members = json.dumps(head, ensure_ascii=False)[1:-1]
    out.write(f'{{"type":"FeatureCollection",{members},"features":['.encode())
    first = True
    for batch in bounded(table):
        for feature in _features(table.columns, batch, zone):
            out.write((("\n" if first else ",\n") + feature).encode())
            first = False
    out.write(b"\n]}\n")


def columns_told(columns: tuple[Column, ...]) -> list[dict[str, str]]:
    """Name, kind and unit of every column, for whoever reads the file without its documentation."""
    return [
        {"name": column.name, "kind": column.kind, **({"unit": column.unit} if column.unit else {})}
        for column in columns
    ]


def _features(columns: tuple[Column, ...], batch: Batch, zone: ZoneInfo) -> Iterator[str]:
    shapes = [_shape(wkb) for wkb in batch[GEOMETRY]]
    names = [json.dumps(name) for column in columns for name in _names(column)]
    values = zip(*(texts for column in columns for texts in _values(column, batch, zone)), strict=True)
    for shape, row in zip(shapes, values, strict=True):
        properties = ",".join(f"{name}:{text}" for name, text in zip(names, row, strict=True))
        yield f'{{"type":"Feature","geometry":{shape},"properties":{{{properties}}}}}'


def _names(column: Column) -> tuple[str, ...]:
    return instant_heads(column.name) if column.kind == "instant" else (column.name,)


def _values(column: Column, batch: Batch, zone: ZoneInfo) -> list[list[str]]:
    values = batch[column.name]
    if column.kind == "instant":
        return [[_instant(v) for v in values], [_instant(v, zone) for v in values]]
    return [[_json(value) for value in values]]


def _instant(seconds: float, zone: ZoneInfo | None = None) -> str:
    if seconds is None or not math.isfinite(seconds):
        return "null"
    when = moment(float(seconds))
    return json.dumps((when.astimezone(zone) if zone else when).isoformat())


def _json(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return json.dumps(value, ensure_ascii=False)


def _shape(wkb: bytes | None) -> str:
    """The geometry as GeoJSON; null for what has no place (RFC 7946, 3.2: an unlocated feature)."""
    if wkb is None:
        return "null"
    shape = shapely.transform(shapely.from_wkb(wkb), _rounded)
    return str(shapely.to_geojson(shape))


def _rounded(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.round(coordinates, DIGITS)
