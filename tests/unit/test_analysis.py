"""The analysis pages' formulas against examples worked by hand, their addresses, and what panels declare."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from layouts import analysis_panel
from layouts.analysis import page, results
from layouts.analysis_address import Shown, before, question_of, read_shown, write_shown
from layouts.theme import register_templates
from layouts.view import PageView
from model.analysis import (
    DOMAINS_SHOWN,
    PANELS,
    ByHour,
    Cloud,
    Content,
    Daily,
    Fact,
    Hours,
    Panel,
    Ranking,
    Read,
    Row,
    Week,
    panels_of,
)
from model.errors import BadProfile, BadRequest
from model.texts import LANGUAGES, words
from services.analysis.calendar import LocalHours, by_day, local_hours, week_of
from services.analysis.energy import signature
from services.analysis.sky import Sky, night_share, skies, within
from services.analysis.states import Stretches, merged
from services.analysis.traffic import class_of, free_speed, level_of, off_peak, travel_time_index

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)
H = 3600.0


def hours_from(t0: datetime, values: list[float]) -> Hours:
    """Hourly values, one a value; NaN is an hour without any."""
    total = np.array(values, "f8")
    there = np.isfinite(total).astype("f8")
    return Hours(t0.timestamp() + H * np.arange(len(total)), there, total, there)


# --- traffic -------------------------------------------------------------------------------------------


def test_travel_time_index_of_two_points_by_hand() -> None:
    speed = np.array([[25.0, 50.0], [20.0, np.nan]])
    flow = np.array([[100.0, 100.0], [300.0, 300.0]])
    # Hour 1: (100 * 50/25 + 300 * 40/20) / 400 = 2; hour 2: the second point is silent, the first is free.
    assert travel_time_index(speed, flow, np.array([50.0, 40.0])).tolist() == [2.0, 1.0]


def test_faster_than_free_flow_is_no_gain_and_an_hour_without_flow_has_no_index() -> None:
    index = travel_time_index(np.array([[80.0, 40.0]]), np.array([[10.0, 0.0]]), np.array([50.0]))
    assert index[0] == 1.0
    assert np.isnan(index[1])


@pytest.mark.parametrize(
    ("speed", "expected"), [(10.0, 2), (14.9, 2), (15.1, 1), (34.9, 1), (35.1, 0), (60.0, 0), (np.nan, 3)]
)
def test_classes_of_a_street_limited_to_fifty(speed: float, expected: int) -> None:
    assert class_of(np.array([speed]), np.array([50.0])).tolist() == [expected]


@pytest.mark.parametrize(
    ("share", "letter"),
    [(0.9, "A"), (0.8, "B"), (0.6, "C"), (0.45, "D"), (0.35, "E"), (0.2, "F"), (0.0, "F"), (np.nan, "–")],
)
def test_levels_of_service(share: float, letter: str) -> None:
    assert level_of(share) == letter


def test_free_flow_speed_is_the_85th_percentile_of_off_peak_hours() -> None:
    monday = LocalHours(np.full(24, 1), np.zeros(24, "i8"), np.arange(24))
    assert np.flatnonzero(off_peak(monday)).tolist() == [9, 10, 11, 12, 13, 14, 15, 19, 20, 21]
    speed = np.full((2, 24), 5.0)
    speed[:, off_peak(monday)] = np.arange(41, 51)
    speed[1, 9] = np.nan
    free = free_speed(speed, monday)
    assert free[0] == pytest.approx(np.percentile(np.arange(41, 51), 85))
    assert np.isnan(free[1]), "nine hours are too few"


# --- energy --------------------------------------------------------------------------------------------


def test_signature_of_a_perfect_line_and_of_too_few_days() -> None:
    x = np.arange(12.0)
    slope, base, r2 = signature(x, 500 + 30 * x) or (0, 0, 0)
    assert (round(slope, 6), round(base, 6), round(r2, 6)) == (30.0, 500.0, 1.0)
    assert signature(x[:9], x[:9]) is None
    assert signature(np.zeros(12), x) is None


# --- days and hours ------------------------------------------------------------------------------------


def test_the_day_of_25_hours_holds_25_and_its_hour_two_twice() -> None:
    t0 = datetime(2026, 10, 24, 22, tzinfo=UTC)
    found = by_day(
        hours_from(t0, [1.0] * 25), np.ones(25), PARIS, date(2026, 10, 25), date(2026, 10, 25), "n"
    )
    assert (found.series["n"].tolist(), found.lengths.tolist(), found.coverage.tolist()) == (
        [25.0],
        [25.0],
        [1.0],
    )
    week = week_of(hours_from(t0, [float(i) for i in range(25)]), PARIS)
    assert week.n[6, 2] == 2
    assert week.values[6, 2] == 2.5


def test_a_day_without_values_is_a_gap_and_not_a_zero() -> None:
    t0 = datetime(2026, 11, 1, 23, tzinfo=UTC)
    values = np.array([np.nan] * 24 + [1.0] * 12 + [np.nan] * 12)
    found = by_day(hours_from(t0, values.tolist()), values, PARIS, date(2026, 11, 2), date(2026, 11, 3), "n")
    assert np.isnan(found.series["n"][0])
    assert (found.series["n"][1], found.coverage.tolist()) == (12.0, [0.0, 0.5])


def test_the_sun_of_dijon_in_november() -> None:
    (sky,) = skies(5.04, 47.32, PARIS, date(2026, 11, 20), date(2026, 11, 20))
    rise, fall = (datetime.fromtimestamp(at, PARIS) for at in (sky.rise, sky.fall))
    assert abs(rise - datetime(2026, 11, 20, 7, 53, tzinfo=PARIS)) < timedelta(minutes=5)
    assert abs(fall - datetime(2026, 11, 20, 16, 56, tzinfo=PARIS)) < timedelta(minutes=5)
    assert sky.dark == (sky.fall + 1800, sky.next_rise - 1800)


def test_which_hours_lie_in_the_night() -> None:
    sky = Sky(date(2026, 1, 1), 0.0, 10.5 * H, 20.0 * H)
    at = np.array([9.0, 10.0, 11.0, 19.0, 20.0]) * H
    assert night_share(at, H, [sky]).tolist() == [0.0, 0.5, 1.0, 1.0, 0.0]
    assert within(at, H, [(10.5 * H, 20.0 * H)]).tolist() == [-1, -1, 0, 0, -1]


def test_states_that_follow_without_recovery_are_one_outage() -> None:
    cut = Stretches(
        np.array([0, 0, 0, 1]),
        np.array([0.0, 10, 30, 5]),
        np.array([10.0, 20, 40, 9]),
        np.array([4, 5, 4, 4], "u1"),
        np.array([3, 5, 3, 3], "u1"),
    )
    found = merged(cut)
    assert list(zip(found.place.tolist(), found.start.tolist(), found.end.tolist(), strict=True)) == [
        (0, 0.0, 20.0),
        (0, 30.0, 40.0),
        (1, 5.0, 9.0),
    ]


def test_local_weekday_and_hour() -> None:
    local = local_hours(np.array([datetime(2026, 10, 25, 23, 30, tzinfo=UTC).timestamp()]), PARIS)
    assert (local.weekday.tolist(), local.hour.tolist()) == ([0], [0])


# --- the address ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shown",
    [
        Shown(),
        Shown("traffic", 12, "7d", None, True, "BC-001.1"),
        Shown("energy", preset="custom", days=("2026-10-24", "2026-10-26")),
    ],
)
def test_the_address_is_the_view(shown: Shown) -> None:
    address = dict(part.split("=", 1) for part in write_shown(shown).lstrip("?").split("&"))
    assert read_shown(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        {"domain": "weather"},
        {"area": "x", "p": "9y"},
        {"t0": "2026-11-09", "t1": "2026-11-08"},
        {"area": "-1"},
    ],
)
def test_nonsense_in_the_address_is_as_if_it_were_not_there(address: dict[str, str]) -> None:
    assert read_shown(address) == Shown()


def test_only_whole_days_that_are_over_are_asked_for() -> None:
    asked = question_of(Shown(preset="7d"), NOW, PARIS)
    assert (asked.first, asked.last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert asked.t1 == datetime(2026, 11, 22, 23, tzinfo=UTC)
    earlier = before(asked, PARIS)
    assert (earlier.first, earlier.last) == (date(2026, 11, 9), date(2026, 11, 15))
    with pytest.raises(BadRequest):
        question_of(Shown(preset="custom", days=("2026-11-23", "2026-11-24")), NOW, PARIS)


# --- what a panel declares -----------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["decision", "owner", "unit", "source"])
def test_a_panel_that_does_not_say_what_it_is_for_does_not_load(part: str) -> None:
    with pytest.raises(BadProfile):
        replace(PANELS["flow"], **{part: " "})


def test_a_panel_without_its_words_is_refused_on_the_page() -> None:
    stray = Panel("stray", "traffic", "stray", "traffic_engineer", "veh/h", "area_hour")
    content = Content(Read("area_hour", NOW, NOW, 1.0, 1))
    section = analysis_panel.panel_section(
        words("en"), stray, content, None, Shown("traffic"), "City", "dark"
    )
    assert "Panel refused" in str(section)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_declares_everything_in_both_languages(language: str) -> None:
    say = words(language)
    assert [panel.key for panel in PANELS.values() if not analysis_panel.declared(say, panel)] == []
    assert {panel.domain for panel in PANELS.values()} == set(DOMAINS_SHOWN)


# --- the page ------------------------------------------------------------------------------------------


def everything(coverage: float = 1.0) -> Content:
    """A content with every shape there is."""
    days = (date(2026, 11, 1), date(2026, 11, 2))
    rows = (
        Row("X-1", "One", ("Ouest", 1.5, NOW, "@camera.no_image")),
        Row("", "@weekday.0", ("", 0.0, NOW, "")),
    )
    columns = (("area", "", 0), ("hours", "h", 1), ("from", "", 0), ("state", "", 0))
    return Content(
        Read("states", NOW, NOW, coverage, 3),
        tuple(Fact(name, 1.5, "h", 1) for name in ("outages", "failed_hours", "median_hours", "still_down")),
        daily=Daily(
            days,
            {"kwh": np.array([1.0, np.nan]), "degree_days": np.array([2.0, 3.0])},
            np.array([1, 0.5]),
            np.array([24.0, 24.0]),
        ),
        week=Week(np.full((7, 24), 2.0), np.ones((7, 24)), np.ones((7, 24))),
        hours=ByHour({"no_image": np.ones(24), "no_contact": np.ones(24)}, True, ("A",) * 24),
        clouds=(
            Cloud(np.arange(12.0), np.arange(12.0), "flow", "speed", (1, 0, 1)),
            Cloud(np.arange(12.0), np.arange(12.0), "density", "flow", dense=True),
        ),
        ranking=Ranking(columns, rows, 9),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_panel_says_its_figures_its_coverage_and_the_state_in_words(language: str) -> None:
    register_templates()
    say = words(language)
    section = analysis_panel.panel_section(
        say,
        PANELS["outages"],
        everything(0.5),
        everything(),
        Shown("surveillance", compare=True),
        "Ouest",
        "light",
    )
    text = str(section)
    assert say("state.camera.no_image") in text
    assert say("analysis.weekday.0") in text
    assert say("analysis.how") in text
    assert "⟦" not in text
    assert "chart-source partial" in text
    assert "50" in analysis_panel.read_line(say, everything(0.5))
    assert "/history?series=asset:X-1" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS_SHOWN)
def test_an_empty_view_explains_every_panel(domain: str, language: str) -> None:
    say = words(language)
    nothing = Content(Read("area_hour", None, None, 0.0, 0))
    asked = question_of(Shown(domain), NOW, PARIS)
    found = {panel.key: nothing for panel in panels_of(domain)}
    text = str(results(say, asked, found, None, Shown(domain), None, "dark"))
    assert text.count(repr(say("analysis.why.nothing"))[1:-1]) == len(found)
    assert "⟦" not in text


@pytest.mark.parametrize("domain", DOMAINS_SHOWN)
def test_the_page_marks_its_domain_and_keeps_the_area_in_its_links(domain: str) -> None:
    view = PageView("City", "Europe/Paris", (0, 0, 1, 1), address={"domain": domain, "area": "7"})
    text = str(page(words("fr"), view))
    assert "⟦" not in text
    assert "/analysis?domain=access&area=7&p=30d" in text
