"""The public door beside its peers: embeds a second, features a second, bytes of a first view.

    python -m bench.public         # QUICK=1 ends within 45 s

The peers, tipg and pygeoapi (requirements-bench.txt), serve the same lights out of PostGIS, each by one
worker in the same run; raw SQL makes the same bytes in the database. Everything is asked over loopback by the
same client, by turns, so that all meet the same machine. Where a peer is not installed, its figures are
missing. The last line is one JSON object.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import shapely

from bench.http_load import per_second, request
from bench.public_servers import TABLE
from services.launch.privileges import dies_with_parent
from services.launch.servers import free_port, start_postgres
from services.publishing import Store
from tests.open_data import LIGHTS, publish
from tests.ports import wait_for_port
from tests.proxy import deployed, nginx
from tests.published import published

QUICK = os.environ.get("QUICK") == "1"
COUNT = 5_000 if QUICK else 29_969
SECONDS = 0.15 if QUICK else 1.0
ROUNDS = 3 if QUICK else 11
PAGES = 8 if QUICK else 40
PEERS = {
    "tipg": f"/collections/public.{TABLE}/items?f=geojson",
    "pygeoapi": f"/collections/{TABLE}/items?f=json",
}
"""Where each has the lights."""
NEEDED = {"tipg": ("tipg",), "pygeoapi": ("pygeoapi", "psycopg2")}
"""What must be installed for each (requirements-bench.txt)."""
PANEL = "/embed/lighting-status"
GUARD = (
    "limit_req zone=visitors burst=900000 nodelay; limit_conn connections 50; "
    "if ($not_for_visitors) { return 405; }"
)
"""What the deployed server does for every visitor, whatever it then answers."""
OF_A_FILE = ("content-length", "content-type", "etag")
"""Headers nginx says of a plain file by itself."""
NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
Measure = Callable[[], float]


def lights() -> pa.Table:
    """As many lights as Montpellier has, from west to east and south to north by cells, as published."""
    random = np.random.default_rng(7)
    x, y = 3.80 + random.random(COUNT) * 0.14, 43.56 + random.random(COUNT) * 0.10
    order = np.lexsort((x, np.floor(y * 100), np.floor(x * 100)))
    return pa.table(
        {
            "id": [f"LUM-{i:06d}" for i in range(COUNT)],
            "name": [f"Point lumineux {i}" for i in range(COUNT)],
            "area_code": [f"34{i % 31:03d}" for i in range(COUNT)],
            "power": random.integers(20, 150, COUNT).astype("f8") / 2,
            "poles": random.integers(1, 4, COUNT),
            "geometry": pa.array(shapely.to_wkb(shapely.points(x[order], y[order])), pa.binary()),
        }
    )


def shapes_of(table: pa.Table) -> Any:
    """The places of ``table``."""
    return shapely.from_wkb(table["geometry"].to_numpy())


def fill(url: str, table: pa.Table) -> None:
    """The same lights as a table with the keys and indexes it deserves."""
    columns = [table[name].to_pylist() for name in table.column_names[:5]]
    located = shapely.set_srid(shapes_of(table), 4326)
    places = shapely.to_wkb(located, hex=True, include_srid=True).tolist()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute(
            "CREATE TABLE light (id text PRIMARY KEY, name text, area_code text, power float8, poles int8, "
            "geometry geometry(Point, 4326))"
        )
        with connection.cursor().copy("COPY light FROM STDIN") as copy:
            for row in zip(*columns, places, strict=True):
                copy.write_row(row)
        connection.execute("CREATE INDEX ON light USING gist (geometry)")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE light")


@contextmanager
def server(*arguments: str) -> Iterator[int]:
    """``bench.public_servers`` with ``arguments`` and a port, being started; its port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.public_servers", *arguments[:2], str(port), *arguments[2:]]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=dies_with_parent())
        try:
            yield port
        finally:
            process.kill()
            process.wait(10)


