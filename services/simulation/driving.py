"""How the simulated buses drive: along their lines, from stop to stop, slower at rush hours, in duty hours.

Pure: where a bus is follows from the instant alone, so a restart changes nothing. Each bus lags or hurries
a little in a slow rhythm of its own; where two rhythms meet, two buses of a line run close together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from geodata.demo_city import BusLine
from geodata.demo_city.dice import dice

Floats = npt.NDArray[np.float64]
STOP_EVERY_M, DWELL_S, LAYOVER_S, CRUISE_MS = 420.0, 18.0, 180.0, 7.8
HOUR = 3_600
_SWAY, _RHYTHM, _PHASE = 951, 961, 971
_EARTH_M = 6_371_008.8


@dataclass(frozen=True)
class Seen:
    """One bus at ``at`` (s): WGS84, bearing in degrees from north, m/s; ``trip`` "" outside duty."""

    bus: str
    line: str
    trip: str
    direction: int
    lon: float
    lat: float
    bearing: float
    speed: float
    at: float


@dataclass(frozen=True)
class Way:
    """One line there and back: ``metres`` f8 (n) from the first terminus along ``path`` (n, 2)."""

    line: BusLine
    metres: Floats = field(init=False)
    _times: Floats = field(init=False)
    _places: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the timetable of one round: when, driving undisturbed, it is how far along."""
        lon, lat = np.radians(self.line.path).T
        east = np.diff(lon) * np.cos((lat[1:] + lat[:-1]) / 2)
        metres = np.append(0.0, np.cumsum(_EARTH_M * np.hypot(east, np.diff(lat))))
        times, places = _timetable(float(metres[-1]))
        object.__setattr__(self, "metres", metres)
        object.__setattr__(self, "_times", times)
        object.__setattr__(self, "_places", places)

    @property
    def round_s(self) -> float:
        """Seconds of one round, undisturbed."""
        return float(self._times[-1])

    def along(self, turn: Floats) -> Floats:
        """Metres driven in this round at each ``turn`` (0 to 1); beyond the length it is on its way back."""
        return np.asarray(np.interp(turn * self.round_s, self._times, self._places))

    def at(self, driven: float) -> tuple[float, float, float]:
        """Longitude, latitude and bearing of who has ``driven`` so many metres of the round."""
        length = float(self.metres[-1])
        back = driven > length
        here = 2 * length - driven if back else driven
        edge = int(np.clip(np.searchsorted(self.metres, here, "right") - 1, 0, len(self.metres) - 2))
        start, end = self.line.path[edge], self.line.path[edge + 1]
        share = (here - self.metres[edge]) / max(float(self.metres[edge + 1] - self.metres[edge]), 1e-9)
        lon, lat = start + (end - start) * np.clip(share, 0.0, 1.0)
        east, north = (end - start) * (np.cos(np.radians(lat)), 1.0) * (-1.0 if back else 1.0)
        return float(lon), float(lat), float(np.degrees(np.arctan2(east, north)) % 360)


def _timetable(length: float) -> tuple[Floats, Floats]:
    """Instants (s) and metres of one round: drive and stop, wait at the far end, drive back, wait."""
    gaps = max(1, round(length / STOP_EVERY_M))
    drive = length / gaps / CRUISE_MS
    leave = np.arange(gaps) * (drive + DWELL_S)
    one_way = np.column_stack([leave, leave + drive]).ravel()
    places = np.column_stack([np.arange(gaps), np.arange(1, gaps + 1)]).ravel() * length / gaps
    turn = one_way[-1] + LAYOVER_S
    return (
        np.concatenate([one_way, turn + one_way, [2 * turn]]),
        np.concatenate([places, length + places, [2 * length]]),
    )


