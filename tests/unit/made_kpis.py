"""Boards of key figures made by hand, for tests of what is drawn, said and filed from them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from model.board import LittleMap, Outline
from model.kpis import (
    AreaValue,
    Good,
    Kpi,
    KpiBoard,
    KpiResult,
    Measure,
    Period,
    PeriodValue,
    Target,
    Verdict,
)
from model.monthly import MonthlyReport
from model.takeaway import Origin

MONTH = date(2026, 10, 1)
MADE_AT = datetime(2026, 11, 3, 5, 10, tzinfo=UTC)
TREND = (1.6, 1.55, None, 1.4, 1.45, 1.38, 1.35, 1.3, 1.41, 1.33, 1.29, 1.25)
NAMES = ("Aubeterre", "Bellerive", "Clairval", "Doussac", "Essey-le-Grand", "Fontvive")


def kpi(key: str, good: Good = Good.LOW, unit: str = "%", decimals: int = 2, **more: object) -> Kpi:
    """A declaration; ``key`` must have its words in the catalogues."""
    made = Kpi(
        key, "lighting", unit, decimals, good, Measure.RATIO, key, (("streetlight", "fault_share"),),
        ("lighting-failures",), "lighting",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def months(values: Sequence[float | None], last: date = MONTH) -> tuple[PeriodValue, ...]:
    """A trend that ends with the month ``last``; None is a gap."""
    count = last.year * 12 + last.month - 1
    starts = [divmod(count - back, 12) for back in range(len(values) - 1, -1, -1)]
    return tuple(
        PeriodValue(date(year, month + 1, 1), value, 0.4 if value is None else 0.97)
        for (year, month), value in zip(starts, values, strict=True)
    )


def result(
    declared: Kpi,
    value: float | None = 1.2,
    *,
    target: float | None = 1.5,
    verdict: Verdict | None = None,
    withheld: str | None = None,
    trend: Sequence[float | None] = (),
    areas: Sequence[float | None] = (0.5, 1.0, 2.0, None, 1.5, 0.7),
    names: Sequence[str] = NAMES,
) -> KpiResult:
    """One figure of the month, with communes and a trend around its value."""
    found = tuple(
        AreaValue(number, name, told, 0.97 if told is not None else 0.31, 40)
        for number, (name, told) in enumerate(zip(names, areas, strict=False), 1)
    )
    known = sorted((a for a in found if a.value is not None), key=lambda a: a.value or 0.0)
    low, high = (known[0], known[-1]) if known else (None, None)
    worst, best = (low, high) if declared.good is Good.HIGH else (high, low)
    judged = Verdict.NONE if target is None else Verdict.HELD if value is not None else Verdict.UNJUDGED
    return KpiResult(
        kpi=declared, value=value, coverage=0.62 if withheld else 0.973, n=29_812, withheld=withheld,
        before=-0.31, year_before=None if value is None else -4.2,
        trend=months([*(trend or TREND), value]),
        target=Target(target, "exemple", date(2026, 1, 1)) if target is not None else None,
        verdict=verdict or judged, areas=found, worst=worst, best=best, spread=(0.6, 1.6),
        inputs="a1b2", computed_at=MADE_AT,
    )  # fmt: skip


def board(*results: KpiResult, area_id: int | None = None, area_name: str = "") -> KpiBoard:
    """A month's board of ``results`` with six square communes."""
    outlines = tuple(
        Outline(n, name, f"M{30 * n} {20 * (n % 2)}h28v60h-28z") for n, name in enumerate(NAMES, 1)
    )
    return KpiBoard(Period.MONTH, MONTH, area_id, area_name, results, LittleMap(220, 100, outlines))


def report(made: KpiBoard, city: KpiBoard | None = None, **more: object) -> MonthlyReport:
    """A report of ``made``; with ``city`` it is a commune's."""
    keys = tuple(one.kpi.key for one in made.results)
    origin = Origin(
        "Val & Co", "val", "Europe/Paris", "Test & <source>", "ODbL 1.0", "https://example.org/odbl"
    )
    whole = MonthlyReport(origin, True, made, city, keys, (), MADE_AT, 1, "")
    return replace(whole, **more)  # type: ignore[arg-type]
