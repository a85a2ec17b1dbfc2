"""Files that would put the city in the sea: each is refused with the rows and the mend, none is repaired."""

from pathlib import Path

import geopandas
import pytest
import shapely
from sqlalchemy import Engine

from geodata.importer import import_file
from geodata.placing import transformer
from model.errors import BadFile
from tests.integration.town import (
    TOWN,
    csv_lamps,
    figures,
    lamps,
    rows,
    write_csv,
    write_geojson,
    write_shapes,
)

PLACES = [(5.01 + n / 100, 47.30) for n in range(10)]
LAMBERT = [transformer("EPSG:4326", "EPSG:2154").transform(*place) for place in PLACES]
POINTS = [shapely.Point(place) for place in PLACES]


def metres_as_geojson(folder: Path) -> Path:
    features = [
        ({"ref": str(n), "name": "x"}, {"type": "Point", "coordinates": list(place)})
        for n, place in enumerate(LAMBERT)
    ]
    return write_geojson(folder / "l.geojson", features)


def nothing(engine: Engine) -> bool:
    return rows(engine, "SELECT (SELECT count(*) FROM asset), (SELECT count(*) FROM import_run)") == [(0, 0)]


def test_lambert_metres_in_a_file_that_says_degrees(engine: Engine, tmp_path: Path) -> None:
    file = metres_as_geojson(tmp_path)
    with pytest.raises(BadFile) as refused:
        import_file(engine, TOWN, lamps(), file)
    said = str(refused.value)
    assert "10 of the first 10 positions" in said
    assert "rows 1, 2, 3" in said
    assert "--crs EPSG:2154" in said
    assert nothing(engine)
    report = import_file(engine, TOWN, lamps(), file, crs="EPSG:2154")
    assert (figures(report), report.crs, report.crs_from) == ((10, 0, 0, 0), "EPSG:2154", "option")
    assert ("crs_overridden", {"file": "EPSG:4326", "used": "EPSG:2154"}) in report.notes
    assert rows(engine, "SELECT ST_X(geometry) FROM asset WHERE external_id = '0'") == [
        (pytest.approx(5.01),)
    ]


def test_a_shapefile_without_a_system(engine: Engine, tmp_path: Path) -> None:
    path = write_shapes(tmp_path / "l.shp", geopandas.points_from_xy(*zip(*LAMBERT, strict=True)), crs=2154)
    path.with_suffix(".prj").unlink()
    with pytest.raises(BadFile, match=r"no coordinate system is given; .*add --crs EPSG:2154"):
        import_file(engine, TOWN, lamps(), path)
    assert nothing(engine)
    assert figures(import_file(engine, TOWN, lamps({"crs": "EPSG:2154"}), path)) == (10, 0, 0, 0)


def test_csv_columns_have_no_system_of_their_own(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path, *(f"{n};x;{lon};{lat}" for n, (lon, lat) in enumerate(PLACES)))
    with pytest.raises(BadFile, match="--crs EPSG:4326"):
        import_file(engine, TOWN, lamps({"position": {"lon": "lon", "lat": "lat"}}), file)


def test_swapped_columns_are_named(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path, *(f"{n};x;{lat};{lon}" for n, (lon, lat) in enumerate(PLACES)))
    with pytest.raises(BadFile, match=r"lon, lat; rows 2, 3, .*exchange lon and lat in \[position\]"):
        import_file(engine, TOWN, csv_lamps(), file)
    assert nothing(engine)


def test_a_file_that_writes_latitude_first_says_so_in_its_profile(engine: Engine, tmp_path: Path) -> None:
    path = write_shapes(tmp_path / "l.gpkg", [shapely.Point(p.y, p.x) for p in POINTS])
    with pytest.raises(BadFile, match='axes = "lat_lon"'):
        import_file(engine, TOWN, lamps(), path)
    assert figures(import_file(engine, TOWN, lamps({"position": {"axes": "lat_lon"}}), path)) == (10, 0, 0, 0)
    assert rows(engine, "SELECT count(*) FROM asset WHERE ST_X(geometry) < ST_Y(geometry)") == [(10,)]


def test_a_few_misplaced_rows_are_rejected_each_with_its_story(engine: Engine, tmp_path: Path) -> None:
    good = [f"{n};x;{5.0 + n / 1000};47.30" for n in range(30)]
    bad = [
        "B1;x;47.30;5.01",
        f"B2;x;{LAMBERT[0][0]};{LAMBERT[0][1]}",
        "B3;x;2.35;48.85",
        "B4;x;0;0",
        "B5;x;1e999;47.3",
    ]
    report = import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *good, *bad))
    assert figures(report) == (30, 0, 0, 5)
    assert [(r.row, r.reason, r.system) for r in report.rejections] == [
        (32, "swapped", ""),
        (33, "other_system", "EPSG:2154"),
        (34, "outside", ""),
        (35, "outside", ""),
        (36, "unreadable_position", ""),
    ]


def test_another_citys_file_is_refused_early(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path, *(f"{n};x;2.35;48.85" for n in range(2_000)))
    with pytest.raises(BadFile, match="another city's file"):
        import_file(engine, TOWN, csv_lamps(), file)
    assert nothing(engine)


def test_a_line_that_leaves_the_city_is_not_in_it(engine: Engine, tmp_path: Path) -> None:
    lines = [shapely.LineString([(5.0, 47.3), (5.1, 47.3)])] * 9
    far = shapely.LineString([(5.0, 47.3), (9.0, 47.3)])
    path = write_shapes(tmp_path / "l.gpkg", [*lines, far])
    profile = lamps({"domain": "traffic", "asset_type": "segment"})
    report = import_file(engine, TOWN, profile, path)
    assert (figures(report), report.reasons) == ((9, 0, 0, 1), {"outside": 1})


def test_two_positions_of_one_row_must_agree(engine: Engine, tmp_path: Path) -> None:
    rows_in = [
        f'{n};x;"{{""type"":""Point"",""coordinates"":[5.0{n},47.3]}}";"47.3, 5.0{n}"' for n in range(9)
    ]
    rows_in.append('9;x;"{""type"":""Point"",""coordinates"":[5.0,47.3]}";"5.0, 47.3"')
    file = write_csv(tmp_path, *rows_in, header="ref;name;shape;point")
    profile = lamps({"position": {"geojson": "shape", "check_lat_lon": "point"}})
    report = import_file(engine, TOWN, profile, file)
    assert (figures(report), report.reasons) == ((9, 0, 0, 1), {"positions_disagree": 1})