@dataclass(frozen=True)
class Fleet:
    """Every bus of one city: ``buses`` external id and line, ``depots`` f8 (n, 2) where each is parked."""

    lines: Sequence[BusLine]
    buses: Sequence[tuple[str, str]]
    depots: Floats
    zone: ZoneInfo

    @cached_property
    def _crews(self) -> list[tuple[Way, list[int]]]:
        """Each line's way and its buses, in their order on the line."""
        crews: dict[str, list[int]] = {}
        for number, (_, line) in enumerate(self.buses):
            crews.setdefault(line, []).append(number)
        return [(Way(line), crews[line.name]) for line in self.lines if line.name in crews]

    def seen(self, now: float) -> list[Seen]:
        """Where every bus was when it last told, in the second or three before ``now`` (s)."""
        found = {number: self._parked(number, now) for number in range(len(self.buses))}
        for way, crew in self._crews:
            for place, number in enumerate(crew):
                at = now - number % 4
                if self._on_duty(way, place, len(crew), number, at):
                    found[number] = self._driving(way, place, len(crew), number, at)
        return [found[number] for number in range(len(self.buses))]

    def _parked(self, number: int, now: float) -> Seen:
        bus, line = self.buses[number]
        lon, lat = self.depots[number]
        return Seen(bus, line, "", 0, float(lon), float(lat), 0.0, 0.0, now - number % 4)

    def _driving(self, way: Way, place: int, crew: int, number: int, at: float) -> Seen:
        turns = np.array([self._turns(way, place, crew, number, at + ahead) for ahead in (-1.0, 0.0, 1.0)])
        driven = way.along(turns % 1.0)
        length = 2 * float(way.metres[-1])
        # Around the end of a round the metres begin again; standing still may round to a hair below 0.
        gone = (driven[2] - driven[0] + length / 2) % length - length / 2
        speed = max(float(gone) / 2, 0.0)
        half = int(np.floor(2 * turns[1]))
        bus, line = self.buses[number]
        lon, lat, bearing = way.at(float(driven[1]))
        return Seen(bus, line, f"{line}-{half}-{place}", half % 2, lon, lat, bearing, speed, at)

    def _turns(self, way: Way, place: int, crew: int, number: int, at: float) -> float:
        """Rounds driven since 1970: evenly spaced buses, less what traffic and chance take from them."""
        rhythm = 2_400 + 2_400 * float(dice(_RHYTHM, number))
        # Never so much that a bus would have to drive backwards.
        most = min(0.42 / crew, 0.45 * rhythm / (2 * np.pi * way.round_s))
        sway = most * (0.4 + 0.6 * float(dice(_SWAY, number)))
        wave = np.sin(2 * np.pi * (at / rhythm + float(dice(_PHASE, number))))
        return float((at + _held_up(self._hour(at))) / way.round_s + place / crew + sway * wave)

    def _on_duty(self, way: Way, place: int, crew: int, number: int, at: float) -> bool:
        """Whether the trip it would be on is one of its day: a duty begins and ends at a terminus."""
        duty = self._duty(place, at)
        if duty is None:
            return False
        first, last, trip = (2 * self._turns(way, place, crew, number, when) for when in (*duty, at))
        return bool(np.ceil(first) <= trip < np.ceil(last))

    def _duty(self, place: int, at: float) -> tuple[float, float] | None:
        """Start and end (s) of today's duty of the bus at ``place``; every other one stays in when quiet."""
        # Until three in the morning it is still yesterday's service.
        today = datetime.fromtimestamp(at - 3 * HOUR, self.zone)
        if place % 2 and today.weekday() == 6:
            return None
        busy = (6.5, 20.25) if today.weekday() < 5 else (9.0, 19.0)
        first, last = busy if place % 2 else (5.25, 23.75)
        begins, ends = (today.replace(hour=int(h), minute=int(h % 1 * 60), second=0) for h in (first, last))
        return begins.timestamp(), ends.timestamp()

    def _hour(self, at: float) -> float:
        local = datetime.fromtimestamp(at, self.zone)
        return local.hour + local.minute / 60 + (local.second + at % 1) / 3_600


def _pace(hour: Floats) -> Floats:
    """How fast traffic lets a bus drive at each local hour, 1 being its ordinary pace."""
    morning = 0.30 * np.exp(-((hour - 8.1) ** 2) / 1.6)
    evening = 0.33 * np.exp(-((hour - 17.6) ** 2) / 2.4)
    return np.asarray(1.0 - morning - evening)


_STEPS = np.arange(0, 24.001, 1 / 12)
_PACES = _pace(_STEPS) / _pace(_STEPS).mean()
_LAGS = np.append(0.0, np.cumsum((_PACES[1:] + _PACES[:-1]) / 2 - 1) * HOUR / 12)
_LAGS = _LAGS - _LAGS[-1] * _STEPS / 24


def _held_up(hour: float) -> float:
    """Seconds ahead (or behind, negative) of an even pace at a local hour; none at midnight."""
    return float(np.interp(hour, _STEPS, _LAGS))
