"""A rule tried against a month of the city: how long until it says what it would have raised.

    python -m bench.alarms_backtest      # QUICK=1: two days of 10,000, ends within 45 s

34,400 lights and 600 cabinets switch four times a day, sixty cabinets a day trip and darken their lamps.
Three rules are tried over all of it: a state, one that looks at the sun, and many at once in one area. Beside
them stands what it cannot do without: a bare read of the same rows from the same database, undecoded.
"""

import json
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from bench.apply import lay_out
from bench.past_rows import Made, make_past
from geodata.asking import asking
from geodata.assets import read_columns
from geodata.database import migrate, open_engine
from model.alarm_rules import Many, Rule, StateIs, Unexpected
from services.alarms.rules import backtest
from services.alarms.watching import Sky
from services.history import History
from services.history.past.change_hours import keep_all_change_hours
from services.history.past.change_rows import read_changes
from services.history.past.replay import Shelves
from services.launch.servers import start_postgres

QUICK = os.environ.get("QUICK") == "1"
ASSETS = 10_000 if QUICK else 35_000
DAYS = 2 if QUICK else 30
ROUNDS = 1 if QUICK else 3
BARE_MS = 60_000
ZONE = ZoneInfo("Europe/Paris")
SKY = Sky(5.05, 47.05)
RULES = {
    # The made-up past has one code for every fault; in a lamp's own words it is this.
    "state": Rule("streetlight.a", "lighting", "streetlight", StateIs(("dimmed",)), on_delay_s=60.0),
    "sun": Rule("streetlight.b", "lighting", "streetlight", Unexpected("day", ("on", "dimmed"), 3_600.0)),
    "many": Rule("streetlight.c", "lighting", "streetlight", Many(("dimmed",), least=50, within_s=600.0)),
}

Answer = dict[str, float]


def laid_out(engine: Engine) -> None:
    """The assets, all in one commune, so that ``Many`` has an area to count in."""
    lay_out(engine, ASSETS)
    with engine.begin() as connection:
        area = connection.scalar(
            text(
                "INSERT INTO area (code, name, kind, source, geometry) "
                "VALUES ('B', 'Bench', 'commune', 'bench', "
                "ST_Multi(ST_MakeEnvelope(4, 46, 6, 48, 4326))) RETURNING id"
            )
        )
        connection.execute(text("UPDATE asset SET commune_id = :area"), {"area": area})
        connection.execute(text("UPDATE layout SET version = version + 1"))


def bare(engine: Engine, made: Made) -> float:
    """Seconds to read the rows of the same days, a day at a time, as if nothing were packed."""
    began, at = time.perf_counter(), made.t0
    while at < made.t1:
        with asking(engine, BARE_MS) as connection:
            read_changes(connection, at, at + timedelta(days=1))
        at += timedelta(days=1)
    return time.perf_counter() - began


def tried(engine: Engine, made: Made) -> Answer:
    """Each rule over the whole past, nothing kept from the one before, by turns with the bare read."""
    columns, history = read_columns(engine), History(engine, ZONE)
    took: dict[str, list[float]] = {name: [] for name in RULES}
    rows: list[float] = []
    found: Answer = {}
    for _ in range(ROUNDS):
        for name, rule in RULES.items():
            history.shelves = Shelves()
            told = backtest(engine, history, columns, SKY, ZONE, rule, made.t0, made.t1)
            if told.read != made.rows or not told.total:
                raise SystemExit(f"{name}: {told.read} of {made.rows} rows read, {told.total} alarms")
            took[name].append(told.seconds)
            found[f"{name}_alarms"] = told.total
        rows.append(bare(engine, made))
    middle = {name: statistics.median(times) for name, times in took.items()}
    worst = max(middle.values())
    found |= {f"{name}_s": round(seconds, 2) for name, seconds in middle.items()}
    return found | {
        "backtest_s": round(worst, 2),
        "bare_read_s": round(statistics.median(rows), 2),
        "backtest_vs_bare_read": round(worst / statistics.median(rows), 2),
    }


def measure(folder: Path) -> Answer:
    """Make the past in a database below ``folder``, packed as the recorder would; try the rules."""
    postgres = start_postgres(folder, durable=False)
    try:
        migrate(postgres.url)
        engine = open_engine(postgres.url, statement_ms=120_000)
        laid_out(engine)
        made = make_past(engine, ASSETS, DAYS)
        while keep_all_change_hours(engine, made.t1 + timedelta(hours=1)):
            pass
        found = tried(engine, made)
        engine.dispose()
    finally:
        postgres.stop()
    return {"backtest_days": DAYS, "backtest_assets": ASSETS, "backtest_rows": made.rows} | found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        print(json.dumps(measure(folder) | {"at": datetime.now(UTC).date().isoformat()}))


if __name__ == "__main__":
    main()
