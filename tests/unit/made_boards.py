"""Boards made by hand, for tests of what is drawn and said from them."""

from datetime import UTC, date, datetime, timedelta

from model.board import (
    AreaFigure,
    Board,
    DayValue,
    FigureResult,
    LittleMap,
    Outline,
    Target,
    Verdict,
)
from services.boards import FIGURES
from services.boards.judging import verdict_of, worst_and_best

DAY = date(2026, 11, 22)
BY_KEY = {figure.key: figure for figure in FIGURES}
NAMES = ("Aubeterre", "Bellerive", "Clairval", "Doussac")


def result(
    key: str,
    value: float | None = 1.0,
    *,
    target: float | None = None,
    withheld: str | None = None,
    areas: tuple[float | None, ...] = (0.5, 1.0, 2.0, None),
) -> FigureResult:
    """One figure's result, judged as the engine judges."""
    figure = BY_KEY[key]
    stated = Target(target, "exemple", DAY) if target is not None else None
    figures = tuple(
        AreaFigure(number, name, area, 1.0 if area is not None else 0.0, 10)
        for number, (name, area) in enumerate(zip(NAMES, areas, strict=True), 1)
    )
    worst, best = worst_and_best(figure, figures)
    trend = tuple(
        DayValue(DAY - timedelta(days=29 - at), None if at in (3, 4) else 1.0 + at / 100) for at in range(29)
    )
    return FigureResult(
        figure, value, 0.25, (*trend, DayValue(DAY, value)), stated, verdict_of(figure, value, stated),
        0.62 if withheld else 0.97, 100, withheld, figures, worst, best,
    )  # fmt: skip


def board(*results: FigureResult) -> Board:
    """A board of ``results`` with four square communes."""
    outlines = tuple(Outline(n, name, f"M{n} 0h1v1h-1z") for n, name in enumerate(NAMES, 1))
    return Board(DAY, datetime(2026, 11, 23, 6, tzinfo=UTC), results, LittleMap(200, 120, outlines))


def held(made: Board) -> int:
    """How many figures of ``made`` hold their target."""
    return sum(one.verdict is Verdict.HELD for one in made.figures)
