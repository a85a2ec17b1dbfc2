"""One seeded storm night over the demo city, with what brought what about: what happens, and what is told.

Reports come late, jittered, out of order, and a few never; some assets do not come back with the others; and
all evening things fail by chance. Nothing here knows how causes are inferred.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geodata.demo_city import DemoCity
from model.domains import TYPE_ORDER
from services.simulation.storms import Outage, Strike, draw_storm

HOUR = 3_600.0
WELL = {
    "streetlight": "on",
    "control_cabinet": "feeding",
    "junction": "in_colour",
    "detector": "counting",
    "gateway": "in_service",
    "camera": "in_service",
    "building": "occupied",
    "meter": "metering",
    "access_point": "closed",
    "bollard": "raised",
    "car_park": "open",
}
CHANCE = (
    ("streetlight", "lamp_failure", 30),
    ("streetlight", "flickering", 5),
    ("streetlight", "no_contact", 6),
    ("streetlight", "no_supply", 3),
    ("camera", "no_image", 5),
    ("camera", "no_contact", 4),
    ("camera", "blurred", 2),
    ("detector", "silent", 5),
    ("detector", "no_contact", 2),
    ("meter", "no_contact", 3),
    ("meter", "overvoltage", 2),
    ("access_point", "forced", 1),
    ("access_point", "held_open", 3),
    ("access_point", "no_contact", 2),
    ("junction", "lamp_out", 3),
    ("junction", "flashing", 3),
    ("bollard", "jammed", 2),
    ("building", "overconsumption", 2),
    ("control_cabinet", "door_open", 2),
)
"""What fails by chance on any evening: type, state, how often of all."""
MINE = -1
"""What brought about what failed by chance: itself."""
LOST, STAYING, SLOW, SKEWED = 0.01, 0.01, 0.02, 0.03
"""Shares: messages that never arrive, assets that stay down, messages that are minutes late, clocks that are
up to half a minute wrong."""


class Report(NamedTuple):
    """What one asset (``row``) says: its state, when by its own clock, when that arrives (s). ``cause`` is
    the number of the strike that brought it about or MINE; ``back`` where it is well again."""

    row: int
    state: str
    at: float
    arrives: float
    cause: int
    back: bool


@dataclass
class Night:
    """A storm night of ``city`` from ``seed``: ``causes`` by number, ``reports`` in order of arrival (s)."""

    city: DemoCity
    seed: int
    hours: float = 2.0
    causes: list[Strike] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    by_row: dict[int, list[Report]] = field(default_factory=dict)
    stays: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Let it happen, and be told."""
        self._rng = np.random.default_rng([self.seed, 4_711])
        spread = self.hours * HOUR * 0.7
        self.causes = draw_storm(self.city, self._rng, spread_s=spread, lasts_s=2_400.0)
        self._skew = np.where(
            self._rng.random(len(self.city)) < SKEWED, self._rng.uniform(-30, 30, len(self.city)), 0.0
        )
        for number, strike in enumerate(self.causes):
            for outage in strike.outages:
                self._tell(outage, number, told=outage.row == strike.row)
        self._by_chance(int(self._rng.integers(55, 86)))
        self.reports.sort(key=lambda report: report.arrives)
        for report in self.reports:
            self.by_row.setdefault(report.row, []).append(report)

    def _tell(self, outage: Outage, number: int, *, told: bool) -> None:
        """The messages of one outage; what a strike's own asset says does arrive."""
        if told or self._rng.random() >= LOST:
            self._say(outage.row, outage.state, outage.start, number, back=False)
            if not told and self._rng.random() < STAYING:
                self.stays.add(outage.row)
            else:
                self._say(outage.row, self._well(outage.row), outage.end, number, back=True)

    def _by_chance(self, number: int) -> None:
        hit = {outage.row for strike in self.causes for outage in strike.outages}
        hit |= {strike.row for strike in self.causes}
        odds = np.array([often for _, _, often in CHANCE], "f8")
        for pick in self._rng.choice(len(CHANCE), number, p=odds / odds.sum()).tolist():
            kind, state, _ = CHANCE[pick]
            row = int(self._rng.choice(self.city.of(kind)))
            if row not in hit:
                hit.add(row)
                at = float(self._rng.uniform(0, self.hours * HOUR))
                self._say(row, state, at, MINE, back=False)
                self._say(row, WELL[kind], at + float(self._rng.gamma(2.0, 1_800)), MINE, back=True)

    def _well(self, row: int) -> str:
        return WELL[TYPE_ORDER[self.city.types[row]]]

    def _say(self, row: int, state: str, at: float, cause: int, *, back: bool) -> None:
        late = float(self._rng.gamma(1.5, 6.0))
        if self._rng.random() < SLOW:
            late += float(self._rng.uniform(30, 240))
        self.reports.append(Report(row, state, at + float(self._skew[row]), at + late, cause, back))
