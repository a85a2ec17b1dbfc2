"""A table as Parquet; a located one as GeoParquet 1.1 (WKB, OGC:CRS84), near places near each other.

Sorted along a curve through the city, a reader that wants a neighbourhood reads a few row groups, and equal
names stand together and pack well.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from services.publishing.files.told import GEOMETRY, Told

ROWS_IN_GROUP = 20_000
_BITS = 16


def write(table: pa.Table, told: Told, path: Path) -> None:
    """Write ``table`` to ``path``. Without a place its geometry column, if any, is left out."""
    metadata = {b"vigie": json.dumps(told.head, ensure_ascii=False).encode()}
    if not told.located:
        table = table.drop_columns([GEOMETRY]) if GEOMETRY in table.column_names else table
    else:
        shapes = shapely.from_wkb(table[GEOMETRY].to_numpy())
        metadata[b"geo"] = json.dumps(_geo(shapes)).encode()
        table = table.take(pa.array(np.argsort(along_a_curve(shapes), kind="stable")))
    pq.write_table(
        table.replace_schema_metadata(metadata), path, compression="zstd", row_group_size=ROWS_IN_GROUP
    )


def _geo(shapes: npt.NDArray[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"]}
    if len(shapes):
        told["bbox"] = [float(side) for side in shapely.total_bounds(shapes)]
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: told}}


def along_a_curve(shapes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where each point lies on Morton's curve through the box of all of them."""
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    return _spread(_scaled(x)) | (_spread(_scaled(y)) << 1)


def _scaled(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    if not len(values):
        return np.zeros(0, "i8")
    low, high = values.min(), values.max()
    scaled: npt.NDArray[np.int64] = ((values - low) / max(high - low, 1e-12) * (2**_BITS - 1)).astype("i8")
    return scaled


def _spread(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The 16 bits of each value with a zero between any two."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << shift)) & mask
    return values
