"""Every feed of the table reads its recorded payload and survives any other."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import BadRequest
from model.observations import Quality
from services.live import FEEDS, PLAIN, REASONS, Feed, Parsed, Reading, find_feed
from tests.contract.test_gtfs_rt import WHOLE, wire
from tests.payloads.datex2 import SOAP_MEASURED

EXAMPLE = b"""[
 {"asset": "EP-0255", "property": "state", "value": "feeding",
  "phenomenon_time": "2026-11-06T18:42:00+01:00"},
 {"asset": "EP-0255", "property": "power", "value": 12.5, "phenomenon_time": "2026-11-06T17:42:00Z",
  "quality": "estimated", "vendor_note": {"ignored": true}},
 {"asset": "L-012345", "property": "state", "value": 4, "phenomenon_time": "2026-11-06T17:42:00Z"}
]"""

LAMP = b"""{"data": [{"id": "urn:ngsi-ld:Streetlight:L-1", "type": "Streetlight", "powerState": {
 "value": "on", "observedAt": "2026-11-06T18:42:00+01:00"}, "powerConsumption": "12.5 W", "image": "http://x/y"}]}"""
RENNES_ROWS = (
    b"datetime;predefinedLocationReference;averageVehicleSpeed;travelTime;trafficStatus;vehicleProbeMeasurement\n"
    b"2025-11-04T17:24:00+01:00;10273_D;42;11;freeFlow;3\n2025-11-04T17:24:00+01:00;10274_D;12;11;congested;1\n"
)


def _rennes(shared_data: Path) -> bytes:
    return (shared_data / "feeds" / "rennes_etat_du_trafic_20251104T1724.csv").read_bytes()


def _file(name: str) -> Callable[[Path], bytes]:
    return lambda shared_data: (shared_data / "feeds" / name).read_bytes()


CAR_PARK = {
    "format": "csv",
    "asset_type": "car_park",
    "asset_column": "id",
    "time_column": "at",
    "values": [{"column": "free", "property": "free_places"}],
}
DECLARED = {"table": Reading(CAR_PARK)}
"""How a feed that reads nothing without a declaration is declared here."""
RECORDED: dict[str, tuple[Callable[[Path], bytes], int]] = {
    "http_push": (lambda _: EXAMPLE, 3),
    "mqtt": (lambda _: EXAMPLE, 3),
    "ngsi": (_file("sdm_TrafficFlowObserved_example-normalized.jsonld"), 3),
    "datex2": (_file("france_speeds.xml"), 4),
    "gtfs_rt": (lambda _: wire(WHOLE), 2),
    "table": (lambda _: b"id,at,free\nP-1,2026-11-06T17:42:00Z,12\nP-2,2026-11-06T17:42:00Z,0\n", 2),
    "rennes_traffic": (_rennes, 2_859 * 2 + 2_561 * 2),
}
"""Feed to recorded payload and how many observations or positions it holds."""


@pytest.fixture(params=FEEDS, ids=lambda feed: feed.name)
def feed(request: pytest.FixtureRequest) -> Feed:
    one: Feed = request.param
    return one


def test_every_feed_has_a_recorded_payload() -> None:
    assert {feed.name for feed in FEEDS} == RECORDED.keys()


def test_the_recorded_payload_is_read_whole(feed: Feed, shared_data: Path) -> None:
    payload, count = RECORDED[feed.name]
    parsed = feed.parse(payload(shared_data), DECLARED.get(feed.name, PLAIN))
    assert (len(parsed), parsed.rejects) == (count, [])
    assert all(one.phenomenon_time.tzinfo for one in (*parsed.observations, *parsed.positions))


def read(feed: Feed, payload: bytes) -> Parsed:
    try:
        return feed.parse(payload, DECLARED.get(feed.name, PLAIN))
    except BadRequest:
        return Parsed([], [])


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@given(payload=st.binary(max_size=300))
def test_any_bytes_are_refused_or_rejected_with_a_known_reason(feed: Feed, payload: bytes) -> None:
    assert {reject.reason for reject in read(feed, payload).rejects} <= REASONS.keys()


def small(feed: Feed) -> bytes:
    """A payload of this feed of a few hundred bytes, to be damaged."""
    by_hand = {"datex2": SOAP_MEASURED, "ngsi": LAMP, "rennes_traffic": RENNES_ROWS}
    return by_hand.get(feed.name) or RECORDED[feed.name][0](Path())


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
@given(cut=st.floats(0, 1), byte=st.binary(max_size=3), length=st.integers(0, 3))
def test_a_damaged_payload_is_refused_or_rejected(feed: Feed, cut: float, byte: bytes, length: int) -> None:
    whole = small(feed)
    at = int(cut * len(whole))
    damaged = whole[:at] + byte + whole[at + length :]
    assert {reject.reason for reject in read(feed, damaged).rejects} <= REASONS.keys()
    assert {reject.reason for reject in read(feed, whole[:at]).rejects} <= REASONS.keys()


@pytest.mark.parametrize("name", ["http_push", "mqtt", "ngsi"])
@given(payload=st.binary(max_size=300))
def test_any_bytes_by_line_or_under_a_named_topic(name: str, payload: bytes) -> None:
    fields = {"format": "ndjson", "asset": "L-1", "property": "power"}
    parsed = find_feed(name).parse(payload, Reading(fields=fields))
    assert {reject.reason for reject in parsed.rejects} <= REASONS.keys()


WRONG: dict[str, bytes] = {
    "http_push": EXAMPLE.replace(b'"value": 12.5', b'"value": [1]'),
    "mqtt": EXAMPLE.replace(b"17:42:00Z", b"17:42:00"),
    "ngsi": LAMP.replace(b"12.5 W", b"12.5 parsecs"),
    "datex2": SOAP_MEASURED,
    "gtfs_rt": wire(WHOLE.replace("latitude: 47.31", "latitude: 147.31")),
    "table": b"id,at,free\nP-1,soon,12\nP-2,2026-11-06T17:42:00Z,0\n",
    "rennes_traffic": RENNES_ROWS.replace(b"freeFlow", b"flying"),
}


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_rejected_item_can_be_read_again_by_itself(feed: Feed) -> None:
    reading = DECLARED.get(feed.name, PLAIN)
    first = feed.parse(WRONG[feed.name], reading).rejects[0]
    again = feed.parse(first.item, reading)
    assert [reject.reason for reject in again.rejects] == [first.reason]


def test_json_is_understood_item_by_item() -> None:
    observations = FEEDS[0].parse(EXAMPLE, PLAIN).observations
    assert [(o.asset, o.property, o.value, o.quality) for o in observations] == [
        ("EP-0255", "state", "feeding", Quality.GOOD),
        ("EP-0255", "power", 12.5, "estimated"),
        ("L-012345", "state", 4.0, Quality.GOOD),
    ]
    assert len({o.phenomenon_time for o in observations}) == 1


class TestRennes:
    """The traps of the real capture."""

    @pytest.fixture
    def parsed(self, shared_data: Path) -> Parsed:
        return rennes().parse(_rennes(shared_data), PLAIN)

    def test_every_segment_has_a_state_as_counted_in_the_file(self, parsed: Parsed) -> None:
        states = Counter(o.value for o in parsed.observations if o.property == "state")
        assert states == {"heavy": 1_135, "free_flow": 941, "congested": 485, "no_data": 298}

    def test_t1_without_probes_there_is_no_speed_however_it_looks(self, parsed: Parsed) -> None:
        unknown = {o.asset for o in parsed.observations if o.value == "no_data"}
        speeds = [o for o in parsed.observations if o.property == "speed"]
        assert len(speeds) == 2_561
        assert not unknown & {o.asset for o in speeds}

    def test_t2_t3_few_probes_or_too_fast_is_uncertain_and_kept(self, parsed: Parsed) -> None:
        speeds = [o for o in parsed.observations if o.property == "speed"]
        assert sum(o.quality == Quality.UNCERTAIN for o in speeds) >= 2_234 - 298
        assert max(float(o.value) for o in speeds) == 117

    def test_t5_a_byte_order_mark_is_no_part_of_the_first_column(self, shared_data: Path) -> None:
        payload = _rennes(shared_data)
        assert payload.startswith(b"\xef\xbb\xbfdatetime;")
        assert len(rennes().parse(payload.removeprefix(b"\xef\xbb\xbf"), PLAIN)) == 10_840

    def test_the_instant_keeps_its_zone(self, parsed: Parsed) -> None:
        (instant,) = {o.phenomenon_time for o in parsed.observations}
        assert instant == datetime.fromisoformat("2025-11-04T16:24:00+00:00")
        assert instant.utcoffset() == timedelta(hours=1)

    def test_a_bad_row_is_rejected_and_stops_nothing(self, shared_data: Path) -> None:
        lines = _rennes(shared_data).decode("utf-8-sig").splitlines()[:4]
        lines[2] = lines[2].replace(";freeFlow;", ";flying;").replace(";heavy;", ";flying;")
        lines[3] = lines[3].replace("2025-11-04T17:24:00+01:00", "2025-11-04T17:24:00")
        parsed = rennes().parse("\n".join(lines).encode(), PLAIN)
        assert [(r.row, r.reason) for r in parsed.rejects] == [(1, "malformed"), (2, "time_without_zone")]
        assert {o.asset for o in parsed.observations} == {"10273_D"}

    def test_a_file_of_other_columns_is_refused_whole(self) -> None:
        with pytest.raises(BadRequest, match="columns are missing: averageVehicleSpeed"):
            rennes().parse(b"a;b\n1;2\n", PLAIN)


def rennes() -> Feed:
    return next(feed for feed in FEEDS if feed.name == "rennes_traffic")
