"""What a screen is told so that it can play a span: display codes that changed, in order of time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine

from geodata.asking import asking
from geodata.assets import Columns
from model.errors import BadRequest
from model.states import ABNORMAL, CONSEQUENCE_BIT, FRESHNESS_SHIFT, RECORD, Freshness, Status, display_codes
from services.history.past.replay import Reel, Shelves, begin, play, read_reel
from services.history.past.standing import SILENCE_S, Bytes, Floats, Places, Turns, places
from services.history.past.timeline import PastState

_DOWNED = (Status.FAULT, Status.COMMS_LOST)
_US = 1_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Played:
    """What happened in (t0, t1] (epoch s) on the layout ``version``, as the screens draw it.

    ``before`` u1 (n) display codes at t0. Events in order of time: ``offsets`` f8 seconds after t0, ``index``
    u4 live index, ``codes`` u1; applied in order on ``before`` they give the codes at any instant of it.
    ``changes`` rows of ``state_change`` stand behind them. ``silent``: for a part nothing was recorded.
    """

    version: int
    t0: float
    t1: float
    before: Bytes
    offsets: Floats
    index: npt.NDArray[np.uint32]
    codes: Bytes
    changes: int
    silent: bool

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return self.before.nbytes + self.offsets.nbytes + self.index.nbytes + self.codes.nbytes

    def after(self) -> Bytes:
        """Display codes u1 (n) at t1."""
        codes = self.before.copy()
        codes[self.index] = self.codes
        return codes


def codes_of(status: Bytes, parents: npt.NDArray[np.int32]) -> Bytes:
    """Display codes u1 (n) of known statuses: a state on record was of then; without one, never seen."""
    freshness = np.where(status == Status.UNKNOWN, Freshness.NEVER, Freshness.LIVE).astype("u1")
    return display_codes(status, parents, freshness)


def laid_out(columns: Columns, past: PastState) -> npt.NDArray[np.void]:
    """The records of ``past`` in the order of ``columns``; an asset nothing was known of is unknown."""
    records = np.zeros(len(columns), RECORD)
    at = places(past.asset_ids, columns.ids)
    records[at >= 0] = past.records[at[at >= 0]]
    return records


def known_codes(columns: Columns, past: PastState) -> Bytes:
    """Display codes u1 (n) of the assets of ``columns`` at the instant of ``past``."""
    return codes_of(laid_out(columns, past)["status"], columns.parents)


def played(engine: Engine, shelves: Shelves, columns: Columns, t0: datetime, t1: datetime) -> Played:
    """What to play of (t0, t1] (aware) on the assets of ``columns``.

    Raises BadRequest when the span ends before it begins or an instant is naive, Unavailable when the
    database is away.
    """
    if t0.tzinfo is None or t1.tzinfo is None:
        raise BadRequest("an instant needs its time zone")
    if t1 < t0:
        raise BadRequest("the span ends before it begins")
    with asking(engine) as connection:
        return _played(connection, shelves, columns, t0, t1)


def _played(connection: Connection, shelves: Shelves, columns: Columns, t0: datetime, t1: datetime) -> Played:
    reel = read_reel(connection, shelves, t0, t1)
    start, end = t0.timestamp(), t1.timestamp()
    standing = begin(reel, columns.ids, columns.periods, start)
    before = standing.known(start)
    times, index, codes = drawn(play(reel, standing, start, end), before, columns.parents, start)
    ours = places(columns.ids, reel.changes.between(start, end).asset_ids) >= 0
    return Played(
        version=columns.version,
        t0=start,
        t1=end,
        before=codes_of(before, columns.parents),
        offsets=times,
        index=index.astype("u4"),
        codes=codes,
        changes=int(ours.sum()),
        silent=_silent(reel, start, end),
    )


def _silent(reel: Reel, t0: float, t1: float) -> bool:
    """Whether for a part of [t0, t1] nothing had been received for so long that all is unknown."""
    marks = np.concatenate([[frame.time for frame in reel.frames], reel.changes.times, [-np.inf, t1]])
    marks = np.sort(marks[marks <= t1])
    unheard = np.maximum(marks[:-1] + SILENCE_S, t0)
    return bool((unheard < marks[1:]).any())


def drawn(
    turns: Turns, before: Bytes, parents: npt.NDArray[np.int32], t0: float
) -> tuple[Floats, Places, Bytes]:
    """The display codes that changed: seconds after ``t0`` f8 ascending, live index, code u1.

    ``turns`` of after t0 on statuses ``before`` u1 (n), ``parents`` i4 (n). Of turns of one instant all are
    taken before anything is drawn, so that no order among them is ever seen.
    """
    us = np.rint((turns.times - t0) * _US).astype("i8")
    index, us, status = _settled(turns.index, us, turns.status, before)
    key = _key(index, us)
    child, when = _touched(index, us, status, before, parents)
    asked = np.unique(np.concatenate([key, _key(child, when)]))
    asked_index, asked_us = asked // _SPAN, asked % _SPAN
    own = _status_at(key, status, before, asked_index, asked_us)
    parent = parents[asked_index]
    upstream = _status_at(key, status, before, np.maximum(parent, 0), asked_us)
    downed = (parent >= 0) & np.isin(upstream, _DOWNED)
    codes = _codes(own, downed)
    previous = np.append(np.uint8(0), codes[:-1])
    first = np.append(True, asked_index[1:] != asked_index[:-1])[: len(asked)]
    initial = codes_of(before, parents)
    new = codes != np.where(first, initial[asked_index], previous[: len(codes)])
    order = np.argsort(asked_us[new], kind="stable")
    return asked_us[new][order] / _US, asked_index[new][order], codes[new][order]


_SPAN = 1 << 43
"""Above the microseconds of any span asked for: index * _SPAN + microseconds orders by asset, then time."""


def _key(index: npt.NDArray[np.integer], us: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    key: npt.NDArray[np.int64] = index.astype("i8") * _SPAN + us
    return key


def _settled(
    index: Places, us: npt.NDArray[np.int64], status: Bytes, before: Bytes
) -> tuple[Places, npt.NDArray[np.int64], Bytes]:
    """Turns by asset and time, the last of each instant, without those that turn nothing."""
    order = np.lexsort((np.arange(len(us)), us, index))
    index, us, status = index[order], us[order], status[order]
    last = np.append((index[1:] != index[:-1]) | (us[1:] != us[:-1]), True)[: len(us)]
    index, us, status = index[last], us[last], status[last]
    first = np.append(True, index[1:] != index[:-1])[: len(us)]
    earlier = np.where(first, before[index], np.append(np.uint8(0), status[:-1])[: len(us)])
    turned = status != earlier
    return index[turned], us[turned], status[turned]


def _touched(
    index: Places, us: npt.NDArray[np.int64], status: Bytes, before: Bytes, parents: npt.NDArray[np.int32]
) -> tuple[Places, npt.NDArray[np.int64]]:
    """Every child of a parent that went down or came back, at the time it did."""
    first = np.append(True, index[1:] != index[:-1])[: len(us)]
    earlier = np.where(first, before[index], np.append(np.uint8(0), status[:-1])[: len(us)])
    flips = np.isin(status, _DOWNED) != np.isin(earlier, _DOWNED)
    children = np.argsort(parents, kind="stable")
    ranked = parents[children]
    low, high = (np.searchsorted(ranked, index[flips], side) for side in ("left", "right"))
    counts = high - low
    starts = np.repeat(low - np.append(0, np.cumsum(counts)[:-1])[: len(low)], counts)
    return children[starts + np.arange(int(counts.sum()))], np.repeat(us[flips], counts)


def _status_at(
    key: npt.NDArray[np.int64],
    status: Bytes,
    before: Bytes,
    index: npt.NDArray[np.integer],
    us: npt.NDArray[np.int64],
) -> Bytes:
    """The status of each of ``index`` at its ``us``, those of that instant included."""
    if not len(key):
        unturned: Bytes = before[index]
        return unturned
    at = np.searchsorted(key, _key(index, us), "right") - 1
    own = (at >= 0) & (key[np.maximum(at, 0)] // _SPAN == index)
    found: Bytes = np.where(own, status[np.maximum(at, 0)], before[index]).astype("u1")
    return found


def _codes(status: Bytes, downed: npt.NDArray[np.bool_]) -> Bytes:
    """Display codes of single assets whose parents are ``downed``: see ``model.states.display_codes``."""
    consequence = np.where(downed & np.isin(status, ABNORMAL), CONSEQUENCE_BIT, 0)
    freshness = np.where(status == Status.UNKNOWN, Freshness.NEVER, Freshness.LIVE) << FRESHNESS_SHIFT
    return (status | consequence | freshness).astype("u1")
