"""The addresses of the boards: which period, which commune, which order, which screen. Pure.

``?month=2026-10`` (default: the last complete month) or ``?day=2026-11-22``; ``layout=wall``; of the index of
communes ``sort=<figure>`` and ``dir=desc``; of a figure ``area=<code>``. What an address gets wrong is as if
it were not there, but a period that has no values yet is told as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from model.kpis import Period

CITY = "/boards/city"
COMMUNES = "/boards/communes"
MAP = "/boards/map"
OWN = "/boards/own"
PROMISES = "/boards/promises"
PROGRAMMES = "/boards/programmes"
REPORTS = "/boards/reports"
COMMUNE = "/boards/commune"
FIGURE = "/boards/figure"
WALL = "wall"


@dataclass(frozen=True)
class Shown:
    """What period a board is of; ``last_month`` and ``last_day`` are the last that are complete."""

    period: Period
    start: date
    last_month: date
    last_day: date
    wall: bool = False

    @property
    def query(self) -> dict[str, str]:
        """What an address that shows the same period says of it; nothing of the usual one."""
        if self.period is Period.DAY:
            return {"day": self.start.isoformat()}
        return {} if self.start == self.last_month else {"month": f"{self.start:%Y-%m}"}

    @property
    def before(self) -> "Shown":
        """The period before."""
        if self.period is Period.DAY:
            return self._at(self.start - timedelta(days=1))
        return self._at((self.start - timedelta(days=1)).replace(day=1))

    @property
    def after(self) -> "Shown | None":
        """The period after; None after the last complete one."""
        if self.period is Period.DAY:
            following, last = self.start + timedelta(days=1), self.last_day
        else:
            following, last = (self.start + timedelta(days=32)).replace(day=1), self.last_month
        return self._at(following) if following <= last else None

    def _at(self, start: date) -> "Shown":
        return Shown(self.period, start, self.last_month, self.last_day, self.wall)


def read_shown(address: Mapping[str, str], last_month: date, last_day: date) -> Shown:
    """What ``address`` asks for, never later than what is complete."""
    wall = address.get("layout") == WALL
    day, month = _day(address.get("day", "")), _day(f"{address.get('month', '')}-01")
    if day is not None:
        return Shown(Period.DAY, min(day, last_day), last_month, last_day, wall)
    return Shown(Period.MONTH, min(month or last_month, last_month), last_month, last_day, wall)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1971 <= found.year <= 9998 else None


def to(path: str, shown: Shown, **more: str) -> str:
    """The address of ``path`` over the same period; ``more`` are further names, empty ones left out."""
    query = shown.query | {name: value for name, value in more.items() if value}
    return f"{path}?{urlencode(query)}" if query else path


def rest_of(pathname: str | None, under: str) -> str:
    """What stands after ``under`` in a path: the code of a commune, the key of a figure; empty for none."""
    bare = (pathname or "").rstrip("/")
    return bare[len(under) + 1 :] if bare.startswith(f"{under}/") else ""
