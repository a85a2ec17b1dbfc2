"""The states of the demo city's assets over the last two weeks: each change, and the state at an instant."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.demo_city.dice import bell, dice
from geodata.demo_city.outages import HOUR, Ledger, never_seen
from geodata.demo_city.physics import Physics, Rows
from geodata.demo_city.physics_sky import Instants
from model.domains import ASSET_TYPES, TYPE_ORDER

_LAMP, _OPENING = 81, 91
_SPACE = 1 << 33
"""Above any second of this century: row * _SPACE + second orders events by row, then by time."""

RESTING = {
    "streetlight": "off",
    "control_cabinet": "idle",
    "junction": "in_colour",
    "detector": "counting",
    "segment": "no_data",
    "car_park": "open",
    "gateway": "in_service",
    "camera": "in_service",
    "building": "closed",
    "meter": "metering",
    "access_point": "closed",
    "bollard": "raised",
    "bus": "unknown",
}
"""The state of a healthy asset when nothing happens."""


def code_of(asset_type: str, state: str) -> int:
    """The code of a state of an asset type."""
    return ASSET_TYPES[asset_type].state_named(state).code


def lamp_lags(lamps: Rows) -> Instants:
    """Seconds between a cabinet's switching and each of its lamps' report of it."""
    return np.asarray((2 + 26 * dice(_LAMP, lamps)).astype("i8"))


def building_lags(buildings: Rows, hours: Instants) -> Instants:
    """Seconds after each of ``hours`` (m) at which people come or go, if they do: (n, m)."""
    return np.asarray((dice(_OPENING, buildings[:, None], hours[None] // HOUR) * 1_500).astype("i8"))


def resting_codes(types: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The state code of healthy assets of ``types`` (u1) when nothing happens."""
    codes = np.array([code_of(t, RESTING[t]) for t in TYPE_ORDER], "u1")
    return codes[types]


@dataclass(frozen=True)
class Timeline:
    """State changes sorted by row then time: ``rows``, ``at`` (s), ``state``; ``real`` ones were sent.

    The others only say how an asset stood when the timeline begins.
    """

    rows: Rows
    at: Instants
    state: npt.NDArray[np.uint8]
    real: npt.NDArray[np.bool_]

    def states(self, count: int, at: int) -> tuple[npt.NDArray[np.uint8], Instants]:
        """State and time of the last change of each of ``count`` assets at ``at``; 0 and 0: never seen."""
        key = self.rows * _SPACE + self.at
        last = np.searchsorted(key, np.arange(count) * _SPACE + at, "right") - 1
        known = (last >= 0) & (self.rows[np.maximum(last, 0)] == np.arange(count))
        return (
            np.where(known, self.state[np.maximum(last, 0)], 0).astype("u1"),
            np.where(known, self.at[np.maximum(last, 0)], 0),
        )


@dataclass(frozen=True)
class _Events:
    rows: Rows
    at: Instants
    state: npt.NDArray[np.uint8]


def write_timeline(physics: Physics, ledger: Ledger, first: int, now: int) -> Timeline:
    """Every change of state from ``first`` to ``now`` (s), and when each outage still there began."""
    city = physics.city
    everybody = np.arange(len(city))
    begin = _Events(everybody, np.full(len(city), first), resting_codes(city.types))
    parts = [
        begin,
        *_lighting(physics, first, now),
        *_buildings(physics, first, now),
        *_openings(physics, first, now),
    ]
    base = _sorted(_joined(parts))
    lasting = ledger.where((ledger.end > first) & (ledger.start <= now))
    events = _sorted(_joined([_outside(base, lasting), *_edges(base, lasting, now)]))
    kept = ~never_seen(city)[events.rows] & _changing(events)
    real = (events.at != first)[kept]
    return Timeline(events.rows[kept], events.at[kept], events.state[kept], real)


def _joined(parts: list[_Events]) -> _Events:
    return _Events(*(np.concatenate([getattr(p, f) for p in parts]) for f in ("rows", "at", "state")))


def _sorted(events: _Events) -> _Events:
    order = np.argsort(events.rows * _SPACE + events.at, kind="stable")
    return _Events(events.rows[order], events.at[order], events.state[order])


def _changing(events: _Events) -> npt.NDArray[np.bool_]:
    """Events that change something: not the same state again, and the last of those at one instant."""
    key = events.rows * _SPACE + events.at
    last = np.append(key[1:] != key[:-1], True)
    kept = np.flatnonzero(last)
    same = (events.rows[kept][1:] == events.rows[kept][:-1]) & (
        events.state[kept][1:] == events.state[kept][:-1]
    )
    changing = np.zeros(len(key), bool)
    changing[kept[np.append(True, ~same)]] = True
    return changing


