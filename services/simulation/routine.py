"""What the simulated city's healthy assets do by the clock: lamps, buildings, doors."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geodata.demo_city import Physics, building_lags, lamp_lags, resting_codes
from model.domains import ASSET_TYPES

HOUR = 3_600
DAY = 86_400
Codes = npt.NDArray[np.uint8]
Instants = npt.NDArray[np.int64]


def _code(asset_type: str, state: str) -> int:
    return ASSET_TYPES[asset_type].state_named(state).code


@dataclass(frozen=True)
class _Night:
    """Tonight's instants by cabinet (c), and the two at which programmes dim."""

    number: int
    on: Instants
    off: Instants
    late: int
    early: int


@dataclass
class Routine:
    """The states of healthy assets at any instant from now on, for one city."""

    physics: Physics
    _night: _Night | None = None
    _hour: int = -1
    _openings: tuple[Instants, Instants, Instants] = field(init=False)
    _occupied: npt.NDArray[np.bool_] = field(init=False)
    _moving: Instants = field(init=False)
    _base: Codes = field(init=False)

    def __post_init__(self) -> None:
        """Look up once what never changes."""
        city = self.physics.city
        self._base = resting_codes(city.types)
        self._cabinets, self._lamps = city.of("control_cabinet"), city.of("streetlight")
        self._fed_by = np.searchsorted(self._cabinets, city.parents[self._lamps])
        self._lags = lamp_lags(self._lamps)
        self._dims = city.kind[self._cabinets] > 0
        self._doors = np.concatenate([city.of("access_point"), city.of("bollard")])
        self._moved = np.concatenate(
            [
                np.full(len(city.of("access_point")), _code("access_point", "open")),
                np.full(len(city.of("bollard")), _code("bollard", "lowered")),
            ]
        ).astype("u1")
        self._buildings = city.of("building")

    def states(self, now: float) -> Codes:
        """The state code of every asset at ``now`` (s), were it well: u1 (n)."""
        codes = self._base.copy()
        self._light(codes, now)
        self._plan_hour(int(now) // HOUR)
        # Until people have moved, this hour is as the one before.
        occupied = np.where(now >= self._moving, self._occupied[:, 1], self._occupied[:, 0])
        codes[self._buildings[occupied]] = _code("building", "occupied")
        door, begin, end = self._openings
        moving = door[(begin <= now) & (now < end)]
        codes[self._doors[moving]] = self._moved[moving]
        return codes

    def _light(self, codes: Codes, now: float) -> None:
        """Cabinets feed from dusk to dawn; each lamp follows its cabinet some seconds later."""
        night = self._tonight(now)
        feeding = (night.on <= now) & (now < night.off)
        codes[self._cabinets[feeding]] = _code("control_cabinet", "feeding")
        own = now - self._lags
        burning = (night.on[self._fed_by] <= own) & (own < night.off[self._fed_by])
        dimmed = burning & self._dims[self._fed_by] & (night.late <= own) & (own < night.early)
        codes[self._lamps] = np.where(
            dimmed,
            _code("streetlight", "dimmed"),
            np.where(burning, _code("streetlight", "on"), _code("streetlight", "off")),
        )

    def _tonight(self, now: float) -> _Night:
        nights = self.physics.nights
        # Until noon the night that began yesterday is still on.
        number = int(np.searchsorted(nights.dawn + 4 * HOUR, now))
        if self._night is None or self._night.number != number:
            on, off = self.physics.switching(self._cabinets, np.array([number]))
            late, early = int(nights.late[number]), int(nights.early[number])
            self._night = _Night(number, on[:, 0], off[:, 0], late, early)
        return self._night

    def _plan_hour(self, hour: int) -> None:
        """Draw the openings of the hour, and who is in."""
        if hour == self._hour:
            return
        self._hour = hour
        weather = self.physics.weather(np.array([hour * HOUR]))
        visits = self.physics.visits(self._doors, weather)[:, 0]
        rng = np.random.default_rng([hour, 9])
        door = np.repeat(np.arange(len(self._doors)), visits)
        begin = hour * HOUR + np.sort(rng.integers(0, HOUR - 40, len(door)))
        self._openings = (rng.permutation(door), begin, begin + rng.integers(5, 35, len(door)))
        hours = np.array([hour - 1, hour]) * HOUR
        self._occupied = self.physics.occupied(self._buildings, self.physics.weather(hours)) > 0
        self._moving = hours[1] + building_lags(self._buildings, hours[1:])[:, 0]
