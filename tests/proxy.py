"""The deployed proxies on this machine, by the installed nginx, and applications behind them."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from services.launch.privileges import spawn
from services.launch.servers import free_port
from tests.ports import wait_for_port

NGINX = Path(__file__).resolve().parents[1] / "deploy" / "nginx"


def deployed(folder: Path, name: str, ports: dict[str, int]) -> Path:
    """The deployed ``name`` with its includes, in ``folder``: hosts, ports and folders are this machine's."""
    (folder / "use").mkdir(parents=True, exist_ok=True)
    for file in NGINX.iterdir():
        text = re.sub(r"(?<=[ =])/tmp/", f"{folder}/", file.read_text(encoding="utf-8"))
        text = text.replace("/run/secrets", str(folder)).replace("/dev/stdout", str(folder / "access.log"))
        text = text.replace("/etc/nginx/vigie", str(folder))
        for before, port in ports.items():
            text = text.replace(f"server {before};", f"server 127.0.0.1:{port};")
            text = text.replace(f"listen {before}", f"listen 127.0.0.1:{port}")
        (folder / file.name).write_text(re.sub(r"server (public|ingest):\d+", "server 127.0.0.1:9", text))
    return folder / name


@contextmanager
def nginx(config: Path, port: int) -> Iterator[str]:
    """A running nginx with ``config``; its address."""
    options = ["-c", config, "-e", config.parent / "error.log", "-g", "daemon off; master_process off;"]
    process = spawn([program_nginx(), *options], log=config.parent / "nginx.log", cwd="/")
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def program_nginx() -> Path:
    """The nginx of this machine."""
    return next(path for path in (Path("/usr/sbin/nginx"), Path("/usr/bin/nginx")) if path.exists())


@dataclass
class App:
    """A uvicorn in a thread, to be stopped at will."""

    server: uvicorn.Server
    thread: threading.Thread
    port: int

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


def start_app(app: Any, port: int = 0) -> App:
    """``app``, any ASGI application, served from a thread."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for_port(port)
    return App(server, thread, port)
