"""Finished hours of state changes, packed: a tenth of the bytes, and twenty times faster to read than rows.

The rows stay what is true. An hour is packed some minutes after its end; whoever writes into it later marks
it dirty in the same transaction (services/live/recorder.py), and until it is packed anew it is read from the
rows.
"""

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.states import Status
from services.history.change_rows import Changes, no_changes, read_changes

HOUR = timedelta(hours=1)
HOUR_S = 3_600
SETTLE = timedelta(minutes=10)
"""How long after its end an hour is packed. The recorder marks as dirty what it writes later than 5 min."""
SLOTS = 6
"""Ten minutes each: the finest step a timeline of more than a day is drawn in."""
GRAVE = (Status.FAULT, Status.DEGRADED, Status.COMMS_LOST)
"""The columns of a tally, before that of all others."""
AT_ONCE = 24
DEADLINE_MS = 60_000
"""Nobody waits for it, and a day of a large city is some million rows."""
PASSES = 20
"""So many times in a row, for a city whose past was never packed: five hundred hours."""
_RAW = np.dtype([("since", "<u4"), ("asset_id", "<u4"), ("status", "u1"), ("state", "u1")])

Tally = npt.NDArray[np.uint32]


def pack(changes: Changes, hour: float) -> bytes:
    """The changes of the hour from ``hour`` (epoch s), in order of time, as the database holds them."""
    us = np.rint((changes.times - hour) * 1e6).astype("i8")
    since = np.diff(us, prepend=0).astype("<u4")
    columns = (since, changes.asset_ids.astype("<u4"), changes.status, changes.state)
    return zlib.compress(b"".join(column.tobytes() for column in columns), 6)


def unpack(packed: bytes, hour: float) -> Changes:
    """The changes that ``pack`` packed."""
    raw = zlib.decompress(packed)
    n = len(raw) // _RAW.itemsize
    since, ids = np.frombuffer(raw, "<u4", n), np.frombuffer(raw, "<u4", n, 4 * n)
    status, state = np.frombuffer(raw, "u1", n, 8 * n), np.frombuffer(raw, "u1", n, 9 * n)
    # As they come from the rows: whole microseconds since 1970, divided; so equal instants are equal floats.
    us = int(hour) * 1_000_000 + np.cumsum(since, dtype="i8")
    return Changes(ids.astype("i8"), us.astype("f8") / 1e6, status, state)


