"""Only harmless local files reach GDAL: archives under limits, contents that keep their name's promise."""

import stat
import zipfile
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from geodata.importer import profile_of
from geodata.importer.opening import MAX_FILES, opened
from model.errors import BadFile

PROFILE = profile_of({"target": "street", "file": "*", "id": "id"}, "test")
POINTS = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":1},"geometry":null}]}'


def refusal(path: Path) -> str:
    with pytest.raises(BadFile) as refused, opened(path, PROFILE):
        pass
    return str(refused.value)


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\evil.csv", "a/../../evil.csv"]
)
def test_archives_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "id\n1\n")
    assert "leads out" in refusal(tmp_path / "a.zip")


def test_links_in_archives_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("rows.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "link" in refusal(tmp_path / "a.zip")


def test_bombs_are_refused_by_ratio_and_by_count(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", **{"rows.csv": b"0" * 30_000_000})
    assert "zip bomb" in refusal(bomb)
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(MAX_FILES + 1):
            archive.writestr(f"{number}.txt", "")
    assert f"at most {MAX_FILES}" in refusal(tmp_path / "many.zip")


def test_an_archive_that_lies_about_its_size_is_stopped_while_unpacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", **{"rows.csv": b"id\n" + b"1\n" * 50_000})
    monkeypatch.setattr("geodata.importer.opening.MAX_BYTES", 1_000)
    monkeypatch.setattr("geodata.importer.opening._demand_harmless", lambda *_: None)
    assert "more than 1000 bytes" in refusal(path)


def test_an_archive_holds_one_data_set(tmp_path: Path) -> None:
    two = zipped(tmp_path / "two.zip", **{"a.csv": b"id\n1\n", "b.csv": b"id\n1\n"})
    assert "a.csv, b.csv" in refusal(two)
    nested = zipped(tmp_path / "nested.zip", **{"inner.zip": b"PK"})
    assert "found: none" in refusal(nested)
    with opened(two, profile_of({"target": "street", "file": "*", "id": "id", "layer": "b"}, "t")) as source:
        assert source.columns == ("id",)
    (tmp_path / "torn.zip").write_bytes(two.read_bytes()[:60])
    assert "not a readable zip" in refusal(tmp_path / "torn.zip")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", "<OGRVRTDataSource><OGRVRTLayer name='x'></OGRVRTLayer></OGRVRTDataSource>"),
        ("a.geojson", '{"type": "gdal_streamed_alg", "command_line": "gdal vector read http://x"}'),
        ("a.kml", "<OGRVRTDataSource><!--<kml--></OGRVRTDataSource>"),
        ("a.gpkg", "not sqlite"),
        ("a.shp", "not a shapefile"),
        ("a.pbf", "not osm"),
        ("a.json", "[1, 2]"),
    ],
)
def test_contents_that_break_their_names_promise_are_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert "first bytes" in refusal(tmp_path / name)


def test_addresses_and_other_formats_never_reach_gdal(tmp_path: Path) -> None:
    for address in ("http://127.0.0.1:1/a.geojson", "/vsicurl/http://127.0.0.1:1/a.geojson"):
        assert "no such file" in refusal(Path(address))
    (tmp_path / "a.vrt").write_text("<OGRVRTDataSource/>")
    assert "not known" in refusal(tmp_path / "a.vrt")


def test_json_that_is_not_geojson_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type": "Topology", "objects": {}, "arcs": []}')
    assert "a.geojson" in refusal(tmp_path / "a.geojson")
    (tmp_path / "b.geojson").write_text(POINTS.replace("null", '{"type":"Point","coordinates":[1e400,1'))
    with pytest.raises(BadFile, match=r"b\.geojson"), opened(tmp_path / "b.geojson", PROFILE) as source:
        list(source.batches(frozenset(["id"])))


def test_a_file_with_several_layers_asks_which(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"id": [1]}, geometry=[shapely.Point(3, 43)], crs=4326)
    for layer in ("lamps", "doors"):
        pyogrio.write_dataframe(frame, tmp_path / "a.gpkg", layer=layer)
    assert "lamps, doors" in refusal(tmp_path / "a.gpkg")


def test_a_shapefile_zipped_in_capitals_is_read_whole(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"id": [7]}, geometry=[shapely.Point(3, 43)], crs=4326)
    pyogrio.write_dataframe(frame, tmp_path / "lamps.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in sorted(tmp_path.glob("lamps.*")):
            archive.write(part, f"DATA/{part.name.upper()}")
    with opened(tmp_path / "a.zip", PROFILE) as source:
        batches = list(source.batches(frozenset(["id"])))
    assert batches[0].text("id") == ["7"]
