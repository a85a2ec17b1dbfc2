"""What recording costs: the recorder beside a bare COPY of the same rows into the same indexed tables.

    python -m bench.record         # 2 million observations; QUICK=1: 400,000, ends within 45 s

Starts servers of its own, PostgreSQL as durable as in production. Observations are judged first; what is
timed is the recorder: one transaction a batch of 10,000 with accounts, hours to recompute, values and states
that may be known already. The peer copies the same rows, of another day, straight into ``observation`` and
``state_change``, a transaction a batch. Then the recorded day is rolled up and archived, for
``bytes_hot`` and ``bytes_cold`` an observation. The last line is one JSON object.
"""

import asyncio
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import psycopg
from sqlalchemy import Engine, text

from bench.apply import ASSETS, lay_out
from bench.ingest import BEGAN, item
from geodata.assets import read_columns
from geodata.database import migrate, open_engine, plain_url
from geodata.partitions import ensure_partitions
from geodata.profiles import read_profile
from model.observations import moment
from services.history import Archive, roll_up_dirty
from services.launch.servers import Server, start_postgres, start_redis
from services.live import Ingest
from services.live.batch import Batch, Part
from services.live.parsed import parse_json
from services.live.pgcopy import copy_bytes, microseconds

QUICK = os.environ.get("QUICK") == "1"
OBSERVATIONS = 400_000 if QUICK else 2_000_000
BATCH = 10_000
WARM = 4
A_DAY_S = 86_400.0


def judged(ingest: Ingest) -> list[Batch]:
    """Every observation, judged, in batches as the ingest makes them under load."""
    writer = ingest._writer
    number = writer.book.number("bench")
    batches = []
    for at in range(0, OBSERVATIONS + WARM * BATCH, BATCH):
        payload = msgspec.json.encode([item(n) for n in range(at, at + BATCH)])
        batches.append(writer.judge([Part("bench", number, False, parse_json(payload))], time.time()))
    return batches


def recorded(ingest: Ingest, engine: Engine, batches: list[Batch]) -> float:
    """Observations a second through the recorder, the first few batches left out."""
    columns = read_columns(engine)
    recorder = ingest._writer._recorder
    for batch in batches[:WARM]:
        recorder.write(batch.plan, columns)
    began = time.perf_counter()
    for batch in batches[WARM:]:
        recorder.write(batch.plan, columns)
    return OBSERVATIONS / (time.perf_counter() - began)


def copied(engine: Engine, batches: list[Batch]) -> float:
    """Observations a second of a bare COPY of the same rows, a day earlier, into the same two tables."""
    with engine.connect() as connection:
        streams = dict(connection.execute(text("SELECT asset_id, id FROM datastream")).all())
    blobs = [_blobs(batch, streams) for batch in batches]
    first = min(float(batch.plan.values["time"].min()) for batch in batches) - A_DAY_S
    last = max(float(batch.plan.values["time"].max()) for batch in batches) - A_DAY_S
    with engine.begin() as connection:
        ensure_partitions(connection, moment(first), moment(last))
    names = ("observation (datastream_id, phenomenon_time, result, quality)",
             "state_change (asset_id, phenomenon_time, status, state)")  # fmt: skip
    url = plain_url(engine.url.render_as_string(hide_password=False))
    with psycopg.connect(url, autocommit=True) as connection:
        began = 0.0
        for place, blob in enumerate(blobs):
            if place == WARM:
                began = time.perf_counter()
            with connection.transaction(), connection.cursor() as cursor:
                for name, rows in zip(names, blob, strict=True):
                    with cursor.copy(f"COPY {name} FROM STDIN (FORMAT binary)".encode()) as copy:
                        copy.write(rows)
        return OBSERVATIONS / (time.perf_counter() - began)


def _blobs(batch: Batch, streams: dict[int, int]) -> tuple[bytes, bytes]:
    values, states = batch.plan.values, batch.plan.states
    stream = np.array([streams[n] for n in batch.plan.value_ids.tolist()], "i4")
    return (
        copy_bytes([(">i4", stream), (">i8", microseconds(values["time"] - A_DAY_S)),
                    (">f8", values["value"]), (">i2", values["quality"])]),
        copy_bytes([(">i8", batch.plan.state_ids), (">i8", microseconds(states["time"] - A_DAY_S)),
                    (">i2", states["status"]), (">i2", states["state"])]),
    )  # fmt: skip


def weighed(engine: Engine, folder: Path) -> dict[str, float]:
    """Bytes an observation takes hot, indexes included, and cold."""
    day = BEGAN.date()
    zone = read_profile("demo").zone
    while roll_up_dirty(engine, zone, 1_000):
        pass
    table = f"observation_{day:%Y_%m_%d}"
    with engine.connect() as connection:
        rows, size = connection.execute(
            text(f"SELECT (SELECT count(*) FROM {table}), pg_total_relation_size('{table}')")
        ).one()
    archived = Archive(engine, folder).archive(day)
    if archived is None or archived.count != rows:
        raise SystemExit("the day could not be archived")
    return {"bytes_hot": round(size / rows, 1), "bytes_cold": round(archived.bytes / rows, 2)}


async def measure(postgres: Server, cache: Server, folder: Path) -> dict[str, float]:
    """Everything, one after the other."""
    engine = open_engine(postgres.url, statement_ms=600_000)
    lay_out(engine)
    ingest = Ingest(engine, cache.url, shard="demo", spool=folder / "spool.sqlite")
    await ingest.start()
    while not ingest.ready:
        await asyncio.sleep(0.05)
    batches = await asyncio.to_thread(judged, ingest)
    ours = await asyncio.to_thread(recorded, ingest, engine, batches)
    bare = await asyncio.to_thread(copied, engine, batches)
    await ingest.stop()
    found = {
        "observations": OBSERVATIONS, "assets": ASSETS, "recorded_per_s": round(ours),
        "copy_per_s": round(bare), "vs_copy": round(ours / bare, 3),
    }  # fmt: skip
    found |= weighed(engine, folder / "archive")
    engine.dispose()
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres, cache = start_postgres(folder, "bench"), start_redis(folder)
        try:
            migrate(postgres.url)
            found: dict[str, object] = dict(asyncio.run(measure(postgres, cache, folder)))
            print(json.dumps(found | {"at": datetime.now(UTC).date().isoformat()}))
        finally:
            cache.stop()
            postgres.stop()


if __name__ == "__main__":
    main()
