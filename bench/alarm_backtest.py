"""A rule over a month of 35,000 lights and cabinets, against nothing but reading the same changes.

``backtest_s`` (goal 10): the slower of two rules, of a state and of day and night. ``backtest_vs_reading``:
how much longer that takes than the history alone, in the same run.
"""

import os
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.apply import ASSETS, lay_out
from bench.past_rows import make_past
from geodata.assets import read_columns
from geodata.database import migrate, open_engine
from model.alarm_rules import Rule, StateIs, Unexpected
from services.alarms.rules import backtest
from services.alarms.watching import Sky
from services.history import History
from services.history.past.change_hours import keep_all_change_hours
from services.launch.servers import start_postgres

DAYS = 5 if os.environ.get("QUICK") == "1" else 30
ZONE = ZoneInfo("Europe/Paris")
RULES = (
    Rule("streetlight.x", "lighting", "streetlight", StateIs(("on",)), on_delay_s=600),
    Rule("streetlight.y", "lighting", "streetlight", Unexpected("day", ("on",))),
)


def measure(folder: Path) -> dict[str, float]:
    """Write the past, pack it as the recorder does, try both rules."""
    postgres = start_postgres(folder, durable=False)
    try:
        migrate(postgres.url)
        engine = open_engine(postgres.url, statement_ms=120_000)
        lay_out(engine)
        made = make_past(engine, ASSETS, DAYS)
        while keep_all_change_hours(engine, made.t1 + timedelta(hours=1)):
            pass
        columns, sky = read_columns(engine), Sky(5.05, 47.05)
        began = time.perf_counter()
        History(engine, ZONE).changes(made.t0, made.t1)
        reading = time.perf_counter() - began
        tried = [
            backtest(engine, History(engine, ZONE), columns, sky, ZONE, rule, made.t0, made.t1)
            for rule in RULES
        ]
        engine.dispose()
    finally:
        postgres.stop()
    slowest = max(one.seconds for one in tried)
    return {
        "backtest_s": slowest, "backtest_days": DAYS, "backtest_rows": made.rows,
        "backtest_alarms": tried[0].total, "backtest_vs_reading": slowest / reading,
    }  # fmt: skip
