"""Every document the simulated city sends is read by its feed's adapter, but for what is wrong on purpose."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from model.observations import Observation
from services.live import FEEDS, PLAIN, Parsed, Reading
from services.simulation.broker import ONE_BY_ONE
from services.simulation.context import Broker
from services.simulation.documents import MEASURED, POSITIONS, SITUATIONS, TRAFFIC, Documents
from services.simulation.imperfections import Imperfections
from services.simulation.measuring import measured
from services.simulation.reports import Report
from services.simulation.segments import Segments
from services.simulation.shelf import Shelf
from services.simulation.situations import situations
from services.simulation.world import World
from tests.simulated import MORNING, fleet, world_at

FLAWLESS = Imperfections(1, 0.0)
DATEX = Reading(
    {"measured_state": "counting", "states": {"Accident": "congested", "MaintenanceWorks": "heavy"}}
)
"""How the demo reads its DATEX II sources: an accident and roadworks say how a segment is."""


def read(feed: str, payload: bytes, reading: Reading = PLAIN) -> Parsed:
    return next(f for f in FEEDS if f.name == feed).parse(payload, reading)


def document(path: str, now: float, flaws: Imperfections = FLAWLESS) -> bytes:
    shelf = Shelf()
    Documents(world_at(), fleet(), shelf, flaws).refresh(now)
    found = shelf.find(path)
    assert found is not None
    return found.content


def values(observations: Iterable[Observation], name: str) -> dict[str, Any]:
    return {o.asset: o.value for o in observations if o.property == name}


def test_the_traffic_file_is_read_as_the_segments_are() -> None:
    parsed = read("rennes_traffic", document(TRAFFIC, MORNING))
    assert parsed.rejects == []
    segments = Segments(world_at().physics)
    traffic, names = segments.traffic(MORNING), segments.physics.city.external_ids
    speeds, states = values(parsed.observations, "speed"), values(parsed.observations, "state")
    words = {"freeFlow": "free_flow", "heavy": "heavy", "congested": "congested", "unknown": "no_data"}
    told = 0
    for place, row in enumerate(segments.rows.tolist()):
        if names[row] in states:
            told += 1
            assert states[names[row]] == words[traffic.status[place]]
            assert speeds.get(names[row]) == (traffic.speed[place] if traffic.probes[place] else None)
    assert told >= len(segments.rows) - 5
    assert {o.phenomenon_time.timestamp() for o in parsed.observations} == {traffic.at}


def test_measured_data_are_read_as_the_detectors_measured() -> None:
    world = world_at()
    parsed = read("datex2", document(MEASURED, MORNING + 30), DATEX)
    assert parsed.rejects == []
    expected, names = measured(world, MORNING + 30), world.city.external_ids
    there = np.flatnonzero(~np.isnan(expected.flow)).tolist()
    for name, column, scale in (
        ("flow", expected.flow, 1), ("speed", expected.speed, 1), ("occupancy", expected.occupancy, 100),
    ):  # fmt: skip
        found = values(parsed.observations, name)
        assert found.keys() == {names[expected.rows[place]] for place in there}
        for place in there:
            got = found[names[expected.rows[place]]] * scale
            assert got == pytest.approx(column[place], abs=0.06), name
    assert set(values(parsed.observations, "state").values()) == {"counting"}
    ages = {MORNING + 30 - o.phenomenon_time.timestamp() for o in parsed.observations}
    assert all(0 <= age < 400 for age in ages)


def test_situations_say_how_their_segment_is_until_they_end() -> None:
    states: Counter[object] = Counter()
    segments = Segments(world_at().physics)
    names = segments.physics.city.external_ids
    for step in range(100):
        now = MORNING + 1_500 * step
        parsed = read("datex2", document(SITUATIONS, now), DATEX)
        assert parsed.rejects == []
        found = values(parsed.observations, "state")
        standing = situations(now, len(segments.rows))
        assert found.keys() == {names[int(segments.rows[one.segment])] for one in standing}
        for one in standing:
            if one.shut:
                assert found[names[int(segments.rows[one.segment])]] == "closed"
        states.update(found.values())
    assert states.keys() == {"closed", "congested", "heavy", "no_data"}


def test_positions_are_read_with_duty_line_and_speed() -> None:
    parsed = read("gtfs_rt", document(POSITIONS, MORNING + 14 * 3_600))
    assert (list(parsed.rejects), list(parsed.observations)) == ([], [])
    seen = {one.bus: one for one in fleet().seen(MORNING + 14 * 3_600)}
    assert {position.asset for position in parsed.positions} == seen.keys()
    assert {position.duty for position in parsed.positions} == {True, False}
    for position in parsed.positions:
        one = seen[position.asset]
        assert position.duty == bool(one.trip)
        assert position.lon == pytest.approx(one.lon, abs=1e-5)
        assert position.line == (one.line if one.trip else "")
        if position.duty:
            assert position.speed == pytest.approx(one.speed * 3.6, abs=1e-3)


def lighting(world: World) -> list[Report]:
    """Half an hour of what lamps and cabinets report."""
    reports = [r for minute in range(1, 31) for r in world.advance(MORNING + 60 * minute)]
    kinds = ("streetlight", "control_cabinet")
    return [r for r in reports if world.type_of(r.asset) in kinds and r.property in ("state", "power")]


def test_notifications_are_read_as_what_was_reported() -> None:
    world = world_at()
    sent = lighting(world)
    broker = Broker(world.city, world.type_of)
    parsed = read("ngsi", broker.notification(sent, "2026-11-20T08:00:00Z"))
    assert parsed.rejects == []
    got = Counter(
        (o.asset, o.property, o.value, o.phenomenon_time.timestamp())
        for o in parsed.observations
        if o.property != "dimming"
    )
    assert got == Counter((r.asset, r.property, r.value, float(r.at)) for r in sent)


@pytest.mark.parametrize(
    ("state", "dimming"), [("on", 100.0), ("off", 0.0), ("lamp_failure", None), ("no_supply", None)]
)
def test_a_lamp_s_state_comes_back_from_its_entity(state: str, dimming: float | None) -> None:
    world = world_at()
    lamp = world.city.external_ids[int(world.city.of("streetlight")[0])]
    told = Broker(world.city, world.type_of).notification([Report(lamp, "state", state, MORNING)], "now")
    parsed = read("ngsi", told)
    assert values(parsed.observations, "state") == {lamp: state}
    assert values(parsed.observations, "dimming").get(lamp) == dimming


def test_single_values_are_named_by_their_topic() -> None:
    ((kind, name),) = ONE_BY_ONE
    payload = json.dumps({"value": 12.0, "phenomenon_time": Report("", "", 0, MORNING).stamp()}).encode()
    fields = {"asset_type": kind, "asset": "GW-01", "property": name}
    parsed = read("mqtt", payload, Reading({}, fields))
    (found,) = parsed.observations
    assert (found.asset, found.property, found.value) == ("GW-01", name, 12.0)
    assert found.phenomenon_time.timestamp() == MORNING


@pytest.mark.parametrize(
    ("feed", "path", "reasons"),
    [
        ("rennes_traffic", TRAFFIC, {"time_without_zone"}),
        ("datex2", MEASURED, {"time_without_zone"}),
        ("gtfs_rt", POSITIONS, {"no_time", "bad_position"}),
    ],
)
def test_what_is_wrong_on_purpose_harms_nothing_else(feed: str, path: str, reasons: set[str]) -> None:
    right, flaws = read(feed, document(path, MORNING), DATEX if feed == "datex2" else PLAIN), 0
    for seed in range(12):
        wrong = Imperfections(seed, 150.0)
        wrong.away = lambda *_: None  # type: ignore[method-assign]
        parsed = read(feed, document(path, MORNING, wrong), DATEX if feed == "datex2" else PLAIN)
        assert {reject.reason for reject in parsed.rejects} <= reasons
        assert set(right.observations) <= set(parsed.observations)
        flaws += len(parsed.rejects)
        for one in right.positions:
            assert one in parsed.positions
    assert flaws
