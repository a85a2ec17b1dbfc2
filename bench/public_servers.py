"""What ``bench.public`` measures, each as a process of its own: our door, a bare application, the peers.

python -m bench.public_servers door VAR PORT | bare FILE PORT | tipg SOCKETS PORT | pygeoapi SOCKETS PORT
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn

from services.settings import read_settings

DATABASE, TABLE = "vigie", "light"


def serve(app: Any, port: int) -> None:
    """``app`` by uvicorn as the launcher starts it: one process, no log of requests."""
    uvicorn.run(app, port=port, log_level="warning", access_log=False, server_header=False)


def door(var: str, port: int, keeping: bool) -> None:
    """The public door; without ``keeping`` every answer is made anew."""
    from public import hot
    from public.door import public

    hot.MOST_BYTES = hot.MOST_BYTES if keeping else 0
    serve(public(read_settings(var=Path(var), public_url=f"http://127.0.0.1:{port}")), port)


def bare(file: str, port: int) -> None:
    """The bytes of ``file`` and the headers beside it, by an application that does nothing else."""
    told = json.loads(Path(f"{file}.headers").read_text())
    headers = [(name.encode(), value.encode()) for name, value in told]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    body = {"type": "http.response.body", "body": Path(file).read_bytes()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(start)
            await send(body)

    serve(app, port)


def tipg(sockets: str, port: int) -> None:
    """tipg over the table of lights."""
    os.environ["DATABASE_URL"] = f"postgresql://vigie@{quote(sockets, safe='')}/{DATABASE}"
    os.environ["TIPG_DB_TABLES"] = json.dumps([f"public.{TABLE}"])
    from tipg.main import app

    serve(app, port)


def pygeoapi(sockets: str, port: int) -> None:
    """pygeoapi over the same table, by its PostgreSQL provider."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        config, described = Path(folder) / "config.yml", Path(folder) / "openapi.yml"
        config.write_text(json.dumps(_pygeoapi(sockets, port)))  # JSON is YAML
        program = Path(sys.executable).parent / "pygeoapi"
        with described.open("w") as out:
            command = [sys.executable, program, "openapi", "generate", config]
            subprocess.run(command, stdout=out, check=True, timeout=60)
        os.environ |= {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
        from pygeoapi.starlette_app import APP

        serve(APP, port)


def _pygeoapi(sockets: str, port: int) -> dict[str, Any]:
    text = {"en": "bench"}
    provider = {
        "type": "feature", "name": "PostgreSQL", "id_field": "id", "table": TABLE, "geom_field": "geometry",
        "data": {"host": sockets, "port": 5432, "dbname": DATABASE, "user": "vigie", "password": "none",
                 "search_path": ["public"]},
    }  # fmt: skip
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port}, "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8", "encoding": "utf-8", "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 10_000}, "map": {"url": "x", "attribution": "x"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {"title": text, "description": text, "keywords": {"en": ["x"]},
                               "keywords_type": "theme", "terms_of_service": "x", "url": "http://example.org"},
            "license": {"name": "x", "url": "http://example.org"},
            "provider": {"name": "x", "url": "http://example.org"},
            "contact": {"name": "x", "position": "x", "email": "x@example.org", "url": "http://example.org"},
        },
        "resources": {
            TABLE: {
                "type": "collection", "title": text, "description": text, "keywords": {"en": ["x"]},
                "links": [], "extents": {"spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://x"}},
                "providers": [provider],
            }
        },
    }  # fmt: skip


def main() -> None:
    """Serve what the arguments name until killed."""
    what, where, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if what == "door":
        door(where, port, sys.argv[4:] == ["kept"])
    else:
        {"bare": bare, "tipg": tipg, "pygeoapi": pygeoapi}[what](where, port)


if __name__ == "__main__":
    main()
