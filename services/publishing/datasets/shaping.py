"""From columns as read to the table a release is: its columns, their types, rounded, in order of its key."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from model.datasets import Column, Place, Shape
from model.publications import Release

INSTANT = pa.timestamp("ms", "UTC")
"""Parquet has no coarser unit; what is published are whole seconds."""

TYPES: dict[Shape, pa.DataType] = {
    Shape.TEXT: pa.string(),
    Shape.CODE: pa.string(),
    Shape.COUNT: pa.int64(),
    Shape.NUMBER: pa.float64(),
    Shape.INSTANT: INSTANT,
    Shape.DAY: pa.date32(),
    Shape.MONTH: pa.string(),
    Shape.POINT: pa.binary(),
    Shape.OUTLINE: pa.binary(),
}


def schema_of(release: Release) -> pa.Schema:
    """The release's columns in its order; a field's metadata holds its unit."""
    return pa.schema([_field(release.dataset.by_name[name]) for name in release.columns])


def _field(column: Column) -> pa.Field:
    metadata = {b"shape": column.shape.value.encode()}
    if column.unit:
        metadata[b"unit"] = column.unit.encode()
    return pa.field(column.name, TYPES[column.shape], metadata=metadata)


def shaped(release: Release, columns: Mapping[str, Any], rows: int) -> pa.Table:
    """``columns`` (arrays, each of ``rows`` values) as the table of ``release``, sorted by its key.

    A column that means nothing at the release's grain (the area of a figure of the whole city) and so was
    not read is null. NaN is null too: what was not measured is never a number.
    """
    schema = schema_of(release)
    arrays = [
        _array(release.dataset.by_name[field.name], columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(rows, field.type)
        for field in schema
    ]
    return in_order(pa.Table.from_arrays(arrays, schema=schema), release)


def _array(column: Column, values: Any, kind: pa.DataType) -> pa.ChunkedArray | pa.Array:
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    if column.shape is Shape.COUNT:
        return pc.round(_known(array)).cast(pa.int64())
    if column.shape is Shape.NUMBER:
        known = _known(array)
        # Adding zero makes of -0.0, which rounding leaves behind, what people write.
        return known if column.decimals is None else pc.add(pc.round(known, column.decimals), 0.0)
    return array.cast(kind)


def _known(array: Any) -> Any:
    floats = array.cast(pa.float64())
    return pc.if_else(pc.is_finite(floats), floats, pa.scalar(None, pa.float64()))


def in_order(table: pa.Table, release: Release) -> pa.Table:
    """``table`` sorted by the dataset's key, then by whatever else could tell two rows apart."""
    named = [name for name in release.dataset.key if name in table.column_names]
    rest = [name for name in table.column_names if name not in named and name != "geometry"]
    if not table.num_rows:
        return table
    return table.take(pc.sort_indices(table, [(name, "ascending") for name in (*named, *rest)]))


def is_located(release: Release) -> bool:
    """Whether its rows have a place each: only single assets have, an area's figures have a code."""
    located = release.dataset.located
    return located is not None and located.name in release.columns and release.grain.place is Place.ASSET


def points(lon: Any, lat: Any) -> pa.Array:
    """WKB points (WGS84, longitude first) of two columns of degrees."""
    x, y = (np.asarray(side, "f8") for side in (lon, lat))
    return pa.array(shapely.to_wkb(shapely.points(x, y)), pa.binary())


def instants(seconds: npt.NDArray[np.float64]) -> pa.Array:
    """Whole UTC seconds of epoch seconds; 0 or NaN, never, is null."""
    known = np.isfinite(seconds) & (seconds > 0)
    millis = np.where(known, np.floor(np.where(known, seconds, 0)), 0).astype("i8") * 1000
    return pa.array(millis, pa.int64(), mask=~known).cast(INSTANT)
