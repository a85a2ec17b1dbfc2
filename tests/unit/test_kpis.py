"""Key figures without a database: what concerns what, steps of time, spread, and tariffs that are refused."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from geodata.profiles import CITIES, read_profile
from model.datasets import BY_NAME
from model.errors import BadProfile
from model.kpis import AreaValue, Period
from services.boards import CITY_BOARD, KPI_BY_KEY, KPIS
from services.boards.judging import spread_of
from services.boards.keeping import concerns, joined
from services.boards.periods import before, days_of, trend_of, year_before
from services.boards.recipes import RECIPES

MARCH = date(2028, 3, 1)


def test_the_catalogue_holds_together() -> None:
    assert set(CITY_BOARD) <= set(KPI_BY_KEY)
    assert 8 <= len(CITY_BOARD) <= 12
    assert {kpi.recipe for kpi in KPIS} == set(RECIPES)
    assert {name for kpi in KPIS for name in kpi.datasets} <= set(BY_NAME)
    assert all(kpi.sources for kpi in KPIS)


def test_a_change_concerns_the_figures_that_read_it() -> None:
    energy, letters = KPI_BY_KEY["lighting_energy"], KPI_BY_KEY["letters"]
    assert concerns(energy, "control_cabinet")
    assert concerns(energy, "streetlight")
    assert concerns(energy, "asset")
    assert not concerns(energy, "state_change")
    assert concerns(KPI_BY_KEY["repair_time"], "state_change")
    assert concerns(KPI_BY_KEY["lighting_per_inhabitant"], "area")
    assert not concerns(letters, "asset")


def test_a_change_reaches_as_far_as_its_recipe_says() -> None:
    assert RECIPES["mean"].reach(MARCH, MARCH) == (MARCH, MARCH)
    assert RECIPES["travel_time"].reach(date(2028, 2, 10), date(2028, 2, 11)) == (
        date(2028, 2, 1), date(2028, 2, 29),
    )  # fmt: skip
    assert RECIPES["repairs"].reach(MARCH, MARCH) == (MARCH, MARCH + timedelta(days=60))


def test_days_near_each_other_are_one_span() -> None:
    days = [date(2028, 1, 1), date(2028, 1, 2), date(2028, 1, 8), date(2028, 2, 20)]
    assert joined((day, day) for day in days) == [(days[0], days[2]), (days[3], days[3])]


def test_steps_of_time() -> None:
    assert trend_of(Period.MONTH, MARCH)[0] == date(2027, 3, 1)
    assert len(trend_of(Period.DAY, MARCH)) == 30
    assert before(Period.MONTH, date(2028, 1, 1)) == date(2027, 12, 1)
    assert before(Period.DAY, MARCH) == date(2028, 2, 23)
    assert year_before(Period.DAY, MARCH).weekday() == MARCH.weekday()
    assert days_of(Period.MONTH, date(2028, 2, 1)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert days_of(Period.YEAR, MARCH) == (date(2027, 4, 1), date(2028, 3, 31))


def test_a_spread_needs_four_communes_with_a_value() -> None:
    areas = [AreaValue(n, str(n), float(n), 1.0, 1) for n in range(1, 6)]
    assert spread_of(areas) == (2.0, 4.0)
    assert spread_of([*areas[:3], AreaValue(9, "9", None, 0.0, 0)]) is None


def test_a_tariff_without_source_or_date_is_refused(tmp_path: Path) -> None:
    told = (CITIES / "demo" / "city.toml").read_text(encoding="utf-8")
    (tmp_path / "city.toml").write_text(told, encoding="utf-8")
    assert [one.value for one in read_profile(str(tmp_path)).tariffs["lighting"]] == [0.171, 0.184]
    bare = told + '\n[[tariffs.access]]\nvalue = 1.0\nunit = "EUR"\nsource = " "\ndate = 2026-01-01\n'
    (tmp_path / "city.toml").write_text(bare, encoding="utf-8")
    with pytest.raises(BadProfile, match=r"tariffs\.access"):
        read_profile(str(tmp_path))
