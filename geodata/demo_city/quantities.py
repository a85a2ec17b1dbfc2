"""What each type of the demo city's equipment measures: property to values, for the past and for now."""

from collections.abc import Callable

import numpy as np

from geodata.demo_city.dice import Floats, bell, dice
from geodata.demo_city.outages import HOUR
from geodata.demo_city.physics import Physics, Rows
from geodata.demo_city.physics_sky import Instants

QUARTER = 900
Quantities = Callable[[Physics, Rows, Instants, int], dict[str, Floats]]
_ROOM, _LINK, _PLAN, _PARK, _PROBE = 801, 811, 821, 831, 841

MEASURED: dict[str, tuple[str, ...]] = {
    "control_cabinet": ("energy", "power"),
    "detector": ("flow", "speed"),
    "meter": ("energy", "power"),
    "building": ("indoor_temperature", "outdoor_temperature"),
    "junction": ("cycle",),
    "gateway": ("latency",),
    "car_park": ("free_places",),
}
"""The properties every asset of a type measures each quarter of an hour, and keeps a past of."""

COUNTED = {"access_point": "openings", "bollard": "openings"}
"""What is counted by the hour; its past is kept by commune only."""

SUMS = ("energy",)
"""Properties whose hour is the sum of its quarters."""


def quantities(
    physics: Physics, asset_type: str, rows: Rows, at: Instants, step: int = QUARTER
) -> dict[str, Floats]:
    """Values (n, m) of each property of ``rows`` (n, all of ``asset_type``) over steps from ``at`` (m)."""
    return _OF_TYPE[asset_type](physics, rows, at, step)


def _cabinets(physics: Physics, rows: Rows, at: Instants, step: int) -> dict[str, Floats]:
    power = physics.cabinet_power(rows, at, step)
    return {"energy": power * (step / HOUR), "power": power}


def _meters(physics: Physics, rows: Rows, at: Instants, step: int) -> dict[str, Floats]:
    power = np.round(physics.meter_power(rows, physics.weather(at + step // 2)), 3)
    return {"energy": power * (step / HOUR), "power": power}


def _detectors(physics: Physics, rows: Rows, at: Instants, step: int) -> dict[str, Floats]:
    weather = physics.weather(at + step // 2)
    flow = physics.flow(rows, weather)
    return {"flow": flow, "speed": physics.speed(rows, flow, weather)}


def _buildings(physics: Physics, rows: Rows, at: Instants, step: int) -> dict[str, Floats]:
    """Heated to about 20 °C when used, 17 °C otherwise; in summer the weather comes in.

    Outside it is the city's weather, by a probe on the wall with its own small error.
    """
    weather = physics.weather(at + step // 2)
    used = physics.occupied(rows, weather) > 0
    heated = np.where(used, 20.2, 17.4) + 0.8 * bell(_ROOM, rows)[:, None]
    warm = weather.temperature[None] * 0.55 + 11.0
    grain = 0.15 * bell(_ROOM + 4, rows[:, None], (at // QUARTER)[None])
    probe = weather.temperature[None] + 0.3 * bell(_PROBE, rows)[:, None]
    return {
        "indoor_temperature": np.round(np.maximum(heated, warm) + grain, 1),
        "outdoor_temperature": np.round(probe, 1),
    }


def _junctions(physics: Physics, rows: Rows, at: Instants, step: int) -> dict[str, Floats]:
    """The running plan's cycle: longer at the peaks, shorter at night, the same for days on end."""
    clock = physics.weather(at).clock
    peak = (clock.weekday < 5) & ((np.abs(clock.hour - 8) < 1.2) | (np.abs(clock.hour - 17.5) < 1.8))
    night = (clock.hour < 6) | (clock.hour >= 22)
    plan = np.where(peak, 20.0, np.where(night, -14.0, 0.0))
    return {"cycle": np.rint(70 + 4 * np.floor(5 * dice(_PLAN, rows))[:, None] + plan[None])}


def _gateways(physics: Physics, rows: Rows, at: Instants, step: int) -> dict[str, Floats]:
    slow = np.exp(0.35 * bell(_LINK, rows[:, None], (at // QUARTER)[None]))
    return {"latency": np.round((9 + 9 * dice(_LINK + 4, rows))[:, None] * slow)}


def _car_parks(physics: Physics, rows: Rows, at: Instants, step: int) -> dict[str, Floats]:
    """Fewest free places on Saturday afternoons."""
    clock = physics.weather(at).clock
    day = np.where(clock.weekday == 5, 1.0, np.where(clock.weekday == 6, 0.45, 0.78))
    busy = np.exp(-((clock.hour - 15.5) ** 2) / 14) * day
    grain = 0.02 * bell(_PARK + 4, rows[:, None], (at // QUARTER)[None])
    full = 0.12 + 0.86 * busy[None] * (0.85 + 0.3 * dice(_PARK, rows))[:, None] + grain
    return {"free_places": np.rint(physics.city.rating[rows][:, None] * np.clip(1 - full, 0, 1))}


_OF_TYPE: dict[str, Quantities] = {
    "control_cabinet": _cabinets,
    "detector": _detectors,
    "meter": _meters,
    "building": _buildings,
    "junction": _junctions,
    "gateway": _gateways,
    "car_park": _car_parks,
}
