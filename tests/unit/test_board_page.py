"""What the boards draw: every figure with its target, coverage and communes, in both languages."""

import json
import re
from datetime import date, timedelta

import plotly
import pytest
from dash.development.base_component import Component

from layouts.board import city_board, commune_board
from layouts.board_address import Shown, read_shown, rest_of, to
from layouts.board_communes import index, ordered
from layouts.board_decide import to_decide
from layouts.board_maps import small_map
from layouts.board_sharing import sharing
from layouts.board_tabs import SECTIONS, keys_in
from layouts.board_trend import days_strip, trend_chart
from layouts.board_truth import catalogue, figure
from layouts.vectors import breaks, choropleth, sparkline, spread_strip, step_of
from model.kpis import Period, Truth, TruthDay
from model.texts import words
from services.boards import CITY_BOARD, KPIS
from tests.unit.made_boards import BY_KEY, MONTH, board, result

DAY = date(2026, 11, 22)
SHOWN = Shown(Period.MONTH, MONTH, MONTH, DAY)
CODES = {1: "21001", 2: "21002", 3: "21003", 4: "21004"}


def drawn(component: Component | list[Component]) -> str:
    """Everything a component holds, as text."""
    if isinstance(component, list):
        return "".join(map(drawn, component))
    return json.dumps(component.to_plotly_json(), cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def test_a_sparkline_leaves_gaps_open_and_shows_lone_days() -> None:
    shapes = sparkline([1.0, 2.0, None, 3.0, None, 2.0, 1.0], target=1.5, missed=True)
    lines = [s for s in shapes if s["className"] == "spark-line"]
    assert [line["d"].count("L") for line in lines] == [1, 1]
    assert [s["className"] for s in shapes if s["tag"] == "circle"] == [
        "spark-lone",
        "spark-end spark-missed",
    ]
    assert sum(s["className"] == "spark-target" for s in shapes) == 1
    assert sparkline([None, None]) == []


def test_a_sparkline_keeps_extremes_and_target_inside_its_box() -> None:
    shapes = sparkline([0.0, 10.0, 5.0], target=20.0, width=100, height=40)
    ends = [float(n) for s in shapes if s["tag"] == "path" for n in re.findall(r" (-?[\d.]+)", s["d"])]
    assert all(0 <= y <= 40 for y in ends)


def test_a_commune_without_value_is_hatched_and_the_worst_is_the_strongest_shade() -> None:
    made = board(result("failure_rate"))
    values = {area.area_id: area.value for area in made.results[0].areas}
    names = [shape["className"] for shape in choropleth(made.map, values, {})]
    assert names == ["commune step-0", "commune step-1", "commune step-4", "commune missing"]
    turned = [shape["className"] for shape in choropleth(made.map, values, {}, low_is_dark=True)]
    assert turned == ["commune step-4", "commune step-3", "commune step-0", "commune missing"]


def test_equal_values_make_one_shade() -> None:
    assert {step_of(100.0, breaks([100.0, 100.0])) for _ in range(3)} <= set(range(5))


def test_a_strip_has_a_tick_for_each_commune_and_its_own_mark() -> None:
    shapes = spread_strip([1.0, 3.0, 2.0], (1.5, 2.5), marked=4.0, width=100)
    ticks = [s["x1"] for s in shapes if s["className"] == "strip-tick"]
    assert ticks == sorted(ticks) and len(ticks) == 3
    assert [s["cx"] for s in shapes if s["tag"] == "circle"] == [96.0]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_whole_catalogue_in_both_languages(language: str) -> None:
    withheld = {"repair_time": {"value": None, "withheld": "few"}}
    results = [result(key, **{"value": 99.5, "target": 98.0, **withheld.get(key, {})}) for key in BY_KEY]
    body = drawn(city_board(words(language), board(*results), SHOWN, CODES))
    assert "⟦" not in body
    for key in BY_KEY:
        assert f'"/boards/figure/{key}"' in body
    assert body.count('"target target-unjudged"') == 1
    assert "/boards/city?month=2026-09" in body
    assert "month=2026-11" not in body, "the month after is not over"
    assert '"/boards/commune/21003"' in body


def test_the_city_board_is_one_screen_of_figures_and_the_rest_is_in_the_catalogue() -> None:
    assert 8 <= len(CITY_BOARD) <= 12 and set(CITY_BOARD) <= set(BY_KEY)
    listed = [key for section in SECTIONS for key in keys_in(section, KPIS)]
    assert sorted(listed) == sorted(BY_KEY) and len(listed) >= 30
    body = drawn(catalogue(words("en"), KPIS, SHOWN))
    assert all(f'"/boards/figure/{key}"' in body for key in BY_KEY)


def test_a_withheld_figure_shows_no_number_but_why() -> None:
    made = board(result("failure_rate", None, withheld="coverage", target=1.5))
    body = drawn(city_board(words("en"), made, SHOWN, CODES))
    assert "coverage of 62%, under 90%" in body
    assert '"className": "figure-value"' not in body


def test_a_small_map_says_in_words_what_its_shades_say() -> None:
    made = result("camera_availability", areas=(98.0, 99.0, 97.5, None))
    text = drawn(small_map(words("en"), board(made).map, made))
    low, high = text.index('"97.5'), text.index('"99.0')
    assert high < low, "the palest end first: the best of what is better when high"


def test_what_is_to_decide_is_the_target_missed_most_with_its_worst_commune() -> None:
    made = board(
        result("failure_rate", 1.6, target=1.5),
        result("repair_time", 96.0, target=48.0, areas=(50.0, 60.0, 120.0)),
    )
    text = drawn(to_decide(words("en"), made, SHOWN, CODES))
    assert text.index("repair_time") < text.index("failure_rate")
    assert "Clairval at 120" in text
    calm = to_decide(words("en"), board(result("failure_rate", 1.0, target=1.5)), SHOWN, CODES)
    assert "no figure that was judged misses" in drawn(calm)


def test_a_wall_has_large_figures_and_no_controls() -> None:
    shown = Shown(Period.MONTH, MONTH, MONTH, DAY, wall=True)
    made = board(result("failure_rate", 1.6, target=1.5), result("repair_time", None, withheld="few"))
    body = drawn(city_board(words("en"), made, shown, CODES))
    assert body.count("wall-value") == 2
    assert '"href"' not in body and "Button" not in body


def test_every_commune_has_the_same_columns_and_what_is_unknown_comes_last() -> None:
    made = board(*(result(key, areas=(0.5, None, 2.0, 1.0)) for key in CITY_BOARD))
    first = made.results[0]
    assert [a.name for a in ordered(first, first, down=False)] == [
        "Aubeterre",
        "Doussac",
        "Clairval",
        "Bellerive",
    ]
    assert [a.name for a in ordered(first, first, down=True)] == [
        "Clairval",
        "Doussac",
        "Aubeterre",
        "Bellerive",
    ]
    table = index(words("fr"), made, SHOWN, CODES, sort="failure_rate", down=True)
    body = drawn(table)
    assert "⟦" not in body
    rows = body.split('"type": "Tr"')
    cells = [row.count('"type": "Td"') for row in rows if '"/boards/commune/' in row]
    assert len(set(cells)) == 1
    assert '"aria-sort": "descending"' in body
    assert "sort=failure_rate" in body
    assert body.count('"data-copy-path"') == 4


def test_a_commune_stands_beside_the_city_and_is_shared() -> None:
    keys = ("failure_rate", "repair_time")
    own, whole = board(*map(result, keys), area=2), board(*map(result, keys))
    share = sharing(words("en"), "https://open.example.org", "21002", "Bellerive", published=True)
    body = drawn(commune_board(words("en"), own, whole, SHOWN, CODES, sharing=share))
    assert "/boards/figure/failure_rate?area=21002" in body
    assert "https://open.example.org/embed/commune-board?area=21002" in body
    assert "col-worst" not in body, "one commune is not served worst of one"
    closed = drawn(sharing(words("en"), "https://open.example.org", "21002", "Bellerive", published=False))
    assert "not published" in closed and "iframe" not in closed


def days() -> tuple[TruthDay, ...]:
    told = (0.97, 0.0, 0.5, 1.0)
    return tuple(
        TruthDay(MONTH + timedelta(days=at), 3.0 if c else None, 100.0, c, 2400, int(at == 3))
        for at, c in enumerate(told)
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_figure_opened_shows_its_question_its_days_and_the_way_on(language: str) -> None:
    one = result("failure_rate", 1.6, target=1.5)
    truth = Truth(one, "SELECT 1", (("kpi", "failure_rate"),), days(), "/history?series=area:0:x:y")
    body = drawn(figure(words(language), truth, SHOWN, CODES, code="", place="", register=True))
    assert "⟦" not in body
    for part in ("SELECT 1", "a1b2", "/history?series=", "/publications?dataset=", "failure_rate"):
        assert part in body
    closed = Truth(one, "SELECT 1", (), (), None)
    shut = drawn(
        figure(words(language), closed, SHOWN, CODES, code="21002", place="Bellerive", register=False)
    )
    assert "/history" not in shut and "/publications" not in shut
    assert '"/boards/commune/21002"' in shut


def test_gaps_and_corrections_are_told_as_they_are_drawn() -> None:
    truth = Truth(result("failure_rate"), "SELECT 1", (), days(), None)
    body = drawn(figure(words("en"), truth, SHOWN, CODES, code="", place="", register=False))
    assert "2 days of 4 received less than 90%" in body
    assert "1 value corrected" in body
    names = [
        shape["className"] for shape in days_strip(words("en"), days(), 0.9).shapes if shape["tag"] == "rect"
    ]
    assert names == ["day-full", "missing gap", "day-short", "day-full"]


def test_a_large_trend_leaves_its_gaps_open() -> None:
    shapes = trend_chart(words("en"), result("failure_rate", 1.0, target=1.5), Period.MONTH).shapes
    assert sum(s["className"] == "gap missing" for s in shapes) == 1
    assert sum(s["tag"] == "path" for s in shapes) == 2, "five steps, one missing, two lines"
    assert sum(s["className"] == "spark-target" for s in shapes) == 1


@pytest.mark.parametrize(
    ("address", "period", "start"),
    [
        ({}, Period.MONTH, MONTH),
        ({"month": "2026-08"}, Period.MONTH, date(2026, 8, 1)),
        ({"month": "2027-01"}, Period.MONTH, MONTH),
        ({"month": "august"}, Period.MONTH, MONTH),
        ({"day": "2026-11-20"}, Period.DAY, date(2026, 11, 20)),
        ({"day": "2031-01-01"}, Period.DAY, DAY),
        ({"day": "0001-01-01", "month": "2026-02"}, Period.MONTH, date(2026, 2, 1)),
    ],
)
def test_an_address_never_shows_what_is_not_over(
    address: dict[str, str], period: Period, start: date
) -> None:
    shown = read_shown(address, MONTH, DAY)
    assert (shown.period, shown.start) == (period, start)
    assert (
        read_shown(dict([to("", shown).lstrip("?").split("=")]) if to("", shown) else {}, MONTH, DAY) == shown
    )


def test_the_steps_of_a_period_stop_at_what_is_over() -> None:
    assert SHOWN.after is None
    assert SHOWN.before.start == date(2026, 9, 1)
    assert SHOWN.before.after == SHOWN
    january = Shown(Period.MONTH, date(2026, 1, 1), MONTH, DAY)
    assert (january.before.start, january.after and january.after.start) == (
        date(2025, 12, 1),
        date(2026, 2, 1),
    )
    assert rest_of("/boards/commune/21002/", "/boards/commune") == "21002"
    assert rest_of("/boards/communes", "/boards/commune") == ""
