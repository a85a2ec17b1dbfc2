"""Savings by hand, refusals, the projection's interval in simulation, and words that claim no more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from layouts.promise_chart import promise_chart
from layouts.promise_words import statement
from model import algorithms
from model.promises import (
    Baseline,
    BaselineKind,
    Commitment,
    CommitmentDraft,
    Course,
    MonthSaving,
    Promised,
    PromiseState,
)
from model.texts import words
from services.boards.promises.projecting import month_after, project, t_quantile
from services.boards.promises.saving import Used, state_of

BASE = Baseline(
    BaselineKind.DOCUMENTED, date(2018, 1, 1), date(2018, 12, 31), "Relevés 2018", date(2019, 3, 15),
    kwh=1_000_000, coverage=0.95, points=1_000, hours=4_000,
)  # fmt: skip
FIRST, LAST = date(2025, 11, 1), date(2026, 10, 31)
TODAY = date(2026, 11, 20)


def commitment(baseline: Baseline = BASE, target: float = 0.65) -> Commitment:
    draft = CommitmentDraft(
        "lighting_65", {"fr": "Éclairage", "en": "Lighting"}, Promised.LIGHTING_ENERGY, target,
        date(2030, 12, 31), "contrat", "ville", baseline, "exemple",
    )  # fmt: skip
    return Commitment(1, 1, draft, "Ada", datetime(2026, 1, 1, tzinfo=UTC))


def used(kwh: float, points: float, hours: float, coverage: float = 1.0, days: int = 365) -> Used:
    """The same every day: kWh, points and hours lit of a day."""
    each = np.ones(days)
    every = tuple(LAST - timedelta(days=days - 1 - at) for at in range(days))
    return Used(every, kwh * each, coverage * each, points * each, hours * each)


def state(found: Used, baseline: Baseline = BASE, target: float = 0.65) -> PromiseState:
    return state_of(commitment(baseline, target), found, FIRST, TODAY)


def test_a_saving_by_hand_with_more_points_and_longer_nights() -> None:
    # E0 a point and hour: 1,000,000 / (1,000 * 4,000) = 0.25 kWh; a day of 1,200 points lit 12 h: 3,600 kWh.
    told = state(used(kwh=1_800, points=1_200, hours=12))
    assert told.saving == pytest.approx(0.5)
    assert told.expected == pytest.approx(365 * 3_600)
    # Without the adjustment it would be 1 - 657,000 / 1,000,000 = 34.3 %.
    assert told.kwh == pytest.approx(657_000)


def test_what_was_not_received_is_no_saving() -> None:
    told = state(used(kwh=1_800 * 0.95, points=1_200, hours=12, coverage=0.95))
    assert told.saving == pytest.approx(0.5)
    thin = state(used(kwh=1_800 * 0.8, points=1_200, hours=12, coverage=0.8))
    assert (thin.saving, thin.withheld, thin.projection) == (None, "coverage", None)


@pytest.mark.parametrize(
    ("baseline", "why"),
    [
        (Baseline(BaselineKind.NONE), "no_baseline"),
        (replace(BASE, coverage=0.89), "baseline_coverage"),
        (replace(BASE, hours=None), "baseline_incomplete"),
    ],
)
def test_without_a_baseline_that_carries_it_only_kwh_are_told(baseline: Baseline, why: str) -> None:
    told = state(used(kwh=1_800, points=1_200, hours=12), baseline)
    assert (told.saving, told.withheld, told.projection, told.course) == (None, why, None, Course.UNKNOWN)
    assert told.kwh == pytest.approx(657_000)
    for language in ("fr", "en"):
        said = "".join(phrase.text for phrase in statement(words(language), told))
        assert words(language).number(657_000) in said
        assert "⟦" not in said


def test_buildings_are_adjusted_for_degree_days() -> None:
    base = replace(BASE, hours=None, degree_days=2_920.0, weather_share=0.5)
    one = commitment(base)
    one = replace(one, draft=replace(one.draft, promised=Promised.BUILDING_ENERGY))
    # A mild year, half as cold: E0 = 1,000,000 * (0.5 + 0.5 * 0.5) = 750,000 kWh.
    told = state_of(one, used(kwh=600_000 / 365, points=1_000, hours=4.0), FIRST, TODAY)
    assert told.saving == pytest.approx(0.2)


def test_a_measured_baseline_is_read_from_its_period() -> None:
    found = used(kwh=1_000, points=500, hours=10, days=730)
    halved = replace(found, kwh=np.where([d >= FIRST for d in found.days], 500.0, 1_000.0))
    base = Baseline(BaselineKind.MEASURED, LAST - timedelta(days=729), FIRST - timedelta(days=1))
    assert state(halved, base).saving == pytest.approx(0.5)


def months(ratios: np.ndarray) -> list[MonthSaving]:
    return [
        MonthSaving(month_after(date(2024, 1, 1), at), ratio * 100, 100.0, 1 - ratio, 1.0, 10.0, 300.0)
        for at, ratio in enumerate(ratios.tolist())
    ]


def test_nothing_is_projected_from_eleven_months() -> None:
    assert project(months(np.full(11, 0.6)), date(2027, 12, 31)) is None
    assert project(months(np.full(12, 0.6)), date(2027, 12, 31)) is not None


@pytest.mark.parametrize("length", [12, 24])
def test_the_interval_covers_the_year_ahead_eight_times_in_ten(length: int) -> None:
    rng = np.random.default_rng(7)
    at = np.arange(length + 24)
    season = 0.08 * np.cos(2 * np.pi * at / 12)
    hits, tries = 0, 400
    for _ in range(tries):
        real = np.exp(np.log(0.6) - 0.06 * at / 12 + season + rng.normal(0, 0.02, len(at)))
        found = project(months(real[:length]), month_after(date(2024, 1, 1), length + 23))
        assert found is not None
        hits += found.at_target.low <= 1 - real[-12:].mean() <= found.at_target.high
    assert 0.74 <= hits / tries <= 0.93


def test_the_trend_errs_less_than_the_naive_reference_where_there_is_one() -> None:
    at = np.arange(30)
    ratios = np.exp(np.log(0.7) - 0.15 * at / 12 + 0.05 * np.cos(2 * np.pi * at / 12))
    found = project(months(ratios), date(2027, 12, 31))
    assert found is not None
    assert found.tried.trials == 22
    assert found.tried.error < found.tried.naive


@pytest.mark.parametrize(("df", "known"), [(3, 1.638), (8, 1.397), (20, 1.325), (32, 1.309)])
def test_students_quantile_is_that_of_the_tables(df: int, known: float) -> None:
    assert t_quantile(df) == pytest.approx(known, abs=0.003)


def drawn(told: PromiseState) -> str:
    return str(promise_chart(words("fr"), told).to_plotly_json())


def test_words_follow_the_interval_and_an_unregistered_forecast_is_not_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = used(kwh=1_800, points=1_200, hours=12)
    noisy = replace(found, kwh=found.kwh * (1 + 0.03 * np.sin(np.arange(365) / 9)))
    for target, course in ((0.30, Course.ON_COURSE), (0.95, Course.OFF_COURSE), (0.50, Course.NOT_ASSURED)):
        told = state(noisy, target=target)
        assert told.course is course
        said = "".join(phrase.text for phrase in statement(words("en"), told))
        assert ("is kept" in said) == (course is Course.ON_COURSE)
        assert ("80%" in said) and "projected" in said
    assert "promise-band" in drawn(told)
    monkeypatch.setattr(algorithms, "ALGORITHMS", ())
    assert "promise-band" not in drawn(told)
