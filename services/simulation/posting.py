"""Sending over HTTP push: batches, and patience while the intake or its database is away.

What a batch looks like on the way is its wire's business: Vigie's own JSON, or a notification of entities.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import httpx
import msgspec

from model.errors import BadRequest, Refused, Unavailable
from services.simulation.outbox import Outbox
from services.simulation.reports import Report

log = logging.getLogger(__name__)

PATH = "/ingest/observations"
BATCH = 400
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
TIMEOUT_S = 10.0


class Wire(NamedTuple):
    """How a batch travels: the path of the door, its media type, and the bytes of a batch."""

    path: str
    media_type: str
    encode: Callable[[Sequence[Report]], bytes]


def _as_observations(batch: Sequence[Report]) -> bytes:
    return msgspec.json.encode([report.wire() for report in batch])


OBSERVATIONS = Wire(PATH, "application/json", _as_observations)
"""Vigie's own words."""


def _client(url: str, key: str) -> httpx.AsyncClient:
    # The proxy settings of the environment are for the internet; the intake is a neighbour.
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False)


async def send(intake_url: str, key: str, observations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Send ``observations`` (items of the intake's wire) once; its answer, given when they are durable.

    Raises Unavailable when it cannot be reached or asks to come back later, Refused without the right key,
    BadRequest when it takes them for malformed or too large.
    """
    async with _client(intake_url, key) as client:
        return await _post(client, PATH, OBSERVATIONS.media_type, msgspec.json.encode(observations))


class Later(Unavailable):
    """The intake asks to come back after ``seconds``."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class NoSuchDoor(BadRequest):
    """The intake has no such way in: it is older than the wire."""


async def _post(client: httpx.AsyncClient, path: str, media_type: str, content: bytes) -> dict[str, Any]:
    try:
        response = await client.post(path, content=content, headers={"Content-Type": media_type})
    except httpx.TransportError as error:
        raise Later(f"the intake cannot be reached: {type(error).__name__}") from None
    if response.status_code == httpx.codes.OK:
        answer: dict[str, Any] = response.json()
        return answer
    if response.status_code in (401, 403):
        raise Refused("the intake refuses the key")
    if response.status_code >= 500 or response.status_code == 429:
        raise Later(f"the intake answers {response.status_code}", _seconds(response))
    if response.status_code == httpx.codes.NOT_FOUND:
        raise NoSuchDoor(f"the intake has no {path}")
    raise BadRequest(f"the intake answers {response.status_code}: {response.text[:200]}")


def _seconds(response: httpx.Response) -> float:
    with contextlib.suppress(ValueError):
        return min(float(response.headers.get("Retry-After", "0")), LONGEST_PAUSE_S)
    return 0.0


class Poster:
    """Empties an outbox into the intake until asked to stop; keeps what it could not send.

    Where the intake does not know the ``wire`` yet, everything goes on by way of ``otherwise``.
    """

    def __init__(
        self,
        intake_url: str,
        key: str,
        outbox: Outbox,
        rng: random.Random,
        wire: Wire = OBSERVATIONS,
        otherwise: Outbox | None = None,
    ) -> None:
        self._client = _client(intake_url, key)
        self._outbox = outbox
        self._rng = rng
        self._wire = wire
        self._otherwise = otherwise
        self._unknown = False
        self.sent = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop``. Pauses grow with each failure, with jitter, and no shorter than asked for."""
        failures = 0
        async with self._client:
            while not stop.is_set():
                if not await happens(self._outbox.arrived, stop):
                    return
                pause = await self._send_some(failures)
                failures = 0 if pause == 0 else failures + 1
                await wait(stop, pause)

    async def _send_some(self, failures: int) -> float:
        """Send one batch; seconds to wait before the next, 0 when it went well."""
        batch = self._outbox.take(BATCH)
        if self._unknown and self._otherwise is not None:
            self._otherwise.put(batch)
            return 0.0
        try:
            content = self._wire.encode(batch)
            answer = await _post(self._client, self._wire.path, self._wire.media_type, content)
        except Later as error:
            self._outbox.give_back(batch)
            if failures == 0:
                log.warning("%s; keeping the newest states until it is back", error)
            return max(error.seconds, self._pause(failures))
        except Refused as error:
            self._outbox.give_back(batch)
            log.error("%s", error)
            return LONGEST_PAUSE_S
        except NoSuchDoor as error:
            return self._give_up(error, batch)
        except BadRequest:
            log.exception("a batch of %s observations was refused and is dropped", len(batch))
            return FIRST_PAUSE_S
        self.sent += len(batch)
        if answer.get("rejected"):
            # Mostly the mistakes made on purpose (imperfections): told, but nobody's trouble.
            log.info("rejected by the intake: %s", answer.get("rejects", [])[:3])
        return 0.0

    def _give_up(self, error: NoSuchDoor, batch: list[Report]) -> float:
        """Never try this wire again where there is another; seconds to wait."""
        if self._otherwise is None:
            log.error("%s; a batch of %s observations is dropped", error, len(batch))
            return FIRST_PAUSE_S
        log.warning("%s: it is older than these senders; using plain push instead", error)
        self._unknown = True
        self._otherwise.put(batch)
        return 0.0

    def _pause(self, failures: int) -> float:
        longest = min(FIRST_PAUSE_S * 2 ** min(failures, 10), LONGEST_PAUSE_S)
        return float(longest * self._rng.uniform(0.5, 1.0))


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Wait ``seconds``, or until ``stop`` is set."""
    if seconds > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


async def happens(event: asyncio.Event, stop: asyncio.Event) -> bool:
    """Wait until ``event`` is set (True), or ``stop`` (False)."""
    both = [asyncio.ensure_future(e.wait()) for e in (event, stop)]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in both:
            waiting.cancel()
    return not stop.is_set()
