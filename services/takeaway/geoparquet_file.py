"""A table as GeoParquet 1.1: WKB geometry in WGS84 (OGC:CRS84, the default), columns with their types.

The label is the schema's metadata ``vigie`` (JSON); a column's unit is the metadata of its field. An instant
is one column in UTC and one in the city's zone, both the same instant.
"""

import json
import math
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from model.takeaway import facts
from services.takeaway.geojson_file import columns_told
from services.takeaway.table import GEOMETRY, Batch, Column, Table, bounded

EXTENSION = "parquet"
MEDIA_TYPE = "application/vnd.apache.parquet"
METADATA = b"vigie"

_GEO = {
    "version": "1.1.0",
    "primary_column": GEOMETRY,
    "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": [], "orientation": "counterclockwise"}},
}
"""``geometry_types`` empty: any; without ``crs`` the coordinates are OGC:CRS84, longitude first."""


def write(table: Table, out: BinaryIO) -> None:
    """Write ``table`` to ``out``, one row group a batch; without rows the schema and label remain."""
    schema = _schema(table)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in bounded(table):
            arrays = [_array(field, batch) for field in schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _schema(table: Table) -> pa.Schema:
    fields = [field for column in table.columns for field in _fields(column, table.label.origin.zone)]
    told = {"takeaway": facts(table.label), "columns": columns_told(table.columns)}
    metadata = {b"geo": json.dumps(_GEO).encode(), METADATA: json.dumps(told, ensure_ascii=False).encode()}
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary())], metadata=metadata)


def _fields(column: Column, zone: str) -> list[pa.Field]:
    if column.kind == "instant":
        ends = (("utc", "UTC"), ("local", zone))
        return [
            pa.field(f"{column.name}_{end}", pa.timestamp("us", tz), metadata={"column": column.name})
            for end, tz in ends
        ]
    told = {"column": column.name} | ({"unit": column.unit} if column.unit else {})
    return [pa.field(column.name, _TYPES[column.kind], metadata=told)]


_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "number": pa.float64(),
    "whole": pa.int64(),
    "yes": pa.bool_(),
}


def _array(field: pa.Field, batch: Batch) -> pa.Array:
    if field.name == GEOMETRY:
        return pa.array(list(batch[GEOMETRY]), pa.binary())
    values = batch[field.metadata[b"column"].decode()]
    if pa.types.is_timestamp(field.type):
        return pa.array([_micros(value) for value in values], pa.int64()).cast(field.type)
    return pa.array([_plain(value) for value in values], field.type)


def _micros(seconds: float) -> int | None:
    return None if seconds is None or not math.isfinite(seconds) else round(float(seconds) * 1e6)


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
