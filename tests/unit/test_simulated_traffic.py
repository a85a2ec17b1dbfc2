"""The simulated traffic file: the Rennes format, read back without our own reader, and true to the world."""

import csv
import io
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from services.simulation import rennes
from services.simulation.imperfections import Imperfections
from services.simulation.segments import CONGESTED, HEAVY, STEP_S, Segments
from tests.simulated import MORNING, small_city, world_at

FLAWLESS = Imperfections(1, 0.0)


@pytest.fixture(scope="module")
def segments() -> Segments:
    return Segments(world_at().physics)


def read(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_it_has_the_columns_of_the_real_file(segments: Segments, shared_data: Path) -> None:
    real = next((shared_data / "feeds").glob("rennes_etat_du_trafic_*.csv")).read_bytes()
    ours = rennes.render(segments, segments.traffic(MORNING), FLAWLESS)
    assert ours.split(b"\n")[0] == real.replace(b"\r", b"").split(b"\n")[0]
    one, other = read(ours)[0], read(real)[0]
    for column, value in other.items():
        assert bool(value) == bool(one[column]), column


def test_every_segment_is_told_as_the_traffic_runs(segments: Segments) -> None:
    traffic = segments.traffic(MORNING)
    rows = read(rennes.render(segments, traffic, FLAWLESS))
    city = small_city()
    assert [row["predefinedLocationReference"] for row in rows] == [
        city.external_ids[r] for r in city.of("segment")
    ]
    for place, row in enumerate(rows):
        assert float(row["averageVehicleSpeed"]) == traffic.speed[place]
        assert int(row["vehicleProbeMeasurement"]) == traffic.probes[place]
        assert row["trafficStatus"] == traffic.status[place]
        driven = segments.lengths[place] / (traffic.speed[place] / 3.6)
        assert abs(float(row["travelTime"]) - driven) <= 0.5 or row["travelTime"] == "1"


def test_its_time_is_the_start_of_its_step_in_the_city_s_zone(segments: Segments) -> None:
    rows = read(rennes.render(segments, segments.traffic(MORNING + 100), FLAWLESS))
    assert {row["datetime"] for row in rows} == {"2026-11-20T08:09:00+01:00"}
    assert datetime.fromisoformat(rows[0]["datetime"]).timestamp() % STEP_S == 0


def test_both_positions_name_the_same_place(segments: Segments) -> None:
    for row in read(rennes.render(segments, segments.traffic(MORNING), FLAWLESS)):
        lat, lon = (float(part) for part in row["Geo Point"].split(","))
        line = np.array(json.loads(row["Geo Shape"])["coordinates"])
        assert lon < lat
        assert np.abs(line - [lon, lat]).max() < 0.02


def test_without_probes_nothing_is_known_and_the_speed_is_the_limit(segments: Segments) -> None:
    rows = [
        row
        for step in range(60)
        for row in read(rennes.render(segments, segments.traffic(MORNING + step * STEP_S), FLAWLESS))
    ]
    alone = [row for row in rows if row["vehicleProbeMeasurement"] == "0"]
    assert 0.07 < len(alone) / len(rows) < 0.13
    assert {row["trafficStatus"] for row in alone} == {"unknown"}
    assert all(row["averageVehicleSpeed"] == row["vitesse_maxi"] for row in alone)
    few = sum(int(row["vehicleProbeMeasurement"]) <= 2 for row in rows) / len(rows)
    assert 0.6 < few < 0.9


def test_status_follows_from_speed_and_limit(segments: Segments) -> None:
    for hour in range(24):
        for row in read(rennes.render(segments, segments.traffic(MORNING + hour * 3_600), FLAWLESS)):
            ratio = float(row["averageVehicleSpeed"]) / float(row["vitesse_maxi"])
            if row["trafficStatus"] == "unknown" or min(abs(ratio - HEAVY), abs(ratio - CONGESTED)) < 0.03:
                continue
            expected = "congested" if ratio < CONGESTED else "heavy" if ratio < HEAVY else "freeFlow"
            assert row["trafficStatus"] == expected


def test_the_morning_is_slower_than_the_night(segments: Segments) -> None:
    def statuses(now: int) -> Counter[str]:
        return sum((Counter(segments.traffic(now + s * STEP_S).status) for s in range(20)), Counter())

    morning, night = statuses(MORNING), statuses(MORNING - 5 * 3_600)
    assert morning["heavy"] + morning["congested"] > 5 * (night["heavy"] + night["congested"])
    assert night["freeFlow"] > 0.8 * night.total()


def test_what_somebody_else_tells_is_left_out(segments: Segments) -> None:
    rows = read(rennes.render(segments, segments.traffic(MORNING), FLAWLESS, {3}))
    assert len(rows) == len(segments.rows) - 1
    left_out = small_city().external_ids[int(segments.rows[3])]
    assert left_out not in {row["predefinedLocationReference"] for row in rows}


def test_wrong_rows_stand_beside_right_ones(segments: Segments) -> None:
    flaws = Imperfections(3, 100.0)
    wrong: Counter[str] = Counter()
    for step in range(40):
        traffic = segments.traffic(MORNING + step * STEP_S)
        right = read(rennes.render(segments, traffic, FLAWLESS))
        for row in read(rennes.render(segments, traffic, flaws)):
            if row in right:
                right.remove(row)
            else:
                wrong[what_is_wrong(row)] += 1
        assert right == []
    assert wrong.keys() == {"unknown", "speed", "zone"}
    assert wrong.total() == flaws.made


def what_is_wrong(row: dict[str, str]) -> str:
    if row["predefinedLocationReference"] not in small_city().external_ids:
        return "unknown"
    return (
        "speed" if float(row["averageVehicleSpeed"]) > 180 else "zone" if "+" not in row["datetime"] else "?"
    )
