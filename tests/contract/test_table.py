"""Tables by declaration: nothing is guessed, and what does not fit is refused row by row."""

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from model.errors import BadProfile, BadRequest
from model.observations import Doubt, Quality
from services.live import PLAIN, Parsed, Reading, find_feed

PARKING: dict[str, Any] = {
    "format": "csv", "delimiter": ";", "decimal": ",", "asset_type": "car_park", "asset_column": "id",
    "time_column": "heure", "time_format": "%d/%m/%Y %H:%M",
    "values": [{"column": "libres", "property": "free_places", "no_data": ["-1"]}],
    "state": {"column": "etat", "map": {"OUVERT": "open", "FERME": "closed", "?": ""}},
}  # fmt: skip
CSV = "id;heure;libres;etat\nP-1;06/11/2026 18:42;132;OUVERT\nP-2;06/11/2026 18:42;-1;FERME\n"
PARIS = ZoneInfo("Europe/Paris")


def read(
    payload: str | bytes, zone: ZoneInfo | None = PARIS, fields: dict[str, str] | None = None, **more: Any
) -> Parsed:
    raw = payload.encode() if isinstance(payload, str) else payload
    return find_feed("table").parse(raw, Reading(PARKING | more, fields or {}, zone))


def values(parsed: Parsed) -> dict[tuple[str, str], float | str]:
    return {(o.asset, o.property): o.value for o in parsed.observations}


def test_a_csv_is_read_as_declared() -> None:
    parsed = read(CSV)
    assert values(parsed) == {
        ("P-1", "state"): "open", ("P-1", "free_places"): 132, ("P-2", "state"): "closed",
    }  # fmt: skip
    assert {o.phenomenon_time for o in parsed.observations} == {
        datetime.fromisoformat("2026-11-06T17:42:00Z")
    }
    assert {o.doubts for o in parsed.observations} == {Doubt.ZONE_ASSUMED}


def test_t5_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert values(read("\ufeff" + CSV)) == values(read(CSV))


def test_a_date_that_is_not_as_declared_is_refused_not_turned_round() -> None:
    parsed = read(CSV.replace("06/11/2026", "11/13/2026", 1))
    assert [(r.row, r.reason) for r in parsed.rejects] == [(0, "malformed")]
    assert b"11/13/2026" in parsed.rejects[0].item
    assert {o.asset for o in parsed.observations} == {"P-2"}


def test_without_zone_or_in_the_hour_the_clock_goes_back_there_is_no_instant() -> None:
    assert [r.reason for r in read(CSV, zone=None).rejects] == ["time_without_zone"] * 2
    twice = read(CSV.replace("06/11/2026 18:42", "25/10/2026 02:30"))
    assert [r.reason for r in twice.rejects] == ["time_without_zone"] * 2


def test_t21_the_day_of_23_hours_has_every_instant_once() -> None:
    hours = [f"P-1;29/03/2026 {hour:02d}:00;1;?" for hour in range(24) if hour != 2]
    parsed = read("id;heure;libres;etat\n" + "\n".join([*hours, "P-1;30/03/2026 00:00;1;?"]))
    times = [o.phenomenon_time.astimezone(ZoneInfo("UTC")) for o in parsed.observations]
    assert {(later - earlier).total_seconds() for earlier, later in pairwise(times)} == {3600}


def test_t22_zero_is_measured_and_empty_is_not() -> None:
    parsed = read(
        "id;heure;libres;etat\nP-1;06/11/2026 18:42;0;\nP-2;06/11/2026 18:42;;\nP-3;06/11/2026 18:42;NaN;\n"
    )
    assert values(parsed) == {("P-1", "free_places"): 0}
    assert parsed.notes == {"rows without a value": 2}


def test_the_decimal_sign_is_the_declared_one_alone() -> None:
    assert values(read(CSV.replace(";132;", ";13,5;")))["P-1", "free_places"] == 13.5
    assert [r.reason for r in read(CSV.replace(";132;", ";1.320;")).rejects] == ["not_a_number"]
    assert values(read(CSV.replace(";132;", ";1.320;"), thousands="."))["P-1", "free_places"] == 1320


def test_a_word_outside_the_map_is_refused() -> None:
    parsed = read(CSV.replace("OUVERT", "COMPLET"))
    assert [(r.row, r.reason) for r in parsed.rejects] == [(0, "unknown_state")]


def test_t26_siredo_counts_per_six_minutes_become_a_rate() -> None:
    siredo = {
        "format": "csv", "delimiter": ";", "asset_type": "detector", "asset_column": "id",
        "time_column": "heure", "values": [
            {"column": "debit", "property": "flow", "unit": "veh/6 min", "factor": 10},
            {"column": "vitesse", "property": "speed"},
            {"column": "taux", "property": "occupancy", "unit": "%"},
        ],
        "uncertain": [{"column": "debit", "below": 3}],
    }  # fmt: skip
    text = (
        b"id;heure;debit;vitesse;taux\nB-1;2026-11-06T18:42:00+01:00;101;88.5;14.7\n"
        b"B-2;2026-11-06T18:42:00+01:00;2;50;1"
    )
    parsed = find_feed("table").parse(text, Reading(siredo))
    by_asset = {(o.asset, o.property): (o.value, o.raw, o.raw_unit, o.quality) for o in parsed.observations}
    assert by_asset["B-1", "flow"] == (1010, 101, "veh/6 min", Quality.GOOD)
    assert by_asset["B-1", "occupancy"] == (0.147, 14.7, "%", Quality.GOOD)
    assert by_asset["B-1", "speed"] == (88.5, None, "", Quality.GOOD)
    assert by_asset["B-2", "flow"] == (20, 2, "veh/6 min", Quality.UNCERTAIN)


