"""DATEX II: real French and Dutch publications, and what the standard lets others send."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from model.errors import BadRequest
from model.observations import Observation, Quality
from services.live import PLAIN, Parsed, Reading, find_feed
from tests.payloads.datex2 import SOAP_MEASURED, V3_HEAD, at, closed, queue, record, situations


def read(payload: bytes, **profile: object) -> Parsed:
    return find_feed("datex2").parse(payload, Reading(profile=profile))


@pytest.fixture
def speeds(shared_data: Path) -> bytes:
    return (shared_data / "feeds" / "france_speeds.xml").read_bytes()


@pytest.fixture
def events(shared_data: Path) -> bytes:
    return (shared_data / "feeds" / "france_events.xml").read_bytes()


def values(parsed: Parsed) -> dict[tuple[str, str], float | str]:
    return {(o.asset, o.property): o.value for o in parsed.observations}


class TestMeasured:
    def test_t6_a_stamp_after_its_own_publication_is_of_the_publication(self, speeds: bytes) -> None:
        published = datetime.fromisoformat("2026-07-25T08:24:00+02:00")
        assert {o.phenomenon_time for o in read(speeds).observations} == {published}

    def test_t6_a_clock_hours_ahead_is_left_for_the_judge(self, speeds: bytes) -> None:
        ahead = speeds.replace(b"Default>2026-07-25T08:30", b"Default>2026-07-25T11:30")
        published = datetime.fromisoformat("2026-07-25T08:24:00+02:00")
        assert {o.phenomenon_time - published for o in read(ahead).observations} == {
            timedelta(hours=3, minutes=6)
        }

    def test_t7_values_of_one_index_are_told_apart_by_their_type(self, speeds: bytes) -> None:
        assert values(read(speeds)) == {
            ("MUM76.h1", "flow"): 1010, ("MUM76.h1", "speed"): 112,
            ("A0001011200", "flow"): 1420, ("A0001011200", "speed"): 85,
        }  # fmt: skip

    def test_t8_a_language_of_three_letters_is_tolerated(self, speeds: bytes) -> None:
        assert b'lang="fre"' in speeds
        assert read(speeds).rejects == []

    def test_t9_a_soap_envelope_is_unwrapped(self) -> None:
        assert values(read(SOAP_MEASURED))["BC-001.1", "flow"] == 0

    def test_t22_no_vehicle_is_a_flow_of_zero_and_no_speed(self) -> None:
        parsed = read(SOAP_MEASURED)
        assert ("BC-001.1", "speed") not in values(parsed)
        assert parsed.notes == {"nothing measured": 1}

    def test_t26_a_rate_is_veh_per_h_already(self, speeds: bytes) -> None:
        assert {o.raw for o in read(speeds).observations} == {None}

    def test_a_percentage_becomes_a_share_and_is_kept(self) -> None:
        (one,) = [o for o in read(SOAP_MEASURED).observations if o.property == "occupancy"]
        assert (one.value, one.raw, one.raw_unit) == (0.125, 12.5, "%")

    def test_what_the_source_calls_wrong_is_kept_as_bad(self) -> None:
        (one,) = [o for o in read(SOAP_MEASURED).observations if o.asset == "BC-001.3"]
        assert (one.value, one.quality) == (48.0, Quality.BAD)

    def test_a_bad_site_is_rejected_with_its_row_and_stops_nothing(self) -> None:
        (reject,) = read(SOAP_MEASURED).rejects
        assert (reject.row, reject.reason) == (1, "malformed")
        assert b'id="BC-001.2"' in reject.item

    def test_ids_go_through_the_sources_table_or_template(self, speeds: bytes) -> None:
        parsed = read(speeds, assets={"MUM76.h1": "BC-001.1"}, asset="FR-{asset}")
        assert {o.asset for o in parsed.observations} == {"BC-001.1", "FR-A0001011200"}

    def test_one_quantity_twice_is_refused_until_the_source_says_which(self) -> None:
        doubled = SOAP_MEASURED.replace(b'"TrafficConcentration"', b'"TrafficFlow"').replace(
            b"<percentage>12.5</percentage>", b"<vehicleFlowRate>75</vehicleFlowRate>"
        )
        assert "duplicate_key" in [r.reason for r in read(doubled).rejects]
        chosen = read(doubled, indices={"flow": ["2"]})
        assert values(chosen)["BC-001.1", "flow"] == 75

    def test_values_of_lorries_alone_are_not_the_flow(self) -> None:
        lorries = SOAP_MEASURED.replace(
            b"<vehicleFlow><vehicleFlowRate>0",
            b"<forVehiclesWithCharacteristicsOf><vehicleType>lorry</vehicleType>"
            b"</forVehiclesWithCharacteristicsOf><vehicleFlow><vehicleFlowRate>0",
        )
        assert ("BC-001.1", "flow") not in values(read(lorries))

    def test_a_detector_that_measures_may_be_given_a_state(self, speeds: bytes) -> None:
        parsed = read(speeds, measured_state="counting")
        assert [o.value for o in parsed.observations if o.property == "state"] == ["counting"] * 2


class TestSituations:
    def test_t11_breaks_inside_values_and_no_asset_named(self, events: bytes) -> None:
        assert b"Sur 500 m \n" in events
        parsed = read(events)
        assert [(r.row, r.reason) for r in parsed.rejects] == [(0, "no_asset_named")]
        assert b"brokenDownVehicle" in parsed.rejects[0].item

    def test_codes_of_places_may_be_declared(self, events: bytes) -> None:
        parsed = read(
            events, assets={"alertc:14494": "T-1", "road:A0004": "T-2"}, states={"lanesBlocked": "heavy"}
        )
        assert values(parsed) == {("T-1", "state"): "heavy", ("T-2", "state"): "heavy"}
        assert {o.phenomenon_time.isoformat() for o in parsed.observations} == {
            "2026-07-24T08:06:04.879000+02:00"
        }

    def test_every_dutch_record_is_accounted_for(self, shared_data: Path) -> None:
        payload = (shared_data / "feeds" / "netherlands_situations.xml").read_bytes()
        parsed = read(payload)
        assert len(parsed) == payload.count(b"<sit:situationRecord ") == 11
        assert {r.reason for r in parsed.rejects} == {"no_asset_named"}

    def test_a_named_segment_is_closed_as_of_the_publication(self) -> None:
        parsed = read(situations(record(1, closed(), at("V-00012"))))
        assert parsed.observations == [
            Observation("V-00012", "state", "closed", datetime.fromisoformat("2026-11-06T18:42:00+01:00"))
        ]

    def test_an_id_on_the_location_itself_is_one_too(self) -> None:
        place = '<sit:groupOfLocations id="V-7"><loc:roadInformation/></sit:groupOfLocations>'
        assert values(read(situations(record(1, queue("queuingTraffic"), place)))) == {
            ("V-7", "state"): "congested"
        }

    def test_of_several_records_the_worst_is_told(self) -> None:
        parsed = read(
            situations(
                record(1, queue("slowTraffic"), at("V-1")),
                record(2, closed(), at("V-1")),
                record(3, queue("queuingTraffic"), at("V-1")),
            )
        )
        assert values(parsed) == {("V-1", "state"): "closed"}

    def test_ends_close_and_what_has_not_begun_is_noted(self) -> None:
        parsed = read(
            situations(
                record(1, closed(), at("V-1"), end="2026-11-06T17:00:00Z"),
                record(2, closed(), at("V-2"), begin="2026-11-07T17:00:00Z"),
            )
        )
        assert values(parsed) == {("V-1", "state"): "no_data"}
        assert parsed.observations[0].phenomenon_time == datetime.fromisoformat("2026-11-06T17:00:00Z")
        assert parsed.notes == {"situations that have not begun": 1}

    def test_t10_a_word_outside_the_list_is_rejected_and_the_next_kept(self) -> None:
        parsed = read(situations(record(1, closed("commercial"), at("V-1")), record(2, closed(), at("V-2"))))
        assert [(r.row, r.reason) for r in parsed.rejects] == [(0, "unknown_kind")]
        assert values(parsed) == {("V-2", "state"): "closed"}


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]>"""
UNSAFE = {
    "a document type": BOMB + V3_HEAD.encode() + b"&b;&f;</mc:payload></mc:messageContainer>",
    "another document": b"<rss><channel/></rss>",
    "cut": SOAP_MEASURED[:-40],
    "nothing": b"",
    "a page": b"<!DOCTYPE html><html><body>Maintenance",
    "deep": b"<a>" * 5_000 + b"</a>" * 5_000,
    "many": b"<a/>" * 4_000_001,
}


@pytest.mark.parametrize("payload", UNSAFE.values(), ids=UNSAFE.keys())
def test_unsafe_or_foreign_xml_is_refused_whole(payload: bytes) -> None:
    with pytest.raises(BadRequest):
        find_feed("datex2").parse(payload, PLAIN)
