"""Hidden cells stay hidden: a year of publications, attacked by subtraction, gives none of them away."""

import calendar
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from model.datasets import BY_NAME, Grain, Place, Secrecy, Span
from model.publications import Draft, Rule, draft_of_all
from services.publishing.linting import MARK, Published, differences, lint_table, margins, suppress
from services.publishing.linting.row_space import bounds, recovered
from tests.unit.test_linting import release

ENERGY = BY_NAME["energy-by-area"]
SECRECY = Secrecy(10, "delivery_points", ("energy",), total="day")
AREAS = [f"34{n:03d}" for n in range(23)]
CODES = dict(enumerate(AREAS))
SOUTH = frozenset(range(8))


SEVERAL, ONE = (4, 7, 9, 10, 10), (9,)


def year(small: tuple[int, ...], days: int = 365) -> pa.Table:
    """A year of 23 communes, the first with as few delivery points as ``small`` says; now and then a meter is
    silent, so that those at the limit fall under it on some days."""
    chance = np.random.default_rng(20_260)
    points = np.array([*small, *chance.integers(12, 80, len(AREAS) - len(small))])
    rows: dict[str, list[object]] = {"day": [], "area_code": [], "delivery_points": [], "energy": []}
    for number in range(days):
        silent = (chance.random(len(AREAS)) < 0.1).astype(int)
        energy = np.round(points * 40 * (0.5 + chance.random(len(AREAS))), 1)
        rows["day"] += [(date(2026, 1, 1) + timedelta(days=number)).isoformat()] * len(AREAS)
        rows["area_code"] += AREAS
        rows["delivery_points"] += (points - silent).tolist()
        rows["energy"] += energy.tolist()
    return pa.table(rows)


def summed(table: pa.Table, *by: str, areas: frozenset[str] | None = None, month: bool = False) -> pa.Table:
    """What a coarser publication says: sums of the true values."""
    if areas is not None:
        table = table.filter(pa.array([code in areas for code in table["area_code"].to_pylist()]))
    if month:
        table = table.set_column(0, "day", pa.array([day[:7] for day in table["day"].to_pylist()]))
    made = table.group_by(list(by)).aggregate([("delivery_points", "sum"), ("energy", "sum")])
    return made.rename_columns([*by, "delivery_points", "energy"])


def drafts() -> list[Draft]:
    """All that is published of energy: by day and commune, for the city, for the south, by month."""
    whole = draft_of_all(ENERGY, "etalab-2.0", "")
    return [
        whole,
        Draft("city", ENERGY.name, (), None, Grain(Place.CITY, Span.DAY), 0, 0, "", ""),
        Draft("south", ENERGY.name, (), SOUTH, Grain(Place.CITY, Span.DAY), 0, 0, "", ""),
        Draft("monthly", ENERGY.name, (), None, Grain(Place.AREA, Span.MONTH), 0, 0, "", ""),
    ]


def let_out(true: pa.Table, *, secondary: bool) -> list[Published]:
    """A year of what those publications said, in two versions of the finest."""
    fine = suppress(true, SECRECY, margins(true, ENERGY, drafts(), CODES), secondary=secondary)
    south = frozenset(CODES[one] for one in SOUTH)
    half = fine.slice(0, len(AREAS) * 181)
    return [
        Published("energy-by-area v1", half, Place.AREA, Span.DAY),
        Published("energy-by-area v2", fine, Place.AREA, Span.DAY),
        Published("city", summed(true, "day"), Place.CITY, Span.DAY),
        Published("south", summed(true, "day", areas=south), Place.CITY, Span.DAY, areas=south),
        Published("monthly", summed(true, "day", "area_code", month=True), Place.AREA, Span.MONTH),
    ]


