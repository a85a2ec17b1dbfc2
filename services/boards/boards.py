"""The boards of one city, read from stored figures: nothing is computed while somebody waits."""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from geodata.scoping import areas_of, domains_of
from model.board import LittleMap
from model.errors import NotFound
from model.kpis import AreaValue, Kpi, KpiBoard, KpiResult, KpiTable, Period, PeriodValue, Truth
from services.boards.catalogue import KPI_BY_KEY, KPIS
from services.boards.judging import difference, spread_of, target_of, verdict_of, worst_and_best
from services.boards.outlines import little_map
from services.boards.periods import before, begun, month_back, trend_of, year_before
from services.boards.reading import CITY, Stored, Told, read_areas, read_names, read_place
from services.boards.truth import read_truth
from services.history import local_day

KEPT_S = 120.0
_NOTHING = "nothing"


class Boards:
    """Boards of one city, within the scope of ``engine``; methods block, so call them in a thread.

    All raise Unavailable when the database is away or too slow, and NotFound for a figure or an area that is
    not there for this reader.
    """

    def __init__(self, engine: Engine, profile: CityProfile) -> None:
        self._engine = engine
        self._profile = profile
        self._map: tuple[float, LittleMap] | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone, in which its days are counted."""
        return self._profile.zone

    def last_day(self, now: datetime) -> date:
        """The last complete local day at ``now`` (aware)."""
        return local_day(now, self.zone) - timedelta(days=1)

    def last_month(self, now: datetime) -> date:
        """The first day of the last complete month at ``now`` (aware)."""
        return month_back(local_day(now, self.zone), 1)

    def board(
        self, period: Period, start: date, area: int | None = None, keys: Sequence[str] | None = None
    ) -> KpiBoard:
        """The figures ``keys`` (None: all) of ``area`` (None: all the reader may see) over a period.

        ``start`` is the day, or any day of the month; a year is the twelve months that end with that month.
        """
        start = begun(period, start)
        kpis = self._asked(keys)
        names_of = [kpi.key for kpi in kpis]
        steps = trend_of(period, start)
        with asking(self._engine) as connection:
            names = self._names(connection)
            if area is not None and area not in names:
                raise NotFound(f"no area {area}")
            wanted = sorted({*steps, before(period, start), year_before(period, start)})
            parts = area is None and areas_of(self._engine) is not None
            own = read_place(connection, period, names_of, wanted, area or CITY, parts=parts)
            areas = read_areas(connection, period, names_of, [start])
            shapes = self._outlines(connection, sorted(names))
        place = area or CITY
        results = tuple(self._result(kpi, period, steps, place, own, areas, names) for kpi in kpis)
        name = names[area] if area is not None else self._profile.title
        return KpiBoard(period, start, area, name, results, shapes)

    def table(self, key: str, period: Period, first: date, last: date) -> KpiTable:
        """One figure by area and period, from the period of ``first`` to that of ``last``."""
        (kpi,) = self._asked([key])
        starts = _steps(period, begun(period, first), begun(period, last))
        with asking(self._engine) as connection:
            names = self._names(connection)
            parts = areas_of(self._engine) is not None
            city = read_place(connection, period, [key], starts, CITY, parts=parts)
            areas = read_areas(connection, period, [key], starts)
        places = ((CITY, self._profile.title), *names.items())
        told = [[{**areas, **city}.get((key, start, place)) for start in starts] for place, _ in places]
        values = np.array([[_number(one.value if one else None) for one in row] for row in told], "f8")
        coverage = np.array([[one.coverage if one else 0.0 for one in row] for row in told], "f8")
        return KpiTable(
            kpi, places, starts, values.reshape(len(places), -1), coverage.reshape(len(places), -1)
        )

    def truth(self, key: str, period: Period, start: date, area: int | None = None) -> Truth:
        """What a figure is made of: its question, and every day under it."""
        (kpi,) = self._asked([key])
        result = self.board(period, start, area, [key]).results[0]
        with asking(self._engine) as connection:
            parts = areas_of(self._engine) is not None
            begins = begun(period, start)
            return read_truth(connection, self._profile, result, kpi, period, begins, area, parts=parts)

    def _asked(self, keys: Sequence[str] | None) -> tuple[Kpi, ...]:
        """The figures ``keys`` that are of this reader's domains, in that order; NotFound for no figure."""
        if keys is None:
            found = KPIS
        elif unknown := [key for key in keys if key not in KPI_BY_KEY]:
            raise NotFound(f"no key figure {unknown[0][:80]!r}")
        else:
            found = tuple(KPI_BY_KEY[key] for key in keys)
        return kpis_in(found, domains_of(self._engine))

    def _names(self, connection: Connection) -> dict[int, str]:
        return read_names(connection, self._profile.area_kind, areas_of(self._engine))

    def _outlines(self, connection: Connection, areas: list[int]) -> LittleMap:
        if self._map is None or time.monotonic() - self._map[0] > KEPT_S:
            self._map = time.monotonic(), little_map(connection, self._profile.area_kind, areas)
        return self._map[1]

    def _result(
        self,
        kpi: Kpi,
        period: Period,
        steps: Sequence[date],
        place: int,
        own: Stored,
        areas: Stored,
        names: Mapping[int, str],
    ) -> KpiResult:
        start = steps[-1]
        told = own.get((kpi.key, start, place))
        values = _areas(kpi, start, areas, names)
        worst, best = worst_and_best(kpi, values)
        target = target_of(self._profile.thresholds, kpi.key)
        value = told.value if told else None
        return KpiResult(
            kpi=kpi,
            value=value,
            coverage=told.coverage if told else 0.0,
            n=told.n if told else 0,
            withheld=told.withheld if told else self._why_nothing(kpi, place),
            before=difference(kpi, value, _value(own, kpi, before(period, start), place)),
            year_before=difference(kpi, value, _value(own, kpi, year_before(period, start), place)),
            trend=tuple(_step(own.get((kpi.key, step, place)), step) for step in steps),
            target=target,
            verdict=verdict_of(kpi, value, target),
            areas=values,
            worst=worst,
            best=best,
            spread=spread_of(values),
            inputs=told.inputs if told else "",
            computed_at=told.computed_at if told else None,
        )

    def _why_nothing(self, kpi: Kpi, place: int) -> str:
        """Of the whole city alone, and this reader sees a part of it; or nothing is there."""
        city_only = not kpi.per_area and place == CITY and areas_of(self._engine) is not None
        return "partial" if city_only else _NOTHING


