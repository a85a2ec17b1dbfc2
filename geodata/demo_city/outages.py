"""What goes wrong in the demo city, and when it is put right: one ledger for the whole past.

State changes, keyframes, failure shares and missing measurements are all read from this ledger, which is
why they agree. Rates are guesses of the right order for a métropole, sources in field.md (e).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.demo_city.city import DemoCity
from geodata.demo_city.dice import Floats, dice
from geodata.demo_city.physics_sky import DAY, Instants
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import Status

HOUR = 3_600
_NEVER = 97
OPEN = 1 << 40
"""An end far after any past: the fault is still there."""


@dataclass(frozen=True)
class Kind:
    """One way an asset type fails: ``standing`` share of assets at any time, mean ``hours`` until repair."""

    asset_type: str
    state: str
    standing: float
    hours: float

    @property
    def code(self) -> int:
        """The state's code."""
        return ASSET_TYPES[self.asset_type].state_named(self.state).code


KINDS = (
    Kind("streetlight", "lamp_failure", 0.0080, 60),
    Kind("streetlight", "flickering", 0.0008, 70),
    Kind("streetlight", "no_contact", 0.0006, 14),
    Kind("streetlight", "lit_by_day", 0.0002, 30),
    Kind("streetlight", "maintenance", 0.0002, 5),
    Kind("streetlight", "removed_from_duty", 0.0003, 900),
    Kind("control_cabinet", "breaker_tripped", 0.00016, 2.4),
    Kind("control_cabinet", "feeder_open", 0.0004, 9),
    Kind("control_cabinet", "no_contact", 0.00008, 1.5),
    Kind("control_cabinet", "door_open", 0.00008, 0.6),
    Kind("control_cabinet", "maintenance", 0.0004, 3),
    Kind("junction", "flashing", 0.0015, 4),
    Kind("junction", "dark", 0.0002, 2),
    Kind("junction", "lamp_out", 0.004, 14),
    Kind("junction", "no_contact", 0.0006, 1),
    Kind("junction", "maintenance", 0.0008, 3),
    Kind("detector", "silent", 0.003, 30),
    Kind("detector", "stuck", 0.0015, 30),
    Kind("detector", "no_contact", 0.0008, 6),
    Kind("gateway", "no_contact", 0.0008, 2),
    Kind("gateway", "hardware_fault", 0.0005, 8),
    Kind("camera", "no_image", 0.003, 20),
    Kind("camera", "blurred", 0.004, 40),
    Kind("camera", "no_contact", 0.0012, 3),
    Kind("camera", "maintenance", 0.001, 4),
    Kind("building", "power_cut", 0.0001, 2),
    Kind("building", "overconsumption", 0.003, 8),
    Kind("building", "no_contact", 0.001, 5),
    Kind("meter", "fault", 0.001, 30),
    Kind("meter", "overvoltage", 0.001, 4),
    Kind("meter", "no_contact", 0.003, 8),
    Kind("access_point", "forced", 0.0004, 1),
    Kind("access_point", "held_open", 0.0006, 0.4),
    Kind("access_point", "no_contact", 0.002, 6),
    Kind("bollard", "jammed", 0.004, 9),
    Kind("bollard", "slow", 0.012, 24),
    Kind("bollard", "no_contact", 0.002, 5),
    Kind("car_park", "no_contact", 0.002, 3),
)

CASCADES = (
    ("control_cabinet", "breaker_tripped", "streetlight", "no_supply"),
    ("control_cabinet", "no_contact", "streetlight", "no_contact"),
    ("gateway", "no_contact", "camera", "no_contact"),
    ("gateway", "hardware_fault", "camera", "no_contact"),
    ("junction", "dark", "detector", "no_contact"),
    ("junction", "no_contact", "detector", "no_contact"),
    ("building", "power_cut", "meter", "no_contact"),
    ("building", "power_cut", "access_point", "no_contact"),
)
"""A parent's state and the one it puts its children in."""

TREND = {"streetlight": (1.75, 0.42)}
"""Rates at the first and the last instant, over the mean: the renewal to LED makes lamps fail less."""


@dataclass(frozen=True)
class Ledger:
    """Outages, no two of one asset at once, sorted by asset then start: row, start, end (s), state code."""

    rows: npt.NDArray[np.int64]
    start: Instants
    end: Instants
    state: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """How many outages."""
        return len(self.rows)

    def where(self, keep: npt.NDArray[Any]) -> "Ledger":
        """The outages ``keep`` marks, or in that order."""
        return Ledger(self.rows[keep], self.start[keep], self.end[keep], self.state[keep])


def status_table() -> npt.NDArray[np.uint8]:
    """Status by asset type code and state code, u1 (types, 16)."""
    table = np.zeros((len(TYPE_ORDER), 16), "u1")
    for code, name in enumerate(TYPE_ORDER):
        for state in ASSET_TYPES[name].states:
            table[code, state.code] = state.status
    return table


