"""How the demo city's equipment behaves: light, traffic, buildings. Pure functions of asset and instant.

Every function takes columns of assets (n) and instants (m, seconds since 1970) and gives (n, m).
"""

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from geodata.demo_city.buildings import USES
from geodata.demo_city.city import DemoCity
from geodata.demo_city.dice import Floats, bell, dice
from geodata.demo_city.lighting import PROGRAMMES
from geodata.demo_city.physics_sky import (
    Clock,
    DayKinds,
    Instants,
    Nights,
    clock,
    day_kinds,
    gloom,
    nights,
    temperature,
)
from geodata.demo_city.renovation import Renovation

_CELL, _FLOW, _SPEED, _USE, _LOAD, _VISIT, _CLOUD = 11, 21, 31, 41, 51, 61, 71
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Weather:
    """Instants with all that is the same for the whole city."""

    at: Instants
    clock: Clock
    days: Rows
    temperature: Floats
    gloom: Floats


@dataclass(frozen=True)
class Physics:
    """The behaviour of one drawn city between two local days (since 1970).

    ``renovation`` says which cabinets drew more in the past; None where only the present is asked for.
    """

    city: DemoCity
    zone: ZoneInfo
    first: int
    last: int
    renovation: Renovation | None = None

    @cached_property
    def nights(self) -> Nights:
        """The city's nights."""
        lon, lat = self.city.lonlat[~self.city.moving].mean(axis=0)
        return nights(self.zone, float(lon), float(lat), self.first - 1, self.last + 1)

    @cached_property
    def calendar(self) -> DayKinds:
        """The city's calendar."""
        return day_kinds(self.first - 1, self.last + 1)

    def weather(self, at: Instants) -> Weather:
        """What is common to the city at instants ``at`` (m)."""
        local = clock(self.zone, at)
        return Weather(at, local, self.calendar.of(local.day), temperature(at), gloom(at))

    def switching(self, cabinets: Rows, night: Rows) -> tuple[Instants, Instants]:
        """When each cabinet (n) switches on and off on each night (m), seconds: (n, m) twice.

        A photocell has its own bias, wavers by a minute from day to day, and minds a dark sky.
        """
        bias = (bell(_CELL, cabinets) * 110)[:, None]
        waver = bell(_CELL + 4, cabinets[:, None], (night + self.nights.first)[None]) * 35
        cloud = 840 * gloom(self.nights.dusk[night])[None]
        on = self.nights.dusk[night][None] + bias + waver - cloud
        off = self.nights.dawn[night][None] - bias - waver + cloud * 0.6
        return np.rint(on).astype("i8"), np.rint(off).astype("i8")

    def lit(self, cabinets: Rows, at: Instants, step: int) -> tuple[Floats, Floats]:
        """Share of each step (m, from ``at``, ``step`` s long) that lamps burn, and that they burn dimmed."""
        night = self.nights.of(clock(self.zone, at - 43_200).day)
        used, place = np.unique(night, return_inverse=True)
        on, off = self.switching(cabinets, used)
        start, end = at[None], at[None] + step
        on, off = on[:, place], off[:, place]
        burning = np.clip(np.minimum(off, end) - np.maximum(on, start), 0, step)
        late = np.maximum(on, self.nights.late[night][None])
        early = np.minimum(off, self.nights.early[night][None])
        dimmed = np.clip(np.minimum(early, end) - np.maximum(late, start), 0, step)
        dimming = np.array(PROGRAMMES)[self.city.kind[cabinets]] < 1
        return burning / step, dimmed / step * dimming[:, None]

    def cabinet_power(self, cabinets: Rows, at: Instants, step: int) -> Floats:
        """Mean kW over each step: what burns, as dimmed as it is, and a little for the cabinet itself."""
        burning, dimmed = self.lit(cabinets, at, step)
        kept = np.array(PROGRAMMES)[self.city.kind[cabinets]][:, None]
        ripple = 1 + 0.008 * bell(_CELL + 8, cabinets[:, None], (at // step)[None])
        level = burning - dimmed * (1 - kept)
        rating: Floats = self.city.rating[cabinets][:, None].astype("f8")
        if self.renovation is not None:
            rating = rating * self.renovation.factor(cabinets, clock(self.zone, at).day)
        return np.asarray(rating * level * ripple + 0.02)

    def flow(self, detectors: Rows, weather: Weather) -> Floats:
        """Vehicles per hour."""
        kinds = self.city.kind[detectors]
        weekend = np.where(self.calendar.public_holiday[weather.days], 6, weather.clock.weekday)
        shape = np.stack([_traffic_shape(kind, weekend, weather.clock.hour) for kind in range(4)])
        season = (
            1 - 0.12 * self.calendar.school_holiday[weather.days] - 0.16 * self.calendar.august[weather.days]
        )
        by_day = 1 + 0.05 * bell(_FLOW, detectors[:, None], weather.clock.day[None])
        grain = 1 + 0.07 * bell(_FLOW + 4, detectors[:, None], (weather.at // 900)[None])
        busy = self.city.rating[detectors][:, None] * shape[kinds] * season * (1 - 0.06 * weather.gloom)
        return np.asarray(np.maximum(np.rint(busy * by_day * grain), 0))

    def speed(self, detectors: Rows, flow: Floats, weather: Weather) -> Floats:
        """Mean km/h, from the ``flow`` (n, m): free until the road fills, then down steeply."""
        limit = np.array([a["speed_limit_kmh"] for a in (self.city.attributes[r] for r in detectors)])
        full = flow / (self.city.rating[detectors][:, None] * (1.02 + 0.3 * dice(_SPEED, detectors)[:, None]))
        grain = 1 + 0.03 * bell(_SPEED + 4, detectors[:, None], (weather.at // 900)[None])
        free = limit[:, None] * (0.97 - 0.05 * weather.gloom)
        return np.asarray(np.round(np.maximum(free * (1 - 0.62 * np.clip(full, 0, 1.1) ** 4) * grain, 6), 1))

    def occupied(self, buildings: Rows, weather: Weather) -> Floats:
        """Share of a building's full use (n, m), 0 to 1; zero outside its hours and on public holidays."""
        uses = self.city.kind[buildings]
        shape = np.stack([_use_shape(kind, weather, self.calendar) for kind in range(len(USES))])
        return np.asarray(
            shape[uses] * (0.85 + 0.15 * dice(_USE, buildings[:, None], weather.clock.day[None]))
        )

    def meter_power(self, meters: Rows, weather: Weather) -> Floats:
        """Mean kW of a building: what never stops, its use, its heating."""
        uses = [USES[k] for k in self.city.kind[meters]]
        base, busy, heat = (
            np.array([getattr(u, f) for u in uses])[:, None] for f in ("base_kw", "busy_kw", "heat_kw")
        )
        occupied = self.occupied(meters, weather)
        cold = np.maximum(0, 16 - weather.temperature)[None]
        grain = 1 + 0.06 * bell(_LOAD, meters[:, None], (weather.at // 900)[None])
        load = base + busy * occupied + heat * cold * (0.45 + 0.55 * (occupied > 0))
        return np.asarray(self.city.rating[meters][:, None] * load * grain)

    def visits(self, doors: Rows, weather: Weather) -> Rows:
        """How often each door or bollard opens in the hour from each instant."""
        building = self.city.parents[doors] >= 0
        hours = weather.clock.hour
        morning = np.exp(-((hours - 8.2) ** 2) / 3) + 0.6 * np.exp(-((hours - 17.2) ** 2) / 4)
        delivery = (np.exp(-((hours - 7.5) ** 2) / 6) + 0.25) * (weather.clock.weekday < 6)
        use = self.occupied(doors, weather)
        rate = np.where(building[:, None], 2.4 * use * (0.4 + morning), 0.8 * delivery[None])
        return np.floor(rate + dice(_VISIT, doors[:, None], (weather.at // 3600)[None])).astype("i8")


_PEAKS = (
    # morning height, evening height, midday, night
    (1.0, 0.62, 0.52, 0.035),
    (0.58, 1.0, 0.55, 0.04),
    (0.55, 0.8, 0.82, 0.08),
    (0.8, 0.85, 0.42, 0.02),
)


def _traffic_shape(kind: int, weekday: Rows, hour: Floats) -> Floats:
    """Share of the busiest flow at each local hour, for one traffic profile."""
    am, pm, midday, night = _PEAKS[kind]
    working = (
        am * np.exp(-((hour - 8.1) ** 2) / 1.5)
        + pm * np.exp(-((hour - 17.6) ** 2) / 3.2)
        + midday * np.exp(-((hour - 12.8) ** 2) / 12)
    )
    idle = 0.72 * np.exp(-((hour - 11.6) ** 2) / 7) + 0.68 * np.exp(-((hour - 17.2) ** 2) / 9)
    by_day = np.where(weekday < 5, np.minimum(working, 1.05), idle * np.where(weekday == 5, 1.0, 0.7))
    evening = 0.16 * np.exp(-((hour - 21.5) ** 2) / 5)
    return np.asarray(night + (1 - night) * (by_day + evening))


def _use_shape(kind: int, weather: Weather, calendar: DayKinds) -> Floats:
    use = USES[kind]
    hour = weather.clock.hour
    open_now = (hour >= use.opens) & (hour < use.closes) & (weather.clock.weekday < use.days)
    closed = calendar.public_holiday[weather.days]
    if use.key in ("school", "nursery"):
        closed = closed | calendar.school_holiday[weather.days]
    rise = np.clip((hour - use.opens) * 1.6 + 0.35, 0, 1) * np.clip((use.closes - hour) * 1.2 + 0.2, 0, 1)
    return np.where(open_now & ~closed, rise, 0.0)
