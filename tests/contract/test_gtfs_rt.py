"""GTFS-Realtime: positions of vehicles; what else is in the payload is counted, and is no error."""

from datetime import UTC, datetime

import pytest
from google.protobuf import text_format
from google.transit import gtfs_realtime_pb2

from model.errors import BadRequest
from services.live import PLAIN, Parsed, Reading, find_feed

HEAD = 'header { gtfs_realtime_version: "2.0" timestamp: 1762447320 }\n'
WHOLE = (
    HEAD
    + """
entity { id: "1" vehicle {
  trip { trip_id: "T-1" route_id: "L3" } vehicle { id: "BUS-0101" }
  position { latitude: 47.31 longitude: 5.01 bearing: 370 speed: 10 }
  timestamp: 1762447310 } }
entity { id: "2" trip_update {
  trip { trip_id: "T-1" } stop_time_update { stop_sequence: 3 arrival { delay: -60 } } } }
entity { id: "3" alert { effect: DETOUR } }
entity { id: "4" vehicle { vehicle { id: "BUS-0102" }
  position { latitude: 47.32 longitude: 5.02 } timestamp: 1762447311 } }
entity { id: "5" is_deleted: true }
"""
)


def wire(text: str) -> bytes:
    """``text`` as the standard's examples are written, as it travels."""
    return bytes(text_format.Parse(text, gtfs_realtime_pb2.FeedMessage()).SerializePartialToString())


def read(text: str, **profile: object) -> Parsed:
    return find_feed("gtfs_rt").parse(wire(text), Reading(profile))


def vehicle(more: str, position: str = "position { latitude: 47.3 longitude: 5 }") -> str:
    return HEAD + f'entity {{ id: "1" vehicle {{ vehicle {{ id: "B-1" }} {position} {more} }} }}'


def test_a_position_with_its_line_speed_and_bearing() -> None:
    first = read(WHOLE).positions[0]
    assert (first.asset, first.line, first.duty) == ("BUS-0101", "L3", True)
    assert (round(first.lon, 5), round(first.lat, 5)) == (5.01, 47.31)
    assert (first.speed, first.bearing) == (36.0, 10.0)
    assert first.phenomenon_time == datetime.fromtimestamp(1762447310, UTC)


def test_other_kinds_are_counted_and_are_no_errors() -> None:
    parsed = read(WHOLE)
    assert parsed.notes == {"trip_update not taken": 1, "alert not taken": 1, "deleted entities": 1}
    assert (len(parsed), parsed.rejects) == (2, [])


def test_an_absent_number_is_no_zero_and_no_trip_is_no_duty() -> None:
    second = read(WHOLE).positions[1]
    assert (second.speed, second.bearing, second.line, second.duty) == (None, None, "", False)


@pytest.mark.parametrize(("rule", "duty"), [("trip", False), ("route", True), ("always", True)])
def test_duty_is_as_the_source_declares(rule: str, duty: bool) -> None:
    (one,) = read(vehicle('trip { route_id: "L1" } timestamp: 1762447311'), duty=rule).positions
    assert one.duty is duty


def test_without_a_time_of_its_own_it_is_refused_unless_the_header_may_stand_for_it() -> None:
    assert [r.reason for r in read(vehicle("")).rejects] == ["no_time"]
    (one,) = read(vehicle(""), time="header").positions
    assert one.phenomenon_time == datetime.fromtimestamp(1762447320, UTC)


@pytest.mark.parametrize(
    "position",
    [
        "",
        "position { latitude: 168.37 longitude: 5 }",
        "position { latitude: 47 longitude: -181 }",
        "position { latitude: 0 longitude: 0 }",
        "position { latitude: nan longitude: 5 }",
    ],
)
def test_t15_no_place_on_earth_is_rejected_with_its_item(position: str) -> None:
    (reject,) = read(vehicle("timestamp: 1762447311", position)).rejects
    assert (reject.row, reject.reason) == (0, "bad_position")
    (again,) = gtfs_realtime_pb2.FeedMessage.FromString(reject.item).entity
    assert again.vehicle.vehicle.id == "B-1"


def test_without_an_id_or_beyond_every_calendar() -> None:
    nameless = HEAD + 'entity { id: "1" vehicle { position { latitude: 47 longitude: 5 } timestamp: 1 } }'
    assert [r.reason for r in read(nameless).rejects] == ["no_asset_named"]
    assert [r.reason for r in read(vehicle("timestamp: 18446744073709551615")).rejects] == ["malformed"]


def test_versions_1_and_2_are_read_and_what_is_none_is_refused() -> None:
    assert len(read(WHOLE.replace('"2.0"', '"1.0"')).positions) == 2
    for payload in (b"", b"<html>", wire('entity { id: "1" }')):
        with pytest.raises(BadRequest):
            find_feed("gtfs_rt").parse(payload, PLAIN)
