"""Invented publications of datasets for tests: tables as GeoParquet with what they say of themselves."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from public.door import public
from public.features.about import TABLE_FILE
from services.publishing import ABOUT_FILE, Store
from services.settings import read_settings

NOW = datetime(2026, 5, 2, 9, 0, tzinfo=UTC)
LIGHTS, COUNTS, DAYS, OUTLINES = "lighting-points", "traffic-counts", "lighting-failures", "districts"
INSTANT = pa.timestamp("ms", "UTC")
COMMUNES = (("34172", "Montpellier"), ("34057", "Castelnau-le-Lez"), ("34129", "Lattes"))
PARKING, ROADS = "car-parks-now", "traffic-now"
Columns = dict[str, tuple[str, str]]

LIGHT_COLUMNS: Columns = {
    "id": ("code", ""), "name": ("text", ""), "area_code": ("code", ""), "power": ("number", "W"),
    "poles": ("count", ""), "geometry": ("point", ""),
}  # fmt: skip
COUNT_COLUMNS: Columns = {
    "hour": ("instant", ""), "id": ("code", ""), "area_code": ("code", ""), "flow": ("number", "veh/h"),
    "geometry": ("point", ""),
}  # fmt: skip
DAY_COLUMNS: Columns = {"day": ("day", ""), "area_code": ("code", ""), "failure_rate": ("number", "%")}
PARKING_COLUMNS: Columns = {
    "id": ("code", ""), "name": ("text", ""), "state": ("code", ""), "free_places": ("count", ""),
    "measured_at": ("instant", ""), "geometry": ("point", ""),
}  # fmt: skip
ROAD_COLUMNS: Columns = {
    "id": ("code", ""), "name": ("text", ""), "state": ("code", ""), "measured_at": ("instant", ""),
}  # fmt: skip
OUTLINE_COLUMNS: Columns = {"id": ("code", ""), "month": ("month", ""), "geometry": ("outline", "")}


def lights(count: int = 300, seed: int = 1, shift: float = 0.0) -> pa.Table:
    """``count`` lights around Montpellier; every tenth has no power, the last has no place."""
    random = np.random.default_rng(seed)
    x, y = 3.80 + random.random(count) * 0.1 + shift, 43.57 + random.random(count) * 0.08
    shapes = shapely.points(x, y)
    shapes[-1] = None
    return pa.table(
        {
            "id": [f"L{i:05d}" for i in range(count)],
            "name": [f'Rue de l’Été, n° {i} "A"' if i % 7 else None for i in range(count)],
            "area_code": [COMMUNES[i % 3][0] for i in range(count)],
            "power": pa.array([None if i % 10 == 0 else i / 2 for i in range(count)], pa.float64()),
            "poles": pa.array([i % 4 for i in range(count)], pa.int64()),
            "geometry": pa.array(shapely.to_wkb(shapes), pa.binary()),
        }
    )


def counts(hours: int = 48, loops: int = 5) -> pa.Table:
    """Hourly flows of ``loops`` loops from 30 April 2026, 22:00 UTC, which is the first of May in Paris."""
    first = datetime(2026, 4, 30, 22, tzinfo=UTC)
    rows = [(hour, loop) for hour in range(hours) for loop in range(loops)]
    return pa.table(
        {
            "hour": pa.array([first + timedelta(hours=hour) for hour, _ in rows], INSTANT),
            "id": pa.array([f"loop-{loop}" for _, loop in rows], pa.string()),
            "area_code": pa.array([COMMUNES[loop % 2][0] for _, loop in rows], pa.string()),
            "flow": pa.array([None if (h + n) % 13 == 0 else 100.0 * n + h for h, n in rows], pa.float64()),
            "geometry": pa.array(
                shapely.to_wkb(shapely.points([3.8 + n / 100 for _, n in rows], [43.6] * len(rows))),
                pa.binary(),
            ),
        }
    )


def days(count: int = 30) -> pa.Table:
    """A table without places: a rate by commune and day."""
    rows = [(day, code) for day in range(count) for code, _ in COMMUNES]
    return pa.table(
        {
            "day": pa.array([date(2026, 4, 1) + timedelta(days=day) for day, _ in rows], pa.date32()),
            "area_code": pa.array([code for _, code in rows], pa.string()),
            "failure_rate": pa.array(
                [None if i % 11 == 0 else i / 10 for i in range(len(rows))], pa.float64()
            ),
        }
    )


def outlines() -> pa.Table:
    """Three districts side by side, one of them of two pieces; each of a month."""
    squares = [shapely.box(3.8 + i / 10, 43.5, 3.9 + i / 10, 43.6) for i in range(3)]
    squares[2] = shapely.MultiPolygon([squares[2], shapely.box(4.2, 43.5, 4.3, 43.6)])
    return pa.table(
        {
            "id": ["west", "middle", "east"],
            "month": ["2026-03", "2026-04", "2026-05"],
            "geometry": pa.array(shapely.to_wkb(np.array(squares, object)), pa.binary()),
        }
    )


def parking() -> pa.Table:
    """Three car parks: one open, one closed, and one of which nothing is known."""
    return pa.table(
        {
            "id": ["P1", "P2", "P3"],
            "name": ["Gare", "Comédie", None],
            "state": ["open", "closed", "unknown"],
            "free_places": pa.array([120, 4, None], pa.int64()),
            "measured_at": pa.array([NOW, NOW - timedelta(minutes=3), None], INSTANT),
            "geometry": pa.array(shapely.to_wkb(shapely.points([3.88, 3.87, 3.86], [43.6] * 3)), pa.binary()),
        }
    )


def roads() -> pa.Table:
    """Three roads, one of them closed."""
    return pa.table(
        {
            "id": ["R1", "R2", "R3"],
            "name": ["Avenue de Toulouse", "Quai du Verdanson", None],
            "state": ["free_flow", "closed", "no_data"],
            "measured_at": pa.array([NOW, NOW, None], INSTANT),
        }
    )


def about(name: str, columns: Columns, table: pa.Table, key: tuple[str, ...]) -> dict[str, Any]:
    """What a publication says of itself, as the publisher writes it."""
    told = [
        {"name": one, "shape": shape, "meaning": {"fr": f"{one} (fr)", "en": f"{one} (en)"}}
        | ({"unit": unit} if unit else {})
        for one, (shape, unit) in columns.items()
    ]
    shapes = shapely.from_wkb(table["geometry"].to_numpy()) if "geometry" in columns else []
    bbox = (
        [float(side) for side in shapely.total_bounds(shapes)]
        if table.num_rows and len(shapes)
        else [3.7, 43.5, 4.0, 43.7]
    )
    return {
        "name": name, "version": 1, "dataset": name, "domain": "lighting",
        "title": {"fr": f"Titre de {name}", "en": f"Title of {name}"},
        "what": {"fr": "Ce que c’est.", "en": "What it is."},
        "limits": {"fr": "Ses limites.", "en": "Its limits."},
        "producer": "Valmont-sur-Arce", "attribution": "Ville inventée",
        "licence": {"id": "etalab-2.0", "name": "Licence Ouverte 2.0", "url": "https://example.org/lo"},
        "time_zone": "Europe/Paris", "cadence_s": 60, "data_time": NOW.isoformat(),
        "key": list(key), "columns": told, "rows": table.num_rows,
        "temporal": _temporal(table), "bbox": bbox, "grain": {"place": "asset", "span": _span(columns)},
    }  # fmt: skip


def _span(columns: Columns) -> str:
    return next((one for one in ("hour", "day", "month") if one in columns), "none")


def _temporal(table: pa.Table) -> dict[str, str] | None:
    name = next((one for one in ("hour", "day") if one in table.column_names), None)
    if name is None:
        return None
    values = [one.isoformat().replace("+00:00", "Z") for one in table[name].to_pylist() if one]
    return {"from": min(values), "to": max(values)} if values else None


SAMPLES: dict[str, tuple[Columns, tuple[str, ...]]] = {
    LIGHTS: (LIGHT_COLUMNS, ("id",)),
    COUNTS: (COUNT_COLUMNS, ("hour", "id")),
    DAYS: (DAY_COLUMNS, ("day", "area_code")),
    OUTLINES: (OUTLINE_COLUMNS, ("id",)),
    PARKING: (PARKING_COLUMNS, ("id",)),
    ROADS: (ROAD_COLUMNS, ("id",)),
}


def publish(store: Store, name: str, table: pa.Table, now: datetime = NOW) -> None:
    """Make ``table`` what is published as ``name``."""
    columns, key = SAMPLES[name]
    told = about(name, columns, table, key)
    files = {
        TABLE_FILE: store.put(parquet(table), "application/vnd.apache.parquet"),
        ABOUT_FILE: store.put(json.dumps(told).encode(), "application/json"),
    }
    listed = {"dataset": name, "city": "Valmont-sur-Arce", "titles": told["title"]}
    store.publish(name, files, about=listed, data_time=now, now=now)


def parquet(table: pa.Table) -> bytes:
    """``table`` as GeoParquet 1.1, or plain Parquet without a place."""
    if "geometry" in table.column_names:
        geo = {"version": "1.1.0", "primary_column": "geometry",
               "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}}}  # fmt: skip
        table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def open_data(var: Path) -> Store:
    """A store under ``var`` with all samples published."""
    store = Store(var / "artefacts")
    for name, table in ((LIGHTS, lights()), (COUNTS, counts()), (DAYS, days()), (OUTLINES, outlines())):
        publish(store, name, table)
    return store


def visitor(var: Path, **settings: Any) -> httpx.AsyncClient:
    """A client of the public door over ``var``, which is addressed as http://public."""
    app = public(read_settings(var=var, public_url="http://public", **settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://public")