def _outside(base: _Events, outages: Ledger) -> _Events:
    """The events of ``base`` that no outage hides."""
    started = (
        np.searchsorted(outages.rows * _SPACE + outages.start, base.rows * _SPACE + base.at, "right") - 1
    )
    at = np.maximum(started, 0)
    hidden = (started >= 0) & (outages.rows[at] == base.rows) & (outages.end[at] > base.at)
    return _Events(base.rows[~hidden], base.at[~hidden], base.state[~hidden])


def _edges(base: _Events, outages: Ledger, now: int) -> list[_Events]:
    """Where outages begin, and what each asset goes back to where they end."""
    over = outages.where(outages.end <= now)
    key = base.rows * _SPACE + base.at
    before = np.searchsorted(key, over.rows * _SPACE + over.end, "right") - 1
    return [
        _Events(outages.rows, outages.start, outages.state),
        _Events(over.rows, over.end, base.state[before]),
    ]


def _between(rows: Rows, at: Instants, state: int, first: int, now: int) -> _Events:
    kept = (at > first) & (at <= now)
    return _Events(rows[kept], at[kept], np.full(int(kept.sum()), state, "u1"))


def _lighting(physics: Physics, first: int, now: int) -> list[_Events]:
    """Cabinets switch at dusk and dawn by their photocells, their lamps within half a minute after."""
    city = physics.city
    cabinets, lamps = city.of("control_cabinet"), city.of("streetlight")
    days = np.arange(first // 86_400 - 1, now // 86_400 + 1)
    night = physics.nights.of(days)
    on, off = physics.switching(cabinets, night)
    late = np.broadcast_to(physics.nights.late[night], on.shape)
    early = np.broadcast_to(physics.nights.early[night], on.shape)
    fed = np.searchsorted(cabinets, city.parents[lamps])
    lag = lamp_lags(lamps)[:, None]
    rows = np.repeat(lamps, len(night)).reshape(len(lamps), -1)
    own = np.repeat(cabinets, len(night)).reshape(len(cabinets), -1)
    dims = (city.kind[cabinets] > 0)[fed]
    dark = (early < off)[fed] & dims[:, None]
    dusk = (late > on)[fed] & dims[:, None]
    lamp, cabinet = "streetlight", "control_cabinet"
    return [
        _between(own.ravel(), on.ravel(), code_of(cabinet, "feeding"), first, now),
        _between(own.ravel(), off.ravel(), code_of(cabinet, "idle"), first, now),
        _between(rows.ravel(), (on[fed] + lag).ravel(), code_of(lamp, "on"), first, now),
        _between(rows.ravel(), (off[fed] + lag).ravel(), code_of(lamp, "off"), first, now),
        _between(rows[dusk], (late[fed] + lag)[dusk], code_of(lamp, "dimmed"), first, now),
        _between(rows[dark], (early[fed] + lag)[dark], code_of(lamp, "on"), first, now),
    ]


def _buildings(physics: Physics, first: int, now: int) -> list[_Events]:
    """Buildings are occupied from about the hour their use says; by the hour, moved by some minutes."""
    buildings = physics.city.of("building")
    hours = np.arange(first - first % HOUR, now + 1, HOUR)
    occupied = physics.occupied(buildings, physics.weather(hours)) > 0
    at = hours[None] + building_lags(buildings, hours)
    rows = np.broadcast_to(buildings[:, None], at.shape)
    opened = occupied & ~np.roll(occupied, 1, axis=1)
    closed = ~occupied & np.roll(occupied, 1, axis=1)
    opened[:, 0], closed[:, 0] = occupied[:, 0], False
    opens, closes = code_of("building", "occupied"), code_of("building", "closed")
    return [
        _between(rows[opened], at[opened], opens, first, now),
        _between(rows[closed], at[closed], closes, first, now),
    ]


def _openings(physics: Physics, first: int, now: int) -> list[_Events]:
    """Every opening of a door or bollard, spread over its hour, and its closing some seconds later."""
    events = []
    for asset_type, opened, closed in (("access_point", "open", "closed"), ("bollard", "lowered", "raised")):
        members = physics.city.of(asset_type)
        hours = np.arange(first - first % HOUR, now + 1, HOUR)
        visits = physics.visits(members, physics.weather(hours))
        row, hour = (np.repeat(index, visits.ravel()) for index in np.indices(visits.shape).reshape(2, -1))
        turn = np.arange(len(row)) - np.repeat(np.cumsum(visits.ravel()) - visits.ravel(), visits.ravel())
        room = HOUR // np.maximum(visits[row, hour], 1)
        at = (
            hours[hour]
            + turn * room
            + (dice(_OPENING + 1, members[row], hours[hour], turn) * room * 0.6).astype("i8")
        )
        length = (
            np.minimum(6 + np.abs(bell(_OPENING + 2, members[row], at)) * 14, room * 0.3).astype("i8") + 1
        )
        whole = at + length <= now
        row, at, length = row[whole], at[whole], length[whole]
        events.append(_between(members[row], at, code_of(asset_type, opened), first, now))
        events.append(_between(members[row], at + length, code_of(asset_type, closed), first, now))
    return events
