"""The judge: a batch of observations against one layout and the domains' declarations, as columns.

Fields are gathered one column at a time and everything else is arithmetic on arrays: no step runs once an
observation but the gathering, and the wording of refusals.
"""

import math
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, DOMAIN_OF, STATE, TYPE_ORDER, Property
from model.observations import QUALITY_MASK, Doubt, Observation, Quality
from services.live.quality import (
    FUTURE_S,
    JUDGED,
    PAST_S,
    QUALITY_OF,
    SKEW_S,
    STATE_SLOT,
    Judged,
    Reject,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

SLOTS = max(len(kind.properties) for kind in ASSET_TYPES.values())
"""The most properties an asset type declares."""
_KINDS = [ASSET_TYPES[name] for name in TYPE_ORDER]
_PROPERTIES = {STATE: 0} | {
    name: place
    for place, name in enumerate(sorted({p.name for kind in _KINDS for p in kind.properties}), start=1)
}
_NAMES = {name: place for place, name in enumerate(sorted({s.name for kind in _KINDS for s in kind.states}))}
_NUMBER, _NO_NAME = -2, -1
_NO_SLOT, _NO_CODE = -2, -1

_ORDER = (
    "unknown_asset", "other_door", "in_the_future", "too_old", "unknown_property",
    "unknown_state", "bad_quality", "not_a_number", "not_finite",
)  # fmt: skip
"""Of several reasons the first is told."""


def _slot_table() -> npt.NDArray[np.int8]:
    table = np.full((len(_KINDS), len(_PROPERTIES)), _NO_SLOT, "i1")
    table[:, 0] = STATE_SLOT
    for kind, declared in enumerate(_KINDS):
        for slot, one in enumerate(declared.properties):
            table[kind, _PROPERTIES[one.name]] = slot
    return table


def _code_tables() -> tuple[npt.NDArray[np.int16], Flags]:
    """State codes by type and name, and which numbers are codes of a type."""
    codes = np.full((len(_KINDS), len(_NAMES)), _NO_CODE, "i2")
    valid = np.zeros((len(_KINDS), 256), "?")
    for kind, declared in enumerate(_KINDS):
        for state in declared.states:
            codes[kind, _NAMES[state.name]] = state.code
            valid[kind, state.code] = True
    return codes, valid


def property_table(value: Callable[[Property], float], default: float) -> Floats:
    """``value`` of every declared property, f8 (types, SLOTS); ``default`` where there is none."""
    table = np.full((len(_KINDS), SLOTS), default)
    for kind, declared in enumerate(_KINDS):
        for slot, one in enumerate(declared.properties):
            table[kind, slot] = value(one)
    return table


_SLOT = _slot_table()
_CODE, _VALID = _code_tables()
_LOW = property_table(lambda one: one.low, -math.inf)
_HIGH = property_table(lambda one: one.high, math.inf)


class _Gathered(NamedTuple):
    """The fields of a batch as columns, all of its length."""

    at: Ints
    prop: Ints
    name: Ints
    value: Floats
    time: Floats
    quality: npt.NDArray[np.int16]


class Judge:
    """Judges observations against one layout; ``domains`` limits what this process takes in."""

    def __init__(self, columns: Columns, domains: Collection[str] | None = None) -> None:
        names = (str(external_id) for external_id in columns.external_ids)
        self._index = {name: place for place, name in enumerate(names)}
        self._types = columns.types
        mine = [domains is None or DOMAIN_OF[name].name in domains for name in TYPE_ORDER]
        self._mine = np.array(mine, "?")

    def place(self, external_id: str) -> int:
        """The live index of ``external_id``; -1 when the layout has none."""
        return self._index.get(external_id, -1)

    def judge(self, observations: Sequence[Observation], now: float) -> tuple[Judged, list[Reject]]:
        """The accepted observations as JUDGED, and the rest with their reasons; ``now`` in epoch s."""
        if not observations:
            return np.zeros(0, JUDGED), []
        seen = self._gather(observations)
        kind = self._types[np.maximum(seen.at, 0)] if len(self._types) else np.zeros(len(seen.at), "u1")
        slot = np.where(seen.prop < 0, _NO_SLOT, _SLOT[kind, np.maximum(seen.prop, 0)])
        value, unknown_state = _values(seen, kind, slot)
        wrong = np.stack(self._wrongs(seen, kind, slot, unknown_state, now))
        reason = np.where(wrong.any(axis=0), wrong.argmax(axis=0), -1)
        good = np.flatnonzero(reason < 0)
        judged = np.zeros(len(good), JUDGED)
        judged["row"], judged["index"], judged["slot"] = good, seen.at[good], slot[good]
        judged["value"], judged["time"] = value[good], seen.time[good]
        judged["quality"] = _doubted(seen.quality[good], judged, kind[good], now)
        bad = np.flatnonzero(reason >= 0).tolist()
        return judged, [_reject(row, _ORDER[reason[row]], observations[row]) for row in bad]

    def _gather(self, observations: Sequence[Observation]) -> _Gathered:
        index, prop, name = self._index.get, _PROPERTIES.get, _NAMES.get
        values = [o.value for o in observations]
        return _Gathered(
            np.array([index(o.asset, -1) for o in observations], "i4"),
            np.array([prop(o.property, -1) for o in observations], "i4"),
            np.array([name(v, _NO_NAME) if v.__class__ is str else _NUMBER for v in values], "i4"),
            np.array([math.nan if v.__class__ is str else _number(v) for v in values], "f8"),
            np.array([o.phenomenon_time.timestamp() for o in observations], "f8"),
            _qualities(observations),
        )

    def _wrongs(
        self,
        seen: _Gathered,
        kind: npt.NDArray[np.uint8],
        slot: npt.NDArray[np.int8],
        unknown_state: Flags,
        now: float,
    ) -> list[Flags]:
        """One row of flags a reason, in the order of ``_ORDER``."""
        state, text = slot == STATE_SLOT, seen.name != _NUMBER
        measured = slot >= 0
        return [
            seen.at < 0,
            ~self._mine[kind],
            seen.time > now + FUTURE_S,
            seen.time < now - PAST_S,
            slot == _NO_SLOT,
            state & unknown_state,
            state & ((seen.quality & QUALITY_MASK) == Quality.BAD),
            measured & text,
            measured & ~np.isfinite(seen.value),
        ]


def _qualities(observations: Sequence[Observation]) -> npt.NDArray[np.int16]:
    """Each quality with its doubts; nearly always every one is simply good."""
    if {o.quality for o in observations} == {0} and {o.doubts for o in observations} == {0}:
        return np.zeros(len(observations), "i2")
    of = QUALITY_OF.get
    return np.array([of(o.quality, 1) | (o.doubts & ~QUALITY_MASK & 0x7FFF) for o in observations], "i2")


def _number(value: object) -> float:
    if value.__class__ is float:
        return value
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf


def _values(seen: _Gathered, kind: npt.NDArray[np.uint8], slot: npt.NDArray[np.int8]) -> tuple[Floats, Flags]:
    """Each value, a state's as its code; and which are no state of their type."""
    named = np.where(seen.name >= 0, _CODE[kind, np.maximum(seen.name, 0)], _NO_CODE)
    whole = np.nan_to_num(seen.value, nan=-1.0, posinf=-1.0, neginf=-1.0)
    numbered = (whole >= 0) & (whole < 256) & (whole == np.floor(whole))
    code = np.clip(whole, 0, 255).astype("i4")
    by_number = np.where(numbered & _VALID[kind, code], code, _NO_CODE)
    states = np.where(seen.name == _NUMBER, by_number, named)
    return np.where(slot == STATE_SLOT, states, seen.value), states == _NO_CODE


def _doubted(
    quality: npt.NDArray[np.int16], judged: Judged, kind: npt.NDArray[np.uint8], now: float
) -> npt.NDArray[np.int16]:
    """``quality`` with what the value and its time alone are doubted for."""
    measured = judged["slot"] >= 0
    slot = np.maximum(judged["slot"], 0)
    value = judged["value"]
    outside = measured & ((value < _LOW[kind, slot]) | (value > _HIGH[kind, slot]))
    quality = np.where(outside, Quality.BAD | Doubt.RANGE | (quality & ~QUALITY_MASK), quality)
    return with_doubt(quality.astype("i2"), judged["time"] > now + SKEW_S, Doubt.CLOCK_SKEW)


def with_doubt(quality: npt.NDArray[np.int16], doubted: Flags, why: Doubt) -> npt.NDArray[np.int16]:
    """``quality`` (i2, n) where ``doubted`` (n) with the bit ``why``; a good value becomes uncertain."""
    good = (quality & QUALITY_MASK) == Quality.GOOD
    marked = quality | why | np.where(good, Quality.UNCERTAIN, 0)
    return np.where(doubted, marked, quality).astype("i2")


def _reject(row: int, reason: str, seen: Observation) -> Reject:
    return Reject(row, reason, _detail(reason, seen), b"", seen.asset[:200])


def _detail(reason: str, seen: Observation) -> str:
    if reason in ("unknown_asset", "other_door", "bad_quality"):
        return seen.asset[:200]
    if reason in ("in_the_future", "too_old"):
        return f"{seen.asset}: {seen.phenomenon_time.isoformat()}"
    if reason == "unknown_property":
        return f"{seen.asset}: {seen.property[:80]}"
    return f"{seen.asset} {seen.property}: {str(seen.value)[:80]}"