def kpis_in(kpis: Sequence[Kpi], domains: Collection[str] | None) -> tuple[Kpi, ...]:
    """Those of ``domains`` (None: all): one that could only be empty is not on the board."""
    return tuple(kpi for kpi in kpis if domains is None or kpi.domain in domains)


def _steps(period: Period, first: date, last: date) -> tuple[date, ...]:
    if period is Period.DAY:
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    count = last.year * 12 + last.month - first.year * 12 - first.month
    return tuple(month_back(last, back) for back in range(count, -1, -1))


def _areas(kpi: Kpi, start: date, areas: Stored, names: Mapping[int, str]) -> tuple[AreaValue, ...]:
    """Every commune by name; none of a figure that communes do not have."""
    if not kpi.per_area:
        return ()
    found = ((area, name, areas.get((kpi.key, start, area))) for area, name in names.items())
    return tuple(
        AreaValue(area, name, one.value if one else None, one.coverage if one else 0.0, one.n if one else 0)
        for area, name, one in found
    )


def _step(told: Told | None, step: date) -> PeriodValue:
    return PeriodValue(step, told.value if told else None, told.coverage if told else 0.0)


def _value(own: Stored, kpi: Kpi, start: date, place: int) -> float | None:
    told = own.get((kpi.key, start, place))
    return told.value if told else None


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
