"""A page with the live components over a made-up city, and the server that feeds it, in one hand."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from bench.wire_city import WireCity, made_up_city
from bench.wire_server import Serving, Wire, room_components, serving, wire_app
from model.domains import TYPE_ORDER

PATIENCE_MS = 20_000
LOOK_MS = 40
HOLDS_COLOUR = """async ([picture, [red, green, blue]]) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const context = Object.assign(document.createElement("canvas"), image.width && {
        width: image.width, height: image.height }).getContext("2d");
    context.drawImage(image, 0, 0);
    const px = context.getImageData(0, 0, image.width, image.height).data;
    for (let at = 0; at < px.length; at += 4)
        if (Math.max(...[red, green, blue].map((part, i) => Math.abs(part - px[at + i]))) < 18) return true;
    return false;
}"""


class Console:
    """One operator's page: the page, the server's side of its live link, and what went wrong on it."""

    def __init__(self, page: Page, wire: Wire, server: Serving) -> None:
        self.page = page
        self.wire = wire
        self.server = server
        self.complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: Any) -> None:
        if message.type == "error" and "net::ERR" not in message.text and "status of 503" not in message.text:
            self.complaints.append(message.text)

    @property
    def city(self) -> WireCity:
        """The city the server tells of."""
        return self.wire.city

    def open(self, query: str = "") -> None:
        """Load the page and wait until the whole city is drawn."""
        self.page.goto(f"{self.server.address}/?{query}")
        self.until("vigie.live.ready && vigie.live.link.state === 'live'")
        # The areas come last and fit the view to the city: a map moved before would be moved back.
        self.until("vigie.maps.get('map').loaded && vigie.maps.get('map').areas")
        self.until("vigie.maps.get('map').map.loaded()")

    def see(self, expression: str, argument: Any = None) -> Any:
        """The value of a JavaScript expression on the page."""
        return self.page.evaluate(expression, argument)

    def until(self, expression: str, patience_ms: int = PATIENCE_MS) -> None:
        """Wait until ``expression`` is true; AssertionError quotes it when it never is.

        Playwright's own waiting evaluates text on the page, which the page's policy rightly refuses.
        """
        script = f"(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"
        self.eventually(lambda: bool(self.page.evaluate(script)), patience_ms, expression)

    def eventually(
        self, holds: Callable[[], bool], patience_ms: int = PATIENCE_MS, what: str = "the condition"
    ) -> None:
        """Wait until ``holds()``, letting the page live meanwhile."""
        deadline = time.monotonic() + patience_ms / 1000
        while not holds():
            assert time.monotonic() < deadline, f"never true: {what}"
            self.page.wait_for_timeout(LOOK_MS)

    def set_props(self, component: str, **props: Any) -> None:
        """What a callback's answer would do."""
        self.page.evaluate("([id, props]) => window.setProps(id, props)", [component, props])

    def output(self, component: str, name: str) -> Any:
        """The last value a component reported."""
        return self.page.evaluate("([id, name]) => (window.outputs[id] || {})[name]", [component, name])

    def first(self, asset_type: str, at: int = 0) -> int:
        """The live index of an asset of ``asset_type``."""
        code = TYPE_ORDER.index(asset_type)
        return [i for i, kind in enumerate(self.city.types) if kind == code][at]

    def state_of(self, index: int) -> int:
        """The class the map draws an asset as; -1 hidden."""
        return int(self.page.evaluate("(index) => vigie.maps.get('map').points.stateOf(index)", index))

    def shows(self, at: tuple[float, float], colour: list[int]) -> bool:
        """Whether ``colour`` (red, green, blue), nearly, is drawn within a few px of ``at`` on the page."""
        x, y = at
        area = {"x": x - 4, "y": y - 4, "width": 8, "height": 8}
        picture = base64.b64encode(self.page.screenshot(clip=area)).decode()
        return bool(self.page.evaluate(HOLDS_COLOUR, [picture, colour]))

    def point(self, index: int) -> tuple[float, float]:
        """Where an asset is on the page, in px."""
        x, y = self.page.evaluate(
            """([lon, lat]) => {
                const { map, box } = vigie.maps.get("map");
                const at = map.project([lon, lat]);
                const frame = box.getBoundingClientRect();
                return [frame.left + at.x, frame.top + at.y];
            }""",
            [float(self.city.lon[index]), float(self.city.lat[index])],
        )
        return x, y


@contextmanager
def console(
    browser: Browser,
    n: int = 400,
    query: str = "",
    width: int = 1000,
    height: int = 700,
    first: str = "",
    buses: int = 0,
    **options: Any,
) -> Iterator[Console]:
    """A console over a made-up city of ``n`` assets, the last ``buses`` of them buses, loaded.

    ``options`` go to the browser's context; ``first`` is a script that runs before any of the page's.
    """
    wire = Wire(made_up_city(n, buses=buses))
    app = wire_app(wire, lambda language: room_components(language, wire.city))
    with serving(app) as server:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        try:
            if first:
                context.add_init_script(first)
            opened = Console(context.new_page(), wire, server)
            opened.open(query)
            yield opened
        finally:
            context.close()
