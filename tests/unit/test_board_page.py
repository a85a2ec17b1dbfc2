"""What the board draws and says: only what its figures carry, in both languages."""

import itertools
import json
import re
from datetime import timedelta

import plotly
import pytest
from dash.development.base_component import Component

from layouts.board import board_body
from layouts.board_maps import small_map
from layouts.sentence import sentence
from layouts.vectors import breaks, choropleth, sparkline, step_of
from model.kpis import KpiBoard, Verdict
from model.texts import words
from services.boards import KPI_BY_KEY
from tests.unit.made_boards import DAY, board, held, result


def drawn(component: Component) -> str:
    """Everything a component holds, as text."""
    return json.dumps(component.to_plotly_json(), cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def said(made: KpiBoard, language: str = "en") -> str:
    return "".join(phrase.text for phrase in sentence(words(language), made, "22 November"))


SITUATIONS = [
    board(
        result("failure_rate", rate, target=limit),
        result("camera_availability", cameras, target=99.0 if judged else None),
        result("repair_time", hours, target=48.0, withheld=None if hours else "few"),
    )
    for rate, limit, cameras, judged, hours in itertools.product(
        (0.4, 1.5, 1.504, 1.51, 4.2, None), (1.5, None), (99.0, 98.9), (True, False), (20.0, 60.0, None)
    )
]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("made", SITUATIONS)
def test_the_sentence_never_contradicts_its_figures(made: KpiBoard, language: str) -> None:
    text = said(made, language)
    assert "⟦" not in text
    judged = [one for one in made.results if one.verdict in (Verdict.HELD, Verdict.MISSED)]
    counts = [
        int(n) for n in re.findall(r"(?<![\d.,])\d+(?![\d.,]|\s?%|\u202f%)", text.split("22", 1)[1][3:])
    ]
    if len(judged) > 1 and 0 < held(made) < len(judged):
        assert counts[:2] == [len(judged), held(made)]
    for one in made.results:
        name = words(language)(f"kpi.{one.kpi.key}.short")
        named = name[0].lower() + name[1:] in text
        if one.kpi.key != "failure_rate":
            assert named == (one.verdict is Verdict.MISSED)
    rate = made.results[0]
    over = "au-dessus" if language == "fr" else "above the target"
    assert (over in text) == (rate.verdict is Verdict.MISSED)


def test_a_figure_is_judged_as_it_is_shown() -> None:
    assert result("failure_rate", 1.504, target=1.5).verdict is Verdict.HELD
    assert result("failure_rate", 1.506, target=1.5).verdict is Verdict.MISSED
    assert result("traffic_flow", 4000.0, target=10.0).verdict is Verdict.NONE


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


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_whole_board_in_both_languages(language: str) -> None:
    results = [result(key, 99.5, target=98.0) for key in KPI_BY_KEY]
    results[1] = result("repair_time", None, withheld="few", target=48.0)
    made = board(*results)
    body = drawn(
        board_body(words(language), made, last_day=DAY + timedelta(days=3), generated=True, attribution="x")
    )
    assert "⟦" not in body
    for key in KPI_BY_KEY:
        assert f"figure-{key}" in body
    assert body.count('"target target-unjudged"') == 1
    assert "boards/city?day=2026-11-23" in body


def test_the_last_day_leads_no_further() -> None:
    body = drawn(
        board_body(
            words("fr"), board(result("failure_rate")), last_day=DAY, generated=False, attribution="IGN"
        )
    )
    assert "day=2026-11-21" in body
    assert "day=2026-11-23" not in body
    assert "IGN" in body


def test_a_withheld_figure_shows_no_number_but_why() -> None:
    made = board(result("failure_rate", None, withheld="coverage", target=1.5))
    body = drawn(board_body(words("en"), made, last_day=DAY, generated=True, attribution=""))
    assert "coverage of 62%, under 90%" in body
    assert '"className": "figure-value"' not in body


def test_a_small_map_says_in_words_what_its_shades_say() -> None:
    figure = drawn(
        small_map(words("en"), board(result("camera_availability")), result("camera_availability"))
    )
    assert "Cameras available by commune, 0.50 to 2.00 %" in figure
    assert figure.index('"2.00"') < figure.index('"0.50"')
