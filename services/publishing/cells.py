"""A column as the texts that stand for its values in CSV and JSON, made by column and not cell by cell.

Every different value is written once and then taken: 700,000 hours of loops hold 744 instants and 900 names.
"""

import json
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

DIGITS = 6
"""Decimals of degrees: a decimetre, as fine as anything stands (RFC 7946, 11.2)."""

SLICE = 50_000
"""Rows written at a time."""

_FORMULA = r"^[=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""How a cell begins that a spreadsheet of some language takes for a formula, as ``takeaway.safe_cell``."""
_NEEDS_QUOTES = r'[",\r\n]'


def csv_cells(column: pa.ChunkedArray) -> pa.Array:
    """The values as CSV cells (RFC 4180), harmless in a spreadsheet; a missing one is empty."""
    return pc.fill_null(_by_value(column, _csv_text, _plain), "")


def json_cells(column: pa.ChunkedArray) -> pa.Array:
    """The values as JSON; a missing one is ``null``."""
    return pc.fill_null(_by_value(column, _json_text, _json_plain), "null")


def coordinates(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Longitude and latitude of a column of WKB points, to DIGITS decimals; NaN without a place."""
    shapes = shapely.from_wkb(column.to_numpy())
    # Adding zero makes of -0.0, which rounding leaves behind, 0.0.
    return np.round(shapely.get_x(shapes), DIGITS) + 0.0, np.round(shapely.get_y(shapes), DIGITS) + 0.0


def degrees(values: npt.NDArray[np.float64]) -> pa.Array:
    """Degrees as texts; NaN is null."""
    return pc.cast(pa.array(values, from_pandas=True), pa.string())


def joined(cells: list[pa.Array], between: str) -> pa.Array:
    """Row by row the ``cells`` with ``between`` in between."""
    return pc.binary_join_element_wise(*cells, between)


def lines(texts: pa.Array) -> bytes:
    """All of ``texts`` one after the other, as UTF-8: an Arrow array holds them like that already."""
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    offsets = np.frombuffer(texts.buffers()[1], "<i4", len(texts) + 1, 4 * texts.offset)
    body: bytes = texts.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()
    return body


def _by_value(
    column: pa.ChunkedArray, text: Callable[[pa.Array], pa.Array], other: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    """``column`` as texts: each distinct value through ``text`` (texts) or ``other`` (all else), once."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = whole.dictionary_encode()
    write = text if pa.types.is_string(whole.type) else other
    return write(coded.dictionary).take(coded.indices)


def _plain(values: pa.Array) -> pa.Array:
    """Numbers and dates as they are written everywhere: the shortest that reads back, ISO 8601 in UTC."""
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values.cast(pa.timestamp("s", "UTC"), safe=False), "%Y-%m-%dT%H:%M:%SZ")
    return pc.cast(values, pa.string())


def _json_plain(values: pa.Array) -> pa.Array:
    written = _plain(values)
    if any(kind(values.type) for kind in (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean)):
        return written
    return pc.binary_join_element_wise('"', written, '"', "")


def _csv_text(values: pa.Array) -> pa.Array:
    safe = pc.if_else(
        pc.match_substring_regex(values, _FORMULA), pc.binary_join_element_wise("'", values, ""), values
    )
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(safe, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(safe, _NEEDS_QUOTES), quoted, safe)


def _json_text(values: pa.Array) -> pa.Array:
    return pa.array([json.dumps(value, ensure_ascii=False) for value in values.to_pylist()], pa.string())
