"""Boards made by hand, for tests of what is drawn and said from them."""

from datetime import UTC, date, datetime, timedelta

from model.board import LittleMap, Outline
from model.kpis import AreaValue, KpiBoard, KpiResult, Period, PeriodValue, Target, Verdict
from services.boards import KPI_BY_KEY
from services.boards.judging import spread_of, verdict_of, worst_and_best

DAY = date(2026, 11, 22)
COMPUTED = datetime(2026, 11, 23, 6, tzinfo=UTC)
NAMES = ("Aubeterre", "Bellerive", "Clairval", "Doussac")


def result(
    key: str,
    value: float | None = 1.0,
    *,
    target: float | None = None,
    withheld: str | None = None,
    areas: tuple[float | None, ...] = (0.5, 1.0, 2.0, None),
) -> KpiResult:
    """One figure's result, judged as the engine judges."""
    kpi = KPI_BY_KEY[key]
    stated = Target(target, "exemple", DAY) if target is not None else None
    values = tuple(
        AreaValue(number, name, area, 1.0 if area is not None else 0.0, 10)
        for number, (name, area) in enumerate(zip(NAMES, areas, strict=True), 1)
    )
    worst, best = worst_and_best(kpi, values)
    trend = tuple(
        PeriodValue(DAY - timedelta(days=29 - at), None if at in (3, 4) else 1.0 + at / 100, 1.0)
        for at in range(29)
    )
    return KpiResult(
        kpi=kpi, value=value, coverage=0.62 if withheld else 0.97, n=100, withheld=withheld, before=0.25,
        year_before=None, trend=(*trend, PeriodValue(DAY, value, 0.97)), target=stated,
        verdict=verdict_of(kpi, value, stated), areas=values, worst=worst, best=best,
        spread=spread_of(values), inputs="", computed_at=COMPUTED,
    )  # fmt: skip


def board(*results: KpiResult) -> KpiBoard:
    """A board of ``results`` with four square communes."""
    outlines = tuple(Outline(n, name, f"M{n} 0h1v1h-1z") for n, name in enumerate(NAMES, 1))
    return KpiBoard(Period.DAY, DAY, None, "Valmont", results, LittleMap(200, 120, outlines))


def held(made: KpiBoard) -> int:
    """How many figures of ``made`` hold their target."""
    return sum(one.verdict is Verdict.HELD for one in made.results)
