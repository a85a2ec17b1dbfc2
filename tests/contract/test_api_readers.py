"""Programs people have read what the API serves, over loopback: GeoPandas page by page, GDAL's OAPIF."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from services.launch.servers import free_port
from tests.open_data import COUNTS, LIGHTS, counts, lights, open_data
from tests.ports import wait_for_port

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API in a process of its own, for GDAL does not let Python run while it asks; its address."""
    var, port = tmp_path_factory.mktemp("var"), free_port()
    open_data(var)
    told = {
        "VIGIE_VAR": str(var),
        "VIGIE_PUBLIC_PORT": str(port),
        "VIGIE_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    process = subprocess.Popen([sys.executable, "app.py", "public"], cwd=ROOT, env={**os.environ, **told})
    try:
        wait_for_port(port, 60)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(autouse=True)
def impatient() -> None:
    """GDAL gives up in time."""
    pyogrio.set_gdal_config_options({"GDAL_HTTP_TIMEOUT": 20, "GDAL_HTTP_CONNECTTIMEOUT": 5})


def pages(href: str) -> Iterator[gpd.GeoDataFrame]:
    """Each page from ``href`` on, as GeoPandas reads it."""
    while href:
        with urllib.request.urlopen(href, timeout=20) as answer:
            body = answer.read()
        yield gpd.read_file(body)
        href = next((one["href"] for one in json.loads(body)["links"] if one["rel"] == "next"), "")


def test_geopandas_reads_what_was_published(url: str) -> None:
    found = pd.concat(pages(f"{url}/collections/{LIGHTS}/items?limit=70"), ignore_index=True)
    table = lights().to_pandas()
    assert len(found) == len(table) == 300
    for name in ("id", "name", "area_code", "power", "poles"):
        pd.testing.assert_series_equal(
            found[name], table[name], check_dtype=False, check_names=False, check_exact=True
        )
    same_places(found.geometry.to_numpy(), shapely.from_wkb(table["geometry"].to_numpy()))


def plain(column: pd.Series) -> list[object]:
    """The values, None where there is none, whatever the frame takes for missing."""
    return [None if pd.isna(value) else value for value in column.tolist()]


def same_places(found: np.ndarray, published: np.ndarray) -> None:
    missing = shapely.is_missing(published)
    assert (shapely.is_missing(found) == missing).all()
    pairs = [shapely.get_coordinates(one[~missing]) for one in (found, published)]
    assert np.allclose(*pairs, rtol=0, atol=5.1e-7)


@pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL has no OAPIF driver")
@pytest.mark.parametrize("name", [LIGHTS, COUNTS])
def test_gdal_reads_it_as_qgis_does(url: str, name: str) -> None:
    layers = {layer for layer, _ in pyogrio.list_layers(f"OAPIF:{url}")}
    assert {LIGHTS, COUNTS} <= layers
    found = pyogrio.read_dataframe(f"OAPIF:{url}", layer=name)
    table = (lights() if name == LIGHTS else counts()).to_pandas()
    assert len(found) == len(table)
    assert found.crs.to_epsg() in (4326, None) or "CRS84" in found.crs.to_string()
    told = ("id", "area_code", *(("name", "power", "poles") if name == LIGHTS else ("flow",)))
    for column in told:
        assert (
            found[column].astype(object).where(found[column].notna(), None).tolist()
            == table[column].astype(object).where(table[column].notna(), None).tolist()
        )
    same_places(found.geometry.to_numpy(), shapely.from_wkb(table["geometry"].to_numpy()))


@pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL has no OAPIF driver")
def test_gdal_asks_for_a_part_of_it(url: str) -> None:
    box = (3.82, 43.58, 3.85, 43.62)
    found = pyogrio.read_dataframe(f"OAPIF:{url}", layer=LIGHTS, bbox=box)
    shapes = shapely.from_wkb(lights()["geometry"].to_numpy())
    located = found[~shapely.is_missing(found.geometry.to_numpy())]
    assert len(located) == int(shapely.intersects(shapes, shapely.box(*box)).sum())
    chosen = pyogrio.read_dataframe(f"OAPIF:{url}", layer=LIGHTS, where="area_code = '34172'")
    assert set(chosen["area_code"]) == {"34172"} and len(chosen) == 100


def test_duckdb_and_geopandas_read_the_same_file_alike(url: str, tmp_path: Path) -> None:
    """The file as it is downloaded: DuckDB's HTTP reader is an extension it fetches from elsewhere."""
    file = tmp_path / "lights.parquet"
    address = url.removesuffix("/api") + f"/data/{LIGHTS}.parquet"
    with urllib.request.urlopen(address, timeout=20) as answer:
        file.write_bytes(answer.read())
    columns = ["id", "name", "area_code", "power", "poles"]
    published = lights().select(columns).to_pylist()
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM '{file}'").fetchall()
        sums = connection.execute(
            f"SELECT area_code, count(*), sum(power) FROM '{file}' GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert [dict(zip(columns, row, strict=True)) for row in rows] == published
    frame = gpd.read_parquet(file)
    assert [plain(frame[name]) for name in columns] == [[row[name] for row in published] for name in columns]
    same_places(frame.geometry.to_numpy(), shapely.from_wkb(lights()["geometry"].to_numpy()))
    grouped = frame.groupby("area_code")["power"].agg(["size", "sum"]).reset_index()
    assert [tuple(row) for row in grouped.itertuples(index=False)] == sums
