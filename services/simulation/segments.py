"""How traffic runs on the simulated road segments: what cars that report their own speed would show.

Pure, like the world: the same instant gives the same figures, and the past does not matter.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geodata.demo_city import Physics
from geodata.demo_city.dice import bell, dice

STEP_S = 180
"""A new picture of the traffic every three minutes."""
WITHOUT_PROBES = 0.10
MEAN_PROBES = 1.1
"""Beyond the first: three segments in four rest on one or two cars."""
HEAVY, CONGESTED = 0.70, 0.30
"""Shares of the limit at which traffic is called heavy, and congested."""
_PROBE, _COUNT, _WAVER = 861, 871, 881

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Traffic:
    """The segments (n) at instant ``at`` (s): km/h, seconds, cars heard, and reliability in percent.

    Where no car was heard the speed is the limit: that is what such feeds fill in.
    """

    at: int
    speed: Floats
    travel_time: Floats
    probes: Rows
    reliability: Rows
    status: list[str]


@dataclass(frozen=True)
class Segments:
    """The road segments of one city."""

    physics: Physics
    rows: Rows = field(init=False)
    limits: Floats = field(init=False)
    lengths: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Look up once what never changes."""
        city = self.physics.city
        rows = city.of("segment")
        about = [city.attributes[row] for row in rows.tolist()]
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "limits", np.array([a["speed_limit_kmh"] for a in about], "f8"))
        object.__setattr__(self, "lengths", np.array([a["length_m"] for a in about], "f8"))

    def traffic(self, now: float) -> Traffic:
        """The picture in force at ``now`` (s)."""
        at = int(now) // STEP_S * STEP_S
        step = at // STEP_S
        driven = self._driven(at)
        alone = dice(_PROBE, self.rows, step) < WITHOUT_PROBES
        more = np.floor(-np.log1p(-dice(_COUNT, self.rows, step)) * MEAN_PROBES)
        probes = np.where(alone, 0, 1 + more).astype("i8")
        speed = np.where(alone, self.limits, np.maximum(np.rint(driven), 3.0))
        ratio = driven / self.limits
        status = np.select(
            [alone, ratio < CONGESTED, ratio < HEAVY], ["unknown", "congested", "heavy"], "freeFlow"
        )
        reliability = np.where(alone, 0, np.minimum(48 + 4 * probes, 95))
        travel = np.maximum(np.rint(self.lengths / (speed / 3.6)), 1.0)
        return Traffic(at, speed, travel, probes, reliability, [str(one) for one in status])

    def _driven(self, at: int) -> Floats:
        """Mean km/h on each segment (n) over the step from ``at``, as the city's physics have it."""
        weather = self.physics.weather(np.array([at + STEP_S // 2]))
        speed = self.physics.speed(self.rows, self.physics.flow(self.rows, weather), weather)[:, 0]
        return np.asarray(speed * (1 + 0.05 * bell(_WAVER, self.rows, at // STEP_S)))
