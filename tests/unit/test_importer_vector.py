"""Vector files in batches: the same rows whatever the batch, the format's access or the encoding."""

import tracemalloc
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from geodata.importer import profile_of
from geodata.importer.opening import opened
from geodata.importer.profile import Position
from geodata.importer.shapes import in_wgs84, mended, read_shapes
from model.errors import BadFile

PROFILE = profile_of({"target": "street", "file": "*", "id": "ref"}, "test")
POINTS = [shapely.Point(5 + n / 100, 47.3) for n in range(11)]
FRAME = geopandas.GeoDataFrame(
    {"ref": [f"é{n}" for n in range(11)], "other": range(11)}, geometry=POINTS, crs=4326
)


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "geojson"])
@pytest.mark.parametrize("size", [3, 11, 50])
def test_batches_give_the_same_rows(tmp_path: Path, suffix: str, size: int) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / f"a.{suffix}")
    with opened(tmp_path / f"a.{suffix}", PROFILE) as source:
        batches = list(source.batches(frozenset(["ref"]), size))
    assert [row for batch in batches for row in batch.rows.tolist()] == list(range(1, 12))
    assert [text for batch in batches for text in batch.text("ref")] == FRAME.ref.tolist()
    assert max(map(len, batches)) <= size
    assert set(batches[0].columns) == {"ref"}
    places = np.concatenate([read_shapes(batch, Position()).x for batch in batches])
    assert places == pytest.approx(FRAME.geometry.x.to_numpy())


def test_a_shapefile_in_windows_1252_is_read_as_its_profile_says(tmp_path: Path) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "a.shp", encoding="cp1252")
    (tmp_path / "a.cpg").unlink()
    profile = profile_of({"target": "street", "file": "*", "id": "ref", "encoding": "cp1252"}, "test")
    with opened(tmp_path / "a.shp", profile) as source:
        (batch,) = source.batches(frozenset(["ref"]))
    assert batch.text("ref") == FRAME.ref.tolist()


def test_rows_without_geometry_stay_rows(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"ref": ["a", "b", "c"]}, geometry=[None, POINTS[0], shapely.Point()], crs=4326
    )
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    with opened(tmp_path / "a.gpkg", PROFILE) as source:
        (batch,) = source.batches(frozenset(["ref"]))
    assert np.isnan(read_shapes(batch, Position()).x).tolist() == [True, False, True]


def test_a_torn_file_is_refused_by_its_name(tmp_path: Path) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg")
    whole = (tmp_path / "a.gpkg").read_bytes()
    (tmp_path / "a.gpkg").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(BadFile, match=r"a\.gpkg"), opened(tmp_path / "a.gpkg", PROFILE) as source:
        list(source.batches(frozenset(["ref"])))


def test_shapes_reproject_whole_and_keep_their_kind() -> None:
    line = shapely.LineString([(853_000, 6_693_000), (853_100, 6_693_000)])
    found = np.array([line, None], dtype=object)
    fixed, made_valid, wrong = mended(found, "street")
    assert (made_valid, wrong) == (set(), set())
    assert fixed[0].geom_type == "MultiLineString"
    assert mended(found, "area")[2] == {0}
    assert mended(found, "asset")[0][0].geom_type == "LineString"


def test_a_bow_tie_keeps_the_surface_it_drew() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    collapsed = shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])
    fixed, made_valid, wrong = mended(np.array([bow_tie, collapsed], dtype=object), "area")
    assert (made_valid, wrong) == ({0}, {1})
    assert fixed[0].area == pytest.approx(2.0)
    assert fixed[0].is_valid


def test_a_shape_with_a_coordinate_that_is_no_number_has_no_place(tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        torn = shapely.LineString([(5.0, 47.3), (float("nan"), 47.3)])
    frame = geopandas.GeoDataFrame(
        {"ref": ["a", "b"]}, geometry=[torn, shapely.LineString(POINTS[:2])], crs=4326
    )
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    with opened(tmp_path / "a.gpkg", PROFILE) as source:
        (batch,) = source.batches(frozenset(["ref"]))
    placed = in_wgs84(read_shapes(batch, Position()), "EPSG:4326")
    assert np.isfinite(placed.x).tolist() == [False, True]


def test_memory_is_bounded_by_the_batch_and_not_by_the_file(tmp_path: Path) -> None:
    count, size = 40_000, 1_000
    table = {"ref": [f"{n:0100d}" for n in range(count)]}
    places = geopandas.points_from_xy(np.linspace(5, 5.1, count), np.full(count, 47.3))
    pyogrio.write_dataframe(geopandas.GeoDataFrame(table, geometry=places, crs=4326), tmp_path / "a.gpkg")
    with opened(tmp_path / "a.gpkg", PROFILE) as source:
        tracemalloc.start()
        try:
            rows = sum(len(batch) for batch in source.batches(frozenset(["ref"]), size))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert rows == count
    # 100 characters and a point are some 250 bytes a row: the whole file would be 10 MB.
    assert peak < 3_000_000
