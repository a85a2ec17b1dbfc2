"""The simulated providers' HTTP server: whoever polls finds their documents here, on loopback alone."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from model.errors import Unavailable
from services.simulation.shelf import Document, Shelf

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
AGAIN_S = "30"
IDLE_S = 30.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, shelf: Shelf) -> None:
        super().__init__((HOST, port), _Answer)
        self.shelf = shelf
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        """A caller; remembered, for callers keep their connection for the next question."""
        caller, address = super().get_request()
        self._open.add(caller)
        return caller, address

    def shutdown_request(self, request: Any) -> None:
        """A caller has gone."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Let go of every caller that is still connected."""
        for caller in list(self._open):
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)


class _Answer(BaseHTTPRequestHandler):
    """GET of what is on the shelf, with its tag; nothing else."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "simulated-provider"
    sys_version = ""
    timeout = IDLE_S
    # Headers and body leave apart; the second shall not wait 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer 200 with the document, 304 when the asker has it, 404, or 503 while the provider is away."""
        path = urlsplit(self.path).path
        document = self.server.shelf.find(path)
        if document is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif self.server.shelf.is_away(path):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        elif self._known(document):
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self._describe(document)
            self.end_headers()
        else:
            self.send_response(HTTPStatus.OK)
            self._describe(document)
            self.send_header("Content-Type", document.media_type)
            self.send_header("Content-Length", str(len(document.content)))
            self.end_headers()
            self.wfile.write(document.content)

    def _known(self, document: Document) -> bool:
        """Whether the asker has this very document; a tag decides before a date (RFC 9110, 13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            held = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
            return "*" in held or document.tag in held
        return self.headers.get("If-Modified-Since") == document.last_modified

    def _describe(self, document: Document) -> None:
        self.send_header("ETag", document.tag)
        self.send_header("Last-Modified", document.last_modified)
        self.send_header("Cache-Control", "no-cache")

    def _refuse(self, status: HTTPStatus) -> None:
        self.send_response(status)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", AGAIN_S)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Not on standard error: one line a poll is nobody's news."""
        log.debug(format, *args)


@contextmanager
def serving(port: int | None, shelf: Shelf) -> Iterator[None]:
    """Answer from ``shelf`` on ``port`` of loopback, in threads of the server's own; None: nobody answers.

    Raises Unavailable where the port cannot be had.
    """
    if port is None:
        yield
        return
    server = _bound(port, shelf)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()


def _bound(port: int, shelf: Shelf) -> _Server:
    try:
        return _Server(port, shelf)
    except OSError as error:
        raise Unavailable(
            f"the simulated providers cannot listen on {HOST}:{port} ({error.strerror}): "
            "set VIGIE_SIMULATOR_PORT to a free port"
        ) from None
