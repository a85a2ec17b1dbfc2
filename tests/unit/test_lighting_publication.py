"""What is published of street lighting: figures, sentence, tables; nothing the data do not carry."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.profiles import read_profile
from model.texts import words
from services.publishing.chart import chart, scale
from services.publishing.drawing_panels import facts_of
from services.publishing.licences import licence
from services.publishing.panels.lighting_figures import LightingStatus, Published, lighting_status
from services.publishing.panels.lighting_status import drawn as lighting_panel
from services.publishing.panels.lighting_words import Said
from services.publishing.panels.sheets import text_cell
from services.publishing.panels.story import CityFacts, Target
from services.publishing.rendering import rendered
from tests.published import RATES, example, lighting_days


def facts() -> CityFacts:
    return facts_of(read_profile("demo"))


def row(day: int, rate: float | None, coverage: float | None = 97.0, points: int = 34_000) -> Published:
    return date(2025, 10, day), rate, coverage, points


def data(status: LightingStatus, form: str = "json") -> bytes:
    return lighting_panel(status).data[form][0]


def table(status: LightingStatus) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data(status))
    return found


def sentence(status: LightingStatus, language: str = "fr") -> str:
    return Said(status, words(language, "Europe/Paris")).sentence.replace("\u00a0", " ")


def test_communes_weigh_as_much_as_was_received_of_them() -> None:
    rows = [row(2, 1.0, 100.0, 300), row(2, 2.0, 50.0, 600), row(2, None, 0.0, 100), row(1, 1.23)]
    status = lighting_status(facts(), rows)
    assert [day.rate for day in status.days[-2:]] == [1.23, 1.5]
    assert [day.coverage for day in status.days[-2:]] == [97, 60]
    assert (status.points, status.headline, status.out_of_order) == (1_000, 1.5, 15)


@pytest.mark.parametrize("empty", [row(2, None), row(2, 1.0, 49.9), row(2, 1.0, None)])
def test_a_day_hardly_measured_is_a_gap_and_never_a_zero(empty: Published) -> None:
    status = lighting_status(facts(), [row(1, 2.0), empty])
    assert status.days[-1].rate is None
    assert status.latest is not None
    assert status.latest.day == date(2025, 10, 1)
    assert table(status)["rows"][-1]["failure_rate_percent"] is None


def test_the_data_time_is_the_end_of_the_latest_measured_local_day() -> None:
    """Also when the clocks change: 26 October 2025 has 25 hours."""
    autumn = lighting_status(facts(), [row(26, 1.0)])
    assert autumn.data_time == datetime(2025, 10, 26, 23, tzinfo=UTC)
    summer = lighting_status(facts(), [row(25, 1.0)])
    assert summer.data_time == datetime(2025, 10, 25, 22, tzinfo=UTC)


def test_the_period_ends_with_the_newest_published_day() -> None:
    status = lighting_status(facts(), [row(31, 1.0), row(1, 4.0)])
    assert (len(status.days), status.days[0].day) == (30, date(2025, 10, 2))


def test_the_target_of_the_profile_is_kept_with_its_source_and_is_the_citys_alone() -> None:
    status = lighting_status(facts(), [row(1, 1.55)])
    assert status.target == Target(1.5, "exemple", "2026-01-01")
    assert (status.headline, status.target_met) == (1.6, False)
    commune = lighting_status(replace(facts(), area="Valmont", area_code="21231"), [row(1, 1.55)])
    assert commune.target is None


@pytest.mark.parametrize(
    ("rates", "french", "english"),
    [
        (
            RATES,
            "En baisse de 0,8 point depuis le 8 octobre. La cible est tenue.",
            "Down 0.8 points since 8 October. The target is met.",
        ),
        (
            (1.0, 2.0),
            "En hausse de 1,0 point depuis le 8 octobre. La cible est dépassée.",
            "Up 1.0 point since 8 October. The target is missed.",
        ),
        (
            (1.0, 3.52),
            "En hausse de 2,5 points depuis le 8 octobre. La cible est dépassée.",
            "Up 2.5 points since 8 October. The target is missed.",
        ),
        (
            (None, 1.42, 1.44),
            "Au même niveau que le 9 octobre. La cible est tenue.",
            "Same as on 9 October. The target is met.",
        ),
        ((None, 1.42), "La cible est tenue.", "The target is met."),
        (
            (None, None),
            "Aucune mesure sur les 30 derniers jours.",
            "Nothing was measured in the last 30 days.",
        ),
    ],
)
def test_the_sentence_says_what_the_figures_carry(
    rates: tuple[float | None, ...], french: str, english: str
) -> None:
    status = example(days=lighting_days(rates))
    assert sentence(status) == french
    assert sentence(status, "en") == english


def test_without_a_target_none_is_claimed() -> None:
    assert "cible" not in sentence(example(target=None))
    page = rendered(lighting_panel(example(target=None)))["panel.fr.light.html"].body.decode()
    assert "cible" not in page


def test_the_first_of_a_month_is_said_as_people_say_it() -> None:
    status = example(days=lighting_days((2.0, 1.0), date(2025, 11, 1)))
    assert sentence(status).startswith("En baisse de 1,0 point depuis le 1er novembre.")


def test_the_change_is_that_of_the_figures_shown() -> None:
    """2,05 shows as 2,0 or 2,1: whoever subtracts what is shown finds the change that is said."""
    status = example()
    assert status.headline is not None
    assert status.change == pytest.approx(status.headline - round(RATES[0] or 0, 1))


def test_csv_json_and_table_hold_the_same_values() -> None:
    status = example()
    rows = list(csv.DictReader(io.StringIO(data(status, "csv").decode())))
    days = table(status)["rows"]
    assert [row["day"] for row in rows] == [day["day"] for day in days]
    in_csv = [float(row["failure_rate_percent"]) if row["failure_rate_percent"] else None for row in rows]
    assert in_csv == [day["failure_rate_percent"] for day in days] == list(RATES)
    page = rendered(lighting_panel(status))["panel.en.light.html"].body.decode()
    for day in status.days:
        shown = "not measured" if day.rate is None else f"{day.rate:.2f}%"
        assert f'<time datetime="{day.day}">' in page
        assert f">{shown}</td>" in page


@given(st.text(max_size=20))
def test_no_cell_of_text_begins_like_a_formula(text: str) -> None:
    assert not text_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_names_are_escaped_wherever_they_are_printed() -> None:
    hostile = '=cmd|<script>alert(1)</script>"'
    for name, file in rendered(
        lighting_panel(example(city=hostile, generated=False, attribution=hostile))
    ).items():
        if name.endswith((".html", ".svg")):
            assert "<script>alert" not in file.body.decode(), name
    assert "'=cmd" in data(example(city=hostile), "csv").decode()


def test_an_invented_city_says_so_on_every_form() -> None:
    files = rendered(lighting_panel(example()))
    assert "Ville inventée" in files["panel.fr.light.html"].body.decode()
    assert "Invented city" in files["chart.en.dark.svg"].body.decode()
    assert json.loads(files["data.json"].body)["generated"] is True


def test_nothing_finer_than_the_city_and_the_day_is_published() -> None:
    rows = table(example())["rows"]
    assert set(rows[0]) == {"day", "failure_rate_percent", "coverage_percent"}
    assert len(rows) == 30


def test_every_word_of_the_templates_is_in_the_catalogues() -> None:
    for status in (example(), example(generated=False), example(days=lighting_days((None, None)))):
        assert [
            name for name, file in rendered(lighting_panel(status)).items() if "⟦" in file.body.decode()
        ] == []


def test_a_page_is_well_under_its_budget() -> None:
    """150 kB with the typeface of 29 kB; uncompressed the page itself is a tenth of that."""
    assert all(len(file.body) < 20_000 for file in rendered(lighting_panel(example())).values())


def test_known_licences_have_an_address_and_unknown_ones_keep_their_name() -> None:
    assert licence("Licence Ouverte 2.0").url.startswith("https://")
    assert licence("House rules").name == "House rules"
    page = rendered(lighting_panel(example(licence="House rules")))["panel.fr.light.html"].body.decode()
    assert "House rules" in page
    assert 'href=""' not in page


# The chart ------------------------------------------------------------------------------------


def test_gaps_are_drawn_as_gaps() -> None:
    drawn = chart(RATES, 1.5)
    assert [len(line) for line in drawn.lines] == [20, 8]
    assert len(drawn.gaps) == 1
    assert drawn.gap_label is not None


def test_a_day_between_gaps_is_a_dot() -> None:
    drawn = chart((1.0, 1.1, None, 1.2, None, 1.3, 1.4), None)
    assert [len(line) for line in drawn.lines] == [2, 2]
    assert len(drawn.dots) == 1


def test_an_empty_series_still_has_its_axis() -> None:
    drawn = chart((None,) * 30, 1.5)
    assert drawn.lines == ()
    assert drawn.end is None
    assert len(drawn.ticks) >= 3


@given(st.floats(0, 100))
def test_the_axis_holds_its_values_in_few_round_steps(high: float) -> None:
    step, top = scale(high)
    assert top > high
    assert 2 <= round(top / step) <= 5


@given(st.lists(st.none() | st.floats(0, 60), min_size=2, max_size=31), st.none() | st.floats(0.1, 20))
def test_everything_is_drawn_inside_the_plot(rates: list[float | None], target: float | None) -> None:
    drawn = chart(rates, target)
    points = [p for line in drawn.lines for p in line] + list(drawn.dots)
    points += [(g.x0, g.y) for g in drawn.gaps] + [(g.x1, g.y) for g in drawn.gaps]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)
    assert sum(len(line) for line in drawn.lines) + len(drawn.dots) == sum(r is not None for r in rates)


def test_days_are_in_order() -> None:
    days = [day.day for day in lighting_days()]
    assert days == [days[0] + timedelta(days=i) for i in range(30)]
