"""A located table as GeoJSON (RFC 7946): one feature a line, longitude first, six decimals.

What the file says of itself stands in foreign members of the collection, before the features (RFC 7946, 6.1).
"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from services.publishing.cells import SLICE, coordinates, degrees, joined, json_cells, lines
from services.publishing.files.told import GEOMETRY, Told


def write(table: pa.Table, told: Told, path: Path) -> None:
    """Write ``table`` to ``path`` as one FeatureCollection."""
    head = json.dumps(told.head, ensure_ascii=False)[1:-1]
    with path.open("wb") as out:
        out.write(f'{{"type":"FeatureCollection",{head},"features":['.encode())
        for start in range(0, table.num_rows, SLICE):
            body = lines(_features(table.slice(start, SLICE), told))
            # Every feature brings a comma before it; the first of all does without.
            out.write(body if start else body[1:])
        out.write(b"\n]}\n")


def _features(part: pa.Table, told: Told) -> pa.Array:
    lon, lat = (degrees(side) for side in coordinates(part[GEOMETRY]))
    point = joined(['{"type":"Point","coordinates":[', lon, ",", lat, "]}"], "")
    names = [name for name in part.column_names if name != GEOMETRY]
    properties = []
    for place, name in enumerate(names):
        before = ("," if place else "") + json.dumps(name, ensure_ascii=False) + ":"
        properties += [before, json_cells(part[name])]
    identity = ['"id":', json_cells(part["id"]), ","] if told.key == ("id",) and "id" in names else []
    pieces = [',\n{"type":"Feature",', *identity, '"geometry":', pc.fill_null(point, "null")]
    pieces += [',"properties":{', *properties, "}}"]
    return joined(pieces, "")