def test_rows_may_be_left_out_as_declared() -> None:
    parsed = read(CSV, skip=[{"column": "etat", "in": ["FERME"]}])
    assert {o.asset for o in parsed.observations} == {"P-1"}
    assert parsed.notes == {"rows skipped, as declared": 1}


def test_geojson_and_json_with_rows_somewhere_inside() -> None:
    geo = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": "P-1", "geometry": None,
             "properties": {"heure": 1762447320000, "places": {"libres": 12}, "etat": "OUVERT"}},
            {"type": "Feature", "id": "P-2", "properties": {"heure": "soon", "places": {"libres": 1}}},
            7,
        ],
    }  # fmt: skip
    declared = {"time_format": "epoch_ms", "values": [{"column": "places.libres", "property": "free_places"}]}
    parsed = read(json.dumps(geo), format="geojson", **declared)
    assert values(parsed) == {("P-1", "free_places"): 12, ("P-1", "state"): "open"}
    assert [(r.row, r.reason) for r in parsed.rejects] == [(1, "malformed"), (2, "malformed")]
    flat = {"result": {"records": [{"id": 4, "heure": 1762447320, "libres": 3}]}}
    parsed = read(
        json.dumps(flat),
        format="json",
        rows="result.records",
        time_format="epoch_s",
        asset="P-{asset}",
        state=None,
    )
    assert values(parsed) == {("P-4", "free_places"): 3}


def test_a_table_without_times_is_of_its_receipt_where_declared() -> None:
    known = {"received_at": "2026-11-06T18:42:00+01:00"}
    parsed = read(CSV, fields=known, time="received", time_column="")
    assert {o.doubts for o in parsed.observations} == {Doubt.RECEIPT_TIME}


BAD_FILES = {
    "other columns": b"a;b\n1;2\n",
    "latin-1": "id;heure;libres;etat\nP-\u00e9".encode("latin-1"),
    "nothing": b"",
    "quotes": b'id;heure;libres;etat\n"P-1"x;;;\n',
}


@pytest.mark.parametrize("payload", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_what_is_not_the_declared_table_is_refused_whole(payload: bytes) -> None:
    with pytest.raises(BadRequest):
        read(payload)


def test_a_row_of_more_or_fewer_columns_is_refused() -> None:
    parsed = read(CSV + "P-3;06/11/2026 18:42\nP-4;06/11/2026 18:42;1;?;5\n")
    assert [(r.row, r.reason) for r in parsed.rejects] == [(2, "malformed"), (3, "malformed")]


BAD_PROFILES: list[tuple[dict[str, Any], str]] = [
    ({"format": "xlsx"}, "format"),
    ({"asset_type": "spaceship"}, "asset_type"),
    ({"time_column": ""}, "time_column"),
    ({"values": [{"column": "libres", "property": "charm"}]}, "charm"),
    ({"state": {"column": "etat", "map": {"X": "glorious"}}}, "glorious"),
    ({"values": [{"column": "libres", "property": "free_places", "colour": "red"}]}, "colour"),
    ({"delimeter": ","}, "delimeter"),
    ({"values": [], "state": None}, "values"),
]


@pytest.mark.parametrize(("more", "named"), BAD_PROFILES)
def test_a_declaration_that_cannot_be_right_names_the_key(more: dict[str, Any], named: str) -> None:
    with pytest.raises(BadProfile, match=named):
        read(CSV, **more)


def test_without_a_declaration_there_is_nothing_to_read() -> None:
    with pytest.raises(BadRequest, match="format"):
        find_feed("table").parse(CSV.encode(), PLAIN)


def test_the_rennes_capture_can_be_read_by_declaration_too(shared_data: Path) -> None:
    payload = (shared_data / "feeds" / "rennes_etat_du_trafic_20251104T1724.csv").read_bytes()
    profile = {
        "format": "csv", "delimiter": ";", "asset_type": "segment",
        "asset_column": "predefinedLocationReference", "time_column": "datetime",
        "values": [{"column": "averageVehicleSpeed", "property": "speed"}],
        "skip": [{"column": "vehicleProbeMeasurement", "in": ["0"]}],
        "uncertain": [{"column": "vehicleProbeMeasurement", "below": 3}],
    }  # fmt: skip
    by_hand = find_feed("rennes_traffic").parse(payload, PLAIN)
    parsed = find_feed("table").parse(payload, Reading(profile))
    speeds = {o.asset: o.value for o in by_hand.observations if o.property == "speed"}
    assert {o.asset: o.value for o in parsed.observations} == speeds
    assert parsed.notes == {"rows skipped, as declared": 298}
