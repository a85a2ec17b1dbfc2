"""What the memory answers: questions through the query module beside SQL on the raw rows of the same run.

    python -m bench.history        # 52 million rows; QUICK=1: 2 million, ends within 45 s

Starts a server of its own and fills a year of hours and days with a city of meters: 1,500 in one district,
as many in five others (QUICK: 300), every half hour (QUICK: every hour for the last thirty days and once a
day before). Peers: for each question the SQL a person would write on ``observation``; for the archive, a bare
DuckDB on the same files. The last line is one JSON object: per question ``p95_ms`` and
``times_faster_than_raw`` (medians), and ``archive_vs_duckdb``.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from sqlalchemy import Connection, Engine, text

from geodata.area_days import fill_area_days
from geodata.database import migrate, open_engine
from geodata.partitions import ensure_observation_days
from model.series import Asked
from services.history import Archive, History, day_start
from services.history.cold import LIMITS
from services.launch.servers import start_postgres

QUICK = os.environ.get("QUICK") == "1"
ZONE = ZoneInfo("Europe/Paris")
DISTRICT, OTHERS = 1_500, 300 if QUICK else 1_500
LAST = date(2026, 10, 31)
FIRST = LAST - timedelta(days=364)
DENSE_FROM = LAST - timedelta(days=29) if QUICK else FIRST
PERIOD = timedelta(hours=1) if QUICK else timedelta(minutes=30)
ASKED = 15 if QUICK else 40
RAW_ASKED = 3
TABLES = ("observation", "rollup_hour", "rollup_day", "area_hour", "area_day", "datastream", "asset")
T0, T1 = day_start(FIRST, ZONE), day_start(LAST + timedelta(days=1), ZONE)

LAY_OUT = """
    INSERT INTO area (id, kind, code, name, source)
    SELECT n, 'commune', n, 'district ' || n, 'bench' FROM generate_series(1, 6) n;
    INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry, commune_id)
    SELECT n, 'M-' || n, 'bench', 'energy', 'meter', 'M-' || n, ST_SetSRID(ST_MakePoint(5, 47), 4326),
           CASE WHEN n <= {district} THEN 1 ELSE 2 + n % 5 END FROM generate_series(1, {all}) n;
    INSERT INTO datastream (id, asset_id, observed_property, unit, period_s)
    SELECT n, n, 'energy', 'kWh', {period} FROM generate_series(1, {all}) n;
"""
FILL = text(
    """
    INSERT INTO observation (datastream_id, phenomenon_time, result, received_at)
    SELECT n, at, floor(200 + 100 * sin(extract(epoch FROM at)::float8 / 13751) + 10 * (n % 17)) / 10,
           at + interval '2 seconds'
    FROM generate_series(CAST(:t0 AS timestamptz), CAST(:t1 AS timestamptz) - interval '1 second', :step) at,
         generate_series(1, :all) n
    """
)
HOURS = text(
    """
    INSERT INTO rollup_hour
    SELECT datastream_id, date_trunc('hour', phenomenon_time) AS hour, count(*), sum(result), min(result),
           max(result), least(1, count(*) * :period / 3600.0)
    FROM observation WHERE phenomenon_time >= :t0 AND phenomenon_time < :t1 GROUP BY 1, hour
    """
)
AREAS = text(
    """
    INSERT INTO area_hour
    SELECT a.commune_id, 'meter', 'energy', bucket, sum(n), sum(sum), min(min), max(max),
           sum(coverage) / (SELECT count(*) FROM asset b WHERE b.commune_id = a.commune_id)
    FROM rollup_hour r JOIN asset a ON a.id = r.datastream_id
    WHERE bucket >= :t0 AND bucket < :t1 GROUP BY a.commune_id, bucket
    """
)
DAYS = text(
    """
    INSERT INTO rollup_day
    SELECT datastream_id, (bucket AT TIME ZONE 'Europe/Paris')::date, sum(n), sum(sum), min(min), max(max),
           least(1, sum(coverage) / 24) FROM rollup_hour GROUP BY 1, 2
    """
)

RAW_DAYS = """
    SELECT (phenomenon_time AT TIME ZONE 'Europe/Paris')::date, count(*), sum(result), min(result),
           max(result)
    FROM observation o JOIN datastream d ON d.id = o.datastream_id JOIN asset a ON a.id = d.asset_id
    WHERE d.observed_property = 'energy' AND {which} AND phenomenon_time >= :t0 AND phenomenon_time < :t1
    GROUP BY 1 ORDER BY 1
"""
RAW_HOURS = RAW_DAYS.replace(
    "(phenomenon_time AT TIME ZONE 'Europe/Paris')::date", "date_trunc('hour', phenomenon_time)"
)
RAW_ROWS = """
    SELECT phenomenon_time, result FROM observation o JOIN datastream d ON d.id = o.datastream_id
    JOIN asset a ON a.id = d.asset_id
    WHERE d.observed_property = 'energy' AND a.id = :asset AND phenomenon_time >= :t0
      AND phenomenon_time < :t1
    ORDER BY 1
"""


def fill(engine: Engine) -> None:
    """A city of meters and its year, with all its rollups."""
    with engine.begin() as connection:
        connection.execute(
            text(LAY_OUT.format(district=DISTRICT, all=DISTRICT + OTHERS, period=int(PERIOD.total_seconds())))
        )
        ensure_observation_days(connection, T0, T1)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda span: _fill_span(engine, *span), _spans()))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(DAYS)
        fill_area_days(connection, ZONE)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for table in (
            "observation",
            "rollup_hour",
            "rollup_day",
            "area_hour",
            "area_day",
            "datastream",
            "asset",
        ):
            connection.execute(text(f"ANALYZE {table}"))


def _spans() -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The year in pieces of a few weeks: (from, to, time between readings)."""
    dense = day_start(DENSE_FROM, ZONE)
    for start, end, step in ((T0, dense, timedelta(days=1)), (dense, T1, PERIOD)):
        at = start
        while at < end:
            yield at, min(at + timedelta(days=15), end), step
            at += timedelta(days=15)