def fetched(port: int, path: str, accept: str = "application/json") -> bytes:
    """One answer."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        body: bytes = answer.read()
        return body


# Features -----------------------------------------------------------------------------------------


def boxes(count: int) -> list[str]:
    """Boxes of about a kilometre, each another."""
    random = np.random.default_rng(3)
    west, south = 3.81 + random.random(count) * 0.11, 43.57 + random.random(count) * 0.08
    return [f"{w:.5f},{s:.5f},{w + 0.012:.5f},{s + 0.009:.5f}" for w, s in zip(west, south, strict=True)]


def our_pages(port: int, limit: int) -> list[str]:
    """The addresses of pages of ``limit`` features, as their next links say."""
    path, found = f"/api/collections/{LIGHTS}/items?limit={limit}", []
    while path and len(found) < PAGES:
        found.append(path)
        links = json.loads(fetched(port, path))["links"]
        path = next((one["href"].partition(f":{port}")[2] for one in links if one["rel"] == "next"), "")
    return found


def our_questions(port: int) -> dict[str, list[bytes]]:
    """What our API is asked, by kind."""
    items = f"/api/collections/{LIGHTS}/items"
    return {
        "items_100": [request(path, port) for path in our_pages(port, 100)],
        "items_1000": [request(path, port) for path in our_pages(port, 1000)],
        "bbox": [request(f"{items}?limit=100&bbox={box}", port) for box in boxes(400)],
    }


def peer_questions(port: int, items: str) -> dict[str, list[bytes]]:
    """The same, of a peer: pages are offsets to it."""

    def pages(limit: int) -> list[bytes]:
        firsts = range(0, COUNT - limit, limit)[:PAGES]
        return [request(f"{items}&limit={limit}&offset={first}", port) for first in firsts]

    by_box = [request(f"{items}&limit=100&bbox={box}", port) for box in boxes(400)]
    return {"items_100": pages(100), "items_1000": pages(1000), "bbox": by_box}


RAW = """
SELECT convert_to('{"type":"FeatureCollection","features":[' || coalesce(string_agg(
  '{"type":"Feature","id":' || to_json(id) || ',"geometry":' || ST_AsGeoJSON(geometry, 6) || ',"properties":'
  || json_build_object('id', id, 'name', name, 'area_code', area_code, 'power', power, 'poles', poles) || '}',
  ','), '') || ']}', 'UTF8')
FROM (SELECT * FROM light WHERE_BOX ORDER BY id LIMIT %(limit)s OFFSET %(offset)s) t
"""
_WHERE = "WHERE geometry && ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326)"


def raw(connection: psycopg.Connection, kind: str) -> Measure:
    """How often a second the database makes the same bytes, asked by psycopg, no web server before it."""
    limit = 1000 if kind == "items_1000" else 100
    statement = RAW.replace("WHERE_BOX", _WHERE if kind == "bbox" else "").encode()
    found = boxes(400)

    def measured() -> float:
        done, began = 0, time.perf_counter()
        while time.perf_counter() < began + SECONDS:
            told = dict(zip("wsen", map(float, found[done % 400].split(",")), strict=True))
            offset = 0 if kind == "bbox" else done % PAGES * limit % (COUNT - limit)
            asked = {"limit": limit, "offset": offset, **told}
            connection.execute(statement, asked, prepare=True, binary=True).fetchone()
            done += 1
        return done / (time.perf_counter() - began)

    return measured


def by_turns(measures: dict[str, Measure]) -> dict[str, list[float]]:
    """What each measures in every round, all of them in each round."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def over(rates: dict[str, list[float]], name: str, *peers: str) -> float | None:
    """``name`` over the best of ``peers`` in the same round, the median round; None without a peer."""
    known = [rates[peer] for peer in peers if peer in rates]
    if not known:
        return None
    best = [max(turn) for turn in zip(*known, strict=True)]
    return median(one / other for one, other in zip(rates[name], best, strict=True))


def medians(rates: dict[str, list[float]]) -> dict[str, float]:
    """Each by its median round, a second."""
    return {name: round(median(found), 1) for name, found in rates.items()}


def features(stack: ExitStack, var: Path) -> dict[str, Any]:
    """Items and boxes a second: ours, the peers', and raw."""
    table = lights()
    publish(Store(var / "artefacts"), LIGHTS, table, NOW)
    database = start_postgres(var / "postgres", durable=False)
    stack.callback(database.stop)
    fill(database.url, table)
    sockets = database.url.partition("host=")[2]
    connection = stack.enter_context(psycopg.connect(database.url, autocommit=True))
    peers = {
        peer: stack.enter_context(server(peer, sockets))
        for peer in PEERS
        if all(map(find_spec, NEEDED[peer]))
    }
    ours, kept = (stack.enter_context(server("door", str(var), *how)) for how in ((), ("kept",)))
    for port in (ours, kept, *peers.values()):
        wait_for_port(port, 60)
    asked = {"ours": (ours, our_questions(ours)), "kept": (kept, our_questions(kept))}
    asked |= {peer: (port, peer_questions(port, PEERS[peer])) for peer, port in peers.items()}
    result: dict[str, dict[str, list[float]]] = {}
    for kind in ("items_100", "items_1000", "bbox"):
        measures: dict[str, Measure] = {
            name: lambda port=port, told=told[kind]: per_second(port, told, SECONDS)  # type: ignore[misc]
            for name, (port, told) in asked.items()
        }
        result[kind] = by_turns({**measures, "raw": raw(connection, kind)})
    return {kind: medians(rates) for kind, rates in result.items()} | compared(result)


