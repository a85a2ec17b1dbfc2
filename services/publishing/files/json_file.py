"""A table as JSON: what the file says of itself, then ``rows``, one object a line."""

import json
from pathlib import Path

import pyarrow as pa

from services.publishing.cells import SLICE, joined, json_cells, lines
from services.publishing.files.told import GEOMETRY, Told


def write(table: pa.Table, told: Told, path: Path) -> None:
    """Write ``table`` to ``path`` as one object."""
    with path.open("wb") as out:
        out.write((json.dumps(told.head, ensure_ascii=False)[:-1] + ',"rows":[').encode())
        for start in range(0, table.num_rows, SLICE):
            body = lines(_rows(table.slice(start, SLICE)))
            out.write(body if start else body[1:])
        out.write(b"\n]}\n")


def _rows(part: pa.Table) -> pa.Array:
    pieces = [",\n{"]
    for place, name in enumerate(name for name in part.column_names if name != GEOMETRY):
        pieces += [
            ("," if place else "") + json.dumps(name, ensure_ascii=False) + ":",
            json_cells(part[name]),
        ]
    return joined([*pieces, "}"], "")
