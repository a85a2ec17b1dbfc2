"""How much a first visit costs: the bytes of the city, and the time to a usable map over the same page empty.

``python -m bench.snapshot`` (``QUICK=1`` within 45 s). Geometry and states of 35,000 assets are packed as the
control room sends them; pages with and without them are opened in turn, with nothing cached. The last line is
one JSON object.
"""

import gzip
import json
import os
from dataclasses import replace
from statistics import median
from typing import Any

import brotli
import numpy as np
from playwright.sync_api import Browser

from bench.chromium import chromium, page
from bench.wire_city import WireCity, made_up_city
from bench.wire_server import Wire, room_components, serving, wire_app

ASSETS = 35_000


def emptied(city: WireCity) -> WireCity:
    """The same streets and areas with no asset on them."""
    none = np.zeros(0)
    return replace(
        city, lon=none, lat=none, types=none.astype("u1"), areas=none.astype("u1"),
        parents=none.astype("i4"), codes=none.astype("u1"), names={},
    )  # fmt: skip


def bytes_of(city: WireCity) -> dict[str, int]:
    """What the snapshot and its geometry weigh, compressed as they are sent."""
    geometry = city.geometry()
    states = json.dumps(city.snapshot("1700000000000-0", 1_700_000_000.0)).encode()
    zipped = len(gzip.compress(geometry, 9)), len(gzip.compress(states, 9))
    return {
        "bytes_gz": sum(zipped),
        "geometry_gz": zipped[0],
        "states_gz": zipped[1],
        "bytes_br": len(brotli.compress(geometry)) + len(brotli.compress(states)),
    }


def first_map(browser: Browser, cities: dict[str, WireCity], rounds: int) -> dict[str, float]:
    """Median ms to a usable map of each city, pages opened in turn so that both meet the same machine."""
    times: dict[str, list[float]] = {name: [] for name in cities}
    for at in range(rounds + 1):
        for name, city in cities.items():
            taken = once(browser, city)
            if at:  # the first round warms the machine's file cache
                times[name].append(taken)
    return {name: median(taken) for name, taken in times.items()}


def once(browser: Browser, city: WireCity) -> float:
    """One visit: ms from asking for the page to the whole city on screen."""
    components: list[dict[str, Any]] = room_components("fr", city)
    app = wire_app(Wire(city), lambda _language: components, ("/page/measure.js",))
    with serving(app) as server, page(browser, f"{server.address}/") as opened:
        return float(opened.evaluate(f"measure.usable({len(city)})"))


def main() -> None:
    """Measure and print; the last line is the result."""
    quick = os.environ.get("QUICK") == "1"
    full = made_up_city(ASSETS)
    with chromium() as browser:
        times = first_map(browser, {"full": full, "empty": emptied(full)}, 2 if quick else 9)
    result = {
        "assets": ASSETS,
        **bytes_of(full),
        "first_map_ms": round(times["full"]),
        "empty_map_ms": round(times["empty"]),
        "first_map_vs_empty": round(times["full"] / times["empty"], 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
