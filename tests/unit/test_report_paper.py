"""The report on paper: nothing is loaded from elsewhere, text stays text, what has no form is refused."""

from datetime import UTC, datetime

import pytest
from dash import dcc, html

from layouts.static_html import as_html
from layouts.symbols import status_symbol
from layouts.vectors import Vector
from model.errors import Unavailable
from services.takeaway import can_make_pdf, night_after, night_before, paper, pdf_of


def test_text_stays_text_and_attributes_are_quoted() -> None:
    part = html.Td(["<b>&", 3, None], className='x" onload="y', colSpan=2, **{"data-label": "é"})
    assert (
        as_html(part) == '<td class="x&quot; onload=&quot;y" colspan="2" data-label="é">&lt;b&gt;&amp;3</td>'
    )


def test_drawings_and_symbols_are_svg_with_their_words() -> None:
    shapes = [
        {"tag": "text", "text": "<A>", "x": 1, "textAnchor": "end"},
        {"tag": "path", "d": "M0 0h1", "strokeWidth": 2},
    ]
    drawn = as_html(Vector(box=[10, 5], shapes=shapes, label="Map & more"))
    assert 'viewBox="0 0 10 5"' in drawn
    assert 'aria-label="Map &amp; more"' in drawn
    assert '<text x="1" text-anchor="end">&lt;A&gt;</text>' in drawn
    assert 'stroke-width="2"' in drawn
    assert 'aria-label="Fault"' in as_html(status_symbol("fault", 18, "Fault"))


def test_what_has_no_form_on_paper_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Graph"):
        as_html(html.Div([dcc.Graph()]))


@pytest.mark.parametrize(
    "url",
    ["https://example.org/x.woff2", "file:///etc/passwd", "http://127.0.0.1/", "font:../../app.py",
     "font:a/b.woff2", "font:x.css", "data:text/html,x"],
)  # fmt: skip
def test_a_document_loads_nothing_but_the_installed_typeface(url: str) -> None:
    with pytest.raises(ValueError, match="nothing from elsewhere"):
        paper.own_file(url)


@pytest.mark.skipif(not can_make_pdf(), reason="libpango is not installed here")
def test_a_document_that_asks_elsewhere_is_set_without_it() -> None:
    """The picture is left out; no request is made: the fetcher refuses before anything is opened."""
    page = '<html lang="en"><title>t</title><body><h1>Night</h1><img alt="x" src="http://127.0.0.1:9/x.png">'
    assert pdf_of(page).startswith(b"%PDF-")


@pytest.mark.skipif(not can_make_pdf(), reason="libpango is not installed here")
def test_a_pdf_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(paper.PaperTooLong, match="not ready"):
        pdf_of("<p>x", deadline_s=0.01)


def test_without_pango_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    with pytest.raises(Unavailable, match="libpango"):
        pdf_of("<p>x")


def test_nights_run_from_sunset_to_sunrise() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    a, b = night_before(5.03, 47.32, noon)
    # Dijon, 20 and 21 November 2026: sunset 16:59, sunrise 07:53 local time, to a few minutes (NOAA).
    assert abs((a - datetime(2026, 11, 20, 15, 59, tzinfo=UTC)).total_seconds()) < 300
    assert abs((b - datetime(2026, 11, 21, 6, 53, tzinfo=UTC)).total_seconds()) < 300
    earlier = night_before(5.03, 47.32, a)
    assert earlier[1] < a
    assert night_after(5.03, 47.32, earlier[1]) == (a, b)


def test_where_the_sun_does_not_set_a_night_is_twelve_hours() -> None:
    at = datetime(2026, 6, 21, 12, tzinfo=UTC)
    a, b = night_before(20.0, 75.0, at)
    assert (b - a).total_seconds() == 12 * 3600
    assert night_after(20.0, 75.0, at) is None
