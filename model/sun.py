"""When the sun rises and sets on the city, for the night band of timelines and the lighting's hours."""

from datetime import datetime, timedelta

from astral import LocationInfo
from astral.sun import sunrise, sunset


def sun_times(lon: float, lat: float, t0: datetime, t1: datetime) -> list[tuple[float, float]]:
    """(sunrise, sunset) in epoch seconds of every day that touches [t0, t1), aware, at WGS84 ``lon, lat``.

    Days without either (polar summers and winters) are left out. Formulas: NOAA's, through ``astral``.
    """
    place = LocationInfo(latitude=lat, longitude=lon).observer
    times = []
    day = t0.date() - timedelta(days=1)
    while day <= t1.date() + timedelta(days=1):
        try:
            rise, fall = sunrise(place, day), sunset(place, day)
        except ValueError:
            day += timedelta(days=1)
            continue
        if fall > t0 and rise < t1:
            times.append((rise.timestamp(), fall.timestamp()))
        day += timedelta(days=1)
    return times
