"""Reading a body without trusting its length."""

from starlette.requests import ClientDisconnect, Request

from model.errors import VigieError

LARGEST = 1_048_576


class NotTaken(VigieError):
    """A body that is not read: more than 1 MB (413), compressed (415) or cut off (400)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(request: Request) -> bytes:
    """The body, at most 1 MB as counted on arrival; NotTaken otherwise or when it is compressed."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise NotTaken(415, "compressed bodies are not taken; send JSON as it is, in several batches")
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced[:20]) > LARGEST:
        raise NotTaken(413, f"at most {LARGEST} bytes a request; send several batches")
    try:
        return await _counted(request)
    except ClientDisconnect:
        raise NotTaken(400, "the body ended before it was whole") from None


async def _counted(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise NotTaken(413, f"at most {LARGEST} bytes a request; send several batches")
        parts.append(part)
    return b"".join(parts)
