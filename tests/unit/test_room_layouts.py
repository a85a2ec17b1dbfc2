"""The control room's layouts: pure functions from plain values to components."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from dash.development.base_component import Component

from callbacks.shell import read_address
from layouts import control_room, figures, panel_values, panels, room_parts
from layouts.ids import Room
from layouts.pages import page_at
from layouts.shell import index_string, shell, top_bar
from layouts.state_words import place, state_label
from layouts.story import Crowd, LiveState, Story
from layouts.strip import strip_properties
from layouts.theme import plotly_template, register_templates
from layouts.view import AreaChoice, PageView
from model.registry import AssetCard, Fact, LatestValue, Relative
from model.series import Asked, Density, Series
from model.states import Freshness, Status
from model.sun import sun_times
from model.texts import words
from model.tokens import THEMES, colours
from services.alarms import AlarmLoad, FloodSettings

FR, EN = words("fr"), words("en")
NOW = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)
VIEW = PageView(
    "Valmont",
    "Europe/Paris",
    (4.8, 47.2, 5.2, 47.4),
    areas=(AreaChoice(7, "Centre", "commune"),),
    generated=True,
)


def text_of(component: Any) -> str:
    """All the words of a component, in order."""
    if isinstance(component, Component):
        return text_of(getattr(component, "children", None))
    if isinstance(component, (list, tuple)):
        return " ".join(filter(None, map(text_of, component)))
    return "" if component is None else str(component)


def all_ids(component: Component) -> set[str]:
    own = {component.id} if getattr(component, "id", None) else set()
    return own | {part.id for part in component._traverse() if getattr(part, "id", None)}


# --- page ------------------------------------------------------------------------------------------------


def test_every_id_of_the_room_is_on_its_page_or_drawn_later() -> None:
    drawn_later = {Room.GRAPH}
    assert set(Room) - all_ids(control_room.page(FR, VIEW)) == drawn_later


def test_the_address_is_what_is_shown_first() -> None:
    view = replace(VIEW, address={"asset": "EP-1", "domains": "traffic,x", "statuses": "fault", "area": "7"})
    page = json.dumps(control_room.page(FR, view).to_plotly_json(), default=lambda c: c.to_plotly_json())
    for expected in ('"data": "EP-1"', '"domains": ["traffic"]', '"statuses": ["fault"]', '"area": 7'):
        assert expected in page


@pytest.mark.parametrize(
    "address", [{}, {"domains": "x"}, {"area": "8"}, {"area": "7; DROP"}, {"statuses": ""}]
)
def test_an_address_that_makes_no_sense_shows_everything(address: dict[str, str]) -> None:
    view = replace(VIEW, address=address)
    assert room_parts.chosen_domains(address.get("domains")) is None
    assert room_parts.chosen_statuses(address.get("statuses")) is None
    assert room_parts.chosen_area(view) is None


def test_of_a_repeated_name_in_the_address_the_first_counts() -> None:
    assert read_address("?asset=a&asset=b&x=%C3%A9") == {"asset": "a", "x": "é"}
    assert read_address(None) == {}


def test_an_invented_city_is_called_so_on_every_page() -> None:
    assert "ville inventée" in text_of(top_bar(FR, VIEW))
    assert "inventée" not in text_of(top_bar(FR, replace(VIEW, generated=False)))


def test_pages_are_found_by_path_and_nothing_else() -> None:
    assert [page_at(path) and page_at(path).path for path in ("/", "", None, "/history/", "/x")] == [
        "/", "/", "/", "/history", None,
    ]  # fmt: skip
    below = ("/boards/figure", "/boards/figure/failure_rate", "/boards/commune/21231/", "/boards/figure/a/b")
    assert [page_at(path) and page_at(path).path for path in below] == [
        "/boards/figure", "/boards/figure", "/boards/commune", None,
    ]  # fmt: skip


def test_the_document_has_its_language_tokens_and_skip_link() -> None:
    document = index_string(EN)
    assert '<html lang="en"' in document
    assert 'html[data-theme="light"]' in document
    assert 'href="#page"' in document
    assert "{%renderer%}" in document
    assert "page" in all_ids(shell())


# --- words -----------------------------------------------------------------------------------------------


def test_a_state_the_type_does_not_declare_reads_as_unknown() -> None:
    assert state_label(EN, "camera", 99) == "State unknown"
    assert state_label(EN, "camera", 3) == state_label(EN, "camera", "no_image") == "No image"
    assert place("", "") == ""


# --- panel -----------------------------------------------------------------------------------------------


def live(status: Status = Status.FAULT, fresh: Freshness = Freshness.LIVE, **more: Any) -> LiveState:
    known = {
        "state": 3,
        "consequence": False,
        "since": int(NOW.timestamp()) - 660,
        "seen": int(NOW.timestamp()) - 4,
    }
    return LiveState(status=status, freshness=fresh, **(known | more))


def story(**changes: Any) -> Story:
    told: dict[str, Any] = {
        "external_id": "EP-1", "name": "Armoire EP-1", "street": "Rue Bazille",
        "asset_type": "control_cabinet", "area": "Centre", "now": NOW.timestamp(), "live": live(),
        "crowds": (Crowd("streetlight", 10, Status.FAULT, 64),), "consequences": 64,
    }  # fmt: skip
    return Story(**(told | changes))


CARD = AssetCard(
    1, "EP-1", "Armoire EP-1", "lighting", "control_cabinet", "Rue Bazille", 5.0, 47.3, "Centre", "", "demo",
    {"power": 3, "note": None}, NOW, None, NOW, Relative(9, "P-1", "Poste P-1", "building"),
    tuple(Relative(i, f"L-{i}", f"Lampe {i}", "streetlight") for i in range(50)), {"streetlight": 64},
)  # fmt: skip


def test_the_head_is_a_sentence_an_operator_can_act_on() -> None:
    said = text_of(panels.head(FR, story()))
    assert "Armoire EP-1   disjoncteur général déclenché , 64 lampes en conséquence" in said
    assert "défaut depuis 18:31:00," in said


def test_what_was_never_seen_is_not_given_a_date() -> None:
    said = text_of(
        panels.head(FR, story(live=live(Status.UNKNOWN, Freshness.NEVER, since=0, seen=0, state=0)))
    )
    assert "jamais vu" in said
    assert "depuis" not in said


def test_without_the_registry_the_live_part_still_stands() -> None:
    said = text_of(panels.body(FR, story()))
    assert "Registre indisponible" in said
    assert "64 lampes" in said


def test_the_body_links_parent_and_children_and_says_how_many_more() -> None:
    body = panels.body(EN, story(card=CARD))
    links = [part for section in body for part in section._traverse() if getattr(part, "data-asset", None)]
    assert [link.href for link in links][:2] == ["/?asset=P-1", "/?asset=L-0"]
    assert len(links) == 51
    assert "and 14 more" in text_of(body)
    assert "note" not in text_of(body)


@pytest.mark.parametrize(
    ("age_s", "expected", "said"),
    [
        (4, "live", ""),
        (130, "late", ""),
        (47 * 60, "stale", "dernière connue"),
        (None, "never", "aucune mesure"),
    ],
)
def test_a_value_is_never_shown_as_fresher_than_it_is(age_s: int | None, expected: str, said: str) -> None:
    at = None if age_s is None else NOW - timedelta(seconds=age_s)
    value = LatestValue("voltage", "V", 60, None if at is None else 231.0, at, 0, 230.0)
    row = panel_values.value_row(FR, value, "control_cabinet", NOW.timestamp())
    assert f"value-{expected}" in row.className
    assert said in text_of(row)
    assert ("231" in text_of(row)) == (at is not None)


def test_a_value_of_the_future_is_not_fresher_than_now() -> None:
    value = LatestValue("voltage", "V", 60, 231.0, NOW + timedelta(hours=1), 0, None)
    assert panel_values.value_freshness(value, NOW.timestamp()) is Freshness.LIVE


def test_script_in_a_name_stays_text() -> None:
    evil = '<img src=x onerror="alert(1)">'
    head = panels.head(FR, story(name=evil))
    assert evil in text_of(head)
    assert "dangerously" not in json.dumps(head.to_plotly_json(), default=lambda c: c.to_plotly_json())


# --- chart -----------------------------------------------------------------------------------------------


def series(values: list[float], low: list[float] | None = None) -> Series:
    n, t0 = len(values), NOW - timedelta(hours=24)
    times = t0.timestamp() + 900.0 * np.arange(n)
    nothing = np.full(n, np.nan)
    edge = nothing if low is None else np.array(low)
    asked = Asked("power", t0, NOW, asset_id=1)
    return Series(asked, times, np.array(values), edge, edge + 2, nothing, "raw", "kW", 900.0, 1, 0.5)


def test_gaps_stay_gaps() -> None:
    figure = figures.series_figure(FR, series([1.0, np.nan, 3.0]), "dark")
    assert list(figure.data[0].y) == [1.0, None, 3.0]
    assert figure.data[0].connectgaps is False
    assert figure.data[0].x[0] == "2026-11-22T18:42:00"


def test_a_rollup_has_its_band_and_raw_values_have_none() -> None:
    assert len(figures.series_figure(FR, series([1.0, 2.0]), "dark").data) == 1
    assert len(figures.series_figure(FR, series([1.0, 2.0], [0.0, 1.0]), "dark").data) == 3


def test_what_went_wrong_is_marked_once_it_lies_in_the_period() -> None:
    facts = [
        Fact(NOW - timedelta(minutes=11), Status.FAULT, 3),
        Fact(NOW - timedelta(hours=2), Status.ACTIVE, 2),
        Fact(NOW - timedelta(days=9), Status.FAULT, 3),
    ]
    figure = figures.series_figure(FR, series([1.0]), "light", facts)
    assert [shape.x0 for shape in figure.layout.shapes] == ["2026-11-23T18:31:00"]
    assert figure.layout.annotations[0].text == "18:31"
    assert figure.layout.shapes[0].line.color == colours("light")["fault"]


def test_a_chart_is_said_in_a_sentence_and_an_empty_one_in_words() -> None:
    drawn = figures.chart(EN, series([1.0, np.nan, 3.25]), "dark")
    assert getattr(drawn, "aria-label") == "Power, from 1.0 to 3.2 kW, last value 3.2 kW, coverage 50 %."
    assert "No measurement" in text_of(figures.chart(EN, series([np.nan]), "dark"))


def test_the_templates_take_their_colours_from_the_tokens() -> None:
    register_templates()
    for theme in THEMES:
        assert plotly_template(theme).layout.colorway[0] == colours(theme)["ink"]


# --- strip -----------------------------------------------------------------------------------------------


def test_the_strip_is_plain_numbers() -> None:
    counts = np.array([1, 0], "i8")
    density = Density(600, np.array([10.0, 610.0]), counts, counts, counts, counts)
    load = AlarmLoad(np.array([610]), 600, np.array([[0, 2, 0, 1]]), FloodSettings())
    properties = strip_properties(density, load, [(1.5, 2.5)], 7.0)
    alarms = {"times": [610], "step": 600, "counts": [[0, 2, 0, 1]], "threshold": 10}
    assert json.loads(json.dumps(properties)) == [
        [10, 610], 600, [4, 0], alarms, [[1, 2]], 7.0, "ready",
    ]  # fmt: skip


def test_the_sun_rises_and_sets_once_a_day_and_not_in_a_polar_winter() -> None:
    times = sun_times(5.03, 47.32, NOW - timedelta(days=2), NOW)
    assert all(8 * 3600 < sunset - sunrise < 10 * 3600 for sunrise, sunset in times)
    assert len(times) == 2
    assert sun_times(15.0, 85.0, NOW - timedelta(days=1), NOW) == []
