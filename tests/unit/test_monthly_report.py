"""The monthly report as a document, on paper and as slides: what it says, and that everybody can read it."""

import io
import re
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise

import pytest
from pptx import Presentation

from layouts.monthly_charts import round_scale
from layouts.monthly_document import paper
from layouts.monthly_figure import ranked
from layouts.monthly_files import draw
from layouts.monthly_words import lead
from model.kpis import Good, Verdict
from model.monthly import Corrected, Drawn, MonthlyReport, figures_shown, month_after
from model.texts import LANGUAGES, words
from services.reports import faces, style
from services.takeaway import can_make_pdf, pdf_of
from tests.pdf_tags import Tagged
from tests.unit.made_kpis import MONTH, NAMES, board, kpi, report, result

HELD = result(kpi("failure_rate"), 1.2)
MISSED = result(kpi("repair_time", unit="h", decimals=1), 57.3, target=48, verdict=Verdict.MISSED)
HIDDEN = result(kpi("camera_availability", Good.HIGH), None, target=99, withheld="coverage")
FREE = result(kpi("lighting_energy", unit="kWh"), 0.9, target=None)
drawn_as = partial(draw, style=style(), faces=faces())


def of_city() -> MonthlyReport:
    return report(board(HELD, MISSED, HIDDEN, FREE), corrected=(Corrected("streetlight", "power", 96, 2, 1),))


def of_commune() -> MonthlyReport:
    own = board(*(replace(one, areas=()) for one in (HELD, MISSED, HIDDEN)), area_id=2, area_name=NAMES[1])
    return report(own, board(HELD, MISSED, HIDDEN))


@cache
def drawn(language: str, commune: bool) -> Drawn:
    return drawn_as(of_commune() if commune else of_city(), language)


BOTH = pytest.mark.parametrize("commune", [False, True], ids=["city", "commune"])
IN_BOTH = pytest.mark.parametrize("language", LANGUAGES)


@BOTH
@IN_BOTH
def test_the_page_is_one_file_that_asks_nothing_of_anywhere(language: str, commune: bool) -> None:
    text = drawn(language, commune).page
    assert f'<html lang="{language}">' in text
    assert "⟦" not in text
    assert "<script" not in text
    assert "Test &amp; &lt;source&gt;" in text
    bare = re.sub(r"data:font/woff2;base64,[A-Za-z0-9+/=]+", "", text).replace(
        "http://www.w3.org/2000/svg", ""
    )
    assert not re.findall(r"https?://|(?:src|href)=[\"'](?!#)", bare)
    assert set(re.findall(r'href="#([^"]+)"', bare)) <= set(re.findall(r' id="([^"]+)"', bare))


@BOTH
@IN_BOTH
def test_headings_tables_and_drawings_can_be_heard(language: str, commune: bool) -> None:
    text = drawn(language, commune).page
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert text.count("<table") == text.count("<caption")
    assert [
        one for one in re.findall(r"<svg [^>]*>", text) if "aria-label" not in one and "hidden" not in one
    ] == []


def test_beside_each_trend_stand_its_own_months_and_a_gap_is_a_gap() -> None:
    text = drawn("en", False).page
    section = text[text.index('id="figure-failure_rate"') : text.index('id="figure-repair_time"')]
    months = section[section.index("month by month</caption>") : section.index("monthly-pair communes")]
    values = re.findall(r'<td class="number">([^<]*)</td>', months)[::2]
    assert values == [words("en").number(step.value, 2) for step in reversed(HELD.trend)]
    assert "–" in values
    assert section.count("url(#gap-failure_rate)") == 1


def test_a_commune_without_a_value_is_hatched_last_and_says_why() -> None:
    text = drawn("fr", False).page
    section = text[text.index('id="figure-failure_rate"') : text.index('id="figure-repair_time"')]
    assert section.count("url(#none-failure_rate)") == 1
    assert ranked(HELD)[-1].name == "Doussac"
    assert [area.name for area in ranked(HELD)][:2] == ["Clairval", "Essey-le-Grand"]
    assert words("fr")("monthly.too_little") in section


def test_a_commune_s_report_names_no_other_commune() -> None:
    for form in (drawn("fr", True).page, drawn("fr", True).paper):
        assert [name for name in NAMES if name != NAMES[1] and name in form] == []


