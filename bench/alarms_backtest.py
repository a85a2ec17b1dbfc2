"""A rule tried against a month of the city: how long until it says what it would have raised.

    python -m bench.alarms_backtest      # QUICK=1: two days of 10,000, ends within 45 s

34,400 lights and 600 cabinets switch four times a day, sixty cabinets a day trip and darken their lamps, and
each cabinet measures its power. Every rule the lighting begins with is tried over all of it, and one of each
other kind. ``backtest_s`` is the slowest of all. Beside them stands what it cannot do without: a bare read of
the same rows from the same database, undecoded.
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
from bench.past_readings import LIMIT_KW, USUAL_KW, make_readings
from bench.past_rows import Made, make_past
from geodata.asking import asking
from geodata.assets import read_columns
from geodata.database import migrate, open_engine
from model.alarm_rules import Beyond, Changing, Many, Rule, StateIs, Unexpected
from model.domains.lighting import ALARMS as LIGHTING
from services.alarms.rules import backtest
from services.alarms.rules.backtest import on_record
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
CABINET = ("control_cabinet.x", "lighting", "control_cabinet")
RULES = {
    # The made-up past has one code for every fault; in a lamp's own words it is this.
    "state": Rule("streetlight.a", "lighting", "streetlight", StateIs(("dimmed",)), on_delay_s=60.0),
    "many": Rule("streetlight.c", "lighting", "streetlight", Many(("dimmed",), least=50, within_s=600.0)),
    "limit": Rule(*CABINET, Beyond("power", above=LIMIT_KW, deadband=1.0)),
    "limit_all": Rule(*CABINET, Beyond("power", above=USUAL_KW, deadband=1.0), on_delay_s=600.0),
    "rate": Rule(*CABINET, Changing("power", within_s=1_800.0, rise=USUAL_KW)),
    "sun": next(rule for rule in LIGHTING if isinstance(rule.condition, Unexpected)),
}
"""One of each kind; ``sun`` is the lighting's own."""
ON_READINGS = ("limit", "limit_all", "rate")
OWN = tuple(rule for rule in LIGHTING if on_record(rule) and rule is not RULES["sun"])

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
    took: dict[str, list[float]] = {}
    found: Answer = {}

    def once(name: str, rule: Rule) -> None:
        history.shelves = Shelves()
        told = backtest(engine, history, columns, SKY, ZONE, rule, made.t0, made.t1)
        took.setdefault(name, []).append(told.seconds)
        if name in RULES:
            if not told.total or (name not in ON_READINGS and told.read != made.rows):
                raise SystemExit(f"{name}: {told.read} of {made.rows} rows read, {told.total} alarms")
            found.update({f"{name}_alarms": told.total, f"{name}_read": told.read})

    for _ in range(ROUNDS):
        for name, rule in RULES.items():
            once(name, rule)
        for rule in OWN:
            once(rule.key, rule)
        took.setdefault("bare_read", []).append(bare(engine, made))
    middle = {name: statistics.median(times) for name, times in took.items()}
    return found | _told(middle)


def _told(middle: Answer) -> Answer:
    bare_s = middle.pop("bare_read")
    own = [middle.pop(rule.key) for rule in OWN]
    worst = max(*own, *middle.values())
    return {f"{name}_s": round(seconds, 2) for name, seconds in middle.items()} | {
        "own_rules_s": round(max(*own, middle["sun"]), 2),
        "backtest_s": round(worst, 2),
        "bare_read_s": round(bare_s, 2),
        "backtest_vs_bare_read": round(worst / bare_s, 2),
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
        readings = make_readings(engine, made, ZONE.key)
        found = tried(engine, made)
        engine.dispose()
    finally:
        postgres.stop()
    return {
        "backtest_days": DAYS,
        "backtest_assets": ASSETS,
        "backtest_rows": made.rows,
        "backtest_readings": readings,
    } | found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        print(json.dumps(measure(folder) | {"at": datetime.now(UTC).date().isoformat()}))


if __name__ == "__main__":
    main()
