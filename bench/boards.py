"""Boards and their figures of a métropole: opened from stored values, and computed for a year.

    python -m bench.boards        # 24 communes; QUICK=1: 8 communes, ends within 45 s

Starts a server of its own with 34,000 light points and the other equipment of the city, and 13 months of
daily figures of areas (and the hours and days of meters the recipes read). The peer of computing is the plain
SQL it needs, in the same run, figure by figure and by turns: the recipe's own question into a bare temporary
table, and that by month. The last line is one JSON object: ``board_p95_ms`` (a board of the city or a
commune, any period), ``recompute_year_s`` (a year of all figures that have data) and ``recompute_vs_sql``.
"""

import json
import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, text

from geodata.asking import statement
from geodata.database import migrate, open_engine
from geodata.profiles import read_profile
from model.domains import DOMAIN_OF
from model.kpis import Period
from services.boards import CITY_BOARD, KPIS, Boards
from services.boards.engine import Asked, asked, compute, enrol, first_day
from services.launch.servers import start_postgres

QUICK = os.environ.get("QUICK") == "1"
PROFILE = replace(read_profile("demo"), name="bench")
COMMUNES = 8 if QUICK else 24
OPENED = 60 if QUICK else 200
LAST = date(2026, 10, 31)
FIRST = date(2025, 10, 1)
YEAR = LAST - timedelta(days=364)
COUNTS = {
    "streetlight": 34_000, "control_cabinet": 637, "junction": 200, "detector": 773, "camera": 269,
    "gateway": 30, "building": 180, "meter": 180, "access_point": 354, "bollard": 26,
}  # fmt: skip
MEASURED = {
    ("control_cabinet", "energy"), ("control_cabinet", "power"), ("detector", "flow"), ("detector", "speed"),
    ("meter", "energy"), ("meter", "power"), ("building", "outdoor_temperature"),
    ("access_point", "openings"),
    ("building", "indoor_temperature"), ("gateway", "latency"), ("junction", "cycle"),
}  # fmt: skip
HOURLY = (
    ("detector", "flow"),
    ("detector", "speed"),
    ("meter", "energy"),
    ("building", "outdoor_temperature"),
)
AREAS = text(
    """
    INSERT INTO area (id, kind, code, name, population, source, geometry)
    SELECT n, 'commune', n, 'commune ' || n, 10000, 'bench',
           ST_Multi(ST_SetSRID(ST_MakeEnvelope(n, 47, n + 1, 48), 4326)) FROM generate_series(1, :communes) n
    """
)
ASSETS = text(
    """
    INSERT INTO asset (external_id, source, domain, asset_type, name, geometry, commune_id,
                       installed_at, attributes)
    SELECT CAST(:kind AS text) || n, 'bench', :domain, :kind, :kind, ST_SetSRID(ST_MakePoint(5, 47), 4326),
           1 + n % :communes, '2000-01-01Z'::timestamptz + n % 9000 * interval '1 day',
           jsonb_build_object('source', CASE WHEN n % 4 = 0 THEN 'SHP' ELSE 'LED' END, 'power_w', 40 + n % 60,
               'rated_kw', 3 + n % 5, 'floor_area_m2', 900 + n, 'bus_priority', n % 3 = 0)
    FROM generate_series(1, :count) n
    """
)
PARENTS = text(
    "UPDATE asset m SET parent_id = b.id FROM asset b WHERE m.asset_type = 'meter' "
    "AND b.asset_type = 'building' "
    "AND b.external_id = 'building' || substr(m.external_id, 6)"
)
STREAMS = text(
    "INSERT INTO datastream (asset_id, observed_property, unit, period_s) "
    "SELECT id, :name, '', 900 FROM asset WHERE asset_type = :kind"
)
DAYS = text(
    """
    INSERT INTO area_day
        (area_id, asset_type, observed_property, day, n, sum, min, max, coverage, fullest)
    SELECT area, :kind, :name, day::date, 96 * :each, 96 * :each * (:level + 0.1 * random()),
           0, 1, 0.99, 4 * :each
    FROM generate_series(1, :communes) area,
         generate_series(CAST(:first AS date), :last, interval '1 day') day
    """
)
HOURS = text(
    """
    INSERT INTO area_hour (area_id, asset_type, observed_property, bucket, n, sum, min, max, coverage)
    SELECT area, :kind, :name, hour, 4 * :each, 4 * :each * (:level + :level * random()), 0, 1, 0.99
    FROM generate_series(1, :communes) area, generate_series(
        CAST(:first AS date)::timestamp AT TIME ZONE :zone,
        (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone - interval '1 hour', interval '1 hour') hour
    """
)
STREAM_DAYS = text(
    """
    INSERT INTO rollup_day (datastream_id, day, n, sum, min, max, coverage)
    SELECT d.id, day::date, 96, 96 * random(), 0, 1, 0.99
    FROM datastream d JOIN asset a ON a.id = d.asset_id AND a.asset_type IN ('control_cabinet', 'meter'),
         generate_series(CAST(:first AS date), :last, interval '1 day') day
    WHERE d.observed_property = 'energy'
    """
)
PLAIN_MONTHS = text(
    """
    CREATE TEMP TABLE plain_month ON COMMIT DROP AS
    SELECT area_id, date_trunc('month', day) AS month, sum(top) AS top, sum(bottom) AS bottom,
           sum(coverage * weight) / nullif(sum(weight), 0) AS coverage, sum(n) AS n
    FROM plain_day GROUP BY 1, 2
    """
)


