"""Polling: each source is asked on its own schedule, and a supplier that hangs costs nobody else anything."""

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx

from model.errors import BadRequest, Refused, Unavailable
from services.live.items import ITEM_MOST
from services.live.parsed import EXCERPT, Parsed
from services.live.quality import Reject
from services.live.sources import Source
from services.live.transports.asking import Busy, NotListening, Seen, ask

log = logging.getLogger(__name__)

JITTER = 0.1
"""Share of the period by which asking varies, so that sources do not fall into step."""
FIRST_MOST_S = 5.0
BACK_OFF_FIRST_S = 5.0
BACK_OFF_MOST_S = 900.0
"""Longest pause after failures: ten periods, at least a minute, at most this, or the period where longer."""
NEIGHBOUR_S, NEIGHBOUR_RETRY_S = 60.0, 1.0
"""A supplier on this machine starts beside us: so long after our start it may not be listening yet."""
RETRY_S = (0.5, 10.0)
"""First and longest pause while our own database is away; the supplier is not asked meanwhile."""

Deliver = Callable[[Parsed, int], Awaitable[object]]
"""Takes what so many messages said; returns once durable."""
Report = Callable[[str, str], None]


class Poller:
    """Asks one source again and again and hands what it says to ``deliver``, which returns once durable.

    ``report`` hears ``ok``, ``away`` (asked again later, ever more seldom) or ``refused`` with a detail.
    """

    def __init__(self, source: Source, deliver: Deliver, *, report: Report) -> None:
        self._source = source
        self._deliver, self._report = deliver, report
        self._seen = Seen()
        self._digest = b""
        self._refused: BadRequest | None = None
        self._failures = 0
        self._never_answered = True
        self._began = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        # A thread of its own, for names and for reading: one that hangs in it hangs alone.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"poll-{source.name}")

    async def start(self) -> None:
        """Begin; the first question within a few seconds."""
        self._report("starting", "")
        self._task = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """End at once; what was asked for and is not durable is asked for again next time."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _poll(self) -> None:
        # Only our own choices decide where to connect: no proxy and no credentials of the environment.
        limits = httpx.Limits(max_connections=2)
        async with httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(None), limits=limits) as client:
            await asyncio.sleep(random.uniform(0, min(self._source.every_s, FIRST_MOST_S)))  # noqa: S311
            while True:
                await asyncio.sleep(await self._once(client))

    async def _once(self, client: httpx.AsyncClient) -> float:
        """Ask once; the seconds to wait before the next time."""
        try:
            answer = await ask(client, self._source, self._seen, self._worker)
            if answer.payload is not None:
                await self._take(answer.payload)
        except Busy as busy:
            return max(self._failed("away", str(busy)), min(busy.after_s, BACK_OFF_MOST_S))
        except NotListening as error:
            return NEIGHBOUR_RETRY_S if self._may_be_starting() else self._failed("away", str(error))
        except Unavailable as error:
            return self._failed("away", str(error))
        except (Refused, BadRequest) as error:
            return self._failed("refused", str(error))
        except Exception as error:  # an adapter's or a library's fault: this source alone pauses
            log.exception("source %s failed", self._source.name)
            return self._failed("refused", f"{type(error).__name__}: {error}")
        self._failures, self._never_answered = 0, False
        # Only now: what was not taken is asked for again, and not answered with "the same".
        self._seen = answer.seen
        self._report("ok", "")
        return self._source.every_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311

    def _may_be_starting(self) -> bool:
        early = time.monotonic() - self._began < NEIGHBOUR_S
        return self._source.loopback and self._never_answered and early

    def _failed(self, state: str, detail: str) -> float:
        self._report(state, detail[:EXCERPT])
        if not self._failures:
            log.warning("source %s: %s: %s", self._source.name, state, detail[:EXCERPT])
        period = self._source.every_s
        longest = max(period, min(BACK_OFF_MOST_S, max(60.0, 10 * period)))
        pause: float = min(BACK_OFF_FIRST_S * 2 ** min(self._failures, 12), longest)
        self._failures += 1
        return pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311

    async def _take(self, payload: bytes) -> None:
        """Read ``payload`` and deliver it; the very same bytes twice are read once."""
        digest = hashlib.sha256(payload).digest()
        if digest != self._digest:
            self._refused = None
            await self._durably(await self._read(payload))
            self._digest = digest
        if self._refused is not None:
            raise self._refused

    async def _read(self, payload: bytes) -> Parsed:
        """What ``payload`` says; what cannot be read as a whole is one reject, and remembered."""
        reading = self._source.read({"received_at": datetime.now(UTC).isoformat()})
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._worker, self._source.feed.parse, payload, reading)
        except BadRequest as error:
            self._refused = error
            return Parsed([], [Reject(0, "malformed", str(error)[:EXCERPT], payload[:ITEM_MOST])])

    async def _durably(self, parsed: Parsed) -> None:
        pause, longest = RETRY_S
        while True:
            try:
                await self._deliver(parsed, 1)
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, longest)
            else:
                return