def compared(result: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """Ours over the better peer and over raw, each by kind; the worst is the figure."""
    peers = {kind: over(rates, "ours", *PEERS) for kind, rates in result.items()}
    raws = {kind: over(rates, "ours", "raw") for kind, rates in result.items()}
    told: dict[str, Any] = {}
    for name, ratios in (("items_vs_best_peer", peers), ("items_vs_raw", raws)):
        known = {kind: round(ratio, 2) for kind, ratio in ratios.items() if ratio is not None}
        told |= {name: min(known.values(), default=None), f"{name}_by_kind": known}
    return told


# Embeds -------------------------------------------------------------------------------------------


def embeds(stack: ExitStack, var: Path) -> dict[str, Any]:
    """Embeds a second: one worker over a bare application, nginx with its cache over nginx with files."""
    published(var)
    door = stack.enter_context(server("door", str(var), "kept"))
    wait_for_port(door, 60)
    asked = urllib.request.Request(f"http://127.0.0.1:{door}{PANEL}", headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        told = [one for one in answer.getheaders() if one[0].lower() not in ("date", "connection")]
        body = answer.read()
    file = var / "page"
    file.write_bytes(body)
    Path(f"{file}.headers").write_text(json.dumps(told))
    bare = stack.enter_context(server("bare", str(file)))
    wait_for_port(bare, 60)
    cached, static = stack.enter_context(proxy(var / "nginx", door, file))
    rates = by_turns(
        {
            "worker": lambda: per_second(door, [request(PANEL, door, "text/html")], SECONDS),
            "bare": lambda: per_second(bare, [request(PANEL, bare, "text/html")], SECONDS),
            "cached": lambda: per_second(cached, [request(PANEL, cached, "text/html")], SECONDS),
            "static": lambda: per_second(static, [request("/page", static, "text/html")], SECONDS),
        }
    )
    packed = urllib.request.Request(asked.full_url, headers={"Accept-Encoding": "br"})
    with urllib.request.urlopen(packed, timeout=30) as answer:
        weight = len(answer.read())
    return {
        "embeds_per_s": medians(rates),
        "worker_vs_bare_asgi": round(over(rates, "worker", "bare") or 0, 2),
        "rps_vs_static": round(over(rates, "cached", "static") or 0, 2),
        "embed_kb": round(weight / 1000, 1),
    }


@contextmanager
def proxy(folder: Path, door: int, file: Path) -> Iterator[tuple[int, int]]:
    """The deployed proxy before ``door``, and in the same nginx ``file`` as a plain file; their ports.

    Its limit for one address is lifted: all questions of this bench come from one.
    """
    cached, static = free_port(), free_port()
    config = deployed(folder, "public.conf", {"public:8060": door, "8080": cached})
    for part, before, after in (
        ("public-http.inc", "rate=50r/s", "rate=900000r/s"),
        ("public-locations.inc", "burst=200", "burst=900000"),
    ):
        text = (folder / part).read_text()
        if before not in text:
            raise ValueError(f"{part} has no {before} any more")
        (folder / part).write_text(text.replace(before, after))
    told = json.loads(Path(f"{file}.headers").read_text())
    # The same answer has the same headers; those of its content nginx says of a file by itself.
    same = " ".join(
        f'add_header {name} "{value.replace(chr(34), chr(92) + chr(34))}";'
        for name, value in told
        if name.lower() not in OF_A_FILE
    )
    place = f"location = /page {{ root {file.parent}; default_type text/html; {same} }}"
    plain = f"server {{ listen 127.0.0.1:{static}; {GUARD} {place} }}\n}}"
    config.write_text(config.read_text().rstrip().removesuffix("}") + plain)
    with nginx(config, cached):
        yield cached, static


def main() -> None:
    """Measure and print; the last line is the result."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        Path(name).chmod(0o755)  # the database and nginx may be other accounts
        with ExitStack() as stack:
            result = {"lights": COUNT, **features(stack, Path(name))}
        with ExitStack() as stack:
            result |= embeds(stack, Path(name))
    # The door has no driver of a database loaded (a test holds that), so no view can ask one.
    print(json.dumps({**result, "db_queries_per_1000_views": 0}))


if __name__ == "__main__":
    main()
