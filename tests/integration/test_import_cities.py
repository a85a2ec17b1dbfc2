"""The shipped city profiles on the cities' own open data, to the row."""

from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine

from geodata.assets import read_columns, read_version
from geodata.importer import import_file, import_folder, profile_of
from geodata.profiles import read_profile
from model.errors import BadFile
from model.texts import words
from tests.integration.town import TOWN, rows, write_shapes

MONTPELLIER = {
    "commune": 1,
    "districts": 7,
    "streets": 8_011,
    "lights": 29_969,
    "junctions": 373,
    "cameras": 141,
    "buildings": 470,
    "doors": 264,
    "car_parks": 22,
}


def test_montpellier_comes_in_whole_and_twice_is_once(engine: Engine, shared_data: Path) -> None:
    city = read_profile("montpellier")
    reports = {report.profile: report for report in import_folder(engine, city, shared_data)}
    assert {name: report.stored for name, report in reports.items()} == MONTPELLIER
    assert all(report.balanced and not report.rejected for report in reports.values())
    assert reports["lights"].duplicate_points == 124
    assert reports["buildings"].filtered == 1_024 - 470
    assert reports["doors"].orphans == 0
    version = read_version(engine)

    columns = read_columns(engine, city.area_kind)
    assert len(columns) == sum(MONTPELLIER.values()) - 8_011 - 8
    assert (columns.parents >= 0).sum() == 264
    in_districts = rows(engine, "SELECT count(DISTINCT district_id), count(commune_id) FROM asset")
    assert in_districts[0][0] == 7
    # SOURCES.md: 96.5 % of the lights lie inside the commune's outline.
    share = rows(engine, "SELECT avg((commune_id IS NOT NULL)::int) FROM asset WHERE source = 'lights'")[0][0]
    assert round(float(share), 3) == 0.965
    assert rows(engine, "SELECT count(*) FROM asset WHERE external_id LIKE 'PK-11-%'") == [(2,)]
    assert rows(engine, "SELECT min(extract(year FROM installed_at)) >= 1950 FROM asset") == [(True,)]

    again = import_folder(engine, city, shared_data)
    assert {report.profile: report.unchanged for report in again} == MONTPELLIER
    assert not any(report.changed for report in again)
    assert read_version(engine) == version


def test_rennes_has_its_communes_and_segments(engine: Engine, shared_data: Path) -> None:
    city = read_profile("rennes")
    reports = {report.profile: report for report in import_folder(engine, city, shared_data)}
    assert {name: report.stored for name, report in reports.items()} == {
        "communes": 43,
        "streets": 2_859,
        "segments": 2_859,
    }
    assert rows(engine, "SELECT DISTINCT GeometryType(geometry) FROM asset") == [("LINESTRING",)]
    names = rows(engine, "SELECT count(*) FROM asset WHERE name LIKE '%\ufeff%' OR name = ''")
    assert names == [(0,)]
    assert reports["segments"].outside == 0
    assert len(read_columns(engine)) == 2_859


def test_dijon_has_its_communes(engine: Engine, shared_data: Path) -> None:
    (report,) = import_folder(engine, read_profile("dijon"), shared_data)
    assert (report.stored, report.rejected) == (23, 0)
    assert rows(engine, "SELECT name FROM area WHERE code = '21231'") == [("Dijon",)]


def test_the_cameras_stand_at_the_same_places_in_either_format(engine: Engine, shared_data: Path) -> None:
    """The city publishes them in Lambert-93 and in WGS84: two roads to the same places."""
    camera = {"file": "*", "domain": "surveillance", "asset_type": "camera", "id": "position"}
    files = {
        "kml": ("montpellier_cameras.kml", "Name"),
        "shp": ("montpellier_cameras_l93_shp.zip", "Adresse"),
    }
    for source, (file, column) in files.items():
        profile = profile_of(camera | {"name": column, "id_prefix": f"{source}-"}, source)
        path = shared_data / "montpellier" / file
        assert import_file(engine, read_profile("montpellier"), profile, path).stored == 141
    alone = """
        SELECT count(*) FROM asset a WHERE source = 'kml' AND NOT EXISTS (
            SELECT FROM asset b WHERE b.source = 'shp' AND b.name = a.name
            AND ST_DWithin(a.geometry::geography, b.geometry::geography, 1))
    """
    assert rows(engine, alone) == [(0,)]


def test_a_missing_required_file_is_refused_by_name_before_anything(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"montpellier_limite_commune\.geojson"):
        import_folder(engine, read_profile("montpellier"), tmp_path)
    with pytest.raises(BadFile, match="no such folder"):
        import_folder(engine, read_profile("dijon"), tmp_path / "nowhere")


def test_a_rehearsed_folder_reports_what_is_missing_and_takes_all_back(
    engine: Engine, tmp_path: Path
) -> None:
    add = '\nid = "code"\nname = "name"\nfile = '
    (tmp_path / "a.toml").write_text('target = "area"\narea_kind = "commune"' + add + '"communes*"')
    lamp = 'domain = "lighting"\nasset_type = "streetlight"\nid = "ref"\nname = "name"\nfile = '
    (tmp_path / "lamps.toml").write_text(lamp + '"lamps*"')
    (tmp_path / "more.toml").write_text(lamp + '"more*"\nrequired = false')
    city = replace(TOWN, folder=tmp_path, imports=("more.toml", "lamps.toml", "a.toml"))
    data = tmp_path / "data"
    data.mkdir()
    write_shapes(data / "communes.gpkg", [shapely.box(4.95, 47.25, 5.05, 47.45)], code=["1"])
    write_shapes(data / "lamps.gpkg", [shapely.Point(5.0, 47.3), shapely.Point(5.1, 47.3)])
    told: list[str] = []
    reports = import_folder(
        engine,
        city,
        data,
        dry_run=True,
        preview=tmp_path / "p.html",
        progress=lambda step, *_: told.append(step),
    )
    assert [(r.profile, r.missing, r.stored, r.outside) for r in reports] == [
        ("a", False, 1, 0),
        ("more", True, 0, 0),
        ("lamps", False, 2, 1),
    ]
    assert told == [
        "a · Lecture et contrôle",
        "a · Enregistrement",
        "lamps · Lecture et contrôle",
        "lamps · Enregistrement",
    ]
    assert "more*" in reports[1].text(words("fr"))
    assert (tmp_path / "p.html").exists()
    everything = "SELECT (SELECT count(*) FROM asset) + (SELECT count(*) FROM area)"
    assert rows(engine, everything) == [(0,)]
