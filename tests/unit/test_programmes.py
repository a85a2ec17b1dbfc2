"""Before and after renovations by hand: less what changed elsewhere, and money only by kWh and tariff."""

from datetime import date, timedelta

import numpy as np
import pytest

from model.programmes import AreaProgress, Price, Step, cost
from services.boards.programmes.book import progress
from services.boards.programmes.comparing import Quantity, effects
from services.boards.programmes.front import course

FIRST = date(2026, 1, 1)
DAYS = tuple(FIRST + timedelta(days=at) for at in range(200))
WORKS = (date(2026, 3, 1), date(2026, 3, 20))


def quantity(coverage: float = 1.0) -> Quantity:
    """Three areas: the first halves after its works, the others lose a tenth at the same time."""
    after = np.array([day > WORKS[1] for day in DAYS])
    top = np.stack([np.where(after, 50.0, 100.0), *[np.where(after, 90.0, 100.0)] * 2])
    return Quantity(
        "kwh_per_point", (1, 2, 3), DAYS, top, np.full(top.shape, 10.0), np.full(top.shape, coverage), 1.0,
        relative=True,
    )  # fmt: skip


def area(done: int = 10) -> AreaProgress:
    return AreaProgress(1, "Aubeterre", 10, done, *WORKS)


def test_the_difference_leaves_out_what_changed_elsewhere() -> None:
    (found,) = effects(quantity(), [area()], DAYS[-1])
    assert (found.before, found.after) == (10.0, 5.0)
    assert found.change == pytest.approx(-50)
    assert found.others == pytest.approx(-10)
    assert found.difference == pytest.approx(-40)
    assert found.window_before is not None
    assert found.window_before.days == 59


@pytest.mark.parametrize(
    ("progressed", "last", "coverage", "why"),
    [
        (area(done=6), DAYS[-1], 1.0, "under_way"),
        (AreaProgress(1, "Aubeterre", 10, 0, None, None), DAYS[-1], 1.0, "not_begun"),
        (area(), date(2026, 4, 5), 1.0, "few_days"),
        (area(), DAYS[-1], 0.85, "coverage"),
        (AreaProgress(9, "Ailleurs", 10, 10, *WORKS), DAYS[-1], 1.0, "nothing"),
    ],
)
def test_what_cannot_be_compared_is_not(
    progressed: AreaProgress, last: date, coverage: float, why: str
) -> None:
    (found,) = effects(quantity(coverage), [progressed], last)
    assert (found.withheld, found.difference, found.before) == (why, None, None)


def test_euros_move_only_with_kwh_or_the_tariff() -> None:
    prices = (Price(0.2, date(2026, 1, 1), "exemple"), Price(0.3, date(2026, 6, 1), "exemple"))
    assert cost(100, prices, date(2026, 2, 1)) == pytest.approx(20)
    assert cost(100, prices, date(2026, 5, 31)) == pytest.approx(20)
    assert cost(100, prices, date(2026, 6, 1)) == pytest.approx(30)
    assert cost(50, prices, date(2026, 6, 1)) == pytest.approx(15)
    assert cost(100, prices, date(2025, 12, 31)) is None
    assert cost(100, (), date(2026, 6, 1)) is None


def test_progress_weighs_works_by_their_points() -> None:
    steps = (
        Step("A", "a", 1, "Aubeterre", date(2026, 3, 1), "LED", 30),
        Step("B", "b", 1, "Aubeterre", date(2026, 3, 20), "LED", 10),
        Step("C", "c", 2, "Bellerive", None, "LED", 60),
    )
    first, second = progress(steps)
    assert (first.share, first.finished, first.first, first.last) == (1.0, True, *WORKS)
    assert (second.share, second.finished) == (0.0, False)
    assert course(steps) == ((WORKS[0], pytest.approx(0.3)), (WORKS[1], pytest.approx(0.4)))