@pytest.mark.parametrize("small", [SEVERAL, ONE])
def test_versions_that_grow_over_a_year_do_not_tell_by_what_they_hid_before(small: tuple[int, ...]) -> None:
    true = year(small)
    months = [f"2026-{month:02d}" for month in (3, 6, 9, 12)]
    last, out = None, []
    for month in months:
        so_far = true.filter(pa.array([day[:7] <= month for day in true["day"].to_pylist()]))
        last = suppress(so_far, SECRECY, margins(so_far, ENERGY, drafts(), CODES), earlier=last)
        out.append(Published(f"version of {month}", last, Place.AREA, Span.DAY))
    assert differences([*out, *let_out(true, secondary=True)[2:]], SECRECY) == ()


def hidden(table: pa.Table) -> int:
    return sum(table[MARK].to_pylist())


@pytest.mark.parametrize("small", [SEVERAL, ONE])
def test_a_year_of_publications_gives_no_hidden_cell_away(small: tuple[int, ...]) -> None:
    true = year(small)
    out = let_out(true, secondary=True)
    assert differences(out, SECRECY) == ()
    few = sum(count < 10 for count in true["delivery_points"].to_pylist())
    assert few < hidden(out[1].table) < len(true) / 2
    assert lint_table(out[1].table, release(ENERGY.name)) == ()


def test_without_the_second_step_the_same_attack_succeeds() -> None:
    true = year(ONE)
    found = differences(let_out(true, secondary=False), SECRECY)
    assert len(found) == sum(count < 10 for count in true["delivery_points"].to_pylist())
    assert {(one.rule, one.column, one.passes) for one in found} == {(Rule.DIFFERENCE, "energy", "hide_more")}


def table(day: str, counts: list[int], energy: list[float | None]) -> pa.Table:
    codes = AREAS[: len(counts)]
    made = {"day": [day] * len(counts), "area_code": codes, "delivery_points": counts, "energy": energy}
    return pa.table(made)


DAY = "2026-05-01"


def test_one_small_cell_takes_a_second_with_it_and_neither_becomes_zero() -> None:
    done = suppress(table(DAY, [40, 9, 12, 30], [400.0, 90.0, 120.0, 300.0]), SECRECY)
    assert done["energy"].to_pylist() == [400.0, None, None, 300.0]
    assert done[MARK].to_pylist() == [False, True, True, False]
    assert done["delivery_points"].to_pylist() == [40, 9, 12, 30]


def test_what_was_not_measured_is_not_marked() -> None:
    done = suppress(table(DAY, [40, 9, 12], [400.0, None, 120.0]), SECRECY)
    assert done[MARK].to_pylist() == [False, False, False]


def test_hidden_cells_must_not_be_few_together_or_nearly_all_one() -> None:
    few = suppress(table(DAY, [2, 3, 12, 30], [20.0, 25.0, 120.0, 300.0]), SECRECY)
    assert few[MARK].to_pylist() == [True, True, True, False]
    large = suppress(table(DAY, [9, 12, 30], [900.0, 10.0, 300.0]), SECRECY)
    assert large[MARK].to_pylist() == [True, True, True]


def test_what_an_earlier_version_showed_hides_nothing_and_what_it_hid_stays_hidden() -> None:
    before = marked(table(DAY, [40, 12, 14, 30], [400.0, 120.0, 140.0, 300.0]), 3)
    done = suppress(table(DAY, [40, 9, 14, 30], [400.0, 90.0, 140.0, 300.0]), SECRECY, earlier=before)
    assert done[MARK].to_pylist() == [False, True, False, True]


def test_a_zero_hides_nothing() -> None:
    done = suppress(table(DAY, [9, 12, 30], [90.0, 0.0, 300.0]), SECRECY)
    assert done[MARK].to_pylist() == [True, False, True]


def test_values_are_rounded_as_they_are_published() -> None:
    done = suppress(table(DAY, [40], [400.49]), SECRECY, decimals={"energy": 0})
    assert done["energy"].to_pylist() == [400.0]


def test_nothing_small_nothing_hidden() -> None:
    done = suppress(table(DAY, [40, 12], [400.0, 120.0]), SECRECY)
    assert hidden(done) == 0


