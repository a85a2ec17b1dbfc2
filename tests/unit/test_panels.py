"""The public panels: what they say of published tables, and that nothing published is missing or invented."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from model.datasets import BY_NAME
from model.texts import words
from services.publishing.panels import (
    PANELS,
    Panel,
    Tables,
    availability,
    commune_board,
    energy_week,
    equipment,
    failures_map,
)
from services.publishing.panels import road_traffic as traffic
from services.publishing.panels.drawings import Areas, Bars, Columns, classes, heights, step_of
from services.publishing.panels.outlines import Plan
from services.publishing.panels.story import Story
from services.publishing.rendering import rendered
from tests import published_tables as made
from tests.published_tables import FACTS, OUTLINES

EACH = pytest.mark.parametrize("panel", PANELS, ids=lambda one: one.name)


def story(panel_of: object, tables: Tables, language: str = "fr") -> Story:
    return panel_of.draw(tables, FACTS, OUTLINES).story(words(language))  # type: ignore[attr-defined]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@EACH
def test_a_panel_is_drawn_from_datasets_that_may_be_published(panel: Panel) -> None:
    assert all(BY_NAME[name].publishable for name in panel.datasets)
    assert panel.name not in BY_NAME, "one store, one name"


@EACH
@pytest.mark.parametrize("there", [True, False], ids=["published", "nothing published"])
def test_every_form_of_every_panel_is_whole_in_both_languages(panel: Panel, there: bool) -> None:
    files = rendered(panel.draw(made.tables() if there else {}, FACTS, OUTLINES))
    assert len(files) == 10
    for name, file in files.items():
        text = file.body.decode()
        assert "⟦" not in text, name
        assert len(file.body) < 60_000, name
        assert "None" not in text, name


@EACH
def test_the_table_the_csv_and_the_json_have_the_same_rows(panel: Panel) -> None:
    drawn = panel.draw(made.tables(), FACTS, OUTLINES)
    in_csv = list(csv.DictReader(io.StringIO(drawn.data["csv"][0].decode())))
    in_json = json.loads(drawn.data["json"][0])["rows"]
    assert len(in_csv) == len(in_json) == len(drawn.story(words("en")).rows)
    for one, other in zip(in_csv, in_json, strict=True):
        assert {key: one[key] for key in other} == {k: "" if v is None else str(v) for k, v in other.items()}


@EACH
def test_the_same_tables_are_the_same_bytes(panel: Panel) -> None:
    first, second = (rendered(panel.draw(made.tables(), FACTS, OUTLINES)) for _ in range(2))
    assert {name: file.body for name, file in first.items()} == {
        name: file.body for name, file in second.items()
    }


def test_names_are_escaped() -> None:
    hostile = made.failures().to_pylist()
    for row in hostile:
        row["area"] = "<script>alert(1)</script>"
    files = rendered(failures_map.draw({"lighting-failures": table(hostile)}, FACTS, OUTLINES))
    assert all(
        b"<script>alert" not in file.body for name, file in files.items() if name.endswith(("html", "svg"))
    )


# Availability -----------------------------------------------------------------------------------------


def test_the_lowest_service_is_the_figure() -> None:
    told = story(availability, made.tables())
    assert plain(told.headline) == "99,43 %"
    assert "Vidéoprotection" in told.amount
    assert plain(told.sentence) == "Son jour le plus bas : le 6 novembre, 97,50 %."


def test_lighting_weighs_communes_by_their_points() -> None:
    figures = availability.read({"lighting-failures": made.failures(1)}, FACTS)
    weights = sum(points for _, _, points in made.COMMUNES)
    rate = sum(0.4 * (at + 1) * points for at, (_, _, points) in enumerate(made.COMMUNES)) / weights
    assert figures.services[0].mean == pytest.approx(100 - rate)


def test_a_service_that_is_not_published_is_not_there() -> None:
    told = story(availability, {"video-availability": made.availability()})
    assert [row.head for row in told.rows] == ["Vidéoprotection"]


# The figures of the month ------------------------------------------------------------------------------


def test_the_figures_of_the_month_are_the_citys_or_one_communes() -> None:
    told = story(commune_board, made.tables())
    assert plain(told.headline) == "2,20 %"
    assert plain(told.sentence) == "En hausse : 2,10 % le mois d’avant."
    assert told.machine == "2026-10"
    rows = {row.head: row.cells for row in told.rows}
    assert [plain(cell or "") for cell in rows["Points lumineux en panne"]] == [
        "2,20 %",
        "2,10 %",
        "1,00 %",
        "96 %",
    ]
    (panel,) = (one for one in PANELS if one.name == "commune-board")
    last = list(panel.everywhere(made.tables(), FACTS, OUTLINES))[-1]
    assert last.facts.area and last.facts.area_code
    data = json.loads(last.data["json"][0])
    assert data["area_code"] == last.facts.area_code
    assert {row["figure"] for row in data["rows"]} == {"failure_rate", "repair_time", "junction_availability"}


def test_a_figure_of_a_commune_that_is_withheld_is_missing() -> None:
    code = made.COMMUNES[-1][0]
    facts = replace(FACTS, area="Sel", area_code=code)
    board = commune_board.read(made.tables(), facts)
    values = {one.kpi.key: board.value(one) for one in board.figures}
    assert values["repair_time"] is None
    assert values["failure_rate"] is not None


def test_without_the_figure_it_draws_it_draws_the_next_and_says_what_is_missing() -> None:
    only = story(commune_board, {"traffic-key-figures": made.key_figures("junction_availability")})
    assert "Carrefours" in only.amount
    none = story(commune_board, {"lighting-key-figures": made.key_figures("repair_time")})
    assert none.headline == ""
    assert plain(none.sentence) == "Ni les pannes ni les carrefours n’ont de valeur ce mois-ci."
    assert len(none.rows) == 1


# Energy -----------------------------------------------------------------------------------------------


def test_a_week_beside_the_week_before() -> None:
    week = energy_week.read(made.tables(), FACTS)
    assert week.total == 7 * 3 * 1_050
    assert week.change == round(100 * (3_150 / 3_300 - 1), 1)
    assert plain(story(energy_week, made.tables()).sentence) == "4,5 % de moins que les sept jours d’avant."


def test_a_commune_withheld_is_said_and_not_added() -> None:
    told = story(energy_week, made.tables())
    assert plain(told.coverage) == "3 communes ; 1 retirée, car elle a trop peu de compteurs"


def test_a_week_with_a_day_missing_is_no_week() -> None:
    rows = [row for row in made.energy().to_pylist() if row["day"] != made.days(3)[0]]
    told = story(energy_week, {"energy-by-area": table(rows)})
    assert told.headline == ""
    assert plain(told.sentence) == "Un jour au moins manque : la semaine n’est pas additionnée."


def test_weeks_of_different_communes_are_not_compared() -> None:
    rows = [
        row
        for row in made.energy().to_pylist()
        if row["area_code"] != "21231" or row["day"] >= made.days(7)[0]
    ]
    assert energy_week.read({"energy-by-area": table(rows)}, FACTS).change is None


def test_the_time_of_a_day_is_its_end_in_the_city() -> None:
    assert energy_week.draw(made.tables(), FACTS, OUTLINES).data_time == datetime(
        2026, 11, 26, 23, tzinfo=UTC
    )


# Equipment --------------------------------------------------------------------------------------------


def test_communes_are_ranked_by_their_lights_and_all_are_in_the_table() -> None:
    told = story(equipment, made.tables())
    assert told.headline == "154"
    assert plain(told.sentence) == "Et aussi 30 carrefours à feux, 42 bâtiments publics, 269 caméras."
    assert [row.head for row in told.rows] == ["Valmont", "Longeray", "Chenove", "Sel"]
    assert told.rows[0].cells == ("40", "9", "12", "200")


def test_an_inventory_that_is_not_published_has_no_column() -> None:
    told = story(equipment, {"lighting-points": made.inventory("streetlight", 3)}, "en")
    assert told.head == ("Commune", "Street lights")


# Failures by commune ------------------------------------------------------------------------------------


def test_the_map_colours_what_the_table_says() -> None:
    told = story(failures_map, made.tables())
    assert plain(told.sentence) == "Le plus haut : Sel, 1,6 %. Le plus bas : Valmont, 0,4 %."
    assert isinstance(told.drawing, Areas)
    by_name = {plain(shape.name).split(" ")[0]: shape.step for shape in told.drawing.shapes}
    assert by_name["Sel"] == len(told.drawing.steps) - 1
    assert all(shape.path.startswith("M") for shape in told.drawing.shapes)


def test_a_commune_hardly_measured_has_no_colour() -> None:
    rows = made.failures().to_pylist()
    for row in rows:
        if row["area_code"] == "21540":
            row["coverage"] = 30.0
    told = story(failures_map, {"lighting-failures": table(rows)})
    assert isinstance(told.drawing, Areas)
    assert told.drawing.gap == "pas de mesure"
    assert plain(told.coverage) == "3 communes mesurées sur 4"
    assert told.rows[-1].cells[0] is None


# Traffic ------------------------------------------------------------------------------------------------


def test_shares_are_of_what_is_known() -> None:
    told = story(traffic, made.tables())
    assert plain(told.headline) == "75 %"
    assert plain(told.sentence) == "Chargé : 1. Saturé : 1."
    assert plain(told.coverage) == "8 tronçons connus sur 9"
    assert plain(told.when) == "27 novembre 2026, 14:02"


def test_a_city_that_flows_says_so_and_one_without_measures_too() -> None:
    assert story(traffic, {"traffic-now": made.traffic(("free_flow",))}).sentence.startswith(
        "Aucun tronçon chargé"
    )
    nothing = story(traffic, {"traffic-now": made.traffic(("no_data",))})
    assert nothing.headline == ""
    assert isinstance(nothing.drawing, Bars)
    assert all(bar.length is None for bar in nothing.drawing.bars)


# Drawing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("high", [0.0, 0.3, 7.0, 40.0, 999.0, 3_150.0, 1_234_567.0])
def test_an_axis_holds_its_values_in_few_steps(high: float) -> None:
    step, top = heights([high, None])
    assert top >= high
    assert 2 <= round(top / step) <= 5


@pytest.mark.parametrize("high", [0.0, 0.04, 0.9, 1.6, 12.0, 100.0])
def test_classes_hold_every_value(high: float) -> None:
    steps = classes([high, None, high / 3])
    assert 1 <= len(steps) <= 5
    assert step_of(high, steps) in range(len(steps))
    assert step_of(None, steps) is None


def test_columns_are_inside_their_plot() -> None:
    drawing = story(energy_week, made.tables()).drawing
    assert isinstance(drawing, Columns)
    assert all(0 <= (column.now or 0) <= 1 and 0 <= (column.before or 0) <= 1 for column in drawing.columns)


def test_a_plan_keeps_north_up_and_everything_inside() -> None:
    plan = Plan(OUTLINES)
    south, north = plan.path(OUTLINES["21231"]), plan.path(OUTLINES["21166"])
    first = int(south.removeprefix("M").split("L")[0].split()[1])
    assert first > int(north.removeprefix("M").split("L")[0].split()[1])
    assert 0 < plan.height < 1_500
