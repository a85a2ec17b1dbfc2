"""A supplier on loopback that answers as a test says: with marks, redirects, gzip, slowly or never."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Supplier:
    """``answers`` by path: raw HTTP, made from the request's text; None hangs for ever."""

    port: int = 0
    answers: dict[str, Callable[[str], bytes | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        """The address of ``path`` here."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = request.split(" ", 2)[1]
            self.asked.append(request)
            answer = self.answers.get(path, lambda _: http(b"", "404 Not Found"))(request)
            if answer is None:
                await asyncio.sleep(3_600)
            else:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """An answer in the words of HTTP; ``content_length`` and others by name, ``_`` for ``-``."""
    given = {"content-length": str(len(body)), "connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@asynccontextmanager
async def supplier() -> AsyncIterator[Supplier]:
    """One supplier, for the time of the block."""
    one = Supplier()
    server = await asyncio.start_server(one._serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
