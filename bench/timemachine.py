"""The time machine: any instant of 400 days, a day to play, the hand dragged in Chromium, twenty at once.

    python -m bench.timemachine        # QUICK=1: eight days, ends within 45 s

Starts servers of its own, writes a past of 35,000 assets and packs it as the recorder would, then asks the
same questions as the screens. The limit ``state_at`` is held against, in the same run and by turns with it,
is what it cannot do without: reading one keyframe from the database and inflating it. Played changes are
counted beside the rows on record. The last line is one JSON object.
"""

import json
import os
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
from playwright.sync_api import Page
from sqlalchemy import Engine, text

from bench.apply import ASSETS, lay_out
from bench.chromium import chromium, page
from bench.past_rows import Made, make_past
from bench.stream import Process
from geodata.asking import asking
from geodata.assets import read_columns
from geodata.database import migrate, open_engine
from services.history import History
from services.history.change_hours import keep_all_change_hours
from services.history.change_rows import read_changes
from services.history.replay import Shelves
from services.launch.preparing import worker_env
from services.launch.servers import free_port, start_postgres, start_redis
from services.settings import ROOT, Settings

QUICK = os.environ.get("QUICK") == "1"
DAYS = 8 if QUICK else 400
INSTANTS = 60 if QUICK else 400
DAYS_PLAYED = 3 if QUICK else 20
CLIENTS = 20
SCRUB_S = 3.0 if QUICK else 60.0
DRAG_S = 3.0 if QUICK else 15.0
CHUNK = timedelta(hours=3)
"""As the page asks for its film."""
HEAD_BYTES = 32
ZONE = ZoneInfo("Europe/Paris")

Answer = dict[str, Any]


def timed(ask: Callable[[], object]) -> float:
    """How long ``ask`` takes, ms."""
    began = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began)


# --- questions ---------------------------------------------------------------------------------------

_NEWEST = text("SELECT asset_ids, records FROM state_keyframe WHERE at <= :at ORDER BY at DESC LIMIT 1")


def read_one_keyframe(engine: Engine, at: datetime) -> None:
    """The limit: the newest keyframe, read and inflated."""
    with asking(engine) as connection:
        for packed in connection.execute(_NEWEST, {"at": at}).one():
            zlib.decompress(packed)


def instants(engine: Engine, made: Made, random: np.random.Generator) -> Answer:
    """``state_at`` anywhere in the past, nothing kept from the question before, by turns with its limit."""
    history = History(engine, ZONE)
    history.state_at(made.t0 + timedelta(days=1))
    ours, limit = [], []
    for _ in range(INSTANTS):
        at = made.t0 + timedelta(seconds=float(random.uniform(0, 1)) * (made.t1 - made.t0).total_seconds())
        history.shelves = Shelves()
        ours.append(timed(lambda at=at: history.state_at(at)))
        limit.append(timed(lambda at=at: read_one_keyframe(engine, at)))
    return {
        "state_at_p95_ms": round(float(np.percentile(ours, 95)), 1),
        "state_at_p50_ms": round(float(np.percentile(ours, 50)), 1),
        "keyframe_p50_ms": round(float(np.percentile(limit, 50)), 1),
        "vs_keyframe": round(float(np.median(ours) / np.median(limit)), 1),
        "scrubbed_p95_ms": round(_scrubbed(history, made), 1),
    }


def _scrubbed(history: History, made: Made) -> float:
    """The same for instants of one evening, five minutes apart, with what the first ones left."""
    evening = made.t1 - timedelta(hours=8)
    times = [timed(lambda n=n: history.state_at(evening + timedelta(minutes=5 * n))) for n in range(40)]
    return float(np.percentile(times[1:], 95))


def spans(engine: Engine, made: Made, random: np.random.Generator) -> Answer:
    """A day to play, beside reading its rows; two instants compared; the whole timeline."""
    columns, history = read_columns(engine), History(engine, ZONE)
    played, rows, compared = [], [], []
    for day in random.choice((made.t1 - made.t0).days - 1, DAYS_PLAYED, replace=False).tolist():
        t0 = made.t0 + timedelta(days=day, hours=12)
        t1 = t0 + timedelta(days=1)
        history.shelves = Shelves()
        played.append(timed(lambda t0=t0, t1=t1: history.played(columns, t0, t1)))
        rows.append(timed(lambda t0=t0, t1=t1: _rows(engine, t0, t1)))
        compared.append(timed(lambda t0=t0, t1=t1: history.difference(columns, t0, t1)))
    density = [timed(lambda: history.timeline(made.t0, made.t1, 600)) for _ in range(8)]
    return {
        "changes_day_ms": round(float(np.median(played)), 1),
        "vs_reading_rows": round(float(np.median(rows) / np.median(played)), 1),
        "difference_day_ms": round(float(np.median(compared)), 1),
        "density_all_ms": round(float(np.percentile(density, 95)), 1),
    }


