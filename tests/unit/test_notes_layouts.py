"""Notes in figures and dialogs: lanes, numbers, what addresses prefill, what fields hold."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.utils import PlotlyJSONEncoder

from layouts import notes as layout
from layouts.correcting import read_value
from layouts.form_parts import at_fields, field_text, read_field
from layouts.note_marks import LETTER, mark_notes, notes_list, with_notes
from layouts.readings import mark_corrected, readings_table
from model.errors import BadField
from model.notes import Annotation, Correction, Reading
from model.observations import Doubt, Quality
from model.series import Asked, empty_series
from model.texts import words

FR = words("fr", "Europe/Paris")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ENDS = (NOW - 7 * DAY, NOW)


def note(number: int, t0: datetime, t1: datetime | None = None, **changes: Any) -> Annotation:
    values: dict[str, Any] = {
        "id": number, "kind": "storm", "title": f"Orage {number}", "body": "", "t0": t0, "t1": t1 or t0,
        "area_id": None, "area": None, "asset_id": None, "asset_key": None, "asset": None, "author": "Claire",
        "made_at": NOW, "withdrawn_at": None, "withdrawn_by": None,
    }  # fmt: skip
    return Annotation(**values | changes)


def drawn(*notes: Annotation) -> tuple[go.Figure, int]:
    figure = go.Figure()
    return figure, mark_notes(figure, notes, ENDS, "dark")


def texts(figure: go.Figure) -> list[str]:
    return [one.text for one in figure.layout.annotations]


def shown(component: Any) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


# --- bands and titles -------------------------------------------------------------------------------------


def test_a_band_is_cut_at_the_ends_of_the_axis_and_titled() -> None:
    figure, above = drawn(note(1, NOW - 9 * DAY, NOW - 5 * DAY))
    band = figure.layout.shapes[0]
    assert (band.x0, band.x1) == (ENDS[0].timestamp(), (NOW - 5 * DAY).timestamp())
    assert texts(figure) == ["<b>1</b>", "Orage 1"]
    assert above == 20


def test_what_does_not_touch_the_axis_is_not_drawn_but_keeps_its_number() -> None:
    figure, _ = drawn(note(1, NOW - 9 * DAY), note(2, NOW - 3 * DAY))
    assert texts(figure) == ["<b>2</b>", "Orage 2"]


def test_close_titles_take_lanes_and_no_line_crosses_a_title() -> None:
    hour = timedelta(hours=1)
    figure, above = drawn(*(note(n, NOW - 3 * DAY + n * hour) for n in (1, 2, 3)))
    assert above == 60
    ups = {one.text: one.yshift for one in figure.layout.annotations if one.text.startswith("<b>")}
    assert ups == {"<b>3</b>": 0, "<b>2</b>": 20, "<b>1</b>": 40}


def test_where_the_lanes_are_full_the_number_stands_alone_and_the_list_has_all() -> None:
    many = [note(n, NOW - 3 * DAY + n * timedelta(minutes=40)) for n in range(1, 13)]
    figure, above = drawn(*many)
    assert above == 60
    titled = [text for text in texts(figure) if not text.startswith("<b>")]
    assert 0 < len(titled) < len(many)
    assert len(figure.layout.shapes) >= len(many)
    assert shown(notes_list(FR, many)).count('"note-number"') == len(many)


def test_a_title_at_the_right_end_is_written_to_the_left() -> None:
    figure, _ = drawn(note(1, NOW - timedelta(hours=2), title="Une longue manifestation"))
    assert {one.xanchor for one in figure.layout.annotations} == {"right"}


def test_a_title_is_no_markup() -> None:
    figure, _ = drawn(note(1, NOW - DAY, title="<a href='//x'>&"))
    assert texts(figure)[1] == "&lt;a href='//x'&gt;&amp;"


def test_the_list_says_who_when_where_and_offers_to_withdraw() -> None:
    one = note(4, NOW - DAY, NOW, body="Neuf armoires", asset_key="EP-1/ü", asset="Armoire 1", asset_id=9)
    told = shown(notes_list(FR, [one]))
    for part in (
        "Intempérie",
        "Claire",
        "Neuf armoires",
        "Armoire 1",
        "asset%3AEP-1/%C3%BC",
        "data-withdraw-note",
    ):
        assert part in told, part
    assert "data-withdraw-note" not in shown(notes_list(FR, [one], may_withdraw=False))
    assert notes_list(FR, []) == []


# --- corrected points ---------------------------------------------------------------------------------------


def correction(result: float | None, reason: str = "compteur remplacé") -> Correction:
    return Correction(3, NOW, result, "Claire", reason, NOW, None, None)


SERIES = empty_series(Asked("energy", ENDS[0], NOW, asset_id=7), "kWh", 1)
READINGS = (
    Reading(NOW - DAY, 12.0, Quality.UNCERTAIN | Doubt.RATE, 12_000.0, "Wh", None),
    Reading(NOW, 900.0, 0, None, None, correction(5.5, "<b>relu</b>")),
    Reading(NOW + DAY, 800.0, 0, None, None, correction(None)),
)


def test_only_corrected_readings_are_marked_hollow_and_tell_what_was_sent() -> None:
    figure = go.Figure()
    mark_corrected(figure, FR, READINGS, SERIES, "#fff")
    trace = figure.data[0]
    assert list(trace.y) == [5.5, 0]
    assert list(trace.marker.symbol) == ["circle-open-dot", "circle-x-open"]
    assert "900,0 kWh" in trace.customdata[0]
    assert "&lt;b&gt;relu" in trace.customdata[0]
    empty = go.Figure()
    mark_corrected(empty, FR, READINGS[:1], SERIES, "#fff")
    assert empty.data == ()


def test_the_table_keeps_what_was_sent_beside_what_counts() -> None:
    told = shown(readings_table(FR, SERIES, READINGS))
    for part in (
        "envoyé : 12".replace(" :", "\u202f:"),
        "variation trop rapide",
        "900,0 kWh",
        "5,5 kWh",
        "ne dit rien",
    ):
        assert part in told, part
    assert told.count('"data-correct"') == 3
    assert told.count('"data-withdraw-correction"') == 2
    assert '"data-of": "7:energy"' in told


# --- fields -------------------------------------------------------------------------------------------------


def test_the_dialog_begins_with_what_the_address_shows() -> None:
    at, a, b = ("2026-11-21T20:40:00Z", "2026-11-21T20:00:00Z", "2026-11-21T22:00:00Z")
    moment = datetime.fromisoformat
    assert layout.begun({"at": at, "asset": "EP-1"}, NOW, FR) == layout.Begun(moment(at), moment(at), "EP-1")
    assert layout.begun({"at": at, "a": b, "b": a, "area": "4"}, NOW, FR) == layout.Begun(
        moment(a), moment(b), None, 4
    )
    charts = layout.begun({"series": "asset:EP-2", "p": "1d"}, NOW, FR)
    assert charts == layout.Begun(NOW - DAY, NOW, "EP-2", None)
    area = layout.begun({"series": "area:12:detector:flow", "t0": "2026-11-01", "t1": "2026-11-02"}, NOW, FR)
    assert (area.area, area.t1 - area.t0) == (12, 2 * DAY)
    future = layout.begun({"t0": "2027-01-01", "t1": "2027-01-02"}, NOW, FR)
    assert future == layout.Begun(NOW - DAY, NOW, None, None)
    assert layout.begun({"at": "now"}, NOW, FR) == layout.Begun(NOW, NOW)


def test_what_a_field_was_given_stays_that_instant_in_the_hour_that_comes_twice() -> None:
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    text = field_text(FR, second_half_past_two)
    assert text == "2026-10-25T02:30"
    assert read_field(FR, "t0", text, {text: second_half_past_two.isoformat()}) == second_half_past_two
    assert read_field(FR, "t0", text, {}) == second_half_past_two - timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "reason"), [("", "no_time"), ("hier", "no_time"), ("2026-03-29T02:30", "skipped_time")]
)
def test_a_field_without_an_instant_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadField) as refused:
        read_field(FR, "t1", text, {})
    assert (refused.value.field, refused.value.reason) == ("t1", reason)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12,5", 12.5), (" 1\u202f200.25 ", 1_200.25), ("\u22123", -3.0), ("0", 0.0), ("1e3", 1_000.0)],
)
def test_a_value_is_read_as_people_write_it(text: str, value: float) -> None:
    assert read_value(text, nothing=False) == value
    assert read_value(text, nothing=True) is None


@pytest.mark.parametrize(
    ("text", "reason"), [("", "empty"), (None, "empty"), ("abc", "no_number"), ("1,2,3", "no_number")]
)
def test_a_value_that_is_none_is_refused(text: str | None, reason: str) -> None:
    with pytest.raises(BadField) as refused:
        read_value(text, nothing=False)
    assert refused.value.reason == reason


def test_an_error_stands_at_its_field_and_nowhere_else() -> None:
    error = BadField("result", "out_of_range", low=0, high=0.5, unit="kWh")
    told = at_fields(FR, ("t0", "result", "reason"), error)
    assert told[0] is told[2] is None
    assert "0 à 0,50 kWh" in str(told[1])
    assert at_fields(FR, ("t0",), None) == [None]


@pytest.mark.parametrize("place", ["area:", "area:x", "asset:1;drop", "moon", "asset:" + "9" * 30])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(BadField) as refused:
        layout.draft_of(FR, "note", "t", "", ("2026-11-21T20:00", "2026-11-21T21:00"), place, {})
    assert refused.value.field == "place"


def test_no_line_crosses_a_title_however_close_the_notes_are() -> None:
    random = np.random.default_rng(11)
    for _ in range(40):
        starts = np.sort(random.uniform(0, 7 * 86_400, 14))
        titles = random.integers(3, 40, 14)
        figure, _ = drawn(
            *(
                note(n, ENDS[0] + timedelta(seconds=float(at)), title="x" * int(width))
                for n, (at, width) in enumerate(zip(starts, titles, strict=True), 1)
            )
        )
        marks = [one for one in figure.layout.annotations if one.text.startswith("<b>")]
        spans = {}
        for one in figure.layout.annotations:
            if not one.text.startswith("<b>"):
                taken = (len(one.text) + 2) * LETTER * 7 * 86_400
                span = (one.x, one.x + taken) if one.xanchor == "left" else (one.x - taken, one.x)
                spans[one.x, one.yshift] = span
        crossing = [
            (mark.x, title)
            for mark in marks
            for title, (a, b) in spans.items()
            if title[1] < mark.yshift and a < mark.x < b
        ]
        assert crossing == []


def test_a_figure_takes_its_notes_by_its_own_axis_and_makes_room_for_them() -> None:
    figure = go.Figure().update_layout(margin={"t": 12})
    figure.update_xaxes(range=[ENDS[0].timestamp(), ENDS[1].timestamp()])
    with_notes(figure, [note(1, NOW - 3 * DAY)], "light")
    assert texts(figure) == ["<b>1</b>", "Orage 1"]
    assert figure.layout.margin.t == 32
