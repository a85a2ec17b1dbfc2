"""The simulated buses and their GTFS-Realtime feed, read back with the reference bindings."""

from datetime import datetime

import numpy as np
import pytest
import shapely
from google.transit import gtfs_realtime_pb2 as gtfs

from services.simulation import gtfs as feed
from services.simulation.driving import Fleet, Seen
from services.simulation.imperfections import Imperfections
from tests.simulated import MORNING, PROFILE, fleet, small_city

EAST, NORTH = 111_320 * np.cos(np.radians(47.32)), 111_190
HOUR = 3_600
FLAWLESS = Imperfections(1, 0.0)


@pytest.fixture(scope="module")
def buses() -> Fleet:
    return fleet()


def at(local: str) -> float:
    return datetime.fromisoformat(local).replace(tzinfo=PROFILE.zone).timestamp()


def metres(one: Seen, other: Seen) -> float:
    return float(np.hypot((one.lon - other.lon) * EAST, (one.lat - other.lat) * NORTH))


def test_a_bus_on_duty_is_on_its_line(buses: Fleet) -> None:
    ways = {line.name: shapely.LineString(line.path * [EAST, NORTH]) for line in small_city().lines}
    seen = buses.seen(MORNING)
    assert all(one.trip for one in seen)
    for one in seen:
        assert ways[one.line].distance(shapely.Point(one.lon * EAST, one.lat * NORTH)) < 5


def test_buses_drive_on_without_jumps_and_never_backwards(buses: Fleet) -> None:
    before = {one.bus: one for one in buses.seen(MORNING)}
    for second in range(5, HOUR, 5):
        now = {one.bus: one for one in buses.seen(MORNING + second)}
        for name in before:
            if before[name].trip and now[name].trip:
                assert metres(before[name], now[name]) < 70
        before = now


def test_speed_and_bearing_are_those_of_the_motion(buses: Fleet) -> None:
    checked = 0
    for second in range(0, 1_800, 30):
        for one, later in zip(buses.seen(MORNING + second), buses.seen(MORNING + second + 1), strict=True):
            if one.speed > 3 and abs(later.bearing - one.bearing) < 0.01:
                way = np.array([(later.lon - one.lon) * EAST, (later.lat - one.lat) * NORTH])
                # The speed told is the mean of the second before and the one after.
                assert np.hypot(*way) <= 2 * one.speed + 0.2
                assert abs((np.degrees(np.arctan2(*way)) - one.bearing + 180) % 360 - 180) < 3
                checked += 1
    assert checked > 100


def test_buses_stop_and_are_slower_at_rush_hours(buses: Fleet) -> None:
    def speeds(start: float) -> np.ndarray:
        return np.array([one.speed for s in range(0, HOUR, 20) for one in buses.seen(start + s) if one.trip])

    rush, calm = speeds(at("2026-11-20 07:40")), speeds(at("2026-11-20 10:30"))
    assert 0.1 < (rush < feed.STANDING_MS).mean() < 0.6
    assert 2.5 < rush.mean() < 0.88 * calm.mean() < 8
    assert calm.max() * 3.6 < 50


@pytest.mark.parametrize(
    ("local", "least", "most"),
    [
        ("2026-11-20 08:30", 1.0, 1.0), ("2026-11-20 03:30", 0.0, 0.0), ("2026-11-20 22:30", 0.4, 0.7),
        ("2026-11-22 15:00", 0.4, 0.7), ("2026-11-21 01:30", 0.0, 0.0),
    ],
)  # fmt: skip
def test_buses_keep_their_hours(buses: Fleet, local: str, least: float, most: float) -> None:
    seen = buses.seen(at(local))
    assert least <= sum(bool(one.trip) for one in seen) / len(seen) <= most
    parked = small_city().lonlat[small_city().of("bus")]
    for one, depot in zip(seen, parked, strict=True):
        if not one.trip:
            assert (one.lon, one.lat, one.speed) == (depot[0], depot[1], 0.0)


def test_a_duty_begins_and_ends_at_a_terminus(buses: Fleet) -> None:
    ends = {line.name: line.path[[0, -1]] for line in small_city().lines}
    before = {one.bus: one for one in buses.seen(at("2026-11-20 05:00"))}
    turns = 0
    mornings, evenings = range(0, 3 * HOUR, 20), range(15 * HOUR, 20 * HOUR, 20)
    for second in (*mornings, *evenings):
        now = {one.bus: one for one in buses.seen(at("2026-11-20 05:00") + second)}
        for name, one in now.items():
            if bool(one.trip) != bool(before[name].trip):
                on_line = one if one.trip else before[name]
                gaps = (ends[one.line] - [on_line.lon, on_line.lat]) * [EAST, NORTH]
                assert np.hypot(*gaps.T).min() < 250
                turns += 1
        before = now
    assert turns == 2 * len(buses.buses)


def test_some_buses_bunch(buses: Fleet) -> None:
    def bunched(now: float) -> int:
        seen = [bus for bus in buses.seen(now) if bus.trip]
        pairs = [
            (one, other)
            for one in seen
            for other in seen
            if one.bus < other.bus and (one.line, one.direction) == (other.line, other.direction)
        ]
        return sum(metres(one, other) < 300 for one, other in pairs)

    counts = [bunched(MORNING + 300 * step) for step in range(100)]
    assert 0 < np.mean(counts) < 4


def read(content: bytes) -> gtfs.FeedMessage:
    message = gtfs.FeedMessage()
    message.ParseFromString(content)
    return message


def test_the_feed_says_where_every_bus_is(buses: Fleet) -> None:
    now = at("2026-11-20 22:30")
    seen = buses.seen(now)
    message = read(feed.render(seen, now, FLAWLESS))
    assert message.header.gtfs_realtime_version == "2.0"
    assert message.header.timestamp == int(now)
    assert len({entity.id for entity in message.entity}) == len(seen)
    for one, entity in zip(seen, message.entity, strict=True):
        vehicle = entity.vehicle
        assert vehicle.vehicle.id == one.bus
        assert vehicle.position.longitude == pytest.approx(one.lon, abs=1e-5)
        assert vehicle.position.latitude == pytest.approx(one.lat, abs=1e-5)
        assert vehicle.position.speed == pytest.approx(one.speed, abs=1e-4)
        assert now - 4 <= vehicle.timestamp <= now
        assert vehicle.HasField("trip") == bool(one.trip)
        assert not one.trip or vehicle.trip.route_id == one.line


def test_a_wrong_entity_stands_beside_the_right_one(buses: Fleet) -> None:
    flaws = Imperfections(4, 300.0)
    right = read(feed.render(buses.seen(MORNING), MORNING, FLAWLESS))
    known = {bus for bus, _ in buses.buses}
    found = set()
    for _ in range(30):
        message = read(feed.render(buses.seen(MORNING), MORNING, flaws))
        kept = [e for e in message.entity if not e.id.endswith("-bis")]
        assert kept == list(right.entity)
        for entity in message.entity:
            if entity.id.endswith("-bis"):
                vehicle = entity.vehicle
                off_earth, timeless = vehicle.position.latitude > 90, not vehicle.HasField("timestamp")
                unknown = vehicle.vehicle.id not in known
                assert unknown + off_earth + timeless == 1
                found.add("who" if unknown else "where" if off_earth else "when")
    assert found == {"who", "where", "when"}
