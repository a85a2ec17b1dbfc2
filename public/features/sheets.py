"""Rows of a collection, or a series, as CSV that goes out as it is written: no answer is ever held whole.

RFC 4180 in UTF-8 with CRLF, one header row with units; text that looks like a formula begins with an
apostrophe, a missing value is empty.
"""

import hashlib
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import brotli
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from model.errors import Unavailable
from public.features.about import Told
from public.features.answering import OPEN
from public.features.asked import Asked
from public.features.collection import Features
from public.features.columns import Column, Kind, kind_of
from public.features.places import Points
from public.features.references import Reference, coordinates_in, shapes_in
from public.headers import DATA_POLICY, FRESH, chosen_encoding, unchanged
from services.publishing.cells import csv_cells, joined, lines

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
AT_ONCE = 2_000
"""Rows written at a time: about 200 kB, all that is held of an answer."""
MOST_STREAMS = 16
ENDS = "\r\n"
Rows = npt.NDArray[np.int64] | range


class Streams:
    """How many answers are going out now: each holds its version of a collection until it is through."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self.going = 0

    def begin(self) -> None:
        """Count one more. Raises Unavailable when there are as many as may be."""
        if self.going >= self._most:
            raise Unavailable("too many tables are being read at once")
        self.going += 1

    def end(self) -> None:
        """One is through, or was left."""
        self.going -= 1


class _Sheet(StreamingResponse):
    """An answer that says when it is over, however it ends."""

    def __init__(self, body: AsyncIterator[bytes], headers: dict[str, str], over: Callable[[], None]) -> None:
        super().__init__(body, 200, headers, MEDIA_TYPE)
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._over()


def sheet(
    streams: Streams, request: Request, asked: Asked, name: str, version: str, pieces: Iterator[bytes],
    headers: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """``pieces`` as the CSV file ``name``, packed as the caller takes it; 304 where the caller has it.

    ``version`` is that of the data. Raises Unavailable when too many are going out already.
    """
    encoding = chosen_encoding(request.headers.get("accept-encoding", ""), ("br", "gzip"))
    question = repr((version, asked.path, sorted(asked.given.items())))
    etag = f'"{hashlib.sha256(question.encode()).hexdigest()[:32]}{"-" + encoding if encoding else ""}"'
    told = {
        "etag": etag,
        "cache-control": FRESH,
        "vary": "Accept-Encoding, Accept",
        "content-security-policy": DATA_POLICY,
        "content-disposition": f'attachment; filename="{name}.csv"',
        # A proxy hands it on as it comes: kept whole it would fill disks and make the reader wait.
        "x-accel-buffering": "no",
        **OPEN,
        **(headers or {}),
    }
    if unchanged(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=told)
    if encoding:
        told["content-encoding"] = encoding
    if request.method == "HEAD":
        return Response(headers=told, media_type=MEDIA_TYPE)
    streams.begin()
    return _Sheet(iterate_in_threadpool(_packed(pieces, encoding)), told, streams.end)


def _packed(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    if encoding == "br":
        packer = brotli.Compressor(quality=4)
        yield from (packer.process(piece) + packer.flush() for piece in pieces)
        yield packer.finish()
    elif encoding == "gzip":
        zipper = zlib.compressobj(5, zlib.DEFLATED, 31)
        yield from (zipper.compress(piece) + zipper.flush(zlib.Z_SYNC_FLUSH) for piece in pieces)
        yield zipper.flush()
    else:
        yield from pieces


def of_rows(table: Features, rows: Rows, reference: Reference) -> Iterator[bytes]:
    """``rows`` of ``table``, the header first; points as two columns in ``reference``, shapes as WKT."""
    yield _line([*(_headed(told) for told in table.about.fields), *_place_names(table, reference)])
    for start in range(0, len(rows), AT_ONCE):
        some = np.asarray(rows[start : start + AT_ONCE], "i8")
        columns = [_taken(table.columns[told.name], some) for told in table.about.fields]
        yield _written([*columns, *_places(table, some, reference)])


def of_series(
    value: Told, by: str | None, found: Sequence[tuple[str | None, list[str], list[float], list[int]]]
) -> Iterator[bytes]:
    """Series of ``value``, one row a time: the group where there is one, the time, the value, its rows."""
    yield _line([*([by] if by else []), "time", _headed(value), "rows"])
    for group, times, values, counts in found:
        for start in range(0, len(times), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            names = [pa.array([group] * len(times[part]), pa.string())] if by else []
            yield _written(
                [*names, pa.array(times[part]), pa.array(values[part], pa.float64()), pa.array(counts[part])]
            )


def _headed(told: Told) -> str:
    """A column's name with its unit; instants are UTC."""
    unit = told.unit or ("UTC" if kind_of(told) is Kind.INSTANT else "")
    return f"{told.name} ({unit})" if unit else told.name


def _line(names: Sequence[str]) -> bytes:
    return (",".join(csv_cells(pa.array(names)).to_pylist()) + ENDS).encode()


def _written(columns: Sequence[pa.Array]) -> bytes:
    cells = [csv_cells(column) for column in columns]
    cells[-1] = joined([cells[-1], pa.scalar(ENDS)], "")
    return lines(joined(cells, ","))


def _taken(column: Column, rows: npt.NDArray[np.int64]) -> pa.Array:
    values, missing = column.values[rows], ~column.known[rows]
    if column.kind is Kind.TEXT:
        assert column.words is not None  # noqa: S101 - what text is made of
        return column.words.take(pa.array(values, mask=missing))
    if column.kind is Kind.INSTANT:
        return pa.array(values, pa.timestamp("ms", "UTC"), mask=missing)
    if column.kind is Kind.DAY:
        return pa.array(values, pa.int32(), mask=missing).cast(pa.date32())
    numbers = pa.array(values, mask=missing)
    return numbers.cast(pa.int64()) if column.told.shape == "count" else numbers


def _place_names(table: Features, reference: Reference) -> tuple[str, ...]:
    if table.places is None:
        return ()
    if not isinstance(table.places, Points):
        return ("geometry",)
    degrees = reference.name in ("OGC:CRS84", "EPSG:4326")
    return ("longitude", "latitude") if degrees else ("x (m)", "y (m)")


def _places(table: Features, rows: npt.NDArray[np.int64], reference: Reference) -> Iterator[pa.Array]:
    if isinstance(table.places, Points):
        sides = coordinates_in(table.places.x[rows], table.places.y[rows], reference)
        for side in sides:
            # Adding zero makes of -0.0, which rounding leaves behind, what people write.
            yield pa.array(np.round(side, reference.decimals) + 0.0, from_pandas=True)
    elif table.places is not None:
        shapes = shapes_in(table.places.take(rows), reference)
        yield pa.array(shapely.to_wkt(shapes, rounding_precision=reference.decimals).tolist(), pa.string())
