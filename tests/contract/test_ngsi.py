"""NGSI: the examples of Smart Data Models in every form, and the traps found in them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from model.errors import BadRequest
from model.observations import Doubt
from services.live import PLAIN, Parsed, Reading, find_feed

WHEN = "2026-11-06T18:42:00+01:00"
MODELS = "https://smartdatamodels.org/dataModel.Streetlighting"


def read(
    entity: Any, zone: str | None = None, fields: dict[str, str] | None = None, **profile: object
) -> Parsed:
    payload = entity if isinstance(entity, bytes) else json.dumps(entity).encode()
    reading = Reading(profile, fields or {}, ZoneInfo(zone) if zone else None)
    return find_feed("ngsi").parse(payload, reading)


def values(parsed: Parsed) -> dict[tuple[str, str], float | str]:
    return {(o.asset, o.property): o.value for o in parsed.observations}


def lamp(**more: object) -> dict[str, object]:
    base = {"id": "urn:ngsi-ld:Streetlight:L-1", "type": "Streetlight", "dateObserved": WHEN}
    return base | {"status": "ok", "powerState": "on"} | more


FORMS: dict[str, dict[str, Any]] = {
    "normalised": {
        "id": "urn:ngsi-ld:Streetlight:L-1", "type": "Streetlight",
        "powerState": {"type": "Property", "value": "low", "observedAt": WHEN},
        "illuminanceLevel": {"type": "Property", "value": 0.4, "observedAt": WHEN},
        "location": {"type": "Geoproperty", "value": {"type": "Point", "coordinates": [5.0, 47.3]}},
    },
    "concise": {
        "id": "urn:ngsi-ld:Streetlight:L-1", "type": "Streetlight",
        "powerState": {"value": "low", "observedAt": WHEN},
        "illuminanceLevel": {"value": 0.4, "observedAt": WHEN},
        "location": {"type": "Point", "coordinates": [5.0, 47.3]},
    },
    "key-values": {
        "id": "urn:ngsi-ld:Streetlight:L-1", "type": "Streetlight", "powerState": "low",
        "illuminanceLevel": 0.4, "dateObserved": {"@type": "DateTime", "@value": WHEN},
    },
    "expanded": {
        "@id": "urn:ngsi-ld:Streetlight:L-1",
        "@type": [f"{MODELS}/Streetlight"],
        f"{MODELS}/powerState": {"value": "low", "observedAt": WHEN},
        f"{MODELS}/illuminanceLevel": [
            {"type": "Property", "value": 0.9, "observedAt": WHEN, "datasetId": "urn:planned"},
            {"type": "Property", "value": 0.4, "observedAt": WHEN},
        ],
    },
    "version 2": {
        "id": "lamp:L-1", "type": "Streetlight", "powerState": {"type": "Text", "value": "low"},
        "illuminanceLevel": {
            "type": "Number", "value": 0.4,
            "metadata": {"TimeInstant": {"type": "DateTime", "value": WHEN}},
        },
        "TimeInstant": {"type": "DateTime", "value": WHEN},
    },
}  # fmt: skip


@pytest.mark.parametrize("entity", FORMS.values(), ids=FORMS.keys())
def test_t18_t20_every_form_says_the_same(entity: dict[str, Any]) -> None:
    parsed = read(entity)
    assert values(parsed) == {("L-1", "state"): "dimmed", ("L-1", "dimming"): 40}
    (level,) = [o for o in parsed.observations if o.property == "dimming"]
    assert (level.raw, level.raw_unit) == (0.4, "")
    assert {o.phenomenon_time for o in parsed.observations} == {datetime.fromisoformat(WHEN)}


ENVELOPES: dict[str, Any] = {
    "notification": {
        "id": "urn:n:1",
        "type": "Notification",
        "notifiedAt": WHEN,
        "data": [lamp(), lamp(id="L-2")],
    },
    "version 2": {"subscriptionId": "57458eb60962ef754e7c0998", "data": [lamp(), lamp(id="L-2")]},
    "update": {"actionType": "append", "entities": [lamp(), lamp(id="L-2")]},
    "array": [lamp(), lamp(id="L-2")],
}


@pytest.mark.parametrize("payload", ENVELOPES.values(), ids=ENVELOPES.keys())
def test_envelopes_are_opened(payload: object) -> None:
    assert values(read(payload)) == {("L-1", "state"): "on", ("L-2", "state"): "on"}


def test_lines_are_entities_where_the_transport_says_so() -> None:
    lines = b"\n".join([json.dumps(lamp()).encode(), b"{broken", json.dumps(lamp(id="L-2")).encode()])
    parsed = read(lines, fields={"format": "ndjson"})
    assert len(parsed.observations) == 2
    assert [(r.row, r.reason) for r in parsed.rejects] == [(1, "malformed")]


@pytest.mark.parametrize(
    "name", ["example-normalized.json", "example-normalized.jsonld", "example.json", "example.jsonld"]
)
def test_the_published_streetlight_in_its_four_files(shared_data: Path, name: str) -> None:
    parsed = read((shared_data / "feeds" / f"sdm_streetlight_{name}").read_bytes())
    assert values(parsed) == {("4567", "state"): "off", ("4567", "power"): 10}


@pytest.mark.parametrize("word", ["defectiveLamp", "brokenLantern", "columnIssue"])
def test_a_fault_comes_before_being_lit(word: str) -> None:
    assert values(read(lamp(status=word))) == {("L-1", "state"): "lamp_failure"}
    assert values(read(lamp(status=word), states={word: "maintenance"})) == {("L-1", "state"): "maintenance"}


def test_t12_what_is_no_json_is_refused_with_its_line() -> None:
    python = json.dumps(lamp(reversedLane=False), indent=1).replace("false", "False").encode()
    with pytest.raises(BadRequest, match=r"line 7"):
        read(python)


FLOW = {
    "id": "urn:ngsi-ld:TrafficFlowObserved:B-1", "type": "TrafficFlowObserved", "intensity": 197,
    "dateObserved": "2016-12-07T11:10:00/2016-12-07T11:15:00",
}  # fmt: skip


def test_t19_t26_a_count_becomes_a_rate_with_the_ends_that_have_a_zone(shared_data: Path) -> None:
    parsed = read((shared_data / "feeds" / "sdm_TrafficFlowObserved_example-normalized.jsonld").read_bytes())
    (flow,) = [o for o in parsed.observations if o.property == "flow"]
    assert (flow.value, flow.raw, flow.raw_unit) == (2364, 197, "veh/300 s")
    assert flow.phenomenon_time == datetime.fromisoformat("2016-12-07T11:15:00Z")
    assert {o.property for o in parsed.observations} == {"flow", "occupancy", "speed"}


def test_t19_without_zone_it_is_the_sources_and_said_so() -> None:
    assert [r.reason for r in read(FLOW).rejects] == ["time_without_zone"]
    (flow,) = read(FLOW, zone="Europe/Madrid").observations
    assert (flow.value, flow.doubts) == (2364, Doubt.ZONE_ASSUMED)
    assert flow.phenomenon_time == datetime.fromisoformat("2016-12-07T10:15:00Z")


def test_t26_a_count_over_no_period_is_refused_unless_declared() -> None:
    bare = FLOW | {"dateObserved": "2016-12-07T11:15:00Z"}
    assert [r.reason for r in read(bare).rejects] == ["malformed"]
    assert values(read(bare, period_s=360))["B-1", "flow"] == 1970


def test_t14_t15_a_place_that_is_none_loses_no_measurement() -> None:
    nowhere = lamp(location={"type": "Point", "coordinates": [47.3, 168.37]})
    assert values(read(nowhere)) == {("L-1", "state"): "on"}


@pytest.mark.parametrize("model", ["AnprFlowObserved", "TrafficViolation"])
def test_t16_what_is_about_persons_is_refused_and_not_kept(model: str) -> None:
    (reject,) = read({"id": f"urn:ngsi-ld:{model}:1", "type": model, "licensePlate": "AB-123-CD"}).rejects
    assert (reject.reason, reject.item) == ("personal_data", b"")
    assert "AB-123" not in reject.detail


def test_t16_t17_personal_and_image_fields_reach_no_dead_letter() -> None:
    vehicle = {
        "id": "urn:ngsi-ld:FleetVehicleStatus:7", "type": "FleetVehicleStatus",
        "currentOperative": {"type": "Property", "value": "Jane Doe"}, "nested": {"image": "http://x/face.jpg"},
        "speed": 12,
    }  # fmt: skip
    (reject,) = read(vehicle).rejects
    assert reject.reason == "unknown_kind"
    assert b"speed" in reject.item
    assert b"Jane" not in reject.item
    assert b"face" not in reject.item


def test_t18_no_id_is_rejected_and_an_empty_type_in_it_is_noted() -> None:
    camera = {"cameraName": "Cam2", "streamURL": "https://drive.example/1", "cameraUsage": "SURVEILLANCE"}
    (reject,) = read(camera | {"type": "Camera"}).rejects
    assert (reject.reason, b"drive" in reject.item) == ("no_asset_named", False)
    parsed = read(lamp(id="urn:ngsi-ld::L-9"))
    assert values(parsed) == {("L-9", "state"): "on"}
    assert parsed.notes == {"ids with an empty type": 1}


def test_t22_nothing_is_not_zero() -> None:
    parsed = read(lamp(powerState=None, illuminanceLevel=None, powerConsumption="NaN"))
    assert (parsed.observations, parsed.rejects) == ([], [])
    assert parsed.notes == {"Streetlight without a value": 1}
    assert values(read(lamp(powerConsumption=0)))["L-1", "power"] == 0


def test_t23_numbers_may_be_texts_and_carry_a_unit() -> None:
    assert values(read(lamp(powerConsumption="12.5")))["L-1", "power"] == 12.5
    (power,) = [o for o in read(lamp(powerConsumption="0.0125 kW")).observations if o.property == "power"]
    assert (power.value, power.raw, power.raw_unit) == (12.5, 0.0125, "kW")
    assert [r.reason for r in read(lamp(powerConsumption="12 parsecs")).rejects] == ["unknown_unit"]
    assert [r.reason for r in read(lamp(powerConsumption=True)).rejects] == ["not_a_number"]


def test_t24_a_misspelt_attribute_has_an_alias() -> None:
    assert values(read(lamp(powerState=None, pwrState="off"), aliases={"pwrState": "powerState"})) == {
        ("L-1", "state"): "off"
    }


def test_a_cabinet_and_a_meter() -> None:
    cabinet = {
        "id": "urn:ngsi-ld:StreetlightControlCabinet:A-1", "type": "StreetlightControlCabinet",
        "totalActivePower": {"type": "Property", "value": 4200, "unitCode": "WTT", "observedAt": WHEN},
        "voltageR": 229, "voltageS": 231, "voltageT": 233, "status": "door_open", "dateObserved": WHEN,
        "energyConsumed": 162456,
    }  # fmt: skip
    parsed = read(cabinet)
    assert values(parsed) == {
        ("A-1", "power"): 4.2, ("A-1", "voltage"): 231, ("A-1", "state"): "door_open",
    }  # fmt: skip
    meter = {
        "id": "urn:ngsi-ld:ACMeasurement:ACMeasurement:MNCA-ACM-001", "type": "ACMeasurement",
        "refDevice": ["urn:ngsi-ld:Device:M-1"], "totalActivePower": 31700.27,
        "phaseVoltage": {"L1": 234.0, "L2": 235.0, "L3": 236.0}, "dateObserved": "2020-03-17T08:45:00Z",
        "totalActiveEnergyImport": 150781.96,
    }  # fmt: skip
    assert values(read(meter)) == {("M-1", "power"): 31.70027, ("M-1", "voltage"): 235}


def test_devices_and_alerts() -> None:
    device = {"id": "urn:ngsi-ld:Camera:CAM-1", "type": "Camera", "deviceState": "ok", "dateObserved": WHEN}
    assert values(read(device)) == {("CAM-1", "state"): "in_service"}
    gateway = device | {"type": "Device", "id": "GW-1", "deviceState": "offline"}
    assert values(read(gateway, kinds={"Device": "gateway"})) == {("GW-1", "state"): "no_contact"}
    alert = {
        "id": "Alert:1", "type": "Alert", "category": "traffic", "subCategory": "trafficJam",
        "severity": "high",
        "dateIssued": "2017-01-02T09:25:55.00Z", "alertSource": "urn:ngsi-ld:RoadSegment:V-1",
    }  # fmt: skip
    assert values(read(alert)) == {("V-1", "state"): "congested"}
    assert [r.reason for r in read(alert | {"subCategory": "carAccident"}).rejects] == ["unknown_kind"]


def test_ids_follow_the_sources_template() -> None:
    entity = lamp(id="urn:ngsi-ld:Streetlight:valmont:0012")
    assert values(read(entity, id="urn:ngsi-ld:{type}:valmont:{asset}", asset="EP-{asset}")) == {
        ("EP-0012", "state"): "on"
    }
    assert [r.reason for r in read(entity, id="urn:x:{asset}").rejects] == ["no_asset_named"]


def test_no_time_is_refused_unless_receipt_may_stand_for_it() -> None:
    timeless = lamp(dateObserved=None)
    assert [r.reason for r in read(timeless).rejects] == ["no_time"]
    (one,) = read(timeless, fields={"received_at": WHEN}, time="received").observations
    assert (one.phenomenon_time, one.doubts) == (datetime.fromisoformat(WHEN), Doubt.RECEIPT_TIME)


def test_a_key_given_twice_is_rejected_and_stops_nothing() -> None:
    doubled = json.dumps(lamp()).replace('"status": "ok"', '"status": "ok", "status": "defectiveLamp"')
    parsed = read(f"[{doubled},{json.dumps(lamp(id='L-2'))}]".encode())
    assert [(r.row, r.reason) for r in parsed.rejects] == [(0, "duplicate_key")]
    assert values(parsed) == {("L-2", "state"): "on"}


def test_plain_reading_is_enough_for_an_array() -> None:
    assert len(find_feed("ngsi").parse(json.dumps([lamp()]).encode(), PLAIN)) == 1
