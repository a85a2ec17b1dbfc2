"""Judging observations, in one place: what may enter, and why something may not.

Nothing is repaired. A refused observation is counted with one of ``REASONS`` and an excerpt.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, STATE, TYPE_ORDER
from model.domains.declaration import AssetType
from model.errors import BadObservation
from model.observations import Observation, Quality

FUTURE_S = 300.0
"""A device's clock may be this far ahead; beyond, the observation is refused (faults.md F10)."""
PAST_S = 400 * 86_400.0
"""Older than thirteen months is outside what the history keeps."""

REASONS: dict[str, str] = {
    "malformed": "the item is not an observation: a field is missing or of another kind",
    "duplicate_key": "one field is given twice",
    "time_without_zone": "phenomenon_time has no time zone",
    "no_time": "the item says no time, and its source does not let the instant of receipt stand for it",
    "no_asset_named": "the item names nothing that its source's declaration turns into an asset",
    "unknown_asset": "no asset of that external id in the layout in force",
    "unknown_property": "the asset's type declares no such property",
    "unknown_state": "the asset's type declares no state of that name or code",
    "unknown_kind": "the feed has no use for an item of this kind, and its source declares none",
    "unknown_unit": "the value's unit cannot be turned into the one its domain declares",
    "bad_position": "no place on Earth",
    "personal_data": "it is about a person (a plate, a name) and is not kept, not even here",
    "not_a_number": "a measured value must be a number",
    "not_finite": "NaN or infinity",
    "out_of_range": "outside the plausible range the domain declares",
    "in_the_future": "phenomenon_time is more than 5 minutes ahead of the server",
    "too_old": "phenomenon_time is more than 400 days ago",
    "bad_quality": "a state its own sender calls bad says nothing",
    "not_storable": "the database refused it, alone and repeatedly",
}
"""Reason code to what it means; the codes are counted in table ``reject``."""

QUALITY_OF: dict[int | str, int] = {q.name.lower(): int(q) for q in Quality} | {
    int(q): int(q) for q in Quality
}
"""A quality by its name or number; one we do not know is no reason to lose the value, nor to trust it."""

STATE_SLOT = -1
JUDGED = np.dtype(
    [("row", "i4"), ("index", "i4"), ("slot", "i1"), ("value", "f8"), ("time", "f8"), ("quality", "u1")]
)
"""An accepted observation: its row in the batch, live index, place of the property in its type's
declaration (-1: the state), value or state code, phenomenon_time in seconds since 1970, quality."""

Judged = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Reject:
    """A refused item: its row in what was sent, the reason code, a short detail, and the item itself.

    ``item`` is the item as the feed sent it, for its dead letter; empty where the judge refused an
    observation, which is then kept as Vigie's own JSON.
    """

    row: int
    reason: str
    detail: str = ""
    item: bytes = b""


class _Slot(NamedTuple):
    place: int
    low: float
    high: float


def _slots(kind: AssetType) -> dict[str, _Slot]:
    return {p.name: _Slot(place, p.low, p.high) for place, p in enumerate(kind.properties)}


def _states(kind: AssetType) -> dict[float | str, int]:
    return {s.name: s.code for s in kind.states} | {s.code: s.code for s in kind.states}


class Judge:
    """Judges observations against one layout and the domains' declarations."""

    def __init__(self, columns: Columns) -> None:
        names = (str(external_id) for external_id in columns.external_ids)
        self._index = {name: place for place, name in enumerate(names)}
        self._types = columns.types.tolist()
        self._slots = [_slots(ASSET_TYPES[name]) for name in TYPE_ORDER]
        self._states = [_states(ASSET_TYPES[name]) for name in TYPE_ORDER]

    def judge(self, observations: Sequence[Observation], now: float) -> tuple[Judged, list[Reject]]:
        """The accepted observations as JUDGED, and the rest with their reasons; ``now`` in epoch s."""
        accepted: list[tuple[int, int, int, float, float, int]] = []
        rejects: list[Reject] = []
        for row, observation in enumerate(observations):
            try:
                accepted.append((row, *self._one(observation, now)))
            except BadObservation as refused:
                rejects.append(Reject(row, refused.reason, refused.detail))
        return np.array(accepted, JUDGED), rejects

    def _one(self, seen: Observation, now: float) -> tuple[int, int, float, float, int]:
        index = self._index.get(seen.asset)
        if index is None:
            raise BadObservation("unknown_asset", seen.asset[:200])
        time = _judged_time(seen, now)
        kind = self._types[index]
        if seen.property == STATE:
            return (
                index,
                STATE_SLOT,
                self._state(kind, seen),
                time,
                _quality(seen),
            )
        slot = self._slots[kind].get(seen.property)
        if slot is None:
            raise BadObservation("unknown_property", f"{seen.asset}: {seen.property[:80]}")
        return (
            index,
            slot.place,
            _judged_value(seen, slot),
            time,
            _quality(seen),
        )

    def _state(self, kind: int, seen: Observation) -> float:
        code = self._states[kind].get(seen.value)
        if code is None:
            raise BadObservation("unknown_state", f"{seen.asset}: {str(seen.value)[:80]}")
        if QUALITY_OF.get(seen.quality) == Quality.BAD:
            raise BadObservation("bad_quality", seen.asset)
        return float(code)


def _quality(seen: Observation) -> int:
    return QUALITY_OF.get(seen.quality, Quality.UNCERTAIN)


def _judged_time(seen: Observation, now: float) -> float:
    time = seen.phenomenon_time.timestamp()
    if time > now + FUTURE_S:
        raise BadObservation("in_the_future", f"{seen.asset}: {seen.phenomenon_time.isoformat()}")
    if time < now - PAST_S:
        raise BadObservation("too_old", f"{seen.asset}: {seen.phenomenon_time.isoformat()}")
    return time


def _judged_value(seen: Observation, slot: _Slot) -> float:
    value = seen.value
    if isinstance(value, str):
        raise BadObservation("not_a_number", f"{seen.asset} {seen.property}: {value[:80]}")
    if slot.low <= value <= slot.high:
        return value
    if not math.isfinite(value):
        raise BadObservation("not_finite", f"{seen.asset} {seen.property}")
    raise BadObservation("out_of_range", f"{seen.asset} {seen.property}: {value}")


def reason_counts(rejects: Iterable[Reject]) -> dict[str, tuple[int, str]]:
    """How many rejects by reason, with the last detail as excerpt."""
    counts: dict[str, tuple[int, str]] = {}
    for reject in rejects:
        counts[reject.reason] = (counts.get(reject.reason, (0, ""))[0] + 1, reject.detail)
    return counts
