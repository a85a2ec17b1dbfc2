"""The steps of a board's time: which come before a period, and how far back its trend goes."""

from datetime import date, timedelta

from model.kpis import Period

TREND_DAYS, TREND_MONTHS = 30, 13
WEEK, YEAR_OF_WEEKS = timedelta(days=7), timedelta(days=364)


def month_back(start: date, months: int) -> date:
    """The first day of the month ``months`` before that of ``start``."""
    year, month = divmod(start.year * 12 + start.month - 1 - months, 12)
    return date(year, month + 1, 1)


def begun(period: Period, start: date) -> date:
    """``start`` as the period's own: the day itself, or the first of its month."""
    return start if period is Period.DAY else start.replace(day=1)


def trend_of(period: Period, start: date) -> tuple[date, ...]:
    """The steps of a trend that ends with ``start``, oldest first: thirty days, or thirteen months."""
    if period is Period.DAY:
        return tuple(start - timedelta(days=back) for back in range(TREND_DAYS - 1, -1, -1))
    return tuple(month_back(start, back) for back in range(TREND_MONTHS - 1, -1, -1))


def before(period: Period, start: date) -> date:
    """What a period is compared with: the month before, and of a day the same weekday a week before."""
    return start - WEEK if period is Period.DAY else month_back(start, 1)


def year_before(period: Period, start: date) -> date:
    """The same period a year earlier; of a day the same weekday, 52 weeks before."""
    return start - YEAR_OF_WEEKS if period is Period.DAY else month_back(start, 12)


def days_of(period: Period, start: date) -> tuple[date, date]:
    """The first and the last local day of a period; a year is the twelve months that end with its month."""
    if period is Period.DAY:
        return start, start
    last = month_back(start, -1) - timedelta(days=1)
    return (start if period is Period.MONTH else month_back(start, 11)), last
