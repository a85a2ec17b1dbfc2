"""Answers about the past, made once for all consoles: bounded memory, one maker at a time, entity tags."""

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from fastapi import Request, Response

MOST_BYTES = 32_000_000
"""Some thirty nights of a city with 35,000 assets."""
KEPT_S = 600.0
"""Late news of a past instant may take this long to show where the instant was asked for before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, its gzip form, its media type and its entity tag."""

    raw: bytes
    gzip: bytes
    media_type: str
    etag: str

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return len(self.raw) + len(self.gzip)


def answer_of(raw: bytes, media_type: str, mark: bytes | None = None) -> Answer:
    """``raw`` packed; its tag is made of ``mark``, by default of all of it. Blocks for some milliseconds."""
    digest = hashlib.blake2b(raw if mark is None else mark, digest_size=12).hexdigest()
    return Answer(raw, gzip.compress(raw, 4, mtime=0), media_type, f'"{digest}"')


class KeptAnswers:
    """Answers by question. Of what is being made, everybody who asks waits for the same making."""

    def __init__(self, most_bytes: int = MOST_BYTES, kept_s: float = KEPT_S) -> None:
        self._most = most_bytes
        self._kept_s = kept_s
        self._kept: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Answer]] = {}
        self.bytes = 0

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._kept)

    async def get(self, question: Hashable, make: Callable[[], Answer], *, keep: bool) -> Answer:
        """The answer to ``question``; ``make`` (it may block) runs in a thread where there is none yet.

        Without ``keep`` it is made anew, but still once for all who ask meanwhile.
        """
        found = self._kept.get(question)
        if found and time.monotonic() - found[0] < self._kept_s:
            self._kept.move_to_end(question)
            return found[1]
        if question not in self._making:
            self._making[question] = asyncio.create_task(self._make(question, make, keep))
        # Shielded: one console that goes away does not take the answer from the others.
        return await asyncio.shield(self._making[question])

    async def _make(self, question: Hashable, make: Callable[[], Answer], keep: bool) -> Answer:
        try:
            made = await asyncio.to_thread(make)
        finally:
            self._making.pop(question, None)
        if keep:
            self._keep(question, made)
        return made

    def _keep(self, question: Hashable, made: Answer) -> None:
        self._drop(question)
        self._kept[question] = (time.monotonic(), made)
        self.bytes += made.nbytes
        while self.bytes > self._most and self._kept:
            self._drop(next(iter(self._kept)))

    def _drop(self, question: Hashable) -> None:
        found = self._kept.pop(question, None)
        if found:
            self.bytes -= found[1].nbytes


def respond(request: Request, answer: Answer, cache_control: str) -> Response:
    """``answer`` as ``request`` can take it: 304 where the browser has it, gzip where it may. What a browser
    keeps is of one session: the next person who signs in there may see another part of the city."""
    headers = {"cache-control": cache_control, "vary": "accept-encoding, cookie", "etag": answer.etag}
    if answer.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(answer.gzip, media_type=answer.media_type, headers=headers)
    return Response(answer.raw, media_type=answer.media_type, headers=headers)
