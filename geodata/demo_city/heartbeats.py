"""When each asset last reported, and what: the records of a keyframe."""

import numpy as np
import numpy.typing as npt

from geodata.demo_city.dice import Floats, dice
from geodata.demo_city.outages import status_table
from geodata.demo_city.physics import Physics
from geodata.demo_city.quantities import MEASURED, QUARTER, quantities
from geodata.demo_city.timeline import Timeline
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import RECORD, Status

_PHASE = 701


def phases(city_types: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Seconds into its period at which each asset reports: spread, so that they never all speak at once."""
    periods = np.array([ASSET_TYPES[t].period_s for t in TYPE_ORDER])[city_types]
    return np.asarray((dice(_PHASE, np.arange(len(city_types))) * periods).astype("i8"))


def last_heard(city_types: npt.NDArray[np.uint8], at: int) -> npt.NDArray[np.int64]:
    """When each healthy asset last reported before ``at`` (s)."""
    periods = np.array([ASSET_TYPES[t].period_s for t in TYPE_ORDER])[city_types]
    return np.asarray(at - (at - phases(city_types)) % periods)


def keyframe_records(physics: Physics, timeline: Timeline, at: int) -> npt.NDArray[np.void]:
    """The state of the whole city at ``at`` (s), a RECORD an asset; lost and unknown ones keep their time."""
    city = physics.city
    state, since = timeline.states(len(city), at)
    status = status_table()[city.types, state]
    time = np.where(status == Status.COMMS_LOST, since, np.maximum(since, last_heard(city.types, at)))
    records = np.zeros(len(city), RECORD)
    records["status"], records["state"] = status, state
    records["value"] = main_values(physics, at)
    records["time"] = np.where(since == 0, 0, time)
    records["value"][(since == 0) | np.isin(status, (Status.COMMS_LOST, Status.FAULT))] = np.nan
    return records


def main_values(physics: Physics, at: int) -> Floats:
    """The newest value of each asset's main property at ``at``; NaN for types that keep none."""
    values = np.full(len(physics.city), np.nan)
    quarter = np.array([at - at % QUARTER - QUARTER])
    for asset_type in MEASURED:
        rows, main = physics.city.of(asset_type), ASSET_TYPES[asset_type].main
        if main and len(rows):
            values[rows] = quantities(physics, asset_type, rows, quarter)[main][:, 0]
    return values
