"""How fast a change reaches the screen: our map against its own redraw, and against Plotly's scattermap.

``python -m bench.map`` (``QUICK=1``: 35,000 assets only, within 45 s). In real Chromium with software
drawing, 1 % of the city changes at 1 Hz; each tick the map's redraw without any change is timed beside the
update, so that the ratio survives a busy machine. The last line is one JSON object.
"""

import json
import os
from statistics import median
from typing import Any

import numpy as np
import plotly
from dash import Patch
from dash._utils import to_json
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from playwright.sync_api import Browser, Page

from bench.chromium import chromium, heap_mb, page, renderer_mb
from bench.wire_city import WireCity, made_up_city
from bench.wire_server import Wire, room_components, serving, wire_app
from model.states import Status

SIZES = (35_000, 100_000, 350_000)
CHANGED = 0.01
TICK_MS = 1_000
COLOURS = np.array(["#9AA3AB", "#656F77", "#98A1A8", "#FFB321", "#FF5A36", "#E490D6", "#66B8F2", "#9AA3AB"])


def next_change(random: np.random.Generator, city: WireCity) -> tuple[np.ndarray, np.ndarray]:
    """One tick: 1 % of the city, most going on or off, one in twenty into or out of trouble."""
    indices = np.sort(random.choice(len(city), max(1, round(len(city) * CHANGED)), replace=False))
    now = city.codes[indices] & 7
    calm = np.where(now == Status.ACTIVE, Status.NORMAL, Status.ACTIVE)
    trouble = random.choice([Status.FAULT, Status.DEGRADED, Status.COMMS_LOST], len(indices))
    codes = np.where(random.random(len(indices)) < 0.05, trouble, calm)
    return indices, codes.astype("u1")


def peer_page(app: FastAPI) -> None:
    """Add the page that holds only a Plotly graph."""
    script = f"{plotly.__path__[0]}/package_data/plotly.min.js"

    @app.get("/peer/plotly.js")
    async def library() -> FileResponse:
        return FileResponse(script)

    @app.get("/peer")
    async def graph() -> HTMLResponse:
        return HTMLResponse(
            '<!DOCTYPE html><body style="margin:0"><div id="peer" style="width:100vw;height:100vh"></div>'
            '<script src="/peer/plotly.js"></script><script src="/page/measure.js"></script></body>'
        )


def our_ticks(opened: Page, city: WireCity, ticks: int, random: np.random.Generator) -> dict[str, Any]:
    """Redraw, update and symbols in ms, medians over ``ticks``, and the bytes of one frame."""
    redraws, colours, symbols, sizes = [], [], [], []
    for _ in range(ticks):
        frame = city.frame(*next_change(random, city))
        sizes.append(len(json.dumps({"t": 1_700_000_000.0, "c": frame})))
        opened.evaluate("measure.still()")
        redraws.append(opened.evaluate("measure.redraw()"))
        drawn = opened.evaluate("(frame) => measure.update(frame)", frame)
        colours.append(drawn["colours"])
        symbols.append(drawn["symbols"])
        opened.wait_for_timeout(max(0, TICK_MS - redraws[-1] - symbols[-1]))
    return {
        "redraw_ms": round(median(redraws), 1),
        "update_ms": round(median(colours), 1),
        "update_with_symbols_ms": round(median(symbols), 1),
        "update_vs_redraw": round(median(colours) / median(redraws), 2),
        "frame_bytes": round(median(sizes)),
    }


def peer_ticks(opened: Page, city: WireCity, ticks: int, random: np.random.Generator) -> dict[str, Any]:
    """The same kind of change in scattermap, ms, and the bytes of a Dash Patch that would carry it."""
    shown = COLOURS[city.codes & 7].tolist()
    bounds = list(city.box)
    opened.evaluate(
        "([lon, lat, colours, bounds]) => measure.peerMake(lon, lat, colours, bounds)",
        [city.lon.tolist(), city.lat.tolist(), shown, bounds],
    )
    times, sizes = [], []
    for _ in range(ticks):
        indices, codes = next_change(random, city)
        patch = Patch()
        for index, code in zip(indices.tolist(), codes.tolist(), strict=True):
            shown[index] = str(COLOURS[code])
            patch["data"][0]["marker"]["color"][index] = shown[index]
        city.codes[indices] = codes
        sizes.append(len(to_json(patch)))
        times.append(opened.evaluate("(colours) => measure.peerUpdate(colours)", shown))
    return {"scattermap_ms": round(median(times), 1), "scattermap_patch_bytes": round(median(sizes))}


def measure(browser: Browser, n: int, ticks: int, peer_count: int) -> dict[str, Any]:
    """Everything about a city of ``n`` assets; ``peer_count`` 0 leaves the peer out."""
    random = np.random.default_rng(4)
    wire = Wire(made_up_city(n))
    map_only = [c for c in room_components("fr", wire.city) if c["type"] == "CityMap"]
    app = wire_app(wire, lambda _language: map_only, ("/page/measure.js",))
    peer_page(app)
    with serving(app) as server:
        with page(browser, f"{server.address}/") as opened:
            found: dict[str, Any] = {"first_map_ms": round(opened.evaluate(f"measure.usable({n})"))}
            found |= our_ticks(opened, wire.city, ticks, random)
            found |= {"heap_mb": round(heap_mb(opened), 1), "renderer_mb": round(renderer_mb(browser))}
        if peer_count:
            with page(browser, f"{server.address}/peer") as opened:
                found |= peer_ticks(opened, wire.city, peer_count, random)
            found["times_faster_than_scattermap"] = round(found["scattermap_ms"] / found["update_ms"], 1)
    return found


def main() -> None:
    """Measure and print; the last line is the result."""
    quick = os.environ.get("QUICK") == "1"
    with chromium() as browser:
        result: dict[str, Any] = {"assets": SIZES[0]}
        result |= measure(browser, SIZES[0], 6 if quick else 20, 2 if quick else 6)
        for n in () if quick else SIZES[1:]:
            print(f"{n} assets")
            result[f"at_{n}"] = measure(browser, n, 8, 0)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
