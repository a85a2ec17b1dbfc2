"""The simulated city as it goes on: what each asset would report from one second to the next.

Pure: no clock, no network. It begins from the states the database holds, so nothing jumps, and the same
seed and instants give the same reports.
"""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from geodata.demo_city import DemoCity, Physics, phases, resting_codes, status_table
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import Status
from services.simulation.mishaps import FULL_SIZE, NONE, Mishaps
from services.simulation.readings import Readings
from services.simulation.reports import Report
from services.simulation.routine import Routine
from services.simulation.storms import Strike, draw_storm
from services.simulation.wishes import StormWish

Codes = npt.NDArray[np.uint8]
DAY = 86_400
LONGEST_S = 120.0
"""After a pause (the machine slept) the city goes on from this long ago."""


@dataclass
class World:
    """One city going on from ``now`` (s). ``state`` u1 (n): the state code each asset last reported.

    ``known`` (n) leaves out assets that never reported at all: they stay silent.
    """

    city: DemoCity
    zone: ZoneInfo
    now: float
    state: Codes
    known: npt.NDArray[np.bool_]
    seed: int = 0
    pace: float = 1.0
    physics: Physics = field(init=False)
    _mishaps: Mishaps = field(init=False)
    _routine: Routine = field(init=False)
    _readings: Readings = field(init=False)
    _phases: npt.NDArray[np.int64] = field(init=False)
    _periods: npt.NDArray[np.int64] = field(init=False)
    _speaking: npt.NDArray[np.bool_] = field(init=False)
    _statuses: Codes = field(init=False)
    _type_of: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Take over what is abnormal in ``state``; everything else follows its routine from now on."""
        day = int(self.now) // DAY
        self.physics = Physics(self.city, self.zone, day - 3, day + 400)
        self._routine = Routine(self.physics)
        self._readings = Readings(self.physics)
        self._mishaps = Mishaps(self.city, np.random.default_rng([self.seed, 5]), self.pace)
        self._phases = phases(self.city.types)
        self._periods = np.array([ASSET_TYPES[t].period_s for t in TYPE_ORDER], "i8")[self.city.types]
        self._statuses = status_table()
        types = [TYPE_ORDER[t] for t in self.city.types]
        self._type_of = dict(zip(self.city.external_ids, types, strict=True))
        status = self._statuses[self.city.types, self.state]
        for row in np.flatnonzero(self.known & (status >= Status.DEGRADED)).tolist():
            self._mishaps.take_over(row, int(self.state[row]), self.now)
        self._mishaps.follow_parents()
        # A type whose healthy state is "unknown" has nothing to say of itself.
        self._speaking = self.known & (resting_codes(self.city.types) != 0)

    def type_of(self, asset: str) -> str:
        """The asset type of an external id."""
        return self._type_of[asset]

    def state_of(self, row: int) -> str:
        """The name of the state an asset is in, whether or not it is one that can be reported."""
        kind = ASSET_TYPES[TYPE_ORDER[self.city.types[row]]]
        return kind.by_code[int(self.state[row])].name

    def storm(self, now: float, wish: StormWish) -> list[Strike]:
        """Let a storm come up at ``now`` (s); what it will strike, and when, is told."""
        strikes = draw_storm(
            self.city,
            np.random.default_rng([wish.seed, 8]),
            spread_s=60 * wish.minutes,
            lasts_s=60 * wish.repair_minutes,
            share=min(1.0, len(self.city) / FULL_SIZE),
        )
        self._mishaps.plan(strikes, now)
        return strikes

    def advance(self, now: float) -> list[Report]:
        """Everything reported after the last instant and up to ``now`` (s), states first."""
        before, self.now = max(self.now, now - LONGEST_S), now
        self._mishaps.advance(before, now)
        wanted = self._routine.states(now)
        wanted = np.where(self._mishaps.code != NONE, self._mishaps.code, wanted)
        changed = self._speaking & (wanted != self.state)
        tripped = self._cut_off(changed, wanted)
        self.state[changed] = wanted[changed]
        lost = self._statuses[self.city.types, self.state] == Status.COMMS_LOST
        due = (int(now) - self._phases) // self._periods > (int(before) - self._phases) // self._periods
        told = changed | (due & self._speaking & ~lost)
        reports = [self._state_report(row, now) for row in np.flatnonzero(told).tolist()]
        reports += [Report(self.city.external_ids[row], "power", 0.0, now) for row in tripped]
        return reports + self._readings.due(before, now, ~lost & self.known, self._unfed())

    def _state_report(self, row: int, now: float) -> Report:
        return Report(self.city.external_ids[row], "state", self.state_of(row), now)

    def _cut_off(self, changed: npt.NDArray[np.bool_], wanted: Codes) -> list[int]:
        """Cabinets that trip at this instant: their power falls at once, not at the next quarter."""
        cabinets = self.city.of("control_cabinet")
        tripped = ASSET_TYPES["control_cabinet"].state_named("breaker_tripped").code
        return [int(row) for row in cabinets if changed[row] and wanted[row] == tripped]

    def _unfed(self) -> npt.NDArray[np.bool_]:
        tripped = ASSET_TYPES["control_cabinet"].state_named("breaker_tripped").code
        cabinet = self.city.types == TYPE_ORDER.index("control_cabinet")
        return np.asarray(cabinet & (self.state == tripped))
