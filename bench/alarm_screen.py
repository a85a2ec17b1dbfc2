"""Ten thousand alarms in ten seconds on the screen of one operator who goes on working (real Chromium).

``flood_on_screen_s``: the slowest of the critical ones, from its commit to the frame that shows its row.
``input_p95_ms``: from a key pressed to the picture that answers it, as the browser's own Event Timing has it;
``handled_p95_ms``: the page's own part of that, from the key to the end of what it does about it.
The browser is as it is on a desk without a graphics card (``AS_IT_IS``), the map is drawn before the flood
begins, and database, web process and browser share the machine. The alarms are written as the engine writes
them; every one of them must be stored afterwards. ``QUICK=1``: half as many in half the time.
"""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, text

from bench.apply import lay_out
from bench.chromium import AS_IT_IS, HEIGHT, WIDTH, chromium
from bench.signing_in import Headers, signed_in
from bench.stream import Process, room_settings
from callbacks.cookies import CSRF, session_name
from geodata.database import migrate, open_engine
from services.alarms.rules import seed_rules
from services.launch.preparing import worker_env
from services.launch.servers import start_postgres, start_redis
from services.settings import ROOT

QUICK = os.environ.get("QUICK") == "1"
ALARMS, SECONDS, EACH_S = (5_000, 5.0, 0.1) if QUICK else (10_000, 10.0, 0.1)
ASSETS = 10_000 if QUICK else 35_000
CRITICAL_AT_S = (1.0, 2.0, 3.0, 4.0) if QUICK else (1.0, 3.0, 5.0, 7.0, 9.0)
CRITICAL, LOW = "control_cabinet.breaker_tripped", "streetlight.lamp_failure"
KEY_EVERY_S = 0.15
SHOWN_WITHIN_S = 20.0
KEYS = ("ArrowDown", "ArrowDown", "PageDown", "ArrowUp", "PageUp", "ArrowDown")
# When each critical row was first drawn, how long keys took, and what held the page up. Rows are looked for
# after a change only: a look at every picture would be a load of its own.
WATCH = """
window.bench = { seen: {}, keys: [], handled: [], long: [] };
new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
        if (one.name !== "keydown") continue;
        bench.keys.push(one.duration);
        bench.handled.push(one.processingEnd - one.startTime);
    }
}).observe({ type: "event", durationThreshold: 16, buffered: true });
new PerformanceObserver((list) => {
    for (const one of list.getEntries()) bench.long.push(one.duration);
}).observe({ type: "longtask", buffered: true });
function look() {
    bench.looking = false;
    for (const row of document.querySelectorAll(".alarm-row.priority-1[data-alarm]"))
        if (!bench.seen[row.dataset.alarm]) bench.seen[row.dataset.alarm] = Date.now() / 1000;
}
new MutationObserver(() => {
    if (!bench.looking) requestAnimationFrame(() => requestAnimationFrame(look));
    bench.looking = true;
}).observe(document, { childList: true, subtree: true });
"""
SHOWN = "() => vigie.live.ready && vigie.alarmSounds.heard !== null"
DRAWN = (
    "() => vigie.maps.size && [...vigie.maps.values()].every((one) => one.built && one.map.areTilesLoaded())"
)
_RAISE = text(
    """
    INSERT INTO alarm (rule_id, rule_version, alarm_class, asset_id, domain, asset_type, priority, severity,
                       raised_at, noticed_at, annunciated_at, last_raised_at)
    SELECT r.id, 1, r.key, s.id, s.domain, s.asset_type, :priority, 3, now(), now(), now(), now()
    FROM alarm_rule r, (SELECT * FROM asset WHERE asset_type = :type ORDER BY id LIMIT :count OFFSET :from) s
    WHERE r.key = :key RETURNING id
    """
)


