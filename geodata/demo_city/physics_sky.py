"""The sky and the calendar over the demo city: sun, weather, weekdays, holidays. Pure functions of time.

Instants are whole seconds since 1970 (UTC); hours of the day, days and weeks are the city's own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt
from astral import Observer
from astral.sun import sunrise, sunset

from geodata.demo_city.dice import Floats, bell

Instants = npt.NDArray[np.int64]
DAY = 86_400
EPOCH = date(1970, 1, 1)
_WEATHER, _STORM = 401, 411


@dataclass(frozen=True)
class Clock:
    """Local time at some instants: ``hour`` 0 to 24, ``day`` since 1970, ``weekday`` 0 Monday."""

    hour: Floats
    day: Instants
    weekday: Instants


def clock(zone: ZoneInfo, at: Instants) -> Clock:
    """The local time at each instant. The zone's offset is looked up once an hour of UTC."""
    hours, where = np.unique(at // 3600, return_inverse=True)
    offsets = np.array(
        [int(datetime.fromtimestamp(int(h) * 3600, zone).utcoffset().total_seconds()) for h in hours]  # type: ignore[union-attr]
    )
    local = at + offsets[where]
    day = local // DAY
    return Clock(local % DAY / 3600.0, day, (day + 3) % 7)


def instant(zone: ZoneInfo, day: int, hour: float = 0.0) -> int:
    """Seconds since 1970 of a local hour of a local day (days since 1970)."""
    midnight = datetime.combine(EPOCH + timedelta(days=int(day)), datetime.min.time())
    moment = midnight + timedelta(hours=hour)
    return int(moment.replace(tzinfo=zone).timestamp())


@dataclass(frozen=True)
class Nights:
    """Nights by the local day they begin on, from ``first``: lamps are due on and off at these instants."""

    first: int
    dusk: Instants
    dawn: Instants
    late: Instants
    early: Instants

    def of(self, day: Instants) -> Instants:
        """The place of the night that begins on each local ``day``."""
        return np.clip(day - self.first, 0, len(self.dusk) - 1)


DIM_FROM, DIM_TO = 23.0, 5.0


def nights(zone: ZoneInfo, lon: float, lat: float, first: int, last: int) -> Nights:
    """Every night from local day ``first`` to ``last``: dusk 12 min after sunset, dawn 12 min before sunrise.

    ``late`` and ``early`` are 23:00 and the next 05:00, between which programmes dim.
    """
    place = Observer(lat, lon)
    days = range(first, last + 1)
    return Nights(
        first,
        np.array([_second(sunset(place, EPOCH + timedelta(days=d), tzinfo=UTC)) + 720 for d in days]),
        np.array([_second(sunrise(place, EPOCH + timedelta(days=d + 1), tzinfo=UTC)) - 720 for d in days]),
        np.array([instant(zone, d, DIM_FROM) for d in days]),
        np.array([instant(zone, d + 1, DIM_TO) for d in days]),
    )


def _second(moment: datetime) -> int:
    return int(moment.timestamp())


def temperature(at: Instants) -> Floats:
    """Outdoor temperature in °C: the season, the hour, and weather that changes over days."""
    days = at / DAY
    season = 11.2 - 9.0 * np.cos(2 * np.pi * (days % 365.2425 - 20) / 365.2425)
    daily = -3.8 * np.cos(2 * np.pi * (days % 1 - 0.12))
    return np.asarray(season + daily + 3.4 * _slow(days, _WEATHER))


def gloom(at: Instants) -> Floats:
    """How dark the sky is by day, 0 clear to 1: lamps come on earlier, people drive more slowly."""
    return np.asarray(np.clip(0.4 + 0.5 * _slow(at / DAY, _STORM), 0, 1))


def _slow(days: Floats, salt: int) -> Floats:
    """A smooth wander with periods of three to eleven days, deviation about 1."""
    phases = bell(salt, np.arange(5)) * np.pi
    periods = (3.1, 4.7, 6.3, 8.9, 11.3)
    waves = [np.sin(2 * np.pi * days / p + f) for p, f in zip(periods, phases, strict=True)]
    return np.asarray(np.sum(waves, axis=0) / np.sqrt(2.5))


@dataclass(frozen=True)
class DayKinds:
    """What kind of day each local day is; arrays by ``day - first``."""

    first: int
    public_holiday: npt.NDArray[np.bool_]
    school_holiday: npt.NDArray[np.bool_]
    august: npt.NDArray[np.bool_]

    def of(self, day: Instants) -> Instants:
        """The place of each local ``day``."""
        return np.clip(day - self.first, 0, len(self.august) - 1)


_SCHOOL_OFF = (((12, 20), (12, 31)), ((1, 1), (1, 4)), ((2, 14), (3, 1)), ((4, 11), (4, 27)),
               ((7, 5), (8, 31)), ((10, 18), (11, 2)))  # fmt: skip
"""School holidays as (month, day) spans, about those of a French zone; the same every year here."""


def day_kinds(first: int, last: int) -> DayKinds:
    """The calendar from local day ``first`` to ``last``, with France's public holidays."""
    dates = [EPOCH + timedelta(days=d) for d in range(first, last + 1)]
    public = holidays.country_holidays("FR", years=range(dates[0].year, dates[-1].year + 1))
    return DayKinds(
        first,
        np.array([d in public for d in dates]),
        np.array([any(a <= (d.month, d.day) <= b for a, b in _SCHOOL_OFF) for d in dates]),
        np.array([d.month == 8 for d in dates]),
    )
