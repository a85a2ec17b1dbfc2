"""What goes wrong in the simulated city while somebody watches: faster than life, in believable proportions.

Something fails or recovers about every ten seconds, so that a demonstration shows something while
most of the city stays well. Parents take their children with them.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geodata.demo_city import CASCADES, DemoCity
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import Status
from services.simulation.storms import Strike

Rng = np.random.Generator
MOST_DOWN = 0.08
"""Share of an asset type that may be abnormal at once by chance; a small city stays mostly well too."""


@dataclass(frozen=True)
class Mishap:
    """One way an asset type fails: once ``every_s`` seconds in the whole city, for ``lasts_s`` on average."""

    asset_type: str
    state: str
    every_s: float
    lasts_s: float

    @property
    def code(self) -> int:
        """The state's code."""
        return ASSET_TYPES[self.asset_type].state_named(self.state).code


MISHAPS = (
    Mishap("streetlight", "lamp_failure", 60, 2_700),
    Mishap("streetlight", "flickering", 260, 1_500),
    Mishap("streetlight", "no_contact", 320, 1_000),
    Mishap("streetlight", "lit_by_day", 900, 900),
    Mishap("control_cabinet", "breaker_tripped", 1_200, 380),
    Mishap("control_cabinet", "feeder_open", 2_100, 900),
    Mishap("control_cabinet", "door_open", 1_100, 240),
    Mishap("control_cabinet", "maintenance", 1_800, 900),
    Mishap("junction", "flashing", 1_100, 420),
    Mishap("junction", "lamp_out", 600, 900),
    Mishap("junction", "no_contact", 1_200, 150),
    Mishap("detector", "silent", 280, 700),
    Mishap("detector", "stuck", 600, 900),
    Mishap("gateway", "no_contact", 1_500, 260),
    Mishap("camera", "no_image", 420, 600),
    Mishap("camera", "blurred", 700, 900),
    Mishap("camera", "no_contact", 380, 240),
    Mishap("building", "overconsumption", 700, 1_200),
    Mishap("building", "no_contact", 1_500, 300),
    Mishap("meter", "no_contact", 700, 420),
    Mishap("meter", "overvoltage", 1_000, 500),
    Mishap("access_point", "held_open", 400, 110),
    Mishap("access_point", "forced", 1_300, 240),
    Mishap("bollard", "slow", 1_100, 900),
    Mishap("bollard", "jammed", 1_700, 600),
    Mishap("car_park", "no_contact", 2_400, 240),
)
_BY_STATE = {(m.asset_type, m.code): m for m in MISHAPS}
_OTHERWISE_S = 900.0
_FOR_GOOD_S = 30 * 86_400.0
NONE = 255
FULL_SIZE = 36_600
"""Assets of the full demo city, for which the rates are meant."""


@dataclass
class Mishaps:
    """The faults that last in one city, and the chance of new ones. All times in seconds since 1970.

    ``code`` u1 (n) is the state a fault holds each asset in, NONE where it is well. ``pace`` multiplies how
    often new ones arise.
    """

    city: DemoCity
    rng: Rng
    pace: float
    code: npt.NDArray[np.uint8] = field(init=False)
    _until: npt.NDArray[np.float64] = field(init=False)
    _ends: list[tuple[float, int]] = field(default_factory=list)
    _planned: list[tuple[float, int, int, float]] = field(default_factory=list)
    _children: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is wrong to begin with; learn who feeds whom."""
        self.code = np.full(len(self.city), NONE, "u1")
        self._until = np.zeros(len(self.city))
        for child, parent in enumerate(self.city.parents.tolist()):
            if parent >= 0:
                self._children.setdefault(parent, []).append(child)

    def take_over(self, row: int, code: int, now: float) -> None:
        """Go on with a fault that was there before: it will end in its own time."""
        kind = ASSET_TYPES[TYPE_ORDER[self.city.types[row]]]
        mishap = _BY_STATE.get((kind.name, code))
        lasts = mishap.lasts_s if mishap else _OTHERWISE_S
        if kind.by_code[code].status is Status.OUT_OF_SERVICE:
            lasts = _FOR_GOOD_S
        self._hold(row, code, now + float(self.rng.exponential(lasts)) + 5)

    def follow_parents(self) -> None:
        """Let what was taken over end with its parent, where the parent is the cause."""
        for row in np.flatnonzero(self.code != NONE).tolist():
            for child, code in self._consequences(row, int(self.code[row])):
                if self.code[child] == code:
                    self._hold(child, code, float(self._until[row] + self.rng.uniform(2, 20)))

    def advance(self, before: float, now: float) -> None:
        """Let time pass from ``before`` to ``now``: faults end, planned and new ones begin."""
        while self._ends and self._ends[0][0] <= now:
            end, row = heapq.heappop(self._ends)
            if self._until[row] == end:
                self.code[row] = NONE
        while self._planned and self._planned[0][0] <= now:
            _, row, code, until = heapq.heappop(self._planned)
            if self.code[row] == NONE and until > now:
                self._hold(row, code, until)
        # A small city fails less often, but not so rarely that nothing is ever seen.
        pace = self.pace * min(1.0, np.sqrt(len(self.city) / FULL_SIZE))
        for mishap in MISHAPS:
            for _ in range(int(self.rng.poisson((now - before) * pace / mishap.every_s))):
                self._strike(mishap, now)

    def plan(self, strikes: Iterable[Strike], now: float) -> None:
        """Let a storm that begins at ``now`` take its course; what is down already stays as it is."""
        for strike in strikes:
            for row, state, start, end in strike.outages:
                code = ASSET_TYPES[TYPE_ORDER[self.city.types[row]]].state_named(state).code
                heapq.heappush(self._planned, (now + start, row, code, now + end))

    def _hold(self, row: int, code: int, until: float) -> None:
        self.code[row] = code
        self._until[row] = until
        heapq.heappush(self._ends, (until, row))

    def _strike(self, mishap: Mishap, now: float) -> None:
        members = self.city.of(mishap.asset_type)
        if not len(members) or (self.code[members] != NONE).sum() > max(1, MOST_DOWN * len(members)):
            return
        row = int(members[self.rng.integers(len(members))])
        if self.code[row] != NONE:
            return
        until = now + float(self.rng.gamma(2.0, mishap.lasts_s / 2.0)) + 20
        self._hold(row, mishap.code, until)
        for child, code in self._consequences(row, mishap.code):
            lag = float(self.rng.uniform(1, 9))
            heapq.heappush(self._planned, (now + lag, child, code, until + float(self.rng.uniform(2, 20))))

    def _consequences(self, row: int, code: int) -> Iterator[tuple[int, int]]:
        """The children a state of a parent takes with it, each with the state it puts them in."""
        kind = TYPE_ORDER[self.city.types[row]]
        for parent_type, state, child_type, child_state in CASCADES:
            if kind == parent_type and ASSET_TYPES[kind].state_named(state).code == code:
                wanted = ASSET_TYPES[child_type].state_named(child_state).code
                for child in self._children.get(row, ()):
                    if TYPE_ORDER[self.city.types[child]] == child_type:
                        yield child, wanted