def fill(engine: Engine) -> None:
    """The city, its equipment and what was measured of it."""
    span = {"first": FIRST, "last": LAST, "communes": COMMUNES}
    level = {"outdoor_temperature": 10.0, "speed": 40.0, "flow": 300.0, "energy": 5.0}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(AREAS, {"communes": COMMUNES})
        for kind, count in COUNTS.items():
            told = {"kind": kind, "domain": DOMAIN_OF[kind].name, "count": count, "communes": COMMUNES}
            connection.execute(ASSETS, told)
        connection.execute(PARENTS)
        shares = {(kind, "fault_share") for kind in COUNTS} | {("streetlight", "lit_share")}
        for kind, name in sorted(MEASURED | shares):
            each = max(1, COUNTS[kind] // COMMUNES)
            what = {"kind": kind, "name": name, "each": each, "level": level.get(name, 0.01)}
            if (kind, name) in MEASURED:
                connection.execute(STREAMS, {"kind": kind, "name": name})
            connection.execute(DAYS, what | span)
            if (kind, name) in HOURLY:
                connection.execute(HOURS, what | span | {"zone": PROFILE.zone.key})
        connection.execute(STREAM_DAYS, {"first": FIRST, "last": LAST})
        connection.execute(text("DELETE FROM kpi_dirty"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("area", "asset", "datastream", "area_day", "area_hour", "rollup_day"):
            connection.execute(text(f"ANALYZE {table}"))


def begin(engine: Engine) -> list[Asked]:
    """Compute thirteen months of every figure that has data; those figures."""
    there = []
    for kpi in KPIS:
        one = asked(kpi, PROFILE)
        with engine.begin() as connection:
            since = first_day(connection, one)
            if since is not None:
                enrol(connection, one)
                compute(connection, one, since, LAST, LAST)
                there.append(one)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("kpi", "kpi_day", "kpi_value"):
            connection.execute(text(f"ANALYZE {table}"))
    return there


def plain(connection: Connection, one: Asked) -> None:
    """What computing a figure needs at the least: its question's answer, and that by month."""
    question = statement("CREATE TEMP TABLE plain_day ON COMMIT DROP AS {days}", days=one.days_sql)
    connection.execute(question, one.bound(YEAR, LAST))
    connection.execute(PLAIN_MONTHS)


def measure_computing(engine: Engine, there: list[Asked]) -> dict[str, float]:
    """A year of every figure by the engine and by plain SQL, by turns; the better of two turns each."""
    ours, theirs = 0.0, 0.0
    for one in there:
        mine, peer = [], []
        for _ in range(2):
            began = time.perf_counter()
            with engine.begin() as connection:
                plain(connection, one)
            between = time.perf_counter()
            with engine.begin() as connection:
                compute(connection, one, YEAR, LAST, LAST)
            peer.append(between - began)
            mine.append(time.perf_counter() - between)
        ours, theirs = ours + min(mine), theirs + min(peer)
    return {"recompute_year_s": round(ours, 1), "recompute_vs_sql": round(ours / theirs, 2)}


def measure_boards(engine: Engine) -> dict[str, float]:
    """Boards opened one after another: the city's and communes', of all periods, twelve figures and all."""
    boards = Boards(engine, PROFILE)
    boards.board(Period.MONTH, LAST)
    took: dict[str, list[float]] = {"board": [], "everything": []}
    for n in range(OPENED):
        period = list(Period)[n % 3]
        place = None if n % 2 else 1 + n % COMMUNES
        for name, keys in (("board", CITY_BOARD), ("everything", None)):
            began = time.perf_counter()
            boards.board(period, LAST, place, keys)
            took[name].append(1000 * (time.perf_counter() - began))
    p95 = {name: round(float(np.percentile(times, 95)), 1) for name, times in took.items()}
    return {"board_p95_ms": p95["board"], "all_figures_p95_ms": p95["everything"]}


def main() -> None:
    """Fill, measure and print."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = start_postgres(folder, "bench", durable=False)
        try:
            migrate(server.url)
            engine = open_engine(server.url, statement_ms=600_000)
            began = time.perf_counter()
            fill(engine)
            there = begin(engine)
            found: dict[str, object] = {
                "figures": len(there), "communes": COMMUNES, "fill_s": round(time.perf_counter() - began, 1)
            }  # fmt: skip
            found |= measure_boards(engine)
            found |= measure_computing(engine, there)
            engine.dispose()
            print(json.dumps(found | {"at": datetime.now(UTC).date().isoformat()}))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