class Flood(threading.Thread):
    """Writes the alarms at their pace; ``committed`` says when each critical one was durable, epoch s."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(daemon=True)
        self._engine = engine
        self.committed: dict[int, float] = {}
        self.took_s = 0.0

    def run(self) -> None:
        """Write them."""
        each = round(ALARMS * EACH_S / SECONDS)
        began, waiting = time.monotonic(), list(CRITICAL_AT_S)
        for turn in range(ALARMS // each):
            self._write(LOW, "streetlight", 4, each, turn * each)
            if waiting and turn * EACH_S >= waiting[0]:
                waiting.pop(0)
                (alarm,) = self._write(CRITICAL, "control_cabinet", 1, 1, len(self.committed))
                self.committed[alarm] = time.time()
            pause = began + (turn + 1) * EACH_S - time.monotonic()
            threading.Event().wait(max(0.0, pause))
        self.took_s = time.monotonic() - began

    def _write(self, key: str, kind: str, priority: int, count: int, first: int) -> list[int]:
        values = {"key": key, "type": kind, "priority": priority, "count": count, "from": first}
        with self._engine.begin() as connection:
            return list(connection.scalars(_RAISE, values))


def measure(folder: Path) -> dict[str, float]:
    """Start everything in ``folder``, measure, stop everything."""
    postgres, redis = start_postgres(folder), start_redis(folder, durable=False)
    try:
        migrate(postgres.url)
        engine = open_engine(postgres.url)
        lay_out(engine, ASSETS)
        with psycopg.connect(postgres.url) as connection:
            seed_rules(connection)
        mine = signed_in(engine)[0]
        settings = room_settings(folder, postgres.url, redis.url)
        command = [sys.executable, str(ROOT / "app.py"), "web"]
        web = Process(command, worker_env(settings), settings.port, "/live/snapshot", mine)
        try:
            with chromium(AS_IT_IS) as browser:
                found = on_screen(browser, f"http://127.0.0.1:{settings.port}", mine, engine)
        finally:
            web.stop()
        with engine.connect() as connection:
            stored = connection.scalar(text("SELECT count(*) FROM alarm")) or 0
        engine.dispose()
        if stored != ALARMS + len(CRITICAL_AT_S):
            raise SystemExit(f"{stored} alarms are stored, not {ALARMS + len(CRITICAL_AT_S)}")
        return found | {"alarms_stored": float(stored)}
    finally:
        redis.stop()
        postgres.stop()


def on_screen(browser: Browser, address: str, mine: Headers, engine: Engine) -> dict[str, float]:
    """The flood before the eyes of one operator, whose hands do not rest."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    told = dict(part.split("=", 1) for part in mine["cookie"].split("; "))
    names = (session_name(secure=False), CSRF)
    context.add_cookies(
        [{"name": name, "value": told[name], "domain": "127.0.0.1", "path": "/"} for name in names]
    )
    opened = context.new_page()
    opened.add_init_script(WATCH)
    opened.goto(f"{address}/?lang=en")
    opened.wait_for_selector('.alarms[data-state="ready"]', timeout=60_000)
    _until(opened, SHOWN, 60)
    _until(opened, DRAWN, 60)
    opened.evaluate("bench.long.length = 0")
    flood = Flood(engine)
    flood.start()
    presses = work(opened, flood)
    _until(opened, f"() => Object.keys(bench.seen).length >= {len(CRITICAL_AT_S)}", SHOWN_WITHIN_S)
    told_by_page: dict[str, Any] = opened.evaluate("bench")
    rows = opened.locator(".alarm-row").count()
    context.close()
    flood.join()
    waits = [told_by_page["seen"][str(alarm)] - at for alarm, at in flood.committed.items()]
    # What is under 16 ms the browser does not tell: it counts as that.
    keys = np.array([*told_by_page["keys"], *[16.0] * max(0, presses - len(told_by_page["keys"]))])
    handled = np.array([*told_by_page["handled"], *[16.0] * max(0, presses - len(told_by_page["handled"]))])
    return {
        "flood_on_screen_s": max(waits),
        "flood_on_screen_median_s": float(np.median(waits)),
        "input_p95_ms": float(np.percentile(keys, 95)),
        "input_max_ms": float(keys.max()),
        "handled_p95_ms": float(np.percentile(handled, 95)),
        "keys": float(presses),
        "longest_task_ms": max(told_by_page["long"], default=0.0),
        "rows_drawn": float(rows),
        "flood_took_s": flood.took_s,
    }


def work(opened: Page, flood: Flood) -> int:
    """Move through the list for as long as the flood lasts; how many keys were pressed."""
    opened.locator("body").press("j")
    presses = 0
    while flood.is_alive():
        opened.keyboard.press(KEYS[presses % len(KEYS)])
        presses += 1
        opened.wait_for_timeout(KEY_EVERY_S * 1000)
    return presses


def _until(opened: Page, holds: str, patience_s: float) -> None:
    end = time.monotonic() + patience_s
    while not opened.evaluate(holds):
        if time.monotonic() > end:
            raise SystemExit(f"never true: {holds}")
        opened.wait_for_timeout(50)