def _fill_span(engine: Engine, t0: datetime, t1: datetime, step: timedelta) -> None:
    bounds = {"t0": t0, "t1": t1}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(FILL, bounds | {"step": step, "all": DISTRICT + OTHERS})
        connection.execute(HOURS, bounds | {"period": PERIOD.total_seconds()})
        connection.execute(AREAS, bounds)


def timed(ask: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each of ``times`` askings, one before them left out."""
    ask()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append(1000 * (time.perf_counter() - began))
    return found


def raw(engine: Engine, question: str, which: str = "true", **bounds: object) -> Callable[[], object]:
    """The same question as SQL on raw rows, all rows fetched."""
    statement = text(question.format(which=which))

    def ask() -> object:
        with engine.connect() as connection:
            return connection.execute(statement, bounds).all()

    return ask


def measure_questions(engine: Engine) -> dict[str, dict[str, float]]:
    """The four questions of the bar beside raw SQL, and the others alone."""
    history = History(engine, ZONE)
    random = np.random.default_rng(4)
    month = T1 - timedelta(days=30)
    day = T1 - timedelta(days=1)

    def any_asset() -> int:
        return int(random.integers(1, DISTRICT))

    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "city_year_by_day": (
            lambda: history.area_series(None, "meter", "energy", T0, T1, "day"),
            raw(engine, RAW_DAYS, "a.asset_type = 'meter'", t0=T0, t1=T1),
        ),
        "district_month_by_hour": (
            lambda: history.area_series(1, "meter", "energy", month, T1, "hour"),
            raw(engine, RAW_HOURS, "a.commune_id = 1", t0=month, t1=T1),
        ),
        "asset_year": (
            lambda: history.series(any_asset(), "energy", T0, T1),
            lambda: raw(engine, RAW_DAYS, "a.id = :asset", asset=any_asset(), t0=T0, t1=T1)(),
        ),
        "asset_day": (
            lambda: history.series(any_asset(), "energy", day, T1),
            lambda: raw(engine, RAW_ROWS, asset=any_asset(), t0=day, t1=T1)(),
        ),
    }
    found = {}
    for name, (ours, theirs) in pairs.items():
        quick = name.startswith("asset")
        mine, raws = timed(ours, ASKED), timed(theirs, ASKED if quick else RAW_ASKED)
        found[name] = {
            "p95_ms": round(float(np.percentile(mine, 95)), 1),
            "times_faster_than_raw": round(median(raws) / median(mine), 1),
        }
    others: dict[str, Callable[[], object]] = {
        "profile_city_year": lambda: history.profile(Asked("energy", T0, T1, asset_type="meter")),
        "compare_district_month": lambda: history.compare(
            Asked("energy", month, T1, asset_type="meter", area_id=1)
        ),
        "rank_assets_year": lambda: history.rank("meter", "energy", T0, T1),
        "rank_areas_year": lambda: history.rank("meter", "energy", T0, T1, of="area"),
        "distribution_district_month": lambda: history.distribution(
            Asked("energy", month, T1, asset_type="meter", area_id=1)
        ),
    }
    for name, ask in others.items():
        found[name] = {"p95_ms": round(float(np.percentile(timed(ask, 3), 95)), 1)}
    return found


def measure_archive(engine: Engine, folder: Path) -> dict[str, float]:
    """Daily figures of the city from files, beside a bare DuckDB (QUICK: the dense days alone)."""
    archive = Archive(engine, folder)
    first = DENSE_FROM + timedelta(days=1)
    began = time.perf_counter()
    days = [first + timedelta(days=n) for n in range((LAST - first).days)]
    done = [archived for archived in map(archive.archive, days) if archived]
    seconds = time.perf_counter() - began
    rows, size = sum(one.count for one in done), sum(one.bytes for one in done)
    history = History(engine, ZONE, folder)
    last = LAST - timedelta(days=1)
    ours = timed(lambda: history.counted_days("meter", "energy", first, last), 5)
    database = duckdb.connect(config=LIMITS)
    files = [str(folder / one.path) for one in done]

    def bare() -> object:
        return database.execute(
            "SELECT epoch_us(phenomenon_time) // 86400000000 AS day, count(*), sum(result), min(result), "
            "max(result) FROM read_parquet(?) GROUP BY 1",
            [files],
        ).fetchall()

    theirs = timed(bare, 5)
    return {
        "archive_days": len(done),
        "archive_ms": round(median(ours), 1),
        "archive_vs_duckdb": round(median(ours) / median(theirs), 2),
        "archive_bytes_per_row": round(size / rows, 2),
        "archived_rows_per_s": round(rows / seconds),
    }


def count(connection: Connection) -> int:
    """How many rows there are."""
    return int(connection.scalar(text("SELECT sum(n) FROM area_day")) or 0)


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
            with engine.connect() as connection:
                rows = count(connection)
            filled = time.perf_counter() - began
            found: dict[str, object] = {"rows": rows, "fill_s": round(filled, 1)}
            found |= measure_questions(engine)
            print(json.dumps(found), flush=True)
            found |= measure_archive(engine, folder / "archive")
            engine.dispose()
            print(json.dumps(found | {"at": datetime.now(UTC).date().isoformat()}))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
