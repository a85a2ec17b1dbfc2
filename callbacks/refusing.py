"""How a request is refused before it reaches a handler: a code, and no more."""

import json

from starlette.types import Send

Answer = tuple[int, str]
"""A status and a short code."""


async def answer(send: Send, status: int, code: str, message: str = "") -> None:
    """One shape for every refusal; its ``message`` is the code in words where there is no better one."""
    body = json.dumps({"error": {"code": code, "message": message or code.replace("_", " ")}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 429:
        headers.append((b"retry-after", b"60"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
