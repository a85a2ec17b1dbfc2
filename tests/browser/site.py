"""A control room on a city of a test's own, in a thread, for a browser to look at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from callbacks import build
from services.city import open_city
from services.launch.servers import free_port
from services.settings import Settings
from tests.browser.journeys.stack import wait_until
from tests.room import ASSETS


@contextmanager
def control_room(database_url: str, redis_url: str) -> Iterator[str]:
    """The address of a control room of the demo profile that listens; it ends with the block."""
    city = open_city(Settings(city="demo", database_url=database_url, redis_url=redis_url))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(build(city, assets=ASSETS), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, 30, "the control room listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
