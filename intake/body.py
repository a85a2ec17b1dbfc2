"""Reading a body without trusting its length, nor what it unpacks to."""

import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from model.errors import VigieError

GZIP = 31
"""zlib's word for a gzip header and checksum."""


class NotTaken(VigieError):
    """A body that is not read: too large (413), compressed in another way (415), or cut off (400)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(request: Request, most: int) -> bytes:
    """The body, unpacked where it is gzip; ``most`` bytes, both as they arrive and unpacked.

    Raises NotTaken.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise NotTaken(415, "send the body as it is, or as gzip")
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced[:20]) > most:
        raise too_large(most)
    parts = _counted(request.stream(), most)
    try:
        return b"".join([part async for part in (_unpacked(parts, most) if coding == "gzip" else parts)])
    except ClientDisconnect:
        raise NotTaken(400, "the body ended before it was whole") from None


def too_large(most: int) -> NotTaken:
    """What is said of a body of more than ``most`` bytes."""
    return NotTaken(413, f"at most {most} bytes a request, unpacked too; send several batches")


async def _counted(parts: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    size = 0
    async for part in parts:
        size += len(part)
        if size > most:
            raise too_large(most)
        yield part


async def _unpacked(parts: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    inflating = zlib.decompressobj(GZIP)
    size = 0
    async for part in parts:
        try:
            out = inflating.decompress(part, most - size + 1)
        except zlib.error as error:
            raise NotTaken(400, f"the body is not gzip: {error}") from None
        size += len(out)
        if size > most:
            raise too_large(most)
        yield out
    if not inflating.eof or inflating.unused_data:
        raise NotTaken(400, "the body is not one whole gzip")
