"""What the simulated detectors measured in the five minutes last over, as their provider would know it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.demo_city import quantities
from services.simulation.world import World

STEP_S = 300
CAR_M = 6.5
"""Length a car occupies over a loop, with the loop's own."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Detectors ``rows`` (n) over the step that ended at ``end`` (s): veh/h, km/h, percent, state."""

    end: int
    rows: npt.NDArray[np.int64]
    flow: Floats
    speed: Floats
    occupancy: Floats
    state: list[str]


def measured(world: World, now: float) -> Measured:
    """The measurements in force at ``now`` (s) of the detectors that can be reached.

    A silent detector is among them, without values (NaN); a stuck one repeats what it said at first.
    """
    end = int(now) // STEP_S * STEP_S
    everyone = world.city.of("detector")
    heard = np.array([world.state_of(row) != "no_contact" for row in everyone.tolist()], "?")
    rows = everyone[heard & world.known[everyone]]
    values = quantities(world.physics, "detector", rows, np.array([end - STEP_S]), STEP_S)
    flow, speed = values["flow"][:, 0], values["speed"][:, 0]
    state = [world.state_of(row) for row in rows.tolist()]
    mute, stuck = (np.array([s == wanted for s in state], "?") for wanted in ("silent", "stuck"))
    flow = np.where(stuck, np.rint(world.city.rating[rows] * 0.4), flow)
    occupancy = np.clip(flow * CAR_M / (np.maximum(speed, 3.0) * 10), 0.0, 95.0)
    flow, speed, occupancy = (np.where(mute, np.nan, v) for v in (flow, speed, np.round(occupancy, 1)))
    return Measured(end, rows, flow, speed, occupancy, state)