def _rows(engine: Engine, t0: datetime, t1: datetime) -> None:
    with asking(engine) as connection:
        read_changes(connection, t0, t1)


# --- twenty at once ----------------------------------------------------------------------------------


class Scrubber(threading.Thread):
    """Somebody who drags through a night of her own: an instant every five minutes of it, and its film."""

    def __init__(self, port: int, evening: datetime, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._evening, self._enough = port, evening, stop
        self.times: list[float] = []
        self.failed = ""

    def run(self) -> None:
        """Ask one after the other until stopped."""
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=60) as client:
                step = 0
                while not self._enough.is_set():
                    self._ask(client, self._evening + timedelta(minutes=5 * (step % 168)), step % 36 == 0)
                    step += 1
        except httpx.HTTPError as error:
            self.failed = f"{type(error).__name__}: {error}"

    def _ask(self, client: httpx.Client, at: datetime, film: bool) -> None:
        def state() -> None:
            client.get("/history/state", params={"at": at.isoformat()}).raise_for_status()

        self.times.append(timed(state))
        if film:
            span = {"t0": at.isoformat(), "t1": (at + CHUNK).isoformat()}
            client.get("/history/changes", params=span).raise_for_status()


def twenty_at_once(web: Process, made: Made) -> Answer:
    """``CLIENTS`` people scrub different nights, then others; the memory of the web process after both."""
    half = (made.t1 - made.t0).days // 2
    before = _scrub(web, made, 0)[0]
    after, times = _scrub(web, made, max(1, half - CLIENTS // 2))
    return {
        "clients": CLIENTS,
        "rss_start_mb": round(before, 1),
        "rss_end_mb": round(after, 1),
        "rss_growth_mb": round(after - before, 1),
        "state_of_20_p95_ms": round(float(np.percentile(times, 95)), 1),
        "states_per_s": round(len(times) / SCRUB_S, 1),
    }


def _scrub(web: Process, made: Made, first: int) -> tuple[float, list[float]]:
    stop, days = threading.Event(), (made.t1 - made.t0).days - 1
    evenings = [made.t0 + timedelta(days=(first + n) % days, hours=17) for n in range(CLIENTS)]
    people = [Scrubber(web.port, evening, stop) for evening in evenings]
    for person in people:
        person.start()
    stop.wait(SCRUB_S)
    stop.set()
    for person in people:
        person.join(90)
        if person.failed:
            raise SystemExit(f"a client failed: {person.failed}")
    return web.rss_mb(), [took for person in people for took in person.times]


# --- played ------------------------------------------------------------------------------------------


def played_by_contract(engine: Engine, web: Process, made: Made) -> Answer:
    """A day fetched in the page's chunks and applied: rows on record minus rows played, and whether the codes
    at its end are those the server tells."""
    t0 = made.t1 - timedelta(days=2)
    with httpx.Client(base_url=f"http://127.0.0.1:{web.port}", timeout=60) as client:
        codes = _codes(client, t0).copy()
        rows, size = 0, 0
        for n in range(8):
            span = {"t0": (t0 + n * CHUNK).isoformat(), "t1": (t0 + (n + 1) * CHUNK).isoformat()}
            answer = client.get("/history/changes", params=span).raise_for_status()
            rows += _apply(answer.content, codes)
            size += int(answer.headers["content-length"])
        wrong = int((codes != _codes(client, t0 + timedelta(days=1))).sum())
    if wrong:
        raise SystemExit(f"{wrong} assets are not what the server says they are after the day was played")
    return {"dropped": on_record(engine, t0, t0 + timedelta(days=1)) - rows, "changes_day_bytes": size}


def on_record(engine: Engine, t0: datetime, t1: datetime) -> int:
    """How many state changes fell into (t0, t1]."""
    asked = text("SELECT count(*) FROM state_change WHERE phenomenon_time > :t0 AND phenomenon_time <= :t1")
    with engine.connect() as connection:
        return int(connection.scalar(asked, {"t0": t0, "t1": t1}) or 0)


def _codes(client: httpx.Client, at: datetime) -> np.ndarray:
    import base64

    answer = client.get("/history/state", params={"at": at.isoformat()}).raise_for_status().json()
    return np.frombuffer(base64.b64decode(answer["codes"]), "u1")


def _apply(body: bytes, codes: np.ndarray) -> int:
    """Lay the events of a chunk on ``codes``; how many rows it stands for."""
    _version, events, rows, _flags = np.frombuffer(body, "<u4", 4).tolist()
    index = np.frombuffer(body, "<u4", events, HEAD_BYTES + 4 * events)
    codes[index] = np.frombuffer(body, "u1", events, HEAD_BYTES + 8 * events)
    return int(rows)


# --- Chromium ----------------------------------------------------------------------------------------


def in_the_browser(engine: Engine, web: Process, made: Made) -> Answer:
    """The page of the past: its hand dragged through an evening, then hours of it played at 3,600 times."""
    at = made.t1 - timedelta(hours=12)
    address = f"http://127.0.0.1:{web.port}/history?at={_iso(at)}&speed=3600"
    with chromium() as browser, page(browser, address) as opened:
        _until(opened, "() => Boolean(window.vigie && vigie.past && vigie.past.ready)")
        opened.wait_for_selector('[role="slider"]')
        return _dragged(opened) | _played(engine, opened, at)


def _until(opened: Page, condition: str, seconds: float = 90.0) -> None:
    """Come back once ``condition`` (a function's text) holds; the page's policy forbids it to wait itself."""
    end = time.monotonic() + seconds
    while not opened.evaluate(condition):
        if time.monotonic() > end:
            raise SystemExit(f"the page never came to {condition}")
        opened.wait_for_timeout(50)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _dragged(opened: Page) -> Answer:
    """Pictures a second while the hand is dragged to and fro: each a city of another instant, drawn."""
    box = opened.locator('[role="slider"]').first.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    opened.evaluate(_COUNT_PICTURES)
    opened.mouse.move(box["x"] + 0.3 * box["width"], y)
    opened.mouse.down()
    began, step = time.monotonic(), 0
    while time.monotonic() - began < DRAG_S:
        share = 0.3 + 0.5 * abs((step / 60) % 2 - 1)
        opened.mouse.move(box["x"] + share * box["width"], y)
        opened.wait_for_timeout(20)
        step += 1
    opened.mouse.up()
    seconds = time.monotonic() - began
    drawn = opened.evaluate("window.benchPictures.size")
    return {"scrub_fps": round(drawn / seconds, 1)}


_COUNT_PICTURES = """() => {
  window.benchPictures = new Set();
  const look = () => {
    if (vigie.past.at) window.benchPictures.add(vigie.past.at);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
"""A picture is counted when a frame is drawn in which the city stands at an instant not seen before."""


def _played(engine: Engine, opened: Page, at: datetime) -> Answer:
    """What the player counted, beside the rows on record; nothing where the page has no player."""
    if not opened.evaluate("Boolean(vigie.player && vigie.clock)"):
        return {}
    hours = 3 if QUICK else 12
    end = (at + timedelta(hours=hours)).timestamp()
    opened.evaluate(
        "(at) => { vigie.past.played = 0; vigie.clock.set({ at, speed: 3600 }); }", at.timestamp()
    )
    opened.evaluate("(until) => { vigie.player.play(until); }", end)
    _until(opened, f"() => vigie.clock.at >= {end} - 1 && !vigie.player.playing")
    rows = on_record(engine, at, at + timedelta(hours=hours))
    return {
        "dropped_in_browser": rows - int(opened.evaluate("vigie.past.played")),
        "played_hours": hours,
        "drift": int(opened.evaluate("vigie.past.drift || 0")),
    }


# --- all of it ---------------------------------------------------------------------------------------


def measure(folder: Path) -> Answer:
    """Make the past, then ask."""
    postgres, redis = start_postgres(folder, durable=False), start_redis(folder, durable=False)
    try:
        migrate(postgres.url)
        engine = open_engine(postgres.url, statement_ms=120_000)
        lay_out(engine)
        began = time.monotonic()
        made = make_past(engine, ASSETS, DAYS)
        written = time.monotonic() - began
        while keep_all_change_hours(engine, made.t1 + timedelta(hours=1)):
            pass
        packed = time.monotonic() - began - written
        told = (
            f"{made.rows} changes and {made.frames} keyframes, written {written:.0f} s, packed {packed:.0f} s"
        )
        print(told, file=sys.stderr)
        random = np.random.default_rng(11)
        found = instants(engine, made, random) | spans(engine, made, random)
        settings = Settings(
            city="demo", var=folder, database_url=postgres.url, redis_url=redis.url, port=free_port()
        )
        command = [sys.executable, str(ROOT / "app.py"), "web"]
        web = Process(command, worker_env(settings), settings.port, "/live/snapshot")
        try:
            found |= played_by_contract(engine, web, made) | twenty_at_once(web, made)
            found |= in_the_browser(engine, web, made)
        finally:
            web.stop()
        return found | {"days": DAYS, "changes": made.rows, "bytes_per_change": round(_bytes(engine), 1)}
    finally:
        redis.stop()
        postgres.stop()


def _bytes(engine: Engine) -> float:
    """Bytes of the packed hours for each change."""
    with engine.connect() as connection:
        return float(
            connection.scalar(text("SELECT sum(length(packed))::float / sum(count) FROM change_hour"))
        )


def main() -> None:
    """Run it and say what came out."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        print(json.dumps(measure(Path(folder))))


if __name__ == "__main__":
    main()
