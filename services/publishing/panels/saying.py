"""Figures, days and times as every panel says them, in one language."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from markupsafe import Markup

from model.texts import Words

NBSP = "\u00a0"


def percent(say: Words, value: float | None, decimals: int = 1) -> str:
    """1,2 % or 1.2%; an en dash where there is no value."""
    return "–" if value is None else say("embed.percent", n=say.number(value, decimals))


def long_day(say: Words, day: date, *, year: bool = True) -> str:
    """6 novembre 2025, 1er novembre 2025, 6 November 2025."""
    rest = format_date(day, "MMMM y" if year else "MMMM", locale=_locale(say))
    return say("embed.ordinal_first", month=rest) if day.day == 1 else f"{day.day}{NBSP}{rest}"


def short_day(say: Words, day: date) -> str:
    """8 oct., as axes write it."""
    return str(format_date(day, "d MMM", locale=_locale(say)))


def month(say: Words, day: date) -> str:
    """mai 2026: the month ``day`` is in."""
    return str(format_date(day, "LLLL y", locale=_locale(say)))


def weekday(say: Words, day: date) -> str:
    """lun., Mon: as axes of a week write it."""
    return str(format_date(day, "EEE", locale=_locale(say)))


def instant(say: Words, moment: datetime) -> str:
    """6 novembre 2025, 14:02, in the city's zone."""
    local = say.local(moment)
    return f"{long_day(say, local.date())}, {local:%H:%M}"


def bold(text: str, **values: str) -> Markup:
    """A text of the catalogue that sets figures off in bold, its values escaped."""
    return Markup(text).format(**values)  # noqa: S704 - our own text


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The end of the local ``day``, in UTC: the time of data about a whole day."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def _locale(say: Words) -> str:
    return "en_GB" if say.language == "en" else say.language
