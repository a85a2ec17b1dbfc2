"""Files of a publication: what every reader gets out of them is what was put in, and the same bytes."""

import csv
import io
import json
import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geodata.profiles import read_profile
from model.publications import Release
from services.publishing.cells import SLICE
from services.publishing.datasets.shaping import is_located, points, shaped
from services.publishing.describing import told_of
from services.publishing.files import CSV, FLATGEOBUF, GEOJSON, JSON, PARQUET, Format, Told, formats_of
from tests.released import released

PROFILE = read_profile("demo")
HOUR = datetime(2026, 3, 18, 5, tzinfo=UTC)
NASTY = ["=1+1", '@x, "y"', "deux\r\nlignes", "L’été – №1", "", None, "\uff1dSUM", "a,b"]


def of_places(names: list[str | None] = NASTY) -> tuple[pa.Table, Told, Release]:
    """Hours of loops with everything that is hard to write in a name."""
    release = released("traffic-counts")
    count = len(names)
    columns = {
        "hour": pa.array([int(HOUR.timestamp()) * 1000] * count, pa.int64()).cast(pa.timestamp("ms", "UTC")),
        "id": [f"X-{i:06d}" for i in range(count)],
        "name": pa.array(names, pa.string()),
        "area": ["Ouest"] * count,
        "area_code": ["01"] * count,
        "flow": np.arange(count) * 10.4,
        "occupancy": np.where(np.arange(count) % 2, np.nan, 12.34),
        "coverage": np.full(count, 100.0),
        "geometry": points(5 + np.arange(count) * 1.00000049e-3, np.full(count, 47.123456789)),
    }
    table = shaped(release, columns, count)
    return table, told_of(release, PROFILE, is_located(release)), release


def of_a_table() -> tuple[pa.Table, Told]:
    """Two days of two communes, one day without a figure."""
    release = released("lighting-failures")
    columns = {
        "day": pa.array([date(2026, 3, 18)] * 2 + [date(2026, 3, 19)], pa.date32()),
        "area": ["Ouest", "-Est", "Ouest"],
        "area_code": ["01", "02", "01"],
        "points": [4, 1, 4],
        "failure_rate": [25.126, 0.0, math.nan],
        "coverage": [100.0, 99.96, 12.0],
    }
    return shaped(release, columns, 3), told_of(release, PROFILE, located=False)


def file_of(form: Format, table: pa.Table, told: Told, folder: Path, name: str = "file") -> Path:
    path = folder / f"{name}.{form.extension}"
    form.write(table, told, path)
    return path


