"""The control room as a process of its own, for tests that kill it."""

import asyncio
import socket
from multiprocessing.connection import Connection as Pipe

import uvicorn

from callbacks import build
from services.city import open_city
from services.settings import Settings
from tests.room import ASSETS


def serve_until_killed(url: str, redis_url: str, told: Pipe) -> None:
    """Answer on a port of its own, which ``told`` is sent once it does; ends with its process."""
    city = open_city(Settings(city="demo", database_url=url, redis_url=redis_url))
    app = build(city, assets=ASSETS)
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))

    async def serve() -> None:
        serving = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:
            await asyncio.sleep(0.01)
        told.send(door.getsockname()[1])
        await serving

    asyncio.run(serve())
