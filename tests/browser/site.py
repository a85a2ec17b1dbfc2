"""A control room on a city of a test's own, in a thread, for a browser to look at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect

from callbacks import build
from geodata.database_roles import address_for
from model.roles import Role
from services.city import open_city
from services.launch.servers import free_port
from services.settings import Settings
from tests.browser.journeys.stack import wait_until
from tests.room import ASSETS
from tests.signing_in import sign_in

PATIENCE_MS = 20_000
_DATABASES: dict[str, str] = {}


def enter(context: BrowserContext, url: str, role: Role = Role.ADMINISTRATOR) -> None:
    """Sign the browser of ``context`` in at the control room ``url`` of this module, in ``role``."""
    sign_in(_DATABASES[url], role).enter(context, url)


@contextmanager
def control_room(database_url: str, redis_url: str, **more: Any) -> Iterator[str]:
    """The address of a control room of the demo profile that listens; it ends with the block. ``more`` are
    further settings."""
    own = address_for(database_url, "web")
    city = open_city(Settings(city="demo", database_url=own, redis_url=redis_url, **more))
    with listening(build(city, assets=ASSETS)) as url:
        _DATABASES[url] = database_url
        yield url


@contextmanager
def listening(app: FastAPI, port: int = 0) -> Iterator[str]:
    """The address at which ``app`` answers, in a thread of its own; it ends with the block."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, 30, "the application listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def opened(browser: Browser, url: str, role: Role) -> Page:
    """A page of the room at ``url`` for somebody in ``role``, in a context of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    enter(context, url, role)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return page