def down(city: DemoCity, ledger: Ledger) -> npt.NDArray[np.bool_]:
    """Whether each outage counts as a failure: its status is fault or lost contact."""
    status = status_table()[city.types[ledger.rows], ledger.state]
    return np.isin(status, (Status.FAULT, Status.COMMS_LOST))


def write_ledger(city: DemoCity, seed: int, first: int, now: int, storms: list[tuple[int, int]]) -> Ledger:
    """Every outage from ``first`` to ``now`` (s), with those of ``storms`` (start, end) and of right now."""
    rng = np.random.default_rng([seed, 77])
    parts = [_chance(rng, city, kind, first, now) for kind in KINDS]
    parts += [part for storm in storms for part in _storm(rng, city, *storm)]
    parts += _just_now(rng, city, now)
    parts += _chattering(np.random.default_rng([seed, 79]), city, now)
    own = _joined(parts)
    started = own.where(own.start < now)
    everything = _joined([started, *_cascades(rng, city, started)])
    return _one_at_a_time(everything.where(~never_seen(city)[everything.rows]))


def never_seen(city: DemoCity) -> npt.NDArray[np.bool_]:
    """The few lamps that were fitted but never reported: nothing is known of them.

    Nor is anything of segments and of what moves: their past is not invented, it begins with their feed.
    """
    lamp = city.types == TYPE_ORDER.index("streetlight")
    unheard = city.moving | (city.types == TYPE_ORDER.index("segment"))
    return np.asarray(unheard | lamp & (dice(_NEVER, np.arange(len(city))) < 0.0006))


def _joined(parts: list[Ledger]) -> Ledger:
    return Ledger(
        *(np.concatenate([getattr(p, f) for p in parts]) for f in ("rows", "start", "end", "state"))
    )


def _chance(rng: np.random.Generator, city: DemoCity, kind: Kind, first: int, now: int) -> Ledger:
    """Outages of one kind at random: more where a commune takes less care, and longer."""
    members = city.of(kind.asset_type)
    care = np.array([c.care for c in city.communes_list])[city.communes[members]]
    span = now - first
    expected = kind.standing * len(members) * span / (kind.hours * HOUR)
    count = int(rng.poisson(expected)) if len(members) else 0
    rows = rng.choice(members, count, p=care / care.sum()) if count else np.empty(0, "i8")
    start = first + (span * _times(rng, count, TREND.get(kind.asset_type))).astype("i8")
    length = rng.gamma(1.6, kind.hours * HOUR / 1.6, count) * np.sqrt(care[np.searchsorted(members, rows)])
    return Ledger(rows, start, start + np.maximum(length, 90).astype("i8"), np.full(count, kind.code, "u1"))


def _times(rng: np.random.Generator, count: int, trend: tuple[float, float] | None) -> Floats:
    """Moments in [0, 1), with a density that goes evenly from ``trend[0]`` to ``trend[1]``."""
    uniform = rng.random(count)
    if trend is None:
        return uniform
    begin, slope = trend[0], trend[1] - trend[0]
    mass = begin + slope / 2
    return np.asarray((-begin + np.sqrt(begin**2 + 2 * slope * uniform * mass)) / slope)


def _some(
    rng: np.random.Generator, city: DemoCity, asset_type: str, state: str, full: float, when: tuple[int, int],
    hours: float,
) -> Ledger:  # fmt: skip
    """About ``full`` outages (at full scale; at least one) that begin within ``when``."""
    members = city.of(asset_type)
    share = full * int((~city.moving).sum()) / 36_600
    count = min(len(members), max(1, round(share)))
    rows = rng.choice(members, count, replace=False)
    start = rng.integers(when[0], max(when[1], when[0] + 1), count)
    end = start + (rng.gamma(2.0, hours * HOUR / 2, count)).astype("i8") + 300
    code = ASSET_TYPES[asset_type].state_named(state).code
    return Ledger(rows.astype("i8"), start, end, np.full(count, code, "u1"))


def _storm(rng: np.random.Generator, city: DemoCity, start: int, end: int) -> list[Ledger]:
    """A thunderstorm: cabinets trip, junctions flash, a gateway and its cameras are lost, lamps are hit."""
    when = (start, end - 1_200)
    return [
        _some(rng, city, "control_cabinet", "breaker_tripped", 9, when, 2.5),
        _some(rng, city, "junction", "flashing", 14, when, 1.8),
        _some(rng, city, "junction", "dark", 3, when, 1.2),
        _some(rng, city, "gateway", "no_contact", 2, when, 1.5),
        _some(rng, city, "building", "power_cut", 3, when, 1.5),
        _some(rng, city, "streetlight", "lamp_failure", 70, when, 40),
    ]


