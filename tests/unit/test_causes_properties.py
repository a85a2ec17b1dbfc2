"""What explains what, whatever happens: properties of any list of alarms."""

from collections import defaultdict
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alarms.causes import explain
from tests.unit.made_alarms import PLACE, RULES, Town

T = 1_700_000_000.0
KEYS = {
    "control_cabinet": ("control_cabinet.breaker_tripped", "control_cabinet.no_contact"),
    "streetlight": ("streetlight.no_supply", "streetlight.no_contact", "streetlight.lamp_failure"),
    "junction": ("junction.dark", "junction.no_contact"),
    "detector": ("detector.no_contact",),
    "gateway": ("gateway.no_contact",),
    "camera": ("camera.no_contact", "camera.no_image"),
    "building": ("building.power_cut",),
    "meter": ("meter.no_contact",),
}
OWN = ("streetlight.lamp_failure", "camera.no_image")
"""Classes that nothing explains."""


def town() -> Town:
    """Two cabinets with two feeders each, a junction, a gateway, a building: two neighbourhoods."""
    made = Town()
    for x in (0.0, 6_000.0):
        cabinet = made.add("control_cabinet", (x, 0))
        for feeder in ("1", "2"):
            made.lamps(cabinet, 9, feeder)
        junction = made.add("junction", (x + 100, 100))
        gateway = made.add("gateway", (x, -200))
        for place in range(3):
            made.add("detector", (x + 100, 90 + place), junction)
            made.add("camera", (x + 40 * place, -150), gateway)
        building = made.add("building", (x - 100, 0))
        made.add("meter", (x - 101, 0), building)
    return made


SIZE = len(town().kinds)
alarms = st.lists(
    st.tuples(
        st.integers(0, SIZE - 1),
        st.integers(0, 2),
        st.floats(-4_000, 600),
        st.one_of(st.none(), st.floats(0, 900)),
        st.booleans(),
    ),
    max_size=60,
    unique_by=lambda alarm: alarm[0],
)


def with_alarms(drawn: list[tuple[int, int, float, float | None, bool]]) -> Town:
    """The town with alarms as drawn: asset, which of its classes, begun, lasted; the last says whether a
    person put it under the one before."""
    made = town()
    before = {alarm[0]: drawn[place - 1][0] for place, alarm in enumerate(drawn) if place and alarm[4]}
    ids = {alarm[0]: number for number, alarm in enumerate(drawn, start=1)}
    for index, which, raised, lasted, _ in drawn:
        keys = KEYS[made.kinds[index]]
        theirs = ids[before[index]] if index in before else 0
        alarm = made.alarm(keys[which % len(keys)], index, T + raised, cause=theirs, by_hand=theirs > 0)
        if lasted is not None and raised + lasted < 650:
            made.over([alarm], T + raised + lasted)
    return made


@settings(max_examples=150, deadline=None)
@given(alarms)
def test_causes_make_no_circle_and_never_begin_too_long_after(drawn: list) -> None:
    made = with_alarms(drawn)
    made.look(T + 660)
    rows = {int(row["id"]): row for row in made.rows}
    for alarm, row in rows.items():
        seen = {alarm}
        while row["cause"]:
            assert int(row["cause"]) not in seen
            seen.add(int(row["cause"]))
            cause = rows[int(row["cause"])]
            assert row["by_hand"] or cause["raised"] <= row["raised"] + 300
            row = cause


@settings(max_examples=150, deadline=None)
@given(alarms)
def test_what_has_a_fault_of_its_own_is_never_under_anything(drawn: list) -> None:
    made = with_alarms(drawn)
    made.look(T + 660)
    own = np.isin(made.rows["rule"], [PLACE[key] for key in OWN]) & ~made.rows["by_hand"]
    assert (made.rows["cause"][own] == 0).all()


@settings(max_examples=150, deadline=None)
@given(alarms, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_ids_does_not_matter(drawn: list, shuffled: Random) -> None:
    alone = [(*alarm[:4], False) for alarm in drawn]
    first, again = with_alarms(alone), with_alarms(sorted(alone, key=lambda _: shuffled.random()))
    first.look(T + 660)
    again.look(T + 660)
    assert grouped(first) == grouped(again)


@settings(max_examples=100, deadline=None)
@given(alarms)
def test_what_a_person_grouped_stays_where_she_put_it(drawn: list) -> None:
    made = with_alarms(drawn)
    theirs = made.rows[made.rows["by_hand"]].copy()
    made.look(T + 660)
    assert all(made.cause(int(row["id"])) == row["cause"] for row in theirs)


@settings(max_examples=100, deadline=None)
@given(alarms)
def test_looking_once_more_changes_nothing(drawn: list) -> None:
    made = with_alarms(drawn)
    made.look(T + 660)
    found = explain(made.topology(), RULES, made.rows, T + 660)
    assert not found.links and not found.inferred and not found.ended


@settings(max_examples=100, deadline=None)
@given(
    st.permutations(range(24)),
    st.lists(st.floats(0, 20), min_size=24, max_size=24),
    st.integers(1, 6),
)
def test_a_storm_ends_up_the_same_in_whatever_order_it_is_told(
    order: list[int], begins: list[float], at_once: int
) -> None:
    """A power cut takes one neighbourhood; a cabinet trips in the other, where a lamp has its own fault."""
    told = [("junction.dark", 19), ("building.power_cut", 27), ("control_cabinet.no_contact", 0)]
    told += [("streetlight.no_supply", lamp) for lamp in range(1, 10)]
    told += [("control_cabinet.breaker_tripped", 29), ("streetlight.lamp_failure", 30)]
    told += [("streetlight.no_supply", lamp) for lamp in range(31, 41)]
    made = town()
    for count, place in enumerate(order):
        key, index = told[place]
        made.alarm(key, index, T + begins[place])
        if count % at_once == 0:
            made.look(T + 20 + count)
    made.look(T + 60)
    shown = sorted(key for key, _ in made.listed())
    assert shown == ["area.power_cut", "control_cabinet.breaker_tripped", "streetlight.lamp_failure"]
    sizes = sorted(len(members) for members in grouped(made))
    told_under = [{alarm for alarm in group if alarm[0] in KEYS_TOLD} for group in grouped(made)]
    assert sorted(len(group) for group in told_under) == [1, 11, 12], sizes


KEYS_TOLD = {key for keys in KEYS.values() for key in keys}


def grouped(made: Town) -> list[frozenset[tuple[str, int]]]:
    """What stands under one and the same row of the list: class and asset of each."""
    rows = {int(row["id"]): row for row in made.rows}
    found = defaultdict(set)
    for alarm in rows:
        top = alarm
        while rows[top]["cause"]:
            top = int(rows[top]["cause"])
        found[top].add((RULES[rows[alarm]["rule"]].key, int(rows[alarm]["index"])))
    return sorted((frozenset(group) for group in found.values()), key=sorted)