def marked(source: pa.Table, *rows: int) -> pa.Table:
    """``source`` with those rows hidden, right or wrong."""
    energy = [None if n in rows else value for n, value in enumerate(source["energy"].to_pylist())]
    made = source.set_column(source.column_names.index("energy"), "energy", pa.array(energy, pa.float64()))
    return made.append_column(MARK, pa.array([n in rows for n in range(len(source))]))


FOUR = table(DAY, [40, 9, 12, 30], [400.0, 90.0, 120.0, 300.0])


def by_area(source: pa.Table, name: str = "areas") -> Published:
    return Published(name, source, Place.AREA, Span.DAY)


def of_city(source: pa.Table, name: str = "city", areas: frozenset[str] | None = None) -> Published:
    return Published(name, summed(source, "day", areas=areas), Place.CITY, Span.DAY, areas=areas)


def told(*published: Published) -> list[str]:
    return [str(dict(one.said)["cell"]) for one in differences(published, SECRECY)]


def test_a_total_of_the_city_tells_the_only_hidden_cell() -> None:
    assert told(by_area(marked(FOUR, 1)), of_city(FOUR)) == [f"{AREAS[1]} {DAY}"]
    assert told(by_area(marked(FOUR, 1))) == []


def test_totals_of_areas_that_overlap_tell_by_their_difference() -> None:
    without = frozenset({AREAS[0], AREAS[2], AREAS[3]})
    hidden_two = by_area(marked(FOUR, 1, 2))
    assert told(hidden_two, of_city(FOUR)) == []
    found = told(hidden_two, of_city(FOUR), of_city(FOUR, "part", without))
    assert found == [f"{AREAS[1]} {DAY}", f"{AREAS[2]} {DAY}"]


def test_a_version_that_did_not_hide_it_tells() -> None:
    assert told(by_area(marked(FOUR, 1, 2), "v2"), by_area(FOUR, "v1")) == [
        f"{AREAS[1]} {DAY}",
        f"{AREAS[2]} {DAY}",
    ]


def test_a_month_tells_its_one_hidden_day() -> None:
    days = calendar.monthrange(2026, 5)[1]
    month = pa.concat_tables(
        table(f"2026-05-{n:02d}", [9 if n == 3 else 12], [50.0]) for n in range(1, days + 1)
    )
    monthly = summed(month, "day", "area_code", month=True)
    fine = by_area(marked(month, 2))
    assert told(fine, Published("monthly", monthly, Place.AREA, Span.MONTH)) == [f"{AREAS[0]} 2026-05-03"]
    part = by_area(marked(month.slice(0, 20), 2))
    assert told(part, Published("monthly", monthly, Place.AREA, Span.MONTH)) == []


def test_no_room_is_as_good_as_told() -> None:
    """Two hidden cells whose sum is nothing are both zero."""
    source = table(DAY, [40, 9, 9], [400.0, 0.0, 0.0])
    assert len(told(by_area(marked(source, 1, 2)), of_city(source))) == 2


def test_a_hidden_total_is_asked_too() -> None:
    city = summed(FOUR, "day")
    covered = Published("city", marked(city, 0), Place.CITY, Span.DAY)
    assert told(by_area(FOUR), covered) == [f"{AREAS[0]} {DAY} (+3)"]


@pytest.mark.parametrize(
    ("sums", "found"),
    [
        ([[0, 1]], set()),
        ([[0, 1], [1]], {0, 1}),
        ([[0, 1], [1, 2], [0, 2]], {0, 1, 2}),
        ([[0, 1], [2, 3], [0, 2], [1, 3]], set()),
        ([[0, 1, 2], [0, 1]], {2}),
        ([], set()),
    ],
)
def test_what_sums_tell(sums: list[list[int]], found: set[int]) -> None:
    assert recovered(sums, 4) == found


def test_bounds_hold_what_could_be() -> None:
    low, high = bounds(np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]), np.array([10.0, 3.0]))
    assert low.tolist() == [7.0, 0.0, 0.0]
    assert high.tolist() == [10.0, 3.0, 3.0]
