"""How a request is refused before it reaches a handler: a code, and no more."""

import json

from starlette.types import Send

Answer = tuple[int, str]
"""A status and a short code."""


async def answer(send: Send, status: int, code: str) -> None:
    """One shape for every refusal."""
    body = json.dumps({"error": {"code": code, "message": code.replace("_", " ")}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
