"""One file into the database: idempotent, accounted for, nothing placed that is not surely there."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine

from geodata.assets import read_version
from geodata.importer import import_file, profile_of
from model.errors import BadFile, Unavailable
from model.texts import words
from tests.integration.town import (
    LAMP,
    STREET,
    TOWN,
    add_communes,
    csv_lamps,
    figures,
    lamps,
    rows,
    write_csv,
    write_geojson,
    write_shapes,
)
from tests.osm_pbf import write_nodes

THREE = ("L1;Rue A;5.01;47.30", "L2;Rue B;5.02;47.31", "L3;Rue C;5.03;47.32")


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path, *THREE)
    assert figures(import_file(engine, TOWN, csv_lamps(), file)) == (3, 0, 0, 0)
    version, before = read_version(engine), rows(engine, "SELECT * FROM asset ORDER BY id")
    assert figures(import_file(engine, TOWN, csv_lamps(), file)) == (0, 0, 3, 0)
    assert read_version(engine) == version
    assert rows(engine, "SELECT * FROM asset ORDER BY id") == before


def test_a_new_version_updates_marks_the_gone_and_lets_them_come_back(engine: Engine, tmp_path: Path) -> None:
    import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *THREE))
    ids = dict(rows(engine, "SELECT external_id, id FROM asset"))
    version = read_version(engine)
    second = write_csv(tmp_path, "L1;Rue A;5.01;47.30", "L2;Rue Neuve;5.02;47.31", "L4;Rue D;5.04;47.33")
    report = import_file(engine, TOWN, csv_lamps(), second)
    assert (figures(report), report.gone) == ((1, 1, 1, 0), 1)
    assert read_version(engine) == version + 1
    known = rows(engine, "SELECT external_id, name, removed_at IS NULL FROM asset ORDER BY external_id")
    assert known == [
        ("L1", "Rue A", True),
        ("L2", "Rue Neuve", True),
        ("L3", "Rue C", False),
        ("L4", "Rue D", True),
    ]
    back = import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *THREE))
    assert (figures(back), back.gone) == ((0, 2, 1, 0), 1)
    assert rows(engine, "SELECT id FROM asset WHERE external_id = 'L3'") == [(ids["L3"],)]


def test_an_asset_whose_new_row_is_refused_is_not_gone(engine: Engine, tmp_path: Path) -> None:
    many = [f"L{n};Rue;5.{n:02d};47.30" for n in range(1, 10)]
    import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *many))
    report = import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, "L1;Rue;47.30;5.01", *many[1:]))
    assert (figures(report), report.gone) == ((0, 0, 8, 1), 0)
    assert rows(engine, "SELECT removed_at FROM asset WHERE external_id = 'L1'") == [(None,)]


def test_other_sources_keep_their_ids_and_their_assets(engine: Engine, tmp_path: Path) -> None:
    import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *THREE))
    other = csv_lamps(name="other")
    report = import_file(engine, TOWN, other, write_csv(tmp_path, "L1;Autre;5.01;47.30", "M1;B;5.02;47.30"))
    assert (figures(report), report.gone) == ((1, 0, 0, 1), 0)
    assert [(r.row, r.reason, r.id) for r in report.rejections] == [(2, "id_of_other_source", "L1")]
    assert rows(engine, "SELECT name FROM asset WHERE external_id = 'L1'") == [("Rue A",)]


def test_a_rehearsal_reports_and_draws_but_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    preview = tmp_path / "map" / "preview.html"
    file = write_csv(tmp_path, *THREE, "L4;<script>alert(1)</script>;47.3;5.0", "L5;Rue;5.0;47.3")
    report = import_file(engine, TOWN, csv_lamps(), file, dry_run=True, preview=preview)
    assert figures(report) == (4, 0, 0, 1)
    assert report.preview == preview
    assert rows(engine, "SELECT (SELECT count(*) FROM asset), (SELECT count(*) FROM import_run)") == [(0, 0)]
    assert read_version(engine) == 1
    page = preview.read_text(encoding="utf-8")
    assert page.count("M") > 3
    assert "<svg" in page
    for forbidden in ("http:", "https:", "<script", "src=", "url("):
        assert forbidden not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_a_run_is_recorded_with_its_report(engine: Engine, tmp_path: Path) -> None:
    report = import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *THREE, "L9;Rue;;"))
    ((profile, file, kept),) = rows(engine, "SELECT profile, file, report FROM import_run")
    assert (profile, file) == ("lamps", "lamps.csv")
    assert kept["stored"] == 3
    assert kept["reasons"] == {"no_position": 1}
    assert json.loads(report.as_json())["rejections"][0]["row"] == 5


def test_rejections_come_as_csv_without_live_formulas(engine: Engine, tmp_path: Path) -> None:
    profile = csv_lamps({"attributes": {"power": {"column": "w", "kind": "number"}}})
    file = write_csv(
        tmp_path,
        *(f"L{n};a;5.0;47.3;7" for n in range(9)),
        "=1+1;a;5.0;47.3;-2+3",
        header="ref;name;lon;lat;w",
    )
    report = import_file(engine, TOWN, profile, file)
    say = words("en")
    written = report.write_rejections(tmp_path / "rejected.csv", say).read_text("utf-8-sig")
    header, row = csv.reader(written.splitlines(), delimiter=";")
    assert header == ["row", "id", "reason", "column", "value", "mend"]
    assert row[0] == "11"
    assert row[1] == "'=1+1"
    assert row[4] == "'-2+3"
    for language in ("fr", "en"):
        assert "⟦" not in report.text(words(language))


def test_two_imports_at_once_wait_for_each_other(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path, *THREE)

    def while_reading(step: str, _done: int, _total: int | None) -> None:
        if step == "import.step.read":
            with pytest.raises(Unavailable, match="another import"):
                import_file(engine, TOWN, csv_lamps(name="second"), file)

    assert figures(import_file(engine, TOWN, csv_lamps(), file, progress=while_reading)) == (3, 0, 0, 0)


def test_progress_is_told(engine: Engine, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    path = write_shapes(tmp_path / "l.gpkg", [shapely.Point(5, 47.3)] * 3)
    import_file(engine, TOWN, lamps(), path, progress=lambda *step: told.append(step))
    assert told == [("import.step.read", 3, 3), ("import.step.store", 0, None)]


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "geojson", "kml"])
def test_every_vector_format_gives_the_same_lamp(engine: Engine, tmp_path: Path, suffix: str) -> None:
    column = "Name" if suffix == "kml" else "ref"
    path = write_shapes(
        tmp_path / f"l.{suffix}",
        [shapely.Point(5.01, 47.3, 12), shapely.Point(5.02, 47.31, 0)],
        **{column: ["a", "b"]},
    )
    report = import_file(engine, TOWN, lamps({"id": column, "name": column}), path)
    assert figures(report) == (2, 0, 0, 0)
    places = rows(engine, "SELECT external_id, ST_AsText(geometry) FROM asset ORDER BY external_id")
    assert places == [("a", "POINT(5.01 47.3)"), ("b", "POINT(5.02 47.31)")]


def test_osm_lamps_are_found_by_their_tag_within_the_town(engine: Engine, tmp_path: Path) -> None:
    lamp = {"highway": "street_lamp", "ref": "42"}
    nodes = [(5.01, 47.3, lamp), (5.02, 47.3, {"highway": "crossing"}), (2.35, 48.85, lamp)]
    path = write_nodes(tmp_path / "town.osm.pbf", nodes)
    profile = profile_of(
        LAMP
        | {
            "id": "osm_id", "id_prefix": "osm-", "name": "ref", "layer": "points", "outside": "leave",
            "filter": [{"column": "highway", "in": ["street_lamp"]}],
        },
        "osm",
    )  # fmt: skip
    report = import_file(engine, TOWN, profile, path)
    assert (figures(report), report.read, report.filtered) == ((1, 0, 0, 0), 3, 2)
    assert rows(engine, "SELECT external_id, name FROM asset") == [("osm-1", "42")]


@pytest.mark.parametrize(
    ("header", "row", "position"),
    [
        ("ref;name;wkt", "a;x;POINT (5.01 47.3)", {"wkt": "wkt"}),
        ("ref;name;at", 'a;x;"47.3, 5.01"', {"lat_lon": "at"}),
        ("ref;name;at", "a;x;5.01 47.3", {"lon_lat": "at"}),
        ("ref;name;at", 'a;x;"47,3; 5,01"', {"lat_lon": "at", "decimal": ","}),
        ("ref;name;g", 'a;x;"{""type"":""Point"",""coordinates"":[5.01,47.3]}"', {"geojson": "g"}),
        ("ref;name;x;y", "a;x;5,01;47,3", {"lon": "x", "lat": "y", "decimal": ","}),
    ],
)
def test_every_way_to_write_a_position_in_csv(
    engine: Engine, tmp_path: Path, header: str, row: str, position: dict[str, str]
) -> None:
    file = write_csv(tmp_path, row, header=header)
    import_file(engine, TOWN, lamps({"position": position, "crs": "EPSG:4326"}), file)
    assert rows(engine, "SELECT ST_AsText(geometry) FROM asset") == [("POINT(5.01 47.3)",)]


def test_values_that_cannot_be_taken_reject_their_row_alone(engine: Engine, tmp_path: Path) -> None:
    profile = csv_lamps(
        {
            "installed_at": "since",
            "attributes": {"power": {"column": "w", "kind": "number", "decimal": ",", "thousands": " "}},
        }
    )
    good = [f"L{n};a;5.0;47.3;1\u202f234,5;2013-04-03" for n in range(1, 20)]
    bad = [
        "B1;a;5.0;47.3;1.5;",
        "B2;a;5.0;47.3;;03/04/2013",
        ";a;5.0;47.3;;",
        "L1;b;5.0;47.3;;",
        "B3;a;;47.3;;",
        "B4;a;x;47.3;;",
        "B5;a;5.0;47.3",
    ]
    report = import_file(
        engine, TOWN, profile, write_csv(tmp_path, *good, *bad, header="ref;name;lon;lat;w;since")
    )
    assert figures(report) == (19, 0, 0, 7)
    assert sorted((r.row, r.reason) for r in report.rejections) == [
        (21, "ambiguous_number"),
        (22, "ambiguous_date"),
        (23, "no_id"),
        (24, "repeated_id"),
        (25, "no_position"),
        (26, "unreadable_position"),
        (27, "wrong_columns"),
    ]
    assert rows(engine, "SELECT attributes, installed_at::date FROM asset WHERE external_id = 'L1'")[0][
        0
    ] == {"power": 1234.5}


def test_repeated_ids_are_numbered_alike_in_any_order(engine: Engine, tmp_path: Path) -> None:
    profile = csv_lamps({"repeated_ids": "number"})
    twins = ["L1;a;5.02;47.30", "L1;b;5.01;47.30", "L1;c;5.03;47.30"]
    report = import_file(engine, TOWN, profile, write_csv(tmp_path, *twins))
    assert (figures(report), report.numbered) == ((3, 0, 0, 0), 2)
    known = rows(engine, "SELECT external_id, name FROM asset ORDER BY external_id")
    assert known == [("L1", "b"), ("L1-2", "a"), ("L1-3", "c")]
    assert figures(import_file(engine, TOWN, profile, write_csv(tmp_path, *reversed(twins)))) == (0, 0, 3, 0)


def test_places_are_ids_where_there_are_none_and_duplicates_are_kept(engine: Engine, tmp_path: Path) -> None:
    points = [
        shapely.Point(853000.04, 6693000),
        shapely.Point(853000.04, 6693000),
        shapely.Point(853010, 6693000),
    ]
    path = write_shapes(tmp_path / "l.gpkg", points, crs=2154)
    profile = lamps({"id": "position", "id_prefix": "EP-"})
    report = import_file(engine, TOWN, profile, path)
    assert (figures(report), report.duplicate_points, report.numbered) == ((3, 0, 0, 0), 1, 1)
    assert rows(engine, "SELECT external_id FROM asset ORDER BY external_id") == [
        ("EP-853000.0-6693000.0",),
        ("EP-853000.0-6693000.0-2",),
        ("EP-853010.0-6693000.0",),
    ]
    assert figures(import_file(engine, TOWN, profile, path)) == (0, 0, 3, 0)


def test_text_that_hurts_databases_and_shells_is_stored_as_text(engine: Engine, tmp_path: Path) -> None:
    name = "C:\\temp\\N 'x'; DROP TABLE asset; -- {curly} %s"
    path = write_geojson(
        tmp_path / "l.geojson",
        [
            (
                {"ref": "a\\b", "name": name, "note": 'say "\\u0000" \\'},
                {"type": "Point", "coordinates": [5, 47.3]},
            )
        ],
    )
    import_file(engine, TOWN, lamps({"attributes": {"note": "note"}}), path)
    assert rows(engine, "SELECT external_id, name, attributes FROM asset") == [
        ("a\\b", name, {"note": 'say "\\u0000" \\'})
    ]


def test_shapes_are_mended_or_refused_by_kind(engine: Engine, tmp_path: Path) -> None:
    bow_tie = [[[5.0, 47.3], [5.1, 47.4], [5.1, 47.3], [5.0, 47.4], [5.0, 47.3]]]
    box = [[[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.3]]]
    features: list[tuple[dict[str, Any], Any]] = [
        ({"code": "1", "name": "Nœud"}, {"type": "Polygon", "coordinates": bow_tie}),
        ({"code": "2", "name": "Point"}, {"type": "Point", "coordinates": [5, 47.3]}),
        ({"code": "3", "name": "Vide"}, None),
        ({"code": "4", "name": "Creux"}, {"type": "Polygon", "coordinates": []}),
        ({"code": "5", "name": "Bon"}, {"type": "Polygon", "coordinates": box}),
    ]
    profile = profile_of(
        {"file": "*", "target": "area", "area_kind": "commune", "id": "code", "name": "name"}, "c"
    )
    report = import_file(engine, TOWN, profile, write_geojson(tmp_path / "c.geojson", features))
    assert (figures(report), report.mended) == ((2, 0, 0, 3), 1)
    assert dict((r.row, r.reason) for r in report.rejections) == {
        2: "wrong_geometry",
        3: "no_position",
        4: "no_position",
    }
    valid = rows(engine, "SELECT code, ST_IsValid(geometry), GeometryType(geometry) FROM area ORDER BY code")
    assert valid == [("1", True, "MULTIPOLYGON"), ("5", True, "MULTIPOLYGON")]


def test_streets_have_ranks_and_go_like_assets(engine: Engine, tmp_path: Path) -> None:
    lines = [shapely.LineString([(5, 47.3), (5.1, 47.3)]), shapely.LineString([(5, 47.31), (5.1, 47.31)])]
    profile = profile_of(
        STREET | {"rank": [{"rank": 1, "column": "kind", "in": ["BD"]}], "default_rank": 3}, "streets"
    )
    path = write_shapes(tmp_path / "s.gpkg", lines, kind=["BD", "RUE"])
    assert figures(import_file(engine, TOWN, profile, path)) == (2, 0, 0, 0)
    assert figures(import_file(engine, TOWN, profile, path)) == (0, 0, 2, 0)
    assert rows(engine, "SELECT rank FROM street ORDER BY id") == [(1,), (3,)]
    shorter = write_shapes(tmp_path / "s2.gpkg", lines[:1], kind=["BD"])
    assert import_file(engine, TOWN, profile, shorter).gone == 1
    assert rows(engine, "SELECT external_id FROM street WHERE removed_at IS NOT NULL") == [("2",)]


def test_lamps_take_the_name_of_the_nearest_street_in_metres(engine: Engine, tmp_path: Path) -> None:
    # In degrees the street to the north is nearer; in metres the one to the east is.
    lines = [
        shapely.LineString([(4.99, 47.3010), (5.01, 47.3010)]),
        shapely.LineString([(5.0012, 47.2), (5.0012, 47.4)]),
    ]
    path = write_shapes(tmp_path / "s.gpkg", lines, name=["Nord", "Est"])
    import_file(engine, TOWN, profile_of(STREET, "streets"), path)
    file = write_csv(tmp_path, "L1;a;5.0;47.3", "L2;b;5.1;47.25")
    profile = csv_lamps({"street": {"nearest_m": 150}})
    import_file(engine, TOWN, profile, file)
    assert rows(engine, "SELECT external_id, street FROM asset ORDER BY 1") == [("L1", "Est"), ("L2", None)]
    version = read_version(engine)
    assert figures(import_file(engine, TOWN, profile, file)) == (0, 0, 2, 0)
    assert read_version(engine) == version


def test_parents_are_linked_in_either_order_and_only_where_the_domain_allows(
    engine: Engine, tmp_path: Path
) -> None:
    fed = csv_lamps({"parent": "cabinet", "parent_prefix": "AR-"})
    lamp_file = write_csv(
        tmp_path, "L1;a;5.0;47.3;1", "L2;b;5.0;47.3;9", "L3;c;5.0;47.3;", header="ref;name;lon;lat;cabinet"
    )
    assert import_file(engine, TOWN, fed, lamp_file).orphans == 2
    cabinets = csv_lamps({"asset_type": "control_cabinet", "id_prefix": "AR-"}, name="cabinets")
    import_file(engine, TOWN, cabinets, write_csv(tmp_path, "1;Armoire;5.0;47.3", name="c.csv"))
    again = import_file(engine, TOWN, fed, lamp_file)
    assert (figures(again), again.orphans) == ((0, 0, 3, 0), 1)
    linked = rows(
        engine,
        "SELECT a.external_id, p.external_id FROM asset a JOIN asset p ON p.id = a.parent_id ORDER BY 1",
    )
    assert linked == [("L1", "AR-1")]


def test_borders_count_once_and_the_outside_is_kept(engine: Engine, tmp_path: Path) -> None:
    add_communes(engine, tmp_path)
    file = write_csv(tmp_path, "W;a;5.0;47.3", "B;b;5.05;47.3", "E;c;5.1;47.3", "O;d;5.18;47.3")
    report = import_file(engine, TOWN, csv_lamps(), file)
    assert (figures(report), report.outside) == ((4, 0, 0, 0), 1)
    placed = rows(
        engine, "SELECT a.external_id, c.name FROM asset a LEFT JOIN area c ON c.id = commune_id ORDER BY 1"
    )
    assert placed == [("B", "Ouest"), ("E", "Est"), ("O", None), ("W", "Ouest")]


def test_assets_move_with_areas_that_come_later(engine: Engine, tmp_path: Path) -> None:
    file = write_csv(tmp_path, "W;a;5.0;47.3", "B;b;5.05;47.3", "E;c;5.1;47.3", "O;d;5.18;47.3")
    import_file(engine, TOWN, csv_lamps(), file)
    version = read_version(engine)
    add_communes(engine, tmp_path)
    placed = rows(engine, "SELECT count(*), count(commune_id), min(commune_id), max(commune_id) FROM asset")
    assert placed == [(4, 3, 1, 2)]
    assert read_version(engine) > version


def test_an_area_gone_from_its_file_stays_for_its_assets(engine: Engine, tmp_path: Path) -> None:
    add_communes(engine, tmp_path)
    version = read_version(engine)
    one = write_shapes(
        tmp_path / "one.gpkg", [shapely.box(4.95, 47.25, 5.05, 47.45)], code=["1"], name=["Ouest"]
    )
    profile = profile_of(
        {"file": "*", "target": "area", "area_kind": "commune", "id": "code", "name": "name"}, "communes"
    )
    report = import_file(engine, TOWN, profile, one)
    assert (figures(report), report.gone) == ((0, 0, 1, 0), 1)
    assert rows(engine, "SELECT count(*) FROM area") == [(2,)]
    assert read_version(engine) == version


def test_missing_columns_and_empty_files_are_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"has no column lat, lon; it has ref, name"):
        import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, "a;b", header="ref;name"))
    import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path, *THREE))
    with pytest.raises(BadFile, match="no rows"):
        import_file(engine, TOWN, csv_lamps(), write_csv(tmp_path))
    assert rows(engine, "SELECT count(*) FROM asset WHERE removed_at IS NULL") == [(3,)]
