"""A table as CSV (RFC 4180): UTF-8, one header row, CRLF; a point as longitude and latitude in degrees."""

from pathlib import Path

import pyarrow as pa

from services.publishing.cells import SLICE, coordinates, csv_cells, degrees, joined, lines
from services.publishing.files.told import GEOMETRY, Told

ENDS = "\r\n"
POINT = ("longitude", "latitude")


def write(table: pa.Table, told: Told, path: Path) -> None:
    """Write ``table`` to ``path``."""
    names = [name for name in table.column_names if name != GEOMETRY]
    with path.open("wb") as out:
        out.write((",".join([*names, *(POINT if told.located else ())]) + ENDS).encode())
        for start in range(0, table.num_rows, SLICE):
            part = table.slice(start, SLICE)
            cells = [csv_cells(part[name]) for name in names]
            if told.located:
                cells += [degrees(side).fill_null("") for side in coordinates(part[GEOMETRY])]
            cells[-1] = joined([cells[-1], pa.scalar(ENDS)], "")
            out.write(lines(joined(cells, ",")))
