"""Maps of figures: what an area tells, why it tells nothing, what it is divided by, and how it is drawn."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layouts.kpi_map_address import MapView, Shown, read_shown, write_shown
from layouts.kpi_maps import alike, area_value, label, legend, map_figure, panel_of
from model.area_maps import (
    CLASSES,
    MapArea,
    Missing,
    Per,
    class_bounds,
    class_of,
    dividing,
    shade_of,
    told,
)
from model.kpis import Good, Kpi, KpiTable, Measure
from model.texts import words
from model.tokens import colours

LAMPS = Kpi(
    "lighting_energy",
    "lighting",
    "kWh",
    0,
    Good.LOW,
    Measure.TOTAL,
    "energy",
    (("control_cabinet", "energy"),),
    ("lighting-points",),
    "lighting",
)
SQUARE = {"type": "MultiPolygon", "coordinates": [[[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)]]]}


def area(number: int, name: str, population: int | None = 1_000, km2: float = 2.0) -> MapArea:
    return MapArea(number, f"9900{number}", name, population, km2, SQUARE, [[(0.0, 0.0), (1.0, 1.0)]])


AREAS = (area(1, "Ahuy"), area(2, "Bure", None), area(3, "Cey"), area(4, "Daix"), area(9, "Étaules"))
TABLE = KpiTable(
    LAMPS,
    ((0, ""), (1, "Ahuy"), (2, "Bure"), (3, "Cey"), (4, "Daix")),
    (date(2026, 10, 1),),
    np.array([[900.0], [500.0], [400.0], [np.nan], [np.nan]]),
    np.array([[1.0], [1.0], [0.95], [0.4], [0.0]]),
)


def test_an_area_without_value_says_why_and_never_counts_as_nought() -> None:
    found = {one.area.name: (one.value, one.missing) for one in told(AREAS, TABLE, 0, Per.ITSELF, {})}
    assert found == {
        "Ahuy": (500.0, None),
        "Bure": (400.0, None),
        "Cey": (None, Missing.COVERAGE),
        "Daix": (None, Missing.NOTHING),
        "Étaules": (None, Missing.OUTSIDE),
    }


@pytest.mark.parametrize(
    ("per", "ahuy", "bure"),
    [(Per.KM2, 250.0, 200.0), (Per.INHABITANT, 0.5, None), (Per.POINT, 50.0, None)],
)
def test_a_total_is_divided_and_what_cannot_be_divided_is_missing(
    per: Per, ahuy: float, bure: float | None
) -> None:
    first, second, *_ = told(AREAS, TABLE, 0, per, {1: 10})
    assert (first.value, second.value) == (ahuy, bure)
    assert second.missing == (None if bure else Missing.NO_DENOMINATOR)


def test_only_what_grows_with_an_area_is_divided() -> None:
    assert dividing(LAMPS) == tuple(Per)
    rest = {measure for measure in Measure if dividing(replace(LAMPS, measure=measure)) != (Per.ITSELF,)}
    assert rest == {Measure.TOTAL}


@given(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda v: round(v, 3)), min_size=1, max_size=40)
)
def test_classes_hold_every_value_and_are_few(values: list[float]) -> None:
    bounds = class_bounds(values)
    assert 2 <= len(bounds) <= CLASSES + 2
    assert bounds[0] <= min(values) + 1e-6
    assert bounds[-1] >= max(values) - 1e-6
    steps = [class_of(value, bounds) for value in sorted(values)]
    assert steps == sorted(steps)
    assert max(steps) <= max(len(bounds) - 2, 0)


def test_dark_is_always_the_end_that_is_served_worst() -> None:
    assert [shade_of(step, 5, low_is_dark=False) for step in (0, 4)] == [0, 4]
    assert [shade_of(step, 5, low_is_dark=True) for step in (0, 4)] == [4, 0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_missing_areas_are_hatched_and_have_no_shade(theme: str) -> None:
    say = words("fr")
    figure = map_figure(
        say, [panel_of("", LAMPS, Per.ITSELF, told(AREAS, TABLE, 0, Per.ITSELF, {}))], 1, theme
    )
    hatch, missing, known = figure.data
    assert hatch.type == "scattergeo"
    assert list(missing.locations) == ["3", "4", "9"]
    assert {colour for _, colour in missing.colorscale} == {"rgba(0,0,0,0)"}
    assert list(known.locations) == ["1", "2"]
    assert {colour for _, colour in known.colorscale} == {
        colours(theme)[f"step{step}"] for step in range(CLASSES)
    }
    assert "couverture de" in missing.customdata[0]
    assert not figure.layout.geo.visible, (
        "nothing of the world's outlines, which Plotly would fetch elsewhere"
    )


def test_small_multiples_of_one_figure_share_their_classes() -> None:
    low = panel_of("a", LAMPS, Per.ITSELF, told(AREAS, TABLE, 0, Per.ITSELF, {}))
    high = panel_of(
        "b", LAMPS, Per.ITSELF, told(AREAS, replace(TABLE, values=TABLE.values * 3), 0, Per.ITSELF, {})
    )
    both = alike([low, high])
    assert both[0].bounds == both[1].bounds
    assert both[0].bounds[-1] >= 1_500


def test_what_a_map_shows_is_said_in_words_in_both_languages() -> None:
    panel = panel_of("Octobre", LAMPS, Per.KM2, told(AREAS, TABLE, 0, Per.KM2, {}))
    for language, unit in (("fr", "par km²"), ("en", "per km²")):
        say = words(language)
        assert unit in area_value(say, panel, panel.told[0])
        assert "3" in label(say, panel)
        assert "⟦" not in str(legend(say, panel)) + label(say, panel)


def test_the_address_says_the_whole_choice() -> None:
    shown = Shown("failure_rate", date(2026, 10, 1), Per.KM2, MapView.MONTHS, "-value")
    query = write_shown(shown)
    assert read_shown(dict(pair.split("=") for pair in query[1:].split("&"))) == shown
    assert read_shown({"month": "nonsense", "per": "moon", "view": "x"}) == Shown()
