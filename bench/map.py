"""How fast a change reaches the screen: our map against its own redraw, and against Plotly's scattermap.

``python -m bench.map`` (``QUICK=1``: 35,000 assets only, within 45 s). In real Chromium with software
drawing, 1 % of the city changes at 1 Hz; each tick the map's redraw without any change is timed beside the
update, so that the ratio survives a busy machine. The last line is one JSON object.
"""

import json
import os
from dataclasses import dataclass, field
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


@dataclass
class Ours:
    """Our map on its page: what each tick took, ms, and the bytes of its frames."""

    page: Page
    city: WireCity
    redraws: list[float] = field(default_factory=list)
    updates: list[float] = field(default_factory=list)
    symbols: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def tick(self, random: np.random.Generator) -> None:
        """One redraw without any change, then one update; a second in all."""
        frame = self.city.frame(*next_change(random, self.city))
        self.sizes.append(len(json.dumps({"t": 1_700_000_000.0, "c": frame})))
        self.page.evaluate("measure.still()")
        self.redraws.append(self.page.evaluate("measure.redraw()"))
        drawn = self.page.evaluate("(frame) => measure.update(frame)", frame)
        self.updates.append(drawn["colours"])
        self.symbols.append(drawn["symbols"])
        self.page.wait_for_timeout(max(0, TICK_MS - self.redraws[-1] - self.symbols[-1]))

    def found(self) -> dict[str, Any]:
        """Medians, and the update over the redraw of the same tick."""
        ratios = [update / redraw for update, redraw in zip(self.updates, self.redraws, strict=True)]
        return {
            "redraw_ms": round(median(self.redraws), 1),
            "update_ms": round(median(self.updates), 1),
            "update_with_symbols_ms": round(median(self.symbols), 1),
            "update_vs_redraw": round(median(ratios), 2),
            "frame_bytes": round(median(self.sizes)),
        }


@dataclass
class Peer:
    """The same points in one scattermap trace on a page of its own."""

    page: Page
    city: WireCity
    shown: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def make(self) -> None:
        """Draw the whole city once."""
        self.shown = COLOURS[self.city.codes & 7].tolist()
        self.page.evaluate(
            "([lon, lat, colours, bounds]) => measure.peerMake(lon, lat, colours, bounds)",
            [self.city.lon.tolist(), self.city.lat.tolist(), self.shown, list(self.city.box)],
        )

    def tick(self, random: np.random.Generator) -> None:
        """The same kind of change, restyled; and the bytes of a Dash Patch that would carry it."""
        indices, codes = next_change(random, self.city)
        patch = Patch()
        for index, code in zip(indices.tolist(), codes.tolist(), strict=True):
            self.shown[index] = str(COLOURS[code])
            patch["data"][0]["marker"]["color"][index] = self.shown[index]
        self.sizes.append(len(to_json(patch)))
        self.times.append(self.page.evaluate("(colours) => measure.peerUpdate(colours)", self.shown))
        self.page.evaluate("measure.peerStill()")


def measure_alone(browser: Browser, n: int, ticks: int) -> dict[str, Any]:
    """Our map of ``n`` assets: first picture, ticks, memory."""
    random = np.random.default_rng(4)
    wire = Wire(made_up_city(n))
    with serving(bench_app(wire)) as server, page(browser, f"{server.address}/") as opened:
        found = {"first_map_ms": round(opened.evaluate(f"measure.usable({n})"))}
        ours = Ours(opened, wire.city)
        for _ in range(ticks):
            ours.tick(random)
        memory = {"heap_mb": round(heap_mb(opened), 1), "renderer_mb": round(renderer_mb(browser))}
        return found | ours.found() | memory


def measure_beside_peer(browser: Browser, n: int, ticks: int) -> dict[str, Any]:
    """Ours and the peer by turns, so that both meet the same machine: the one's median over the other's."""
    random = np.random.default_rng(5)
    wire = Wire(made_up_city(n))
    with (
        serving(bench_app(wire)) as server,
        page(browser, f"{server.address}/") as left,
        page(browser, f"{server.address}/peer") as right,
    ):
        left.evaluate(f"measure.usable({n})")
        ours, peer = Ours(left, wire.city), Peer(right, made_up_city(n))
        peer.make()
        for _ in range(ticks):
            left.bring_to_front()
            ours.tick(random)
            right.bring_to_front()
            peer.tick(random)
    return {
        "scattermap_ms": round(median(peer.times), 1),
        "scattermap_patch_bytes": round(median(peer.sizes)),
        "times_faster_than_scattermap": round(median(peer.times) / median(ours.updates), 1),
    }


def bench_app(wire: Wire) -> FastAPI:
    """The made-up city's server with our map alone, and the peer's page."""
    map_only = [c for c in room_components("fr", wire.city) if c["type"] == "CityMap"]
    app = wire_app(wire, lambda _language: map_only, ("/page/measure.js",))
    peer_page(app)
    return app


def main() -> None:
    """Measure and print; the last line is the result."""
    quick = os.environ.get("QUICK") == "1"
    with chromium() as browser:
        result: dict[str, Any] = {"assets": SIZES[0]}
        result |= measure_alone(browser, SIZES[0], 6 if quick else 20)
        result |= measure_beside_peer(browser, SIZES[0], 6 if quick else 16)
        for n in () if quick else SIZES[1:]:
            print(f"{n} assets")
            result[f"at_{n}"] = measure_alone(browser, n, 8)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