def cells(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_csv_is_read_back_exactly_and_harmless_in_a_spreadsheet(tmp_path: Path) -> None:
    table, told, _ = of_places()
    path = file_of(CSV, table, told, tmp_path)
    found = cells(path)
    body = path.read_bytes()
    assert body.startswith(b"hour,id,name,area,area_code,flow,occupancy,coverage,longitude,latitude\r\n")
    assert body.endswith(b"\r\n")
    assert [one["name"] for one in found] == [
        "'=1+1", "'@x, \"y\"", "deux\r\nlignes", "L’été – №1", "", "", "'\uff1dSUM", "a,b",
    ]  # fmt: skip
    assert [one["flow"] for one in found[:3]] == ["0", "10", "21"]
    assert [one["occupancy"] for one in found[:2]] == ["12.3", ""]
    assert found[1]["hour"] == "2026-03-18T05:00:00Z"
    assert (found[1]["longitude"], found[1]["latitude"]) == ("5.001", "47.123457")


def test_a_table_is_the_same_in_csv_json_and_parquet(tmp_path: Path) -> None:
    table, told = of_a_table()
    assert [form.extension for form in formats_of(told)] == ["csv", "json", "parquet"]
    rows = json.loads(file_of(JSON, table, told, tmp_path).read_bytes())
    assert rows["publication"] == "lighting-failures"
    assert rows["columns"][4] == {"name": "failure_rate", "shape": "number", "unit": "%"}
    assert [tuple(one.values()) for one in rows["rows"]] == [
        ("2026-03-18", "Ouest", "01", 4, 25.13, 100),
        ("2026-03-18", "-Est", "02", 1, 0, 100),
        ("2026-03-19", "Ouest", "01", 4, None, 12),
    ]
    assert list(rows["rows"][0]) == ["day", "area", "area_code", "points", "failure_rate", "coverage"]
    assert [one["failure_rate"] for one in cells(file_of(CSV, table, told, tmp_path))] == ["25.13", "0", ""]
    parquet = file_of(PARQUET, table, told, tmp_path)
    assert pq.read_table(parquet).to_pylist() == table.to_pylist()
    told_in = json.loads(pq.read_schema(parquet).metadata[b"vigie"])
    assert told_in["licence"]["id"] == "etalab-2.0"
    question = f"SELECT day, failure_rate FROM '{parquet}' ORDER BY day, area"
    assert duckdb.sql(question).fetchall()[-1] == (date(2026, 3, 19), None)


def same_rows(frame: Any, table: pa.Table) -> None:
    """Every row, value and place of ``frame``, by id, as in ``table``."""
    frame = frame.sort_values("id").reset_index(drop=True)
    wanted = table.to_pylist()
    assert len(frame) == len(wanted)
    for name in ("id", "area", "area_code"):
        assert frame[name].tolist() == [one[name] for one in wanted]
    names = [None if one is None or one != one else one for one in frame["name"].tolist()]
    assert names == [one["name"] for one in wanted]
    assert frame["flow"].tolist() == [one["flow"] for one in wanted]
    assert [None if one != one else one for one in frame["occupancy"].astype(float)] == [
        one["occupancy"] for one in wanted
    ]
    assert set(frame["hour"]) == {HOUR}
    places = shapely.from_wkb([one["geometry"] for one in wanted])
    assert np.allclose(
        shapely.get_coordinates(frame.geometry.values), shapely.get_coordinates(places), atol=6e-7
    )


@pytest.mark.parametrize("form", [GEOJSON, PARQUET, FLATGEOBUF], ids=lambda form: form.extension)
def test_geopandas_reads_equal_rows_values_and_places(tmp_path: Path, form: Format) -> None:
    table, told, _ = of_places()
    path = file_of(form, table, told, tmp_path)
    frame = geopandas.read_parquet(path) if form is PARQUET else geopandas.read_file(path)
    same_rows(frame, table)
    assert frame.crs.to_epsg() == 4326 or frame.crs.to_string() == "OGC:CRS84"


def test_duckdb_reads_the_geoparquet_with_equal_values(tmp_path: Path) -> None:
    table, told, _ = of_places()
    path = file_of(PARQUET, table, told, tmp_path)
    question = f"SELECT count(*), sum(flow), min(hour), count(geometry) FROM '{path}'"
    found = duckdb.sql(question).fetchall()[0]
    wanted = [one["flow"] for one in table.to_pylist()]
    assert (found[0], found[1], found[3]) == (len(wanted), sum(wanted), len(wanted))
    assert found[2].astimezone(UTC) == HOUR


def test_geojson_says_of_itself_what_it_is_and_every_feature_is_one_line(tmp_path: Path) -> None:
    release = released("lighting-points")
    columns = {
        "id": ["X-1", "X-2"], "type": ["streetlight"] * 2, "name": ["a", 'b "c"'],
        "street": pa.array([None, "Rue"], pa.string()), "area": ["Ouest"] * 2, "area_code": ["1"] * 2,
        "geometry": points([5.1, -0.0000001], [47.5, 47.5]),
    }  # fmt: skip
    path = file_of(GEOJSON, shaped(release, columns, 2), told_of(release, PROFILE, located=True), tmp_path)
    body = path.read_bytes()
    found = json.loads(body)
    assert (found["type"], found["publication"], found["generated"]) == (
        "FeatureCollection",
        "lighting-points",
        True,
    )
    assert found["features"][1] == {
        "type": "Feature", "id": "X-2", "geometry": {"type": "Point", "coordinates": [0, 47.5]},
        "properties": {
            "id": "X-2", "type": "streetlight", "name": 'b "c"', "street": "Rue", "area": "Ouest",
            "area_code": "1",
        },
    }  # fmt: skip
    assert found["features"][0]["properties"]["street"] is None
    assert body.count(b"\n") == 4


@pytest.mark.parametrize("count", [0, 1, SLICE, SLICE + 1])
def test_files_of_any_length_are_whole(tmp_path: Path, count: int) -> None:
    table, told, _ = of_places(["x"] * count)
    assert len(json.loads(file_of(GEOJSON, table, told, tmp_path).read_bytes())["features"]) == count
    assert len(json.loads(file_of(JSON, table, told, tmp_path).read_bytes())["rows"]) == count
    assert len(cells(file_of(CSV, table, told, tmp_path))) == count
    assert pq.read_metadata(file_of(PARQUET, table, told, tmp_path)).num_rows == count
    flat = file_of(FLATGEOBUF, table, told, tmp_path)
    assert pyogrio.read_info(flat, force_feature_count=True)["features"] == count


@pytest.mark.parametrize("form", [CSV, GEOJSON, JSON, PARQUET, FLATGEOBUF], ids=lambda form: form.extension)
def test_the_same_rows_in_any_order_are_the_same_bytes(tmp_path: Path, form: Format) -> None:
    table, told, release = of_places(["x", "y", "z"] * 50)
    mixed = table.take(pa.array(np.random.default_rng(1).permutation(table.num_rows)))
    again = shaped(release, {name: mixed[name] for name in mixed.column_names}, mixed.num_rows)
    first, second = file_of(form, table, told, tmp_path, "a"), file_of(form, again, told, tmp_path, "b")
    assert first.read_bytes() == second.read_bytes()


def test_near_places_stand_near_each_other_in_the_geoparquet(tmp_path: Path) -> None:
    """Sorted along a curve: from one row to the next it is a fraction of what it is in order of names."""
    count = 400
    places = np.random.default_rng(2).random((count, 2))
    _, told, release = of_places(["x"])
    columns = {
        "hour": pa.array([0] * count, pa.int64()).cast(pa.timestamp("ms", "UTC")),
        "id": [f"X-{i:06d}" for i in range(count)],
        "geometry": points(5 + places[:, 0], 47 + places[:, 1]),
    }
    path = file_of(PARQUET, shaped(release, columns, count), told, tmp_path)
    stored = shapely.get_coordinates(shapely.from_wkb(pq.read_table(path)["geometry"].to_numpy()))
    steps = np.hypot(*np.diff(stored, axis=0).T)
    assert steps.mean() < 0.25 * np.hypot(*np.diff(places, axis=0).T).mean()
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert (geo["version"], geo["columns"]["geometry"]["geometry_types"]) == ("1.1.0", ["Point"])
    assert geo["columns"]["geometry"]["bbox"] == [*stored.min(axis=0), *stored.max(axis=0)]
