"""Symbols: one table, complete, the same for Python and the browser."""

import re
from xml.etree import ElementTree

import pytest

from layouts import symbols as short
from layouts.live_labels import CLASSES
from model.domains import ASSET_TYPES, DOMAINS
from model.states import Freshness, Status
from model.symbols import LOOK_JS, look_script, svg, symbols
from model.tokens import THEMES, colours


def test_the_browser_has_the_same_symbols_and_colours() -> None:
    written = LOOK_JS.read_text(encoding="utf-8")
    assert written == look_script(), "run `python -m model.symbols` and commit assets/look.js"


def test_every_status_class_type_domain_priority_and_freshness_has_a_symbol() -> None:
    table = symbols()
    assert {status.key for status in Status} | set(CLASSES) <= set(table["status"])
    glyphs = {kind.glyph for kind in ASSET_TYPES.values()} | {domain.glyph for domain in DOMAINS}
    assert glyphs <= set(table["glyph"])
    assert {str(kind.priority) for kind in ASSET_TYPES.values()} <= set(table["priority"])
    assert {fresh.key for fresh in Freshness} == set(table["freshness"])


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_a_symbol_names_is_in_every_theme(theme: str) -> None:
    known = set(colours(theme)) | {"self"}
    for group in symbols().values():
        for shapes in group.values():
            for shape in shapes:
                assert {shape[kind] for kind in ("fill", "stroke") if kind in shape} <= known


def test_an_abnormal_status_differs_by_shape_and_letter_not_colour_alone() -> None:
    drawn = {name: symbols()["status"][name] for name in ("fault", "degraded", "comms_lost", "maintenance")}
    assert len({shapes[0]["d"] for shapes in drawn.values()}) == len(drawn)
    assert len({shapes[1]["text"] for shapes in drawn.values()}) == len(drawn)


def test_svg_is_well_formed_themed_or_following_the_page() -> None:
    fixed = svg("status", "fault", 24, theme="light")
    assert ElementTree.fromstring(fixed).attrib["viewBox"] == "0 0 24 24"
    assert colours("light")["fault"] in fixed
    assert "var(" not in fixed
    assert "var(--fault)" in svg("status", "fault")
    assert "currentColor" in svg("glyph", "camera")


def test_a_symbol_is_decoration_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in svg("icon", "fit")
    named = svg("status", "fault", title='Défaut "A" <b>')
    assert 'role="img"' in named
    assert ElementTree.fromstring(named).attrib["aria-label"] == 'Défaut "A" <b>'


def test_an_unknown_symbol_is_an_error() -> None:
    with pytest.raises(KeyError):
        svg("status", "broken")


def test_short_ways_name_symbols_that_exist() -> None:
    made = [
        short.status_symbol(Status.COMMS_LOST),
        short.status_symbol("consequence"),
        short.glyph("lamp"),
        short.priority_symbol(3),
        short.freshness_symbol("late"),
        short.icon("search", title="Chercher"),
    ]
    for one in made:
        props = one.to_plotly_json()["props"]
        assert props["name"] in symbols()[props["group"]]


def test_paths_are_plain_enough_for_canvas_and_svg() -> None:
    for group in symbols().values():
        for shapes in group.values():
            for shape in shapes:
                assert "text" in shape or re.fullmatch(r"[MLHVAZahvlz0-9., -]+", shape["d"]), shape