@IN_BOTH
@pytest.mark.parametrize(
    ("results", "key"),
    [((HELD, HELD), "all_held"), ((HELD, MISSED), "held"), ((MISSED, MISSED), "none_held"),
     ((HELD,), "one_held"), ((MISSED, HIDDEN), "one_missed"), ((FREE, HIDDEN), "no_target")],
)  # fmt: skip
def test_the_lead_says_no_more_than_its_figures(language: str, results: tuple, key: str) -> None:
    say = words(language)
    made = [replace(one, kpi=replace(one.kpi)) for one in results]
    told = " ".join(text for text, _ in lead(say, report(board(*made))))
    judged = sum(one.verdict in (Verdict.HELD, Verdict.MISSED) for one in results)
    month = say.month(HELD.computed_at.replace(month=10))
    assert told.startswith(say(f"monthly.lead_{key}", month=month, n=judged, held=1))
    for one in results:
        assert (say(f"kpi.{one.kpi.key}.name") in told) == (
            one.verdict is Verdict.MISSED or one.value is None
        )


@pytest.mark.skipif(not can_make_pdf(), reason="libpango is not installed here")
@pytest.mark.parametrize(("language", "commune"), [("fr", False), ("en", True)])
def test_the_pdf_is_tagged_titled_and_every_figure_has_words(language: str, commune: bool) -> None:
    say = words(language)
    made = of_commune() if commune else of_city()
    pdf = Tagged(pdf_of(paper(say, made, style())))
    tags = pdf.tags()
    kinds = [tag.kind for tag in tags]
    assert pdf.language == language
    assert f'<rdf:li xml:lang="x-default">{say("monthly.title")}. ' in pdf.metadata
    assert 'pdfuaid:part="1"' in pdf.metadata
    levels = [int(kind[1]) for kind in kinds if re.fullmatch("H[1-6]", kind)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    figures = [tag for tag in tags if tag.kind == "Figure"]
    assert len(figures) > 2 * len(made.told)
    assert [tag for tag in figures if not tag.words] == []
    assert kinds.count("Table") == kinds.count("THead") == drawn(language, commune).page.count("<table")


@BOTH
@IN_BOTH
def test_the_slides_hold_native_charts_of_the_same_values(language: str, commune: bool) -> None:
    made = of_commune() if commune else of_city()
    show = Presentation(io.BytesIO(drawn(language, commune).slides))
    assert len(show.slides) == len(made.told) + 3
    assert all(slide.shapes.title.text_frame.text for slide in show.slides)
    for slide, told in zip(list(show.slides)[2:-1], made.told, strict=True):
        charts = [shape.chart for shape in slide.shapes if shape.has_chart]
        assert len(charts) == (1 if commune else 2)
        assert list(charts[0].plots[0].series[0].values) == [step.value for step in told.trend]
        if told.target:
            assert set(charts[0].plots[0].series[1].values) == {told.target.value}
        if not commune:
            bars = charts[1].plots[0]
            assert dict(zip(bars.categories, bars.series[0].values, strict=True)) == {
                area.name: area.value for area in told.areas
            }
        assert words(language)(f"kpi.{told.kpi.key}.formula") in slide.notes_slide.notes_text_frame.text
    silent = [
        shape.name for slide in show.slides for shape in slide.shapes
        if (shape.has_chart or shape.has_table) and not shape._element.xpath(".//p:cNvPr/@descr")[0]
    ]  # fmt: skip
    assert silent == []
    tongues = {
        run.get("lang") for slide in show.slides for run in slide._element.iter() if run.tag.endswith("}rPr")
    }
    assert tongues == {"fr-FR" if language == "fr" else "en-GB"}


def test_a_version_is_told_apart_by_what_it_shows() -> None:
    same = figures_shown([board(HELD, MISSED)])
    assert figures_shown([board(replace(HELD, value=1.2004, inputs="other"), MISSED)]) == same
    assert figures_shown([board(replace(HELD, value=1.21), MISSED)]) != same
    assert figures_shown([board(replace(HELD, coverage=0.5), MISSED)]) != same


def test_an_axis_is_round_and_holds_all_it_shows() -> None:
    for told in ([0.2, 1.7], [99.31, 99.9], [-4.0, 61_234.0], [5.0], [0.0, 0.0]):
        low, high, ticks = round_scale(told)
        assert low <= min(told) <= max(told) <= high
        assert low < high
        assert ticks[0] == pytest.approx(low)
        assert ticks[-1] == pytest.approx(high)
        assert 2 <= len(ticks) <= 7


def test_months_follow_each_other_over_the_year() -> None:
    assert month_after(MONTH).isoformat() == "2026-11-01"
    assert month_after(MONTH.replace(month=12)).isoformat() == "2027-01-01"
