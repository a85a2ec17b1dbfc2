"""Every feature of a collection as GeoJSON, written once: an answer joins slices of these bytes.

By column and not by feature, and each different value once: Python's lock is hardly held meanwhile, so that
the version before goes on being served.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from public.features.about import About
from public.features.places import Places, Points
from public.features.references import CRS84, Reference, shapes_in

AT_ONCE = 50_000
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rendered:
    """All features, each followed by a comma; feature ``i`` is from ``starts[i]`` up to that comma.

    From ``places[0][i]`` to ``places[1][i]`` is its geometry, which another system replaces.
    """

    body: bytes
    starts: Offsets
    places: tuple[Offsets, Offsets]

    @property
    def nbytes(self) -> int:
        """Memory held, about."""
        return len(self.body) + 3 * self.starts.nbytes

    def all_of(self, first: int, last: int) -> memoryview:
        """Features ``first`` to before ``last``, with commas between."""
        end = int(self.starts[last]) - 1 if last > first else int(self.starts[first])
        return memoryview(self.body)[int(self.starts[first]) : end]

    def some(self, rows: npt.NDArray[np.int64]) -> bytes:
        """The features of ``rows``, with commas between."""
        body = self.body
        ends = (self.starts[rows + 1] - 1).tolist()
        return b",".join([body[a:b] for a, b in zip(self.starts[rows].tolist(), ends, strict=True)])

    def elsewhere(self, rows: npt.NDArray[np.int64], geometries: list[bytes]) -> bytes:
        """The features of ``rows`` with ``geometries`` in place of their own."""
        body = self.body
        cuts = zip(
            self.starts[rows].tolist(), self.places[0][rows].tolist(), self.places[1][rows].tolist(),
            (self.starts[rows + 1] - 1).tolist(), geometries, strict=True,
        )  # fmt: skip
        return b",".join([body[a:b] + geometry + body[c:d] for a, b, c, d, geometry in cuts])


def rendered(table: pa.Table, about: About, ids: pa.Array, places: Places | None) -> Rendered:
    """The features of ``table``, in its order."""
    pieces, lengths = [], []
    for start in range(0, table.num_rows, AT_ONCE):
        part = table.slice(start, AT_ONCE)
        span = slice(start, start + part.num_rows)
        head = _joined(['{"type":"Feature","id":', json_cells(ids[span.start : span.stop]), ',"geometry":'])
        middle = _geometries(places, span, part.num_rows)
        tail = _joined([',"properties":{', *_properties(part, about), "}},"])
        pieces.append(_bytes(_joined([head, middle, tail])))
        lengths.append(np.column_stack([np.asarray(pc.binary_length(one)) for one in (head, middle, tail)]))
    return _laid_out(b"".join(pieces), np.concatenate(lengths) if lengths else np.zeros((0, 3), "i8"))


def _laid_out(body: bytes, lengths: npt.NDArray[Any]) -> Rendered:
    ends = np.cumsum(lengths.sum(axis=1), dtype="i8")
    starts = np.concatenate(([0], ends))
    opened = starts[:-1] + lengths[:, 0]
    return Rendered(body, starts, (opened, opened + lengths[:, 1]))


def geometries_in(shapes: npt.NDArray[Any], reference: Reference) -> list[bytes]:
    """``shapes`` of CRS84 as GeoJSON in ``reference``; null where there is none."""
    texts = shapely.to_geojson(shapes_in(shapes, reference))
    return [text.encode() if text else b"null" for text in texts.tolist()]


def _geometries(places: Places | None, span: slice, rows: int) -> pa.Array:
    if places is None:
        return pa.array(["null"] * rows, pa.string())
    if not isinstance(places, Points):
        texts = [one.decode() for one in geometries_in(places.take(np.arange(span.start, span.stop)), CRS84)]
        return pa.array(texts, pa.string())
    lon, lat = (_degrees(side[span]) for side in (places.x, places.y))
    return pc.fill_null(_joined(['{"type":"Point","coordinates":[', lon, ",", lat, "]}"]), "null")


def _degrees(values: npt.NDArray[np.float64]) -> pa.Array:
    # Adding zero makes of -0.0, which rounding leaves behind, what people write.
    rounded = np.round(values, CRS84.decimals) + 0.0
    return pc.cast(pa.array(rounded, from_pandas=True), pa.string())


def _properties(part: pa.Table, about: About) -> list[Any]:
    pieces: list[Any] = []
    for place, told in enumerate(about.fields):
        before = ("," if place else "") + msgspec.json.encode(told.name).decode() + ":"
        pieces += [before, json_cells(part[told.name].combine_chunks())]
    return pieces


def json_cells(values: pa.Array) -> pa.Array:
    """``values`` as JSON texts: instants in UTC, days as dates, null where there is none."""
    coded = values.dictionary_encode()
    return pc.fill_null(_json(coded.dictionary).take(coded.indices), "null")


def plain_cells(values: pa.Array) -> pa.Array:
    """``values`` as texts: ISO 8601, the shortest number that reads back."""
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values.cast(pa.timestamp("s", "UTC"), safe=False), "%Y-%m-%dT%H:%M:%SZ")
    return pc.cast(values, pa.string())


def _json(values: pa.Array) -> pa.Array:
    if pa.types.is_floating(values.type):
        finite = pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))
        return plain_cells(finite)
    if pa.types.is_integer(values.type) or pa.types.is_boolean(values.type):
        return plain_cells(values)
    texts = plain_cells(values).to_pylist()
    return pa.array([None if text is None else msgspec.json.encode(text).decode() for text in texts],
                    pa.string())  # fmt: skip


def _joined(cells: list[Any]) -> pa.Array:
    return pc.binary_join_element_wise(*cells, "")


def _bytes(texts: pa.Array) -> bytes:
    """All of ``texts`` one after the other: an Arrow array holds them like that already."""
    offsets = np.frombuffer(texts.buffers()[1], "<i4", len(texts) + 1, 4 * texts.offset)
    body: bytes = texts.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()
    return body
