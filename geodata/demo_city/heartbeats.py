"""When each asset last reported, and what: the records of a keyframe."""

import numpy as np
import numpy.typing as npt

from geodata.demo_city.dice import Floats, dice
from geodata.demo_city.measures import QUARTER
from geodata.demo_city.outages import HOUR, status_table
from geodata.demo_city.physics import Physics, Rows
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
    city = physics.city
    values = np.full(len(city), np.nan)
    quarter = np.array([at - at % QUARTER - QUARTER])
    weather = physics.weather(quarter + QUARTER // 2)
    cabinets, meters, detectors = (city.of(t) for t in ("control_cabinet", "meter", "detector"))
    values[cabinets] = physics.cabinet_power(cabinets, quarter, QUARTER)[:, 0]
    values[meters] = physics.meter_power(meters, weather)[:, 0]
    values[detectors] = physics.flow(detectors, weather)[:, 0]
    parks = city.of("car_park")
    values[parks] = free_places(physics, parks, at)
    return values


def free_places(physics: Physics, parks: Rows, at: int) -> Floats:
    """Free places of each car park at ``at``: fewest on Saturday afternoons."""
    weather = physics.weather(np.array([at - at % (HOUR // 12)]))
    hour, weekday = float(weather.clock.hour[0]), int(weather.clock.weekday[0])
    busy = np.exp(-((hour - 15.5) ** 2) / 14) * (1.0 if weekday == 5 else 0.45 if weekday == 6 else 0.78)
    full = 0.12 + 0.86 * busy * (0.85 + 0.3 * dice(_PHASE + 1, parks))
    return np.asarray(np.rint(physics.city.rating[parks] * np.clip(1 - full, 0, 1)))
