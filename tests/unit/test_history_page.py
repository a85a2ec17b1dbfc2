"""The page of the past: its address, its periods, its charts, its lists."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from layouts.charts import gaps, lone_points, runs, series_figure, ticks
from layouts.history import asset_line, page
from layouts.history_address import Chosen, period_of, properties_of, read_chosen, read_instant, write_chosen
from layouts.history_series import ROWS, Told, charts, facts
from layouts.theme import register_templates
from layouts.view import PageView
from model.domains import ASSET_TYPES
from model.errors import BadRequest
from model.series import Asked, Series, empty_series
from model.texts import words
from tests.unit.test_board_page import drawn

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)
T0 = datetime(2026, 11, 20, tzinfo=UTC)


def series(values: list[float], *, low: list[float] | None = None, source: str = "hour") -> Series:
    """Hourly ``values`` from T0; NaN is a gap."""
    told = np.array(values, "f8")
    times = T0.timestamp() + 3600.0 * np.arange(len(told))
    asked = Asked("flow", T0, T0 + timedelta(hours=len(told)), asset_type="detector")
    bottom = np.array(low if low is not None else np.full(len(told), np.nan), "f8")
    return Series(
        asked,
        times,
        told,
        bottom,
        bottom + 10,
        np.isfinite(told).astype("f8"),
        source,
        "veh/h",
        300.0,
        0,
        0.5,
    )  # type: ignore[arg-type]


# --- the address ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chosen",
    [
        Chosen(),
        Chosen(asset="EP-0255", preset="1d", compare=True),
        Chosen(area=12, asset_type="detector", observed_property="flow", preset="13m"),
        Chosen(preset="custom", days=("2026-10-25", "2026-10-26")),
    ],
)
def test_the_address_holds_the_whole_view(chosen: Chosen) -> None:
    query = write_chosen(chosen)
    address = dict(part.split("=", 1) for part in query.lstrip("?").split("&"))
    assert read_chosen(address) == chosen


@pytest.mark.parametrize(
    "address",
    [
        {"series": "area:1:streetlight:nonsense"},
        {"series": "area:x:streetlight:power"},
        {"series": "area:1:nothing:power", "p": "99y"},
        {"t0": "2026-11-09", "t1": "2026-11-08"},
        {"t0": "soon", "t1": "later"},
    ],
)
def test_nonsense_in_the_address_is_as_if_it_were_not_there(address: dict[str, str]) -> None:
    assert read_chosen(address) == Chosen()


def test_a_day_of_25_hours_is_asked_for_whole() -> None:
    t0, t1 = period_of(Chosen(preset="custom", days=("2026-10-25", "2026-10-25")), NOW, PARIS)
    assert t1 - t0 == timedelta(hours=25)


def test_no_period_reaches_past_now() -> None:
    assert period_of(Chosen(preset="custom", days=("2026-11-23", "2026-12-01")), NOW, PARIS)[1] == NOW
    with pytest.raises(BadRequest):
        period_of(Chosen(preset="custom", days=("2026-11-25", "2026-12-01")), NOW, PARIS)


def test_an_instant_needs_its_zone_and_is_never_to_come() -> None:
    assert read_instant("2026-11-20T20:42:00Z", NOW) == datetime(2026, 11, 20, 20, 42, tzinfo=UTC)
    assert read_instant("2027-01-01T00:00:00+01:00", NOW) == NOW
    assert read_instant("2026-11-20T20:42:00", NOW) is None
    assert read_instant("now", NOW) is None


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_choice_has_its_word(language: str) -> None:
    say = words(language)
    for address in ({}, {"at": "now"}, {"at": "2026-11-20T20:42:00Z"}):
        view = PageView("Val", "Europe/Paris", (5, 47, 6, 48), generated=True, address=address)
        assert "⟦" not in drawn(page(say, view))
    for kind in ASSET_TYPES:
        for name in properties_of(kind):
            assert say.has(f"history.share_{name}") or say.has(f"property.{name}"), (kind, name)


# --- charts ----------------------------------------------------------------------------------------------


def test_gaps_stay_gaps_and_lone_values_are_seen() -> None:
    register_templates()
    one = series([1, 2, np.nan, 4, np.nan, np.nan, 7, 8])
    figure = series_figure(words("fr"), one, None, "dark")
    (line,) = figure.data
    assert line.connectgaps is False
    assert [at for at, value in enumerate(line.y) if value is None] == [2, 4, 5]
    assert np.flatnonzero(lone_points(one.values)).tolist() == [3]
    hours = [((a - T0.timestamp()) / 3600, (b - T0.timestamp()) / 3600) for a, b in gaps(one)]
    assert hours == [(2.0, 3.0), (4.0, 6.0)]


def test_the_band_is_one_outline_for_each_stretch() -> None:
    register_templates()
    one = series([1, 2, np.nan, 4, 5], low=[0, 1, np.nan, 3, 4])
    band = series_figure(words("fr"), one, None, "light").data[0]
    assert band.fill == "toself"
    assert sum(x is None for x in band.x) == len(list(runs(np.isfinite(one.values)))) == 2


def test_the_week_before_is_dashed_and_under_the_line() -> None:
    register_templates()
    figure = series_figure(words("fr"), series([1.0, 2.0]), series([3.0, 4.0]), "past")
    assert [trace.line.dash for trace in figure.data] == ["dash", None]


def test_ticks_stand_at_local_midnights_over_a_change_of_clock() -> None:
    values, texts = ticks(
        words("fr"), datetime(2026, 10, 23, 10, tzinfo=UTC), datetime(2026, 10, 28, tzinfo=UTC)
    )
    assert [datetime.fromtimestamp(v, PARIS).hour for v in values] == [0] * len(values)
    assert np.diff(values).tolist() == [86400.0, 90000.0, 86400.0, 86400.0]
    assert texts[0] == "24 oct."


def test_a_year_is_labelled_by_month() -> None:
    values, texts = ticks(words("en"), NOW - timedelta(days=396), NOW)
    assert len(values) == 13
    assert "Jan<br>2026" in texts


def test_facts_are_totals_for_what_adds_up_and_no_comparison_is_made_of_partial_ones() -> None:
    say = words("en")
    one = Told("Energy", "x", series([1, 2, 3]), series([2, 2, 2]), adds_up=True)
    assert ("Total", "6 veh/h") in facts(say, one)
    assert not any(name == "Difference" for name, _ in facts(say, one))
    mean = Told("Flow", "x", series([1, 2, 3]), series([4, 4, 4]))
    assert ("Difference", "\u221250.0%") in facts(say, mean)


def test_the_table_is_the_newest_200_and_says_so() -> None:
    register_templates()
    long = Told("Flow", "x", series([float(n) for n in range(300)]))
    shown = drawn(charts(words("en"), [long], "light"))
    assert "The last 200 values of 300" in shown
    assert shown.count('"scope": "row"') == ROWS


def test_nothing_received_is_said_with_its_period() -> None:
    asked = Asked("flow", T0, NOW, asset_type="detector")
    shown = drawn(charts(words("en"), [Told("Flow", "x", empty_series(asked))], "light"))
    assert "Nothing was received" in shown
    assert "20 Nov 2026" in shown


def test_an_unknown_asset_is_named() -> None:
    assert "Z-9" in str(asset_line(words("en"), None, "Z-9"))
    assert asset_line(words("en"), None, "") == []