def _just_now(rng: np.random.Generator, city: DemoCity, now: int) -> list[Ledger]:
    """What an operator finds on sitting down: a tripped cabinet, a flashing junction, a lost gateway."""
    still = [
        _some(rng, city, "control_cabinet", "breaker_tripped", 1, (now - 700, now - 640), 1),
        _some(rng, city, "junction", "flashing", 1, (now - 330, now - 290), 1),
        _some(rng, city, "gateway", "no_contact", 1, (now - 1_900, now - 1_800), 1),
        _some(rng, city, "access_point", "forced", 1, (now - 130, now - 110), 1),
        _some(rng, city, "meter", "overvoltage", 1, (now - 2_900, now - 2_700), 1),
    ]
    return [Ledger(s.rows, s.start, np.full(len(s), OPEN), s.state) for s in still]


_CHATTERING = (("detector", "silent", 3, 5), ("access_point", "held_open", 2, 2), ("bollard", "slow", 8, 1))
"""What comes and goes all the time: type, state, how many days ago it began, for how many days."""


def _chattering(rng: np.random.Generator, city: DemoCity, now: int) -> list[Ledger]:
    """A loose contact, a door that does not close, a worn motor: wrong for minutes, dozens of times a day."""
    found = []
    for asset_type, state, ago, days in _CHATTERING:
        members = city.of(asset_type)
        if not len(members):
            continue
        row = int(rng.choice(members))
        first, last = now - (ago + days) * DAY, now - ago * DAY
        start = np.sort(rng.integers(first, last, 22 * days))
        length = rng.integers(150, 900, len(start))
        code = ASSET_TYPES[asset_type].state_named(state).code
        rows, states = np.full(len(start), row), np.full(len(start), code, "u1")
        found.append(Ledger(rows, start, start + length, states))
    return found


def _cascades(rng: np.random.Generator, city: DemoCity, own: Ledger) -> list[Ledger]:
    """What follows from a parent's outage a few seconds later, for every child of it."""
    order = np.argsort(city.parents, kind="stable")
    sorted_parents = city.parents[order]
    found = []
    for parent_type, parent_state, child_type, child_state in CASCADES:
        code = ASSET_TYPES[parent_type].state_named(parent_state).code
        causes = own.where((own.state == code) & (city.types[own.rows] == TYPE_ORDER.index(parent_type)))
        low = np.searchsorted(sorted_parents, causes.rows)
        count = np.searchsorted(sorted_parents, causes.rows, "right") - low
        cause = np.repeat(np.arange(len(causes)), count)
        place = np.arange(len(cause)) - np.repeat(np.cumsum(count) - count, count) + low[cause]
        children = order[place]
        kept = city.types[children] == TYPE_ORDER.index(child_type)
        children, cause = children[kept], cause[kept]
        lag = rng.integers(2, 25, len(children))
        state = ASSET_TYPES[child_type].state_named(child_state).code
        start = causes.start[cause] + lag
        end = np.maximum(causes.end[cause] + lag, start + 30)
        found.append(Ledger(children, start, end, np.full(len(children), state, "u1")))
    return found


def _one_at_a_time(ledger: Ledger) -> Ledger:
    """Drop every outage that begins while another of the same asset lasts, or within a minute after."""
    order = np.lexsort((ledger.start, ledger.rows))
    ledger = ledger.where(order)
    apart = ledger.rows * (OPEN * 4)
    latest = np.maximum.accumulate(np.concatenate([[-1], apart + ledger.end + 60]))[:-1]
    return ledger.where(apart + ledger.start > latest)


def tally(at: npt.NDArray[Any], weights: npt.NDArray[Any] | None, length: int) -> Floats:
    """Summed weights (or counts) by place, ``length`` of them."""
    return np.bincount(at, weights, length).astype("f8")


def shares(
    start: Instants, end: Instants, first: int, step: int, count: int
) -> tuple[Instants, Instants, Floats]:
    """Cut intervals at the steps of a grid: (interval, step, share of the step) for each piece.

    The grid has ``count`` steps of ``step`` seconds from ``first``; what lies outside it is left out.
    """
    begin = np.clip(start, first, first + count * step)
    stop = np.clip(end, first, first + count * step)
    kept = np.flatnonzero(stop > begin)
    low = (begin[kept] - first) // step
    pieces = (stop[kept] - 1 - first) // step - low + 1
    interval = np.repeat(kept, pieces)
    at = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces) + np.repeat(low, pieces)
    opens = first + at * step
    share = (np.minimum(stop[interval], opens + step) - np.maximum(begin[interval], opens)) / step
    return interval, at, np.asarray(share)


def storm_nights(now: int, first: int, seed: int) -> list[int]:
    """Local days (since 1970) with a storm evening: six days ago, and about five more, in the warm months."""
    days = np.arange(first // DAY + 10, now // DAY - 20)
    month = (days.astype("M8[D]").astype("M8[M]").astype("i8") % 12) + 1
    warm = days[(month >= 5) & (month <= 9)]
    rng = np.random.default_rng([seed, 78])
    earlier = rng.choice(warm, min(5, len(warm)), replace=False)
    return [*sorted(int(d) for d in earlier), now // DAY - 6]
