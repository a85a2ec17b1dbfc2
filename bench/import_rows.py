"""How fast rows come in, every check on, against reading them with pyogrio and a bare COPY.

    python -m bench.import_rows [--quick]

The same points (a GeoPackage in Lambert-93) are brought in three ways on the same private server:

- *importer*: ``import_file``, into an empty city of 25 communes: placed, checked, joined with the areas,
  searchable, hashed for the next version, accounted for;
- *indexed copy*: ``pyogrio.read_dataframe`` and a bare COPY of id, name and point into a table with the keys
  and indexes the assets have, so that both end with the same searchable points;
- *plain copy*: the same COPY into a table without any index, which is no use but the least there is.

The last line is one JSON object: ``rows_vs_indexed_copy`` and ``rows_vs_plain_copy`` are the importer's
rows a second over theirs, ``peak_rss_mb`` the importer's own peak memory (its process, without the server).
"""

import argparse
import json
import multiprocessing
import os
import re
import tempfile
import time
from pathlib import Path

import geopandas
import numpy as np
import psycopg
import pyogrio
import shapely
from sqlalchemy import text

from geodata.database import migrate, open_engine
from geodata.importer import import_file, profile_of
from geodata.profiles import read_profile
from services.launch.servers import ensure_database, start_postgres

FULL, QUICK = 1_000_000, 200_000
WEST, SOUTH, EAST, NORTH = 765_500.0, 6_275_500.0, 775_500.0, 6_284_000.0
PROFILE = {
    "file": "points.gpkg",
    "domain": "lighting",
    "asset_type": "streetlight",
    "id": "ref",
    "name": "label",
    "attributes": {"power": {"column": "power", "kind": "integer"}},
}
COMMUNES = """
    INSERT INTO area (kind, code, name, source, geometry)
    SELECT 'commune', i || '-' || j, 'commune', 'bench', ST_Multi(ST_Segmentize(ST_MakeEnvelope(
        3.80 + i * 0.03, 43.56 + j * 0.02, 3.80 + (i + 1) * 0.03, 43.56 + (j + 1) * 0.02, 4326), 0.0005))
    FROM generate_series(0, 4) i, generate_series(0, 4) j
"""
PLAIN = "CREATE TABLE plain (external_id text, name text, geometry geometry)"
INDEXED = """
    CREATE TABLE indexed (LIKE asset INCLUDING ALL);
    ALTER TABLE indexed ALTER source SET DEFAULT 'x', ALTER domain SET DEFAULT 'x',
                        ALTER asset_type SET DEFAULT 'x';
    CREATE SEQUENCE indexed_id; ALTER TABLE indexed ALTER id SET DEFAULT nextval('indexed_id');
    ALTER TABLE indexed ALTER geometry TYPE geometry
"""


def write_points(path: Path, count: int) -> None:
    """``count`` points in Lambert-93 with an id, a name and a number; the same ones every time."""
    random = np.random.default_rng(20_251_106)
    points = geopandas.points_from_xy(random.uniform(WEST, EAST, count), random.uniform(SOUTH, NORTH, count))
    table = {
        "ref": [f"EP-{n:07d}" for n in range(count)],
        "label": [f"Candélabre {n % 5000}" for n in range(count)],
        "power": random.integers(20, 200, count),
    }
    pyogrio.write_dataframe(geopandas.GeoDataFrame(table, geometry=points, crs=2154), path)


def fresh(url: str, name: str) -> str:
    """A new migrated database with the communes; returns its address."""
    address = re.sub(r"/bench\?", f"/{name}?", url)
    ensure_database(address)
    migrate(address)
    with psycopg.connect(address) as connection:
        connection.execute(COMMUNES)
    return address


def importer(address: str, file: Path, answer: "multiprocessing.Queue[tuple[float, float, int]]") -> None:
    """Import ``file``, in a process of its own so that its memory is its own: seconds, peak MB, stored."""
    engine = open_engine(address)
    began = time.perf_counter()
    report = import_file(engine, read_profile("montpellier"), profile_of(PROFILE, "bench"), file)
    seconds = time.perf_counter() - began
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    answer.put((seconds, int(peak[1]) / 1024 if peak else float("nan"), report.stored))
    engine.dispose()


def import_once(address: str, file: Path) -> tuple[float, float, int]:
    """Run ``importer`` in a fresh process."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=importer, args=(address, file, answer))
    process.start()
    result = answer.get(timeout=600)
    process.join()
    return result


def copy_once(address: str, file: Path, table: str, create: str) -> float:
    """Seconds to read ``file`` with pyogrio and COPY it into ``table`` as it is."""
    with psycopg.connect(address) as connection:
        connection.execute(create)
        connection.commit()
        began = time.perf_counter()
        frame = pyogrio.read_dataframe(file)
        packed = shapely.to_wkb(frame.geometry.values, hex=True)
        rows = zip(frame.ref.tolist(), frame.label.tolist(), packed.tolist(), strict=True)
        with connection.cursor().copy(f"COPY {table} (external_id, name, geometry) FROM STDIN") as copy:
            copy.write("".join([f"{ref}\t{label}\t{point}\n" for ref, label, point in rows]))
        connection.commit()
        return time.perf_counter() - began


def measure(folder: Path, count: int) -> dict[str, float]:
    """All three ways over ``count`` points."""
    file = folder / "points.gpkg"
    write_points(file, count)
    server = start_postgres(folder / "server", "bench")
    try:
        address = fresh(server.url, "imported")
        seconds, peak, stored = import_once(address, file)
        indexed = copy_once(address, file, "indexed", INDEXED)
        plain = copy_once(address, file, "plain", PLAIN)
        engine = open_engine(address)
        with engine.connect() as connection:
            kept = connection.scalar(text("SELECT count(*) FROM asset WHERE commune_id IS NOT NULL"))
        engine.dispose()
    finally:
        server.stop()
    if stored != count or kept != count:
        raise SystemExit(f"{stored} stored and {kept} in a commune, of {count}")
    return {
        "rows": count,
        "rows_per_s": round(count / seconds),
        "indexed_copy_rows_per_s": round(count / indexed),
        "plain_copy_rows_per_s": round(count / plain),
        "rows_vs_indexed_copy": round(indexed / seconds, 3),
        "rows_vs_plain_copy": round(plain / seconds, 3),
        "peak_rss_mb": round(peak),
    }


def main() -> None:
    """Measure and print; QUICK=1 means --quick."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} points instead of {FULL}")
    quick = parser.parse_args().quick or os.environ.get("QUICK") == "1"
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        print(json.dumps(measure(Path(folder), QUICK if quick else FULL)))


if __name__ == "__main__":
    main()