def tally(changes: Changes, hour: float) -> Tally:
    """How many changes of the hour went into each gravity by ten minutes, u4 (SLOTS, 4)."""
    slot = np.minimum((changes.times - hour) // (HOUR_S / SLOTS), SLOTS - 1).astype("i8")
    return tally_by(slot, changes.status, SLOTS).astype("u4")


def tally_by(slot: npt.NDArray[np.int64], status: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.int64]:
    """How many changes of each ``slot`` (i8, below ``count``) went into each gravity: i8 (count, 4)."""
    column = np.full(len(Status), len(GRAVE), "i8")
    column[list(GRAVE)] = np.arange(len(GRAVE))
    width = len(GRAVE) + 1
    found = np.bincount(slot * width + column[status], minlength=count * width)
    return found.reshape(count, width)


def start_of(at: datetime) -> datetime:
    """The start of the hour (UTC) ``at`` lies in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


# --- keeping -----------------------------------------------------------------------------------------

_DIRTY = text("DELETE FROM dirty_change_hour RETURNING hour")
_MISSING = text(
    """
    SELECT g.hour FROM generate_series(
        CAST(:first AS timestamptz), CAST(:last AS timestamptz), interval '1 hour') AS g (hour)
    WHERE NOT EXISTS (SELECT FROM change_hour c WHERE c.hour = g.hour)
    ORDER BY g.hour DESC LIMIT :most
    """
)
_FIRST = text("SELECT min(phenomenon_time) FROM state_change")
_STORE = text(
    """
    INSERT INTO change_hour (hour, count, first, last, tally, packed)
    VALUES (:hour, :count, :first, :last, :tally, :packed)
    ON CONFLICT (hour) DO UPDATE SET revision = nextval('change_hour_revision_seq'),
        count = excluded.count, first = excluded.first, last = excluded.last,
        tally = excluded.tally, packed = excluded.packed
    """
)


def keep_change_hours(engine: Engine, now: datetime, most: int = AT_ONCE) -> int:
    """Pack anew every hour that is dirty, and up to ``most`` finished hours that have no row, newest first.

    Returns how many hours were packed. Each of both is a transaction: a row written meanwhile leaves its
    mark. Raises Unavailable when the database is away.
    """
    with asking(engine, DEADLINE_MS) as connection:
        dirty = sorted(set(connection.scalars(_DIRTY)))
        for hour in dirty[:most]:
            _pack(connection, hour, hour)
        _mark(connection, dirty[most:])
        connection.commit()
    return min(len(dirty), most) + _pack_missing(engine, now, most)


def keep_all_change_hours(engine: Engine, now: datetime) -> int:
    """``keep_change_hours`` until nothing is left, at most ``PASSES`` times; how many hours were packed."""
    done = 0
    for _ in range(PASSES):
        packed = keep_change_hours(engine, now)
        done += packed
        if packed < AT_ONCE:
            break
    return done


def _mark(connection: Connection, hours: list[datetime]) -> None:
    """Leave to the next pass what would take too long in this one."""
    if hours:
        connection.execute(
            text("INSERT INTO dirty_change_hour (hour) SELECT unnest(CAST(:hours AS timestamptz[]))"),
            {"hours": hours},
        )


def _pack_missing(engine: Engine, now: datetime, most: int) -> int:
    last = start_of(now - SETTLE) - HOUR
    with asking(engine, DEADLINE_MS) as connection:
        first = connection.scalar(_FIRST)
        if first is None:
            return 0
        bounds = {"first": start_of(first), "last": last, "most": most}
        missing = sorted(connection.scalars(_MISSING, bounds))
        for begin, end in runs(missing):
            _pack(connection, begin, end)
        connection.commit()
    return len(missing)


def runs(hours: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """``hours`` (whole, ascending) as stretches without a gap: the first and the last hour of each."""
    found: list[tuple[datetime, datetime]] = []
    for hour in hours:
        if found and hour - found[-1][1] == HOUR:
            found[-1] = (found[-1][0], hour)
        else:
            found.append((hour, hour))
    return found


def _pack(connection: Connection, first: datetime, last: datetime) -> None:
    """Pack the whole hours from ``first`` to ``last``, both included, from the rows."""
    rows = rows_of(connection, first, last)
    hours = int((last - first) / HOUR) + 1
    connection.execute(_STORE, [_row(rows, first + n * HOUR) for n in range(hours)])


def rows_of(connection: Connection, first: datetime, last: datetime) -> Changes:
    """The rows of the whole hours from ``first`` to ``last``, both included."""
    instant = timedelta(microseconds=1)
    return read_changes(connection, first - instant, last + HOUR - instant)


def _row(rows: Changes, hour: datetime) -> dict[str, object]:
    start = hour.timestamp()
    cut = slice(*np.searchsorted(rows.times, (start, start + HOUR_S), "left"))
    own = Changes(rows.asset_ids[cut], rows.times[cut], rows.status[cut], rows.state[cut])
    return {
        "hour": hour,
        "count": len(own),
        "first": float(own.times[0]) if len(own) else None,
        "last": float(own.times[-1]) if len(own) else None,
        "tally": tally(own, start).astype("<u4").tobytes(),
        "packed": pack(own, start),
    }


def joined_changes(parts: list[Changes]) -> Changes:
    """Parts in order of time as one."""
    if not parts:
        return no_changes()
    names = ("asset_ids", "times", "status", "state")
    return Changes(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
