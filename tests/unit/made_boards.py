"""Boards made by hand and by chance, for tests of what is drawn and said from them."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime

from model.board import LittleMap, Outline
from model.kpis import (
    AreaValue,
    Good,
    Kpi,
    KpiBoard,
    KpiResult,
    Period,
    PeriodValue,
    Target,
    Verdict,
)
from services.boards import KPIS

MONTH = date(2026, 10, 1)
COMPUTED = datetime(2026, 11, 1, 6, tzinfo=UTC)
BY_KEY = {kpi.key: kpi for kpi in KPIS}
NAMES = ("Aubeterre", "Bellerive", "Clairval", "Doussac")


def months(count: int, last: date = MONTH) -> list[date]:
    """The first days of ``count`` months up to ``last``, oldest first."""
    number = last.year * 12 + last.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


def judged(kpi: Kpi, value: float | None, target: Target | None) -> Verdict:
    """A verdict by the rule of the docs, on the value as it is shown."""
    if target is None or kpi.good is Good.NEITHER:
        return Verdict.NONE
    if value is None:
        return Verdict.UNJUDGED
    at = round(value, kpi.decimals)
    held = at <= target.value if kpi.good is Good.LOW else at >= target.value
    return Verdict.HELD if held else Verdict.MISSED


def result(
    key: str,
    value: float | None = 1.0,
    *,
    target: float | None = None,
    withheld: str | None = None,
    areas: tuple[float | None, ...] = (0.5, 1.0, 2.0, None),
    before: float | None = 0.25,
    year_before: float | None = -1.5,
    trend: tuple[float | None, ...] = (),
    kpi: Kpi | None = None,
) -> KpiResult:
    """One figure's result of October 2026, judged as the docs say."""
    kpi = kpi or BY_KEY[key]
    stated = Target(target, "exemple", MONTH) if target is not None else None
    told = tuple(
        AreaValue(number, name, area, 1.0 if area is not None else 0.0, 10)
        for number, (name, area) in enumerate(zip(NAMES, areas, strict=False), 1)
    )
    known = sorted((a for a in told if a.value is not None), key=lambda a: (a.value or 0.0, a.name))
    ends = (known[0], known[-1]) if len(known) > 2 else (None, None)
    worst, best = ends if kpi.good is Good.HIGH else ends[::-1]
    values = (*(trend or (1.1, None, 1.2, 1.0)), value)
    steps = tuple(PeriodValue(start, v, 0.97) for start, v in zip(months(len(values)), values, strict=True))
    return KpiResult(
        kpi, value, 0.62 if withheld else 0.97, 100, withheld, before if value is not None else None,
        year_before if value is not None else None, steps, stated, judged(kpi, value, stated), told, worst,
        best, (0.75, 1.5) if len(known) > 3 else None, "a1b2", COMPUTED,
    )  # fmt: skip


def board(*results: KpiResult, area: int | None = None) -> KpiBoard:
    """A board of ``results`` with four square communes."""
    outlines = tuple(Outline(n, name, f"M{n} 0h1v1h-1z") for n, name in enumerate(NAMES, 1))
    name = NAMES[area - 1] if area else ""
    return KpiBoard(Period.MONTH, MONTH, area, name, results, LittleMap(200, 120, outlines))


def situation(seed: int) -> KpiBoard:
    """A board by chance: ties, gaps, changes lost in rounding, communes unseen, targets met exactly."""
    chance = random.Random(seed)
    kpis = chance.sample(KPIS, chance.randint(1, min(12, len(KPIS))))
    return board(*(_by_chance(chance, kpi) for kpi in kpis), area=chance.choice((None, None, None, 2)))


def _by_chance(chance: random.Random, kpi: Kpi) -> KpiResult:
    size = chance.choice((0.5, 3.0, 60.0, 99.0, 4321.0))
    unit = 10.0**-kpi.decimals

    def drawn() -> float:
        return abs(
            chance.choice((size, size + 0.4 * unit, chance.gauss(size, size / 5), chance.gauss(size, unit)))
        )

    withheld = chance.choice((None, None, None, None, "coverage", "few", "nothing", "no_tariff"))
    value = None if withheld else drawn()
    target = chance.choice((None, round(size, kpi.decimals), round(size * 0.9, kpi.decimals), value))
    change = (None, 0.0, 0.4 * 10.0 ** -max(1, kpi.decimals), chance.gauss(0, 12), chance.gauss(0, 0.3))
    trend = [drawn() for _ in range(12)]
    if value is not None and chance.random() < 0.5:
        # Straight on up or down to the value, so that something gets worse for long.
        way = chance.choice((1, -1))
        trend = [value * (1 + way * 0.03 * back) for back in range(12, 0, -1)]
    gappy = tuple(None if chance.random() < 0.08 else v for v in trend)
    areas = tuple(None if chance.random() < 0.2 else drawn() for _ in NAMES) if kpi.per_area else ()
    return result(
        kpi.key, value, kpi=kpi, target=target, withheld=withheld, areas=areas, before=chance.choice(change),
        year_before=chance.choice(change), trend=gappy,
    )  # fmt: skip


def without_direction(made: KpiResult) -> KpiResult:
    """The same figure where no direction is good."""
    kpi = replace(made.kpi, good=Good.NEITHER)
    return replace(made, kpi=kpi, verdict=Verdict.NONE)
