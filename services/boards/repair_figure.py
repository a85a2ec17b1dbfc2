"""The repair time as a figure: the median over fourteen days, by day for its trend, by commune."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from model.board import AreaFigure, DayValue, Figure, FigureResult, Target
from services.boards.judging import difference, verdict_of, worst_and_best
from services.boards.repairs import WINDOW, Repair, by_area, median_hours
from services.history import day_start, days_between, local_day


@dataclass(frozen=True)
class KnownStates:
    """Coverage of the lamps' states over the window: of the city, and by commune (id to name, coverage)."""

    city: float
    areas: dict[int, tuple[str, float]]


def repair_figure(
    figure: Figure, found: list[Repair], day: date, zone: ZoneInfo, known: KnownStates, target: Target | None
) -> FigureResult:
    """The median of repairs closed in the 14 days that end with ``day``; change against the 14 before."""
    until = day_start(day + timedelta(days=1), zone)
    recent = [repair for repair in found if repair.closed_at >= until - WINDOW]
    before = [repair for repair in found if until - 2 * WINDOW <= repair.closed_at < until - WINDOW]
    covered = known.city >= figure.coverage_floor
    value, reference = median_hours(recent) if covered else None, median_hours(before)
    change = difference(figure, value, reference) if value is not None and reference is not None else None
    areas = _areas(figure, recent, known)
    worst, best = worst_and_best(figure, areas)
    return FigureResult(
        figure=figure,
        value=value,
        change=change,
        trend=_trend(found, day, zone),
        target=target,
        verdict=verdict_of(figure, value, target),
        coverage=known.city,
        n=len(recent),
        withheld=None if value is not None else "few" if covered else "coverage",
        areas=areas,
        worst=worst,
        best=best,
    )


def _areas(figure: Figure, recent: list[Repair], known: KnownStates) -> tuple[AreaFigure, ...]:
    grouped = by_area(recent)
    return tuple(
        AreaFigure(
            area,
            name,
            median_hours(grouped[area]) if coverage >= figure.coverage_floor else None,
            coverage,
            len(grouped[area]),
        )
        for area, (name, coverage) in sorted(known.areas.items(), key=lambda item: item[1])
    )


def _trend(found: list[Repair], day: date, zone: ZoneInfo) -> tuple[DayValue, ...]:
    """The median of the repairs closed on each of the last thirty days; a day with under five is a gap."""
    closed: dict[date, list[Repair]] = {d: [] for d in days_between(day - timedelta(days=29), day)}
    for repair in found:
        closed.get(local_day(repair.closed_at, zone), []).append(repair)
    return tuple(DayValue(d, median_hours(done)) for d, done in closed.items())
