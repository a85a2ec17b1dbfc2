"""Raw readings of a few datastreams over a period, from the database and from archived days alike.

Which days are archived is read before and after the rows: a day that left or came back in between would be
seen twice or not at all, so the question is put again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.errors import Unavailable
from model.series import Used
from services.history.cold import Cold, days_out, fixes_in
from services.history.packed import columns_of_rows

Floats = npt.NDArray[np.float64]
Found = TypeVar("Found")

YOUNG = timedelta(days=1)
"""No day is archived before it is over, and settings ask for two days at least."""
BAD = 2
_TRIES = 5


@dataclass(frozen=True, eq=False, slots=True)
class Raw:
    """Readings of good or doubtful quality by datastream and time: ``times`` f8 epoch s, ``values`` f8.

    ``hot`` and ``cold`` are how many rows were read in the database and in the archive.
    """

    streams: npt.NDArray[np.int32]
    times: Floats
    values: Floats
    hot: int
    cold: int

    @property
    def used(self) -> Used:
        """What was read."""
        read = (("observation", self.hot), ("archive", self.cold))
        tables = tuple(name for name, rows in read if rows) or ("observation",)
        return Used(tables, self.hot + self.cold)


_ONE = text(
    "SELECT datastream_id, extract(epoch FROM phenomenon_time)::float8, result FROM reading "
    "WHERE datastream_id = :stream AND phenomenon_time >= :t0 AND phenomenon_time < :t1 "
    "AND (quality & 7) <> 2"
)
_MANY = """
    SELECT datastream_id, (extract(epoch FROM phenomenon_time) * 1000000)::bigint AS us, result FROM reading
    WHERE datastream_id = ANY (CAST(:streams AS integer[])) AND phenomenon_time >= :t0
      AND phenomenon_time < :t1 AND (quality & 7) <> 2
"""
_FEW = timedelta(days=3)
"""Of one datastream; more is fetched as columns."""


def steady(
    connection: Connection,
    cold: Cold | None,
    t0: datetime,
    t1: datetime,
    read: Callable[[dict[date, str]], Found],
) -> Found:
    """``read(days out)``, put again while days leave or come back meanwhile.

    Raises Unavailable where archived days are asked for and no archive is open, or it moves without end.
    """
    if t0 >= datetime.now(UTC) - YOUNG:
        return read({})
    out = days_out(connection, t0, t1)
    for _ in range(_TRIES):
        if out and cold is None:
            raise Unavailable("these days are archived, and no archive is open here: set VIGIE_ARCHIVE")
        found = read(out)
        again = days_out(connection, t0, t1)
        if again == out:
            return found
        out = again
    raise Unavailable("the archive is moving these days: ask again")


def raw_readings(
    connection: Connection, cold: Cold | None, streams: Sequence[int], t0: datetime, t1: datetime
) -> Raw:
    """Every reading of ``streams`` in [t0, t1) with corrections applied, bad ones left out.

    Raises Unavailable when the database or the archive is away or too slow.
    """

    def read(out: dict[date, str]) -> Raw:
        hot = _hot(connection, streams, t0, t1)
        archived = _archived(connection, cold, out, streams, t0, t1) if cold and out else _EMPTY
        return _together(archived, hot)

    return steady(connection, cold, t0, t1, read)


_Columns = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]
_EMPTY: _Columns = (np.empty(0, "i4"), np.empty(0, "f8"), np.empty(0, "f8"))


def _hot(connection: Connection, streams: Sequence[int], t0: datetime, t1: datetime) -> _Columns:
    wanted = [int(stream) for stream in streams]
    if len(wanted) != 1 or t1 - t0 > _FEW:
        kinds = {"datastream_id": "integer", "us": "bigint", "result": "float8"}
        bounds = {"streams": wanted, "t0": t0, "t1": t1}
        found = columns_of_rows(connection, _MANY, bounds, **kinds)
        return (
            found["datastream_id"].astype("i4"),
            found["us"].astype("i8") / 1e6,
            found["result"].astype("f8"),
        )
    rows = connection.execute(_ONE, {"stream": wanted[0], "t0": t0, "t1": t1}).all()
    if not rows:
        return _EMPTY
    stream, at, value = zip(*rows, strict=True)
    return np.array(stream, "i4"), np.array(at, "f8"), np.array(value, "f8")


def _archived(
    connection: Connection,
    cold: Cold,
    out: dict[date, str],
    streams: Sequence[int],
    t0: datetime,
    t1: datetime,
) -> _Columns:
    found = cold.readings(
        f"SELECT datastream_id, us, result FROM reading WHERE quality <> {BAD}",  # noqa: S608 - a number of ours
        list(out.values()),
        t0,
        t1,
        streams,
        fixes_in(connection, t0, t1, streams),
    )
    return (
        found["datastream_id"].astype("i4"),
        found["us"].astype("i8") / 1e6,
        found["result"].astype("f8"),
    )


def _together(archived: _Columns, hot: _Columns) -> Raw:
    """Both in order; of a reading that is in both (repeated late) the archived one counts."""
    stream, at, value = (np.concatenate([one, other]) for one, other in zip(archived, hot, strict=True))
    order = np.lexsort((at, stream))
    stream, at, value = stream[order], at[order], value[order]
    again = np.append(False, (stream[1:] == stream[:-1]) & (at[1:] == at[:-1]))[: len(stream)]
    return Raw(stream[~again], at[~again], value[~again], len(hot[0]), len(archived[0]))
