"""Measured values of the simulated city: each quarter's, sent by every asset at its own moment after it."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geodata.demo_city import COUNTED, MEASURED, QUARTER, Physics, phases, quantities
from services.simulation.reports import Report

HOUR = 3_600
SPREAD_S = 600
"""Values of a quarter arrive over the ten minutes after it."""


@dataclass
class Readings:
    """The values of the quarter-hour last over, and when each asset sends them."""

    physics: Physics
    _quarter: int = -1
    _values: dict[str, tuple[npt.NDArray[np.int64], dict[str, npt.NDArray[np.float64]]]] = field(
        default_factory=dict
    )
    _offsets: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        """Give every asset its own moment."""
        self._offsets = phases(self.physics.city.types) % SPREAD_S

    def due(
        self, before: float, now: float, heard: npt.NDArray[np.bool_], unfed: npt.NDArray[np.bool_]
    ) -> list[Report]:
        """The values sent after ``before`` and up to ``now`` (s) by the assets that are ``heard`` (n).

        ``unfed`` (n) marks cabinets that feed nothing: they measure 0.
        """
        quarter = int(now) // QUARTER - 1
        if quarter != self._quarter:
            self._quarter, self._values = quarter, self._measure(quarter)
        start = (quarter + 1) * QUARTER
        low, high = before - start, now - start
        reports: list[Report] = []
        for rows, by_property in self._values.values():
            offset = self._offsets[rows]
            for at in np.flatnonzero((offset > low) & (offset <= high) & heard[rows]).tolist():
                reports += self._of(int(rows[at]), at, by_property, quarter, bool(unfed[rows[at]]))
        return reports + self._counts(before, now, heard)

    def _of(
        self, row: int, at: int, by_property: dict[str, npt.NDArray[np.float64]], quarter: int, unfed: bool
    ) -> list[Report]:
        name = self.physics.city.external_ids[row]
        return [
            Report(name, key, 0.0 if unfed else float(values[at]), quarter * QUARTER)
            for key, values in by_property.items()
        ]

    def _measure(
        self, quarter: int
    ) -> dict[str, tuple[npt.NDArray[np.int64], dict[str, npt.NDArray[np.float64]]]]:
        at = np.array([quarter * QUARTER])
        found = {}
        for asset_type in MEASURED:
            rows = self.physics.city.of(asset_type)
            values = quantities(self.physics, asset_type, rows, at)
            found[asset_type] = (rows, {key: np.round(v[:, 0], 3) for key, v in values.items()})
        return found

    def _counts(self, before: float, now: float, heard: npt.NDArray[np.bool_]) -> list[Report]:
        """How often doors and bollards opened in the hour that is over."""
        hour = int(now) // HOUR
        reports: list[Report] = []
        for asset_type, name in COUNTED.items():
            rows = self.physics.city.of(asset_type)
            at = hour * HOUR + self._offsets[rows]
            due = rows[(at > before) & (at <= now) & heard[rows]]
            if len(due):
                visits = self.physics.visits(due, self.physics.weather(np.array([(hour - 1) * HOUR])))
                ids = self.physics.city.external_ids
                reports += [
                    Report(ids[row], name, float(count), (hour - 1) * HOUR)
                    for row, count in zip(due.tolist(), visits[:, 0].tolist(), strict=True)
                ]
        return reports
