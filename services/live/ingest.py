"""The ingest: takes what feeds understood, and answers once it is durable.

Batches form by themselves while the one worker thread is busy (group commit). For each: judge, write the
history, and only then move the memory on and the live state in Redis. Redis may be away: it is repaid from
memory when it returns. The database may not: everybody in the batch gets Unavailable and keeps what it
sent.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from model.errors import Unavailable, VigieError
from model.observations import Observation
from services.live.batch import Settled, Timings, Writer
from services.live.parsed import Parsed
from services.live.quality import Reject
from services.live.state import LiveState

log = logging.getLogger(__name__)

LINGER_S = 0.05
"""How long the first of a batch waits for company: at most 20 ticks a second reach the screens."""
ENOUGH = 2_000
"""Observations that make a batch worth while at once."""
MOST = 20_000
"""Observations a batch at most."""
WAITING_MOST = 200_000
"""Observations waiting; past it feeds are told to come back later."""
BEAT_S = 1.0


@dataclass(frozen=True)
class Receipt:
    """What became of what was sent: received = stored + duplicate + rejected.

    A state that repeats what is known, at a newer instant, is stored too: in the live record and, by it,
    in the next keyframe. ``rejects`` are all of them, by row.
    """

    received: int
    stored: int
    duplicate: int
    rejects: tuple[Reject, ...]

    @property
    def rejected(self) -> int:
        """How many were refused."""
        return len(self.rejects)


@dataclass
class Submission:
    """One call of ``submit`` on its way."""

    source: str
    observations: Sequence[Observation]
    rejects: Sequence[Reject]
    done: "asyncio.Future[Receipt]" = field(repr=False)


class Ingest:
    """One city's ingest. Start it once in a process; one process a shard writes."""

    def __init__(
        self, engine: Engine, redis_url: str, *, area_kind: str = "commune", shard: str = "city"
    ) -> None:
        self._writer = Writer(engine, LiveState(redis_url, shard), area_kind)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self._waiting: list[Submission] = []
        self._waiting_count = 0
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def ready(self) -> bool:
        """Whether the last contact with the database went well, so that a batch would be accepted."""
        return self._writer.ready

    @property
    def timings(self) -> Timings:
        """Seconds spent in each stage since the start (the bench reads them)."""
        return self._writer.timings

    async def start(self) -> None:
        """Begin; also while the database or Redis is away."""
        self._tasks = [asyncio.create_task(self._commit_loop()), asyncio.create_task(self._beat_loop())]

    async def stop(self) -> None:
        """Commit what is waiting, then let go of every connection. A second time does nothing."""
        if self._stopping:
            return
        self._stopping = True
        self._arrived.set()
        if self._tasks:
            committing, beating = self._tasks
            beating.cancel()
            await committing
            with contextlib.suppress(asyncio.CancelledError):
                await beating
        await self._in_worker(self._writer.close)
        self._worker.shutdown()

    async def submit(self, source: str, parsed: Parsed) -> Receipt:
        """Hand over what ``source`` sent, as its feed understood it.

        Returns once everything is durable. Raises Unavailable (nothing of it was applied) when the database
        is away or too much is waiting.
        """
        size = len(parsed)
        if self._stopping or self._waiting_count + size > WAITING_MOST:
            raise Unavailable("the intake is stopping" if self._stopping else "too much is waiting")
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(Submission(source, parsed.observations, parsed.rejects, done))
        self._waiting_count += size
        self._arrived.set()
        return await done

    async def _in_worker(self, work: Callable[..., object], *args: object) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, *args)

    async def _commit_loop(self) -> None:
        while not (self._stopping and not self._waiting):
            await self._arrived.wait()
            if not self._stopping and self._waiting_count < ENOUGH:
                await asyncio.sleep(LINGER_S)
            batch = self._next_batch()
            if batch:
                await self._settle(batch)

    def _next_batch(self) -> list[Submission]:
        batch: list[Submission] = []
        size = 0
        while self._waiting and (not batch or size < MOST):
            submission = self._waiting.pop(0)
            size += len(submission.observations) + len(submission.rejects)
            batch.append(submission)
        self._waiting_count -= size
        if not self._waiting and not self._stopping:
            self._arrived.clear()
        return batch

    async def _settle(self, batch: list[Submission]) -> None:
        """Commit ``batch``; if the database refuses it as data, try each sending alone."""
        try:
            await self._commit(batch)
        except (VigieError, SQLAlchemyError) as error:
            _fail(batch, Unavailable(str(error)))
        except psycopg.Error:
            log.exception("a batch of %s sendings was refused; trying each alone", len(batch))
            for submission in batch:
                await self._settle_alone(submission)
        except Exception:  # the ingest loop outlives any batch
            log.exception("a batch of %s sendings failed", len(batch))
            _fail(batch, Unavailable("the intake failed on this; see its log"))

    async def _settle_alone(self, submission: Submission) -> None:
        try:
            await self._commit([submission])
        except psycopg.Error as error:
            await self._settle_refused(submission, type(error).__name__)
        except VigieError as error:
            _fail([submission], Unavailable(str(error)))

    async def _settle_refused(self, submission: Submission, why: str) -> None:
        """A sending the database refuses even alone: counted, never tried for ever."""
        count = len(submission.observations)
        refused = [Reject(row, "not_storable", why) for row in range(count)]
        rest = Submission(submission.source, (), [*submission.rejects, *refused], submission.done)
        try:
            await self._commit([rest])
        except (VigieError, psycopg.Error) as error:
            _fail([rest], Unavailable(str(error)))

    async def _commit(self, batch: list[Submission]) -> None:
        parts = [(s.source, s.observations, s.rejects) for s in batch]
        settled = await self._in_worker(self._writer.commit, parts, time.time())
        if not isinstance(settled, list):
            raise TypeError("the writer settles every part of a batch")
        for submission, outcome in zip(batch, settled, strict=True):
            if not submission.done.done():
                submission.done.set_result(_receipt(submission, outcome))

    async def _beat_loop(self) -> None:
        while True:
            await self._in_worker(self._writer.beat)
            await asyncio.sleep(BEAT_S)


def _receipt(submission: Submission, outcome: Settled) -> Receipt:
    received = len(submission.observations) + len(submission.rejects)
    rejects = (*submission.rejects, *_sent_rows(submission, outcome.rejects))
    return Receipt(received, received - outcome.duplicate - len(rejects), outcome.duplicate, rejects)


def _sent_rows(submission: Submission, rejects: Sequence[Reject]) -> Sequence[Reject]:
    """``rejects`` with the rows the sender counted: the feed had taken its own refusals out."""
    if not submission.rejects or not rejects:
        return rejects
    refused = {reject.row for reject in submission.rejects}
    total = len(submission.observations) + len(submission.rejects)
    rows = [row for row in range(total) if row not in refused]
    return [Reject(rows[r.row], r.reason, r.detail) for r in rejects]


def _fail(batch: list[Submission], error: Unavailable) -> None:
    for submission in batch:
        if not submission.done.done():
            submission.done.set_exception(error)
