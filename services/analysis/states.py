"""What a few thousand assets were over a period, as stretches of constant state.

Read from ``state_change`` and the keyframe before; where nothing was recorded nothing is known.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.analysis import Floats, Ints, Question
from model.states import Status
from services.history import History, read_gaps

Codes = npt.NDArray[np.uint8]
_ROW = np.dtype([("at", ">f8"), ("status", ">i2"), ("state", ">i2")])


@dataclass(frozen=True, eq=False, slots=True)
class Stretches:
    """Stretches of constant state: ``place`` among the assets asked for, ``start`` and ``end`` (epoch s),
    ``status`` and ``state``. What is unknown is left out."""

    place: Ints
    start: Floats
    end: Floats
    status: Codes
    state: Codes

    def where(self, keep: npt.NDArray[Any]) -> "Stretches":
        """Those that ``keep`` marks."""
        return Stretches(
            self.place[keep], self.start[keep], self.end[keep], self.status[keep], self.state[keep]
        )

    @property
    def seconds(self) -> Floats:
        """How long each lasted."""
        return self.end - self.start


_CHANGES = text(
    """
    SELECT asset_id, string_agg(float8send(extract(epoch FROM phenomenon_time)::float8)
                                || int2send(status) || int2send(state), ''::bytea ORDER BY phenomenon_time)
    FROM state_change
    WHERE asset_id = ANY(:ids) AND phenomenon_time > :t0 AND phenomenon_time <= :t1
    GROUP BY asset_id
    """
)
"""One packed row an asset: thousands of changes cross the wire as bytes, not as Python tuples."""


def stretches(
    connection: Connection, history: History, ids: Ints, t0: datetime, t1: datetime
) -> tuple[Stretches, float]:
    """The stretches of the assets ``ids`` (ascending) over [t0, t1], and the share of it that is known.

    Raises Unavailable when the database is away or too slow.
    """
    gaps = read_gaps(connection, t0, t1)
    place, at, codes = [], [], []
    for seed in [t0, *_afterwards(connection, gaps, t1)]:
        past = history.state_at(seed)
        held = np.isin(past.asset_ids, ids)
        place.append(np.searchsorted(ids, past.asset_ids[held]))
        at.append(np.full(len(place[-1]), seed.timestamp()))
        codes.append(np.stack([past.records["status"][held], past.records["state"][held]], 1).astype("u1"))
    for asset_id, packed in connection.execute(_CHANGES, {"ids": ids.tolist(), "t0": t0, "t1": t1}):
        rows = np.frombuffer(packed, _ROW)
        place.append(np.full(len(rows), np.searchsorted(ids, asset_id)))
        at.append(rows["at"].astype("f8"))
        codes.append(np.stack([rows["status"], rows["state"]], 1).astype("u1"))
    cut = _cut(np.concatenate(place), np.concatenate(at), np.concatenate(codes), t1.timestamp())
    known = _without(cut.where(cut.status != Status.UNKNOWN), gaps)
    whole = len(ids) * (t1 - t0).total_seconds()
    return known, float(known.seconds.sum() / whole) if whole else 0.0


_FIRST_KEYFRAMES = text(
    """
    SELECT DISTINCT (SELECT min(k.at) FROM state_keyframe k WHERE k.at >= g.stop AND k.at < :t1) AS at
    FROM unnest(CAST(:stops AS timestamptz[])) AS g (stop) ORDER BY at
    """
)


def _afterwards(connection: Connection, gaps: list[tuple[float, float]], t1: datetime) -> list[datetime]:
    """The first keyframe after each gap: what did not change since is known again from there."""
    stops = [instant(stop) for _, stop in gaps if stop < t1.timestamp()]
    rows = connection.execute(_FIRST_KEYFRAMES, {"stops": stops, "t1": t1}).all() if stops else []
    return [row[0] for row in rows if row[0] is not None]


def _cut(place: Ints, at: Floats, codes: Codes, end: float) -> Stretches:
    order = np.lexsort((at, place))
    place, at, codes = place[order].astype("i8"), at[order], codes[order]
    until = np.append(at[1:], end)
    until[np.append(place[1:] != place[:-1], True)[: len(until)]] = end
    return Stretches(place, at, until[: len(at)], codes[:, 0], codes[:, 1])


def _without(cut: Stretches, gaps: list[tuple[float, float]]) -> Stretches:
    """``cut`` less the ``gaps`` in which nothing was recorded; what spans a gap becomes two."""
    for start, end in gaps:
        before = Stretches(cut.place, cut.start, np.minimum(cut.end, start), cut.status, cut.state)
        after = Stretches(cut.place, np.maximum(cut.start, end), cut.end, cut.status, cut.state)
        parts = [part.where(part.end > part.start) for part in (before, after)]
        cut = Stretches(
            *(
                np.concatenate([getattr(p, n) for p in parts])
                for n in ("place", "start", "end", "status", "state")
            )
        )
    return cut


def merged(cut: Stretches) -> Stretches:
    """Neighbouring stretches of one asset as one: an outage whose state changed meanwhile is one outage."""
    order = np.lexsort((cut.start, cut.place))
    cut = cut.where(order)
    apart = (cut.place[1:] != cut.place[:-1]) | (cut.start[1:] > cut.end[:-1])
    first = np.append(True, apart)[: len(cut.place)]
    begin = np.flatnonzero(first)
    if not len(begin):
        return cut
    ends = np.maximum.reduceat(cut.end, begin)
    return Stretches(cut.place[begin], cut.start[begin], ends, cut.status[begin], cut.state[begin])


@dataclass(frozen=True, eq=False, slots=True)
class Members:
    """Assets of one or more types, by id ascending: names, places, and what they declare."""

    ids: Ints
    external_ids: tuple[str, ...]
    names: tuple[str, ...]
    areas: tuple[str, ...]
    attributes: tuple[dict[str, object] | None, ...]
    kinds: tuple[str, ...]

    def number(self, name: str) -> Floats:
        """The attribute ``name`` as numbers; NaN where it is missing."""
        return np.array([_number((about or {}).get(name)) for about in self.attributes], "f8")


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


_MEMBERS = text(
    """
    SELECT a.id, a.external_id, a.name, coalesce(c.name, ''),
           CASE WHEN :declared THEN a.attributes END, a.asset_type
    FROM asset a
    LEFT JOIN area c ON c.id = CASE WHEN :kind = 'district' THEN a.district_id ELSE a.commune_id END
    WHERE a.asset_type = ANY(:types) AND (a.removed_at IS NULL OR a.removed_at > :t0)
      AND (a.installed_at IS NULL OR a.installed_at < :t1)
      AND (CAST(:area AS integer) IS NULL OR c.id = :area)
    ORDER BY a.id
    """
)


def members(
    connection: Connection, types: list[str], asked: Question, kind: str, *, declared: bool = True
) -> Members:
    """The assets of ``types`` in place within the question's period and area (of ``kind``), or the city.

    What they declare is left out unless ``declared``: of 34,000 lamps it is most of what would be read.
    """
    bounds = {"types": types, "area": asked.area_id, "kind": kind, "t0": asked.t0, "t1": asked.t1}
    bounds |= {"declared": declared}
    rows = connection.execute(_MEMBERS, bounds).all()
    columns = list(zip(*rows, strict=True)) or [()] * 6
    return Members(np.array(columns[0], "i8"), *(tuple(c) for c in columns[1:]))


def instant(second: float) -> datetime:
    """An epoch second as an aware instant."""
    return datetime.fromtimestamp(second, UTC)
