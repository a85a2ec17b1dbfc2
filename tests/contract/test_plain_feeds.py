"""NDJSON by HTTP, and MQTT topics that name asset and property."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from model.errors import BadProfile
from model.observations import Doubt, Observation
from services.live import Parsed, Reading, find_feed

WHEN = "2026-11-06T18:42:00+01:00"
TOPIC = {"asset": "L-1", "property": "power", "asset_type": "streetlight"}


def line(asset: str = "L-1", **more: object) -> bytes:
    item = {"asset": asset, "property": "power", "value": 1.5, "phenomenon_time": WHEN} | more
    return json.dumps(item).encode()


def lines(payload: bytes) -> Parsed:
    return find_feed("http_push").parse(payload, Reading(fields={"format": "ndjson"}))


def message(
    payload: bytes, zone: str | None = None, profile: dict[str, object] | None = None, **fields: str
) -> Parsed:
    return find_feed("mqtt").parse(
        payload, Reading(profile or {}, TOPIC | fields, ZoneInfo(zone) if zone else None)
    )


class TestLines:
    def test_one_observation_a_line(self) -> None:
        parsed = lines(b"\xef\xbb\xbf" + line() + b"\r\n\n" + line("L-2") + b"\n")
        assert [o.asset for o in parsed.observations] == ["L-1", "L-2"]

    def test_one_bad_line_stops_no_other_and_the_row_is_the_line(self) -> None:
        bad = [
            b"{broken",
            b"7",
            b"[" * 100_000,
            line(value="\ud800"),
            line(phenomenon_time="2026-11-06T18:42:00"),
        ]
        parsed = lines(b"\n".join([line(), *bad, line("L-2")]))
        assert [o.asset for o in parsed.observations][:: len(parsed.observations) - 1] == ["L-1", "L-2"]
        reasons = {r.row: r.reason for r in parsed.rejects}
        assert reasons == {
            1: "malformed",
            2: "malformed",
            3: "malformed",
            4: "malformed",
            5: "time_without_zone",
        }
        assert parsed.rejects[0].item == b"{broken"

    def test_two_objects_in_a_line_or_one_over_two_lines_are_none(self) -> None:
        assert [r.row for r in lines(line() + b"," + line() + b"\n" + line("L-2")).rejects] == [0]
        assert [r.row for r in lines(line().replace(b", ", b",\n") + b"\n" + line("L-2")).rejects] == [
            0,
            1,
            2,
            3,
        ]

    def test_nothing_is_nothing(self) -> None:
        assert len(lines(b" \n\n")) == 0


PLAIN_VALUES: list[tuple[bytes, str, float | str]] = [
    (b'{"value": 12.5, "time": "%s"}' % WHEN.encode(), "power", 12.5),
    (b'{"value": "12.5", "timestamp": "%s"}' % WHEN.encode(), "power", 12.5),
    (b'{"value": "ON", "phenomenon_time": "%s"}' % WHEN.encode(), "state", "on"),
    (b'{"value": false, "observed_at": "%s"}' % WHEN.encode(), "state", "off"),
    (b'{"asset": "L-1", "value": 4, "time": "%s"}' % WHEN.encode(), "state", 4),
    (line(), "power", 1.5),
]


@pytest.mark.parametrize(("payload", "name", "value"), PLAIN_VALUES)
def test_a_topic_that_names_asset_and_property_needs_only_a_value(
    payload: bytes, name: str, value: float | str
) -> None:
    (one,) = message(payload, property=name).observations
    assert (one.asset, one.property, one.value) == ("L-1", name, value)
    assert one.phenomenon_time == datetime.fromisoformat(WHEN)


@pytest.mark.parametrize(
    ("payload", "name", "value"),
    [(b"12.5", "power", 12.5), (b" 12.5\n", "power", 12.5), (b"on", "state", "on"), (b'"On"', "state", "on"),
     (b"true", "state", "on"), (b"3", "state", 3), (b'{"value": 7}', "power", 7)],
)  # fmt: skip
def test_without_a_time_only_where_the_source_says_so(payload: bytes, name: str, value: float | str) -> None:
    (reject,) = message(payload, property=name, received_at=WHEN).rejects
    assert (reject.reason, reject.row) == ("no_time", 0)
    parsed = message(payload, profile={"time": "received"}, property=name, received_at=WHEN)
    assert parsed.observations == [
        Observation("L-1", name, value, datetime.fromisoformat(WHEN), 0, Doubt.RECEIPT_TIME)
    ]
    unknown = message(payload, profile={"time": "received"}, property=name)
    assert [r.reason for r in unknown.rejects] == ["no_time"]


def test_several_values_of_one_topic() -> None:
    payload = json.dumps([{"value": 1, "time": WHEN}, {"value": 2}, {"value": None, "time": WHEN}]).encode()
    parsed = message(payload)
    assert [o.value for o in parsed.observations] == [1]
    assert [(r.row, r.reason) for r in parsed.rejects] == [(1, "no_time"), (2, "malformed")]


def test_a_local_time_gets_the_sources_zone() -> None:
    (one,) = message(b'{"value": 1, "time": "2026-11-06T18:42:00"}', zone="Europe/Paris").observations
    assert (one.phenomenon_time, one.doubts) == (datetime.fromisoformat(WHEN), Doubt.ZONE_ASSUMED)


BAD = [b"", b"\xff\x00", b"{broken", b"[1", b'{"value": {}, "time": "x"}', b"a\x00b",
       b'{"value": 1, "time": 7}',
       b'{"asset": "L-9", "value": 1}', b"[" * 100_000, b"\x1b[31m"]  # fmt: skip


@pytest.mark.parametrize("payload", BAD)
def test_anything_else_is_one_reject(payload: bytes) -> None:
    (reject,) = message(payload, received_at=WHEN, profile={"time": "received"}).rejects
    assert reject.reason == "malformed"


def test_words_of_the_source_become_states() -> None:
    profile = {"time": "received", "states": {"ALLUME": "on"}}
    (one,) = message(b"ALLUME", profile=profile, property="state", received_at=WHEN).observations
    assert one.value == "on"


def test_a_rule_nobody_knows_is_refused() -> None:
    with pytest.raises(BadProfile, match="time"):
        message(b"1", profile={"time": "sometime"})
