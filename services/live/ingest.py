"""The ingest: takes what feeds understood, and answers once it is durable.

Batches form by themselves while the one before is being judged (group commit); one is judged while the one
before is being stored. Redis may be away, and is repaid when it returns. The database may be away: batches
then go to the spool and find their way by themselves. Only when neither takes a batch are its senders told
Unavailable, and keep what they sent; the memory then forgets it again.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from geodata.profiles import Bounds
from model.errors import Unavailable, VigieError
from model.feeds import REPLAY
from services.live.batch import Part
from services.live.parsed import Parsed
from services.live.receipts import Ahead, Receipt, Submission, answer, fail
from services.live.replays import Parse, Replays
from services.live.writer import Stored, Timings, Writer
from services.logs import tracing
from services.metrics import Metrics

log = logging.getLogger(__name__)
T = TypeVar("T")

LINGER_S = 0.05
"""How long the first of a batch waits for company: at most 20 ticks a second reach the screens."""
ENOUGH = 2_000
"""Items that make a batch worth while at once."""
MOST = 10_000
"""Items a batch at most."""
WAITING_MOST = 200_000
"""Items waiting; past it feeds are told to come back later."""
AHEAD_MOST = 3
"""Batches judged and not yet durable."""
BEAT_S = 1.0
OPENING_PATIENCE_S = 0.9
WORLD = Bounds(-180.0, -90.0, 180.0, 90.0)


class Ingest:
    """One city's ingest. Start it once in a process; several share a city by domain (``domains``).

    ``bounds`` is where positions are believed; ``spool`` a file of this process's own, without which
    nothing is accepted while the database is away.
    """

    def __init__(
        self,
        engine: Engine,
        redis_url: str,
        *,
        area_kind: str = "commune",
        shard: str = "city",
        bounds: Bounds = WORLD,
        spool: Path | None = None,
        domains: frozenset[str] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._writer = Writer(engine, redis_url, shard, area_kind, bounds, spool, domains)
        self._judging = ThreadPoolExecutor(1, thread_name_prefix="ingest-judging")
        self._showing = ThreadPoolExecutor(1, thread_name_prefix="ingest-showing")
        self._storing = ThreadPoolExecutor(1, thread_name_prefix="ingest-storing")
        self._tending = ThreadPoolExecutor(1, thread_name_prefix="ingest-tending")
        self._waiting: list[Submission] = []
        self._waiting_count = 0
        self._arrived = asyncio.Event()
        self._room = asyncio.Semaphore(AHEAD_MOST)
        self._judged = asyncio.Lock()
        self._ahead: list[Ahead] = []
        self._opened = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stores: set[asyncio.Task[None]] = set()
        self._replays = Replays()
        self._stopping = False

    @property
    def open(self) -> bool:
        """Whether it knows the city and ours is the process that writes: not while it stands by."""
        return self._writer.open

    @property
    def ready(self) -> bool:
        """Whether a batch would be accepted."""
        return self._writer.ready

    @property
    def why(self) -> str:
        """Why it is not as it should be; empty when it is."""
        return self._writer.why

    @property
    def spooled(self) -> int:
        """Items that wait in the spool."""
        return self._writer.spooled

    @property
    def timings(self) -> Timings:
        """Seconds spent in each stage since the start (the bench reads them)."""
        return self._writer.timings

    def declare(
        self, source: str, *, adapter: str, transport: str, period_s: int, parse: Parse | None = None
    ) -> None:
        """Name a source of the city at start, so that it is shown also when it never speaks.

        ``parse`` reads its payloads again when a dead letter is replayed.
        """
        self._writer.book.declare(source, adapter, transport, period_s)
        if parse:
            self._replays.parsers[source] = parse

    def report(self, source: str, state: str, detail: str = "") -> None:
        """The state of a source's transport changed: ``starting``, ``ok``, ``away`` or ``refused``."""
        self._writer.book.report(source, state, detail)

    async def start(self) -> None:
        """Begin; also while the database or Redis is away."""
        self._writer.start()
        loops = (self._commit_loop(), self._beat_loop(), self._tend_loop())
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Make durable what is waiting, then let go of every connection. A second time does nothing."""
        if self._stopping:
            return
        self._stopping = True
        self._arrived.set()
        if self._tasks:
            committing, *looking = self._tasks
            await committing
            await asyncio.gather(*self._stores)
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)
        await self._in(self._tending, self._writer.close)
        for pool in (self._judging, self._storing, self._showing, self._tending):
            pool.shutdown()

    async def submit(self, source: str, parsed: Parsed, *, messages: int = 1) -> Receipt:
        """Hand over what ``source`` sent in ``messages`` messages, as its feed understood it.

        Returns once everything is durable. Raises Unavailable (nothing of it was applied) when neither the
        database nor the spool takes it, or too much is waiting.
        """
        await self._open_enough()
        size = len(parsed)
        if self._waiting_count + size > WAITING_MOST:
            raise Unavailable("too much is waiting")
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        part = Part(source, *self._writer.book.known(source), parsed, messages)
        self._waiting.append(Submission(part, done))
        self._waiting_count += size
        self._arrived.set()
        return await done

    async def _open_enough(self) -> None:
        """A layout is open, or is within the second a sender may be kept waiting."""
        if not self._opened.is_set() and not self._stopping:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OPENING_PATIENCE_S):
                    await self._opened.wait()
        if self._stopping:
            raise Unavailable("the intake is stopping")
        if not self._opened.is_set():
            raise Unavailable(self._writer.why or "the intake is starting")

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *args)

    # committing --------------------------------------------------------------------------------------

    async def _commit_loop(self) -> None:
        while not (self._stopping and not self._waiting):
            await self._arrived.wait()
            if not self._stopping and self._waiting_count < ENOUGH:
                await asyncio.sleep(LINGER_S)
            batch = self._next_batch()
            if batch:
                await self._take(batch)

    def _next_batch(self) -> list[Submission]:
        batch: list[Submission] = []
        size = 0
        while self._waiting and (not batch or size + len(self._waiting[0].part.parsed) <= MOST):
            submission = self._waiting.pop(0)
            size += len(submission.part.parsed)
            batch.append(submission)
        self._waiting_count -= size
        if not self._waiting and not self._stopping:
            self._arrived.clear()
        return batch

    async def _take(self, submissions: list[Submission]) -> None:
        """Judge a batch and send it on its way to the disk; the next may be judged meanwhile."""
        async with self._judged:
            await self._take_back()
            await self._room.acquire()
            await self._judge(submissions)

    async def _judge(self, submissions: list[Submission]) -> None:
        parts = [submission.part for submission in submissions]
        try:
            batch = await self._in(self._judging, self._writer.judge, parts, time.time())
        except VigieError as error:
            self._room.release()
            fail(submissions, str(error))
        except Exception:  # the ingest outlives any batch
            log.exception("a batch of %s sendings could not be judged", len(submissions))
            self._room.release()
            fail(submissions, "the intake failed on this; see its log")
        else:
            ahead = Ahead(submissions, batch)
            self._ahead.append(ahead)
            task = asyncio.create_task(self._store(ahead))
            self._stores.add(task)
            task.add_done_callback(self._stores.discard)

    async def _store(self, ahead: Ahead) -> None:
        try:
            stored = await self._in(self._storing, self._writer.store, ahead.batch)
            self._ahead.remove(ahead)
            self._count(ahead, stored)
            await self._in(self._showing, self._writer.show, ahead.batch)
        except VigieError as error:
            ahead.failed = True
            fail(ahead.submissions, str(error))
        except Exception:  # as above
            log.exception("batch %s could not be stored", ahead.batch.plan.id)
            ahead.failed = True
            fail(ahead.submissions, "the intake failed on this; see its log")
        else:
            answer(ahead, stored)
        finally:
            self._room.release()

    def _count(self, ahead: Ahead, stored: Stored) -> None:
        """For whoever watches from outside; the exact book is in the database."""
        plan = ahead.batch.plan
        items = self._metrics.counter("vigie_items_received_total")
        dead = self._metrics.counter("vigie_items_dead_total")
        for account in plan.accounts:
            items.labels(account.feed).inc(account.received)
            dead.labels(account.feed).inc(account.dead)
        self._metrics.histogram("vigie_batch_seconds").observe(max(0.0, time.time() - plan.received_at))
        self._metrics.gauge("vigie_spooled_items").set(self._writer.spooled)
        self._metrics.gauge("vigie_intake_ready").set(self._writer.ready)
        where = "the spool" if stored.spooled else "the database"
        with tracing(plan.id):
            log.debug("batch %s with %s items is in %s", plan.id, plan.items, where)

    async def _take_back(self) -> None:
        """Let the memory forget the batches that became durable nowhere."""
        if not any(ahead.failed for ahead in self._ahead):
            return
        await asyncio.gather(*self._stores)
        batches = [ahead.batch for ahead in self._ahead]
        self._ahead.clear()
        await self._in(self._judging, self._writer.take_back, batches)

    # looking after -----------------------------------------------------------------------------------

    async def _beat_loop(self) -> None:
        while True:
            try:
                await self._beat()
            except Exception:  # as above
                log.exception("a beat failed; it is tried again")
            await asyncio.sleep(BEAT_S if self._writer.open else 0.05)

    async def _beat(self) -> None:
        async with self._judged:
            await self._take_back()
            await self._in(self._judging, self._writer.install)
        await self._in(self._showing, self._writer.beat)
        if self._writer.open:
            self._opened.set()
        else:
            self._opened.clear()

    async def _tend_loop(self) -> None:
        while True:
            try:
                await self._in(self._tending, self._writer.tend)
                await self._replay()
            except Exception:  # whatever it is, the lease and the book must go on being looked after
                log.exception("looking after the intake failed; it is tried again")
            await asyncio.sleep(BEAT_S)

    async def _replay(self) -> None:
        """Send through again, as a feed of their own, the dead letters somebody asked for."""
        letters = await self._in(self._tending, self._writer.asked)
        if letters:
            outcomes = await self._replays.through(letters, partial(self.submit, REPLAY))
            await self._in(self._tending, self._writer.note_replayed, outcomes)
