"""A whole invented city published: every file read back by GeoPandas, pyogrio and DuckDB, against SQL."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.demo_city import build_demo_city
from geodata.profiles import read_profile
from model.datasets import DATASETS
from services.publishing import OPEN_KEYS, Manifest, Report, Store, artefact_store, publish_once, publisher
from services.settings import Settings, read_settings
from tests.conftest import Servers
from tests.released import released

pytestmark = pytest.mark.servers
PROFILE = read_profile("demo")
NOW = datetime(2026, 11, 20, 17, 40, tzinfo=UTC)
PLACES = ["lighting-points", "traffic-equipment", "traffic-counts", "traffic-now", "public-buildings"]
TABLES = ["lighting-failures", "video-availability", "access-availability", "energy-by-area", "video-systems"]


@pytest.fixture(scope="module")
def city(servers: Servers) -> Iterator[Engine]:
    engine = open_engine(servers.fresh_database(), statement_ms=60_000)
    build_demo_city(engine, PROFILE, now=NOW, scale=0.02)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings(var=tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def register() -> Iterator[None]:
    """Every open dataset released whole, at a time before the register's own clock."""
    every = [released(one.name) for one in DATASETS if one.publishable]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publisher, "releases_in_force", lambda *_: every)
        yield


@pytest.fixture(scope="module")
def reports(city: Engine, settings: Settings, register: None) -> dict[str, Report]:
    return {one.publication: one for one in publish_once(city, settings, PROFILE, NOW)}


@pytest.fixture(scope="module")
def store(settings: Settings, reports: dict[str, Report]) -> Store:
    assert reports
    return artefact_store(settings)


def manifest_of(store: Store, name: str) -> Manifest:
    manifest = store.current(name)
    assert manifest is not None
    return manifest


def file_of(store: Store, name: str, form: str, folder: Path) -> Path:
    """The published file under the name it is downloaded by: readers go by its end."""
    path = folder / f"{name}.{form}"
    path.write_bytes(store.read(manifest_of(store, name).files[f"table.{form}"]))
    return path


def test_every_open_dataset_is_published_or_has_nothing(reports: dict[str, Report]) -> None:
    open_ones = {one.name for one in DATASETS if one.publishable}
    assert set(reports) == open_ones | publisher.TAKEN - {OPEN_KEYS}
    assert {report.state for report in reports.values()} <= {"published", "nothing"}
    assert {name for name in reports if reports[name].state == "published"} >= {*PLACES, *TABLES}


@pytest.mark.parametrize("name", PLACES)
def test_places_are_the_same_rows_in_every_format(
    store: Store, reports: dict[str, Report], tmp_path: Path, name: str
) -> None:
    parquet = file_of(store, name, "parquet", tmp_path)
    first = geopandas.read_parquet(parquet)
    key = ["hour", "id"] if name == "traffic-counts" else ["id"]
    first = first.sort_values(key).reset_index(drop=True)
    assert len(first) == reports[name].rows
    # A series of places is no map, and comes as a table alone.
    for form in () if name == "traffic-counts" else ("geojson", "fgb"):
        path = file_of(store, name, form, tmp_path)
        assert pyogrio.read_info(path, force_feature_count=True)["features"] == len(first)
        frame = geopandas.read_file(path).sort_values(key).reset_index(drop=True)
        for column in (*key, "area"):
            ours, theirs = (one[column].fillna("").astype(str).tolist() for one in (first, frame))
            assert ours == theirs
        for number in {"flow", "speed", "coverage"} & set(first.columns):
            ours, theirs = (one[number].astype("f8").to_numpy() for one in (first, frame))
            assert np.array_equal(ours, theirs, equal_nan=True)
        ours, theirs = (shapely.get_coordinates(one.geometry.values) for one in (first, frame))
        assert np.allclose(ours, theirs, rtol=0, atol=6e-7)
    csv = file_of(store, name, "csv", tmp_path)
    counted, west = duckdb.sql(f"SELECT count(*), min(longitude) FROM '{csv}'").fetchall()[0]
    assert counted == len(first)
    assert west == pytest.approx(first.total_bounds[0], abs=6e-7)
    assert duckdb.sql(f"SELECT count(*) FROM '{parquet}'").fetchall() == [(len(first),)]


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_the_same_rows_in_every_format(
    store: Store, reports: dict[str, Report], tmp_path: Path, name: str
) -> None:
    csv, parquet = (file_of(store, name, form, tmp_path) for form in ("csv", "parquet"))
    ours = duckdb.sql(f"SELECT * FROM '{parquet}'")
    kinds = dict(zip(ours.columns, map(str, ours.types), strict=True))
    theirs = duckdb.read_csv(str(csv), dtype=kinds)
    assert len(ours.fetchall()) == reports[name].rows
    assert sorted(map(str, theirs.fetchall())) == sorted(map(str, ours.fetchall()))
    told = json.loads(file_of(store, name, "json", tmp_path).read_bytes())["rows"]
    cells = [tuple(str(cell) if isinstance(cell, date) else cell for cell in row) for row in ours.fetchall()]
    assert sorted(map(str, (tuple(row.values()) for row in told))) == sorted(map(str, map(as_json, cells)))


def as_json(cells: tuple[object, ...]) -> tuple[object, ...]:
    """Whole numbers as JSON writes them, without decimals."""
    return tuple(int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in cells)


def test_lights_and_hours_are_those_of_the_database(
    city: Engine, store: Store, tmp_path: Path, reports: dict[str, Report]
) -> None:
    with city.connect() as connection:
        lights = connection.scalar(
            text("SELECT count(*) FROM asset WHERE asset_type IN ('streetlight', 'control_cabinet') "
                 "AND removed_at IS NULL")
        )  # fmt: skip
        total = connection.scalar(
            text("SELECT sum(round((r.sum / r.n)::numeric)) FROM rollup_hour r "
                 "JOIN datastream d ON d.id = r.datastream_id JOIN asset a ON a.id = d.asset_id "
                 "WHERE a.asset_type = 'detector' AND d.observed_property = 'flow' "
                 "AND bucket < '2026-11-20 16:00Z'")
        )  # fmt: skip
    assert reports["lighting-points"].rows == lights
    parquet = file_of(store, "traffic-counts", "parquet", tmp_path)
    ours = duckdb.sql(f"SELECT sum(flow) FROM '{parquet}'").fetchall()[0][0]
    assert ours == pytest.approx(float(total or 0), rel=1e-3)


def test_publishing_again_is_the_same_bytes(city: Engine, settings: Settings, store: Store) -> None:
    before = {name: store.manifest_path(name).read_bytes() for name in store.names()}
    again = publish_once(city, settings, PROFILE, NOW)
    assert {report.state for report in again} <= {"unchanged", "nothing"}
    assert {name: store.manifest_path(name).read_bytes() for name in store.names()} == before
    for artefact in manifest_of(store, "traffic-counts").files.values():
        assert hashlib.sha256(store.read(artefact)).hexdigest() == artefact.sha256
