"""What the report's sheet says in words, for nights of every kind, in both languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from layouts.report import gravest, lead, sheet
from layouts.report_paper import document
from layouts.static_html import as_html
from model.report import Figures, Ground, MapOfInstant, Mark, NightReport, Trouble
from model.takeaway import Label, Origin
from model.texts import LANGUAGES, words

A = datetime(2026, 11, 20, 16, tzinfo=UTC)
B = A + timedelta(hours=15)
QUIET = Figures(100, 0, 0, 0, 0, 0, 0, 80, 0, 0.0, 1.0)
LABEL = Label(
    Origin("Val", "val", "Europe/Paris", "Test & <source>", "ODbL 1.0"),
    "Report",
    "Val",
    A,
    B,
    B,
    made_by="<Ada>",
)


def trouble(name: str, consequences: int = 0, ended: datetime | None = None) -> Trouble:
    return Trouble(
        name, f"Cabinet {name}", "control_cabinet", "rue <b>", "Val", "fault", "breaker_tripped",
        A + timedelta(hours=3), False, ended, 3_600.0, consequences, 1,
    )  # fmt: skip


def report(*new: Trouble, figures: Figures = QUIET, came: tuple[Trouble, ...] = ()) -> NightReport:
    here = MapOfInstant(A, {"active": "M1 1h0"}, (Mark(1, 1, "fault", "<x>", 2),), {"fault": 1}, 1.0)
    ground = Ground(1000, 800, ("M0 0L9 9Z",), {1: "M0 0L9 9"})
    told = replace(figures, new=len(new), came_and_went=len(came))
    return NightReport(LABEL, A, B, told, ground, here, here, new, came, (), (), (), (), (), None, ())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_lead_counts_in_the_language_s_own_numbers(language: str, count: int) -> None:
    say = words(language)
    told = lead(say, report(*(trouble(f"A-{n}", n) for n in range(count))))
    assert "⟦" not in told
    assert "{" not in told
    key = {0: "none", 1: "one"}.get(count, "many")
    assert say(f"report.lead_new_{key}", n=count) in told


def test_the_gravest_took_most_with_it() -> None:
    worst = trouble("A-2", 40, ended=B - timedelta(hours=1))
    found = report(trouble("A-1", 3), came=(worst,))
    assert gravest(found) is worst
    told = lead(words("en"), found)
    assert "which took 40 others with it" in told
    assert "over at 07:00" in told
    assert gravest(report()) is None


def test_a_time_without_records_is_not_a_quiet_night() -> None:
    told = lead(words("en"), report(figures=replace(QUIET, known=0.0)))
    assert told == words("en")("report.nothing_known")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_names_itself_and_lets_no_text_become_markup(language: str) -> None:
    say = words(language, "Europe/Paris")
    text = document(say, report(trouble("A-1", 2)), "body{}")
    assert f'<html lang="{language}">' in text
    assert '<meta name="author" content="&lt;Ada&gt;">' in text
    assert "<title>Report. Val, " in text
    assert "rue &lt;b&gt;" in text
    assert "Test &amp; &lt;source&gt;" in text
    assert "\u202f" not in text
    assert "⟦" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_its_heads_and_every_drawing_its_words(language: str) -> None:
    text = as_html(sheet(words(language), report(trouble("A-1", 2))))
    assert text.count("<h1>") == 1
    assert text.count("<table") == text.count("<caption")
    drawings = re.findall(r"<svg [^>]*>", text)
    assert drawings
    assert [svg for svg in drawings if 'role="img"' not in svg and 'aria-hidden="true"' not in svg] == []
