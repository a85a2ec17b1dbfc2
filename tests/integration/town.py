"""A small town to import into, and files about it written by the test that reads them."""

import json
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import shapely
from sqlalchemy import Engine, text

from geodata.importer import ImportProfile, ImportReport, import_file, profile_of
from geodata.profiles import Bounds, CityProfile

TOWN = CityProfile(
    name="town",
    title="Bourg",
    bounds=Bounds(4.9, 47.2, 5.2, 47.5),
    time_zone="Europe/Paris",
    metric_crs="EPSG:2154",
    languages=("fr", "en"),
    generated=False,
    attribution="Bourg",
    licence="CC0-1.0",
    area_kind="commune",
    folder=Path("town"),
)

LAMP: dict[str, Any] = {
    "file": "*",
    "domain": "lighting",
    "asset_type": "streetlight",
    "id": "ref",
    "name": "name",
}
CSV_LAMP = LAMP | {"crs": "EPSG:4326", "position": {"lon": "lon", "lat": "lat"}}
COMMUNE: dict[str, Any] = {
    "file": "*", "target": "area", "area_kind": "commune", "id": "code", "name": "name",
}  # fmt: skip
STREET: dict[str, Any] = {"file": "*", "target": "street", "id": "ref", "name": "name"}


def lamps(change: dict[str, Any] | None = None, name: str = "lamps") -> ImportProfile:
    """The profile of lamps with geometry."""
    return profile_of(LAMP | (change or {}), name)


def csv_lamps(change: dict[str, Any] | None = None, name: str = "lamps") -> ImportProfile:
    """The profile of lamps in columns lon and lat."""
    return profile_of(CSV_LAMP | (change or {}), name)


def write_csv(folder: Path, *rows: str, header: str = "ref;name;lon;lat", name: str = "lamps.csv") -> Path:
    """A file of ``rows`` below ``header``."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def write_shapes(path: Path, shapes: list[Any], crs: int | None = 4326, **columns: list[Any]) -> Path:
    """A vector file of ``shapes`` with ``columns``; its format is its suffix's."""
    table = {"ref": [str(n) for n in range(1, len(shapes) + 1)], "name": ["x"] * len(shapes)} | columns
    driver = "KML" if path.suffix == ".kml" else None
    pyogrio.write_dataframe(geopandas.GeoDataFrame(table, geometry=shapes, crs=crs), path, driver=driver)
    return path


def write_geojson(path: Path, features: list[tuple[dict[str, Any], Any]]) -> Path:
    """GeoJSON as somebody might type it: (properties, geometry) as they are."""
    rows = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    return path


def add_communes(engine: Engine, folder: Path) -> ImportReport:
    """Two communes side by side, Ouest and Est, meeting at longitude 5.05; the east of 5.15 is nobody's."""
    boxes = [shapely.box(4.95, 47.25, 5.05, 47.45), shapely.box(5.05, 47.25, 5.15, 47.45)]
    path = write_shapes(folder / "communes.gpkg", boxes, code=["1", "2"], name=["Ouest", "Est"])
    return import_file(engine, TOWN, profile_of(COMMUNE, "communes"), path)


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """The answer to ``query``."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    """stored, updated, unchanged, rejected."""
    assert report.balanced
    return report.stored, report.updated, report.unchanged, report.rejected
