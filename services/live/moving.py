"""Positions of moving assets: judging them, and storing them in the history.

A position outside duty is nobody's business: it is not looked at, stored or shown; that the asset is out of
duty is all that remains of it (docs/moving-assets.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

from geodata.assets import Columns
from geodata.profiles import Bounds
from model.domains import MOVING, STATE
from model.errors import BadObservation
from model.observations import Observation, Position, moment
from services.live.quality import FUTURE_S, Reject

PAST_S = 7 * 86_400.0
"""A position may come this late, from a spool that was long in draining."""
LINE_BYTES = 32
OUT_OF_DUTY, IN_SERVICE, BUNCHED = "out_of_duty", "in_service", "bunched"

MOVE = np.dtype(
    [
        ("index", "<u4"), ("time", "<f8"), ("lon", "<f8"), ("lat", "<f8"), ("bearing", "<f4"),
        ("speed", "<f4"), ("line", f"S{LINE_BYTES}"),
    ]
)  # fmt: skip
"""Where a moving asset is, 68 bytes: live index, phenomenon_time in seconds since 1970, WGS84 degrees
(NaN: out of duty since then, nowhere), bearing in degrees from north and speed in km/h (NaN: not told),
line in UTF-8 (empty: none)."""

POSITION = np.dtype([("row", "<i4"), *[(name, MOVE[name]) for name in MOVE.names or ()]])
"""An accepted position: its place in the list it came in, then as MOVE."""

Moves = npt.NDArray[np.void]


@dataclass(frozen=True)
class JudgedPositions:
    """What became of a list of positions; ``rejects`` and ``off_duty`` name their places in it.

    ``accepted`` POSITION; ``off_duty`` were dropped before anything else, which counts as taken;
    ``states`` are what the positions say of their assets' state, to be judged like any observation and
    counted as nobody's; ``gone`` MOVE without a place, one for each asset now out of duty.
    """

    accepted: Moves
    rejects: list[Reject]
    off_duty: list[int]
    states: list[Observation]
    gone: Moves

    @property
    def moves(self) -> Moves:
        """MOVE of everything the live positions must be told: accepted ones, and who is gone."""
        return np.concatenate([as_moves(self.accepted), self.gone])


def as_moves(accepted: Moves) -> Moves:
    """POSITION records as MOVE, without their rows."""
    moves = np.zeros(len(accepted), MOVE)
    for name in MOVE.names or ():
        moves[name] = accepted[name]
    return moves


def moving_places(columns: Columns) -> dict[str, int]:
    """The live index of every moving asset, by external id."""
    at = np.flatnonzero(np.isin(columns.types, list(MOVING)))
    return {str(columns.external_ids[index]): index for index in at.tolist()}


def judge_positions(
    columns: Columns, bounds: Bounds, positions: Sequence[Position], now: float
) -> JudgedPositions:
    """Judge ``positions`` against the layout and the city's ``bounds`` at ``now`` (epoch s).

    Nothing is repaired: where latitude and longitude look swapped the reject says so, and a person decides
    (standards.md T14).
    """
    known = moving_places(columns)
    accepted: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    off_duty: list[int] = []
    ended: dict[int, tuple[float, str]] = {}
    for row, seen in enumerate(positions):
        try:
            if not seen.duty:
                off_duty.append(row)
                _note_end(ended, known, seen, now)
            else:
                accepted.append((row, *_judged(columns, known, bounds, seen, now)))
        except BadObservation as refused:
            rejects.append(Reject(row, refused.reason, refused.detail, b"", seen.asset[:200]))
    gone = np.array([_nowhere(index, time) for index, (time, _) in ended.items()], MOVE)
    states = [_state(asset, OUT_OF_DUTY, time) for time, asset in ended.values()]
    return JudgedPositions(np.array(accepted, POSITION), rejects, off_duty, states, gone)


def _note_end(ended: dict[int, tuple[float, str]], known: dict[str, int], seen: Position, now: float) -> None:
    """Of each asset the newest end of duty; one we do not know, or at no credible time, is merely dropped."""
    index, time = known.get(seen.asset), seen.phenomenon_time.timestamp()
    credible = now - PAST_S <= time <= now + FUTURE_S
    if index is not None and credible and time >= ended.get(index, (0.0, ""))[0]:
        ended[index] = (time, seen.asset)


def _nowhere(index: int, time: float) -> tuple[Any, ...]:
    return (index, time, math.nan, math.nan, math.nan, math.nan, b"")


def _state(asset: str, state: str, time: float) -> Observation:
    return Observation(asset, STATE, state, moment(time))


def state_said(columns: Columns, index: int, state: str, time: float) -> Observation:
    """That the asset at live index ``index`` is in ``state`` at ``time`` (epoch s)."""
    return _state(str(columns.external_ids[index]), state, time)


def _judged(
    columns: Columns, known: dict[str, int], bounds: Bounds, seen: Position, now: float
) -> tuple[Any, ...]:
    index = known.get(seen.asset)
    if index is None:
        fixed = bool((columns.external_ids == seen.asset).any())
        raise BadObservation("not_moving" if fixed else "unknown_asset", seen.asset[:200])
    time = _judged_time(seen, now)
    _judge_place(seen, bounds)
    # PostgreSQL takes no text with a NUL in it.
    line = (
        seen.line.replace("\0", "").encode("utf-8", "replace")[:LINE_BYTES].decode("utf-8", "ignore").encode()
    )
    return (index, time, seen.lon, seen.lat, _bearing(seen), _speed(seen), line)


def _judged_time(seen: Position, now: float) -> float:
    time = seen.phenomenon_time.timestamp()
    if time > now + FUTURE_S:
        raise BadObservation("in_the_future", f"{seen.asset}: {seen.phenomenon_time.isoformat()}")
    if time < now - PAST_S:
        raise BadObservation(
            "too_old", f"{seen.asset}: {seen.phenomenon_time.isoformat()} is over 7 days ago"
        )
    return time


def _judge_place(seen: Position, bounds: Bounds) -> None:
    if not (math.isfinite(seen.lon) and math.isfinite(seen.lat)):
        raise BadObservation("not_finite", f"{seen.asset}: position")
    if bounds.holds(seen.lon, seen.lat):
        return
    swapped = "; longitude and latitude look swapped" if bounds.holds(seen.lat, seen.lon) else ""
    raise BadObservation("outside_the_city", f"{seen.asset}: {seen.lon:.5f} {seen.lat:.5f}{swapped}")


def _bearing(seen: Position) -> float:
    """Degrees in [0, 360); NaN when there is none that can be used."""
    if seen.bearing is None or not math.isfinite(seen.bearing):
        return math.nan
    return seen.bearing % 360


def _speed(seen: Position) -> float:
    """km/h; an implausible one is left out, the place it came with is still good."""
    if seen.speed is None or not 0 <= seen.speed <= 200:
        return math.nan
    return seen.speed


# the history ------------------------------------------------------------------------------------------------

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS arriving_positions
    (row integer, asset_id bigint, phenomenon_time timestamptz, lon float8, lat float8,
     bearing real, speed real, line text)
    ON COMMIT DELETE ROWS
"""
_DAYS = """
SELECT to_char(day, 'YYYY_MM_DD'), day, day + 1 FROM
    (SELECT DISTINCT (phenomenon_time AT TIME ZONE 'UTC')::date AS day FROM arriving_positions) days
WHERE to_regclass('position_' || to_char(day, 'YYYY_MM_DD')) IS NULL
"""
_A_DAY = "SELECT make_partition('position', %s, %s::timestamptz, %s::timestamptz)"
_STORE = """
WITH stored AS (
    INSERT INTO position (asset_id, phenomenon_time, lon, lat, bearing, speed, line)
    SELECT DISTINCT ON (asset_id, phenomenon_time)
           asset_id, phenomenon_time, lon, lat, nullif(bearing, 'NaN'), nullif(speed, 'NaN'), line
    FROM arriving_positions ORDER BY asset_id, phenomenon_time, row
    ON CONFLICT DO NOTHING RETURNING asset_id, phenomenon_time
), first AS (
    SELECT min(row) AS row FROM arriving_positions JOIN stored USING (asset_id, phenomenon_time)
    GROUP BY asset_id, phenomenon_time
)
SELECT row FROM arriving_positions EXCEPT SELECT row FROM first ORDER BY 1
"""
"""Of a position that comes twice in one batch the first is stored, the second was known."""


def store_positions(cursor: psycopg.Cursor[Any], columns: Columns, accepted: Moves) -> list[int]:
    """Store ``accepted`` (POSITION) in the transaction of ``cursor``; the rows that were known already.

    Writing the same positions again changes nothing. Makes the partition of a day that has none yet.
    psycopg.Error when the database refuses or is away; the caller's transaction is void then.
    """
    if not len(accepted):
        return []
    cursor.execute(_STAGING)
    cursor.execute("TRUNCATE arriving_positions")
    with cursor.copy("COPY arriving_positions FROM STDIN") as copy:
        for row, asset_id, move in zip(
            accepted["row"].tolist(), columns.ids[accepted["index"]].tolist(), accepted.tolist(), strict=True
        ):
            _, _, time, lon, lat, bearing, speed, line = move
            copy.write_row((row, asset_id, moment(time), lon, lat, bearing, speed, line.decode()))
    for name, start, end in cursor.execute(_DAYS).fetchall():
        span = (f"{day} 00:00:00+00" for day in (start, end))
        cursor.execute(_A_DAY, (f"position_{name}", *span))
    return [int(row[0]) for row in cursor.execute(_STORE).fetchall()]
