"""The writer: turns sendings into history and live state, in four threads that each do one thing.

*judging* moves the memory on; *storing* makes each batch durable, in the database or in the spool; *showing*
then tells Redis; *tending* looks after the rest once a second: the lease, the layout, the spool's way back
into the database, the book of feeds. Only the first changes the memory.
"""

import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import Columns, read_columns
from geodata.database import pulse_of
from geodata.profiles import Bounds
from model.errors import Unavailable
from services.live import culprits
from services.live.accounts import FeedBook
from services.live.batch import Batch, City, Part, ahead_of_clock, new_trace
from services.live.lease import Lease, NotOurs
from services.live.letters import Asked, ask_for_registered, asked_letters, note_replayed
from services.live.opening import carry, kept_watch, open_city, take_up_watch
from services.live.plan import packed, unpacked
from services.live.recorder import DRAIN_PATIENCE_S, Recorder, Written
from services.live.showing import Shown, take_newer
from services.live.spool import Spool

log = logging.getLogger(__name__)

DRAIN_S = 2.0
"""How long the spool is emptied in one go, before the lease is renewed and the rest looked after."""
STATUS_S = 5.0
KEEP_S = 60.0
SWITCH_S = 0.0002
DAY_S = 86_400.0
WATCH = "watch"


@dataclass
class Timings:
    """Seconds spent in each stage since the start."""

    judge: float = 0.0
    store: float = 0.0
    redis: float = 0.0

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Add the time of the block to ``stage``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            setattr(self, stage, getattr(self, stage) + time.perf_counter() - began)


@dataclass
class Stored:
    """How a batch became durable: rows known before, rows refused; or waiting in the spool."""

    repeated: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    spooled: bool = False


class Writer:
    """One city's writer. ``spool`` is a file of this process's own; None: without the database nothing is
    accepted."""

    def __init__(
        self,
        engine: Engine,
        redis_url: str,
        shard: str,
        area_kind: str,
        bounds: Bounds,
        spool: Path | None,
        domains: frozenset[str] | None,
    ) -> None:
        self._engine = engine
        self._area_kind, self._bounds, self._domains = area_kind, bounds, domains
        self._pulse = pulse_of(engine.url.render_as_string(hide_password=False))
        self._redis_url, self._shard = redis_url, shard
        self._shown = Shown(redis_url, shard)
        self._spool = Spool(spool) if spool else None
        self._lease = Lease(self._spool.holder if self._spool else new_trace(), domains)
        self._recorder = Recorder(engine, self._lease, self._pulse.beats)
        self._drainer = Recorder(engine, self._lease, self._pulse.beats, DRAIN_PATIENCE_S)
        self._city: City | None = None
        self._next: City | None = None
        self._columns: Columns | None = None
        self._told_at = self._kept_at = 0.0
        self._broken = False
        self.book = FeedBook()
        self.timings = Timings()
        self._well = False
        self.why = "the intake is starting"

    def start(self) -> None:
        """Begin to feel whether the database answers."""
        # The storing thread hands over to the database a dozen times a batch; at Python's usual 5 ms it would
        # wait longer for its turn than for the database.
        sys.setswitchinterval(SWITCH_S)
        self._pulse.start()

    @property
    def open(self) -> bool:
        """Whether a batch can be judged."""
        return self._city is not None

    @property
    def ready(self) -> bool:
        """Whether a batch would be accepted: all is well and the city is read, in a thread of its own."""
        return self._well and self.open

    @property
    def spooled(self) -> int:
        """Items that wait in the spool."""
        return self._spool.items if self._spool else 0

    # judging -----------------------------------------------------------------------------------------

    def judge(self, parts: Sequence[Part], now: float) -> Batch:
        """Judge ``parts`` at ``now`` (epoch s) and move the memory on; Unavailable while nothing is open."""
        city = self._installed()
        if self._spool is None and not self._pulse.beats():
            raise Unavailable("the database is away")
        with self.timings.of("judge"):
            batch = culprits.take(city, parts, new_trace(), now)
        ahead = ahead_of_clock(batch, now)
        for account in batch.plan.accounts:
            self.book.heard(account.feed, now, ahead)
        return batch

    def take_back(self, batches: Sequence[Batch]) -> None:
        """Undo ``batches`` (oldest first): they became durable nowhere."""
        self._broken = False
        if self._city:
            self._city.take_back(batches)

    def install(self) -> None:
        """Go over to the layout that was read last, if there is a new one."""
        if self._next is not None:
            self._installed()

    def _installed(self) -> City:
        if self._next is not None:
            before, self._city, self._next = self._city, self._next, None
            if before:
                carry(before, self._city)
        if self._city is None:
            raise Unavailable(self.why)
        return self._city

    # showing -----------------------------------------------------------------------------------------

    def show(self, batch: Batch) -> None:
        """Show what ``batch``, durable by now, changed."""
        if self._city is not None:
            with self.timings.of("redis"):
                self._shown.show(self._city, batch)

    def beat(self) -> None:
        """See that Redis is right, and tell the screens that somebody takes observations in."""
        # Without a database nor a spool nothing is taken in, and no screen may call that live.
        takes_in = self._spool is not None or self._pulse.beats()
        if takes_in and self._city is not None:
            self._shown.beat(self._city)

    # storing -----------------------------------------------------------------------------------------

    def store(self, batch: Batch) -> Stored:
        """Make ``batch`` durable; Unavailable when neither the database nor the spool takes it.

        Nothing more is stored then until ``take_back``: later batches were decided on top of this one.
        """
        if self._broken:
            raise Unavailable("the batch before could not be stored")
        try:
            return self._store(batch)
        except BaseException:
            self._broken = True
            raise

    def _store(self, batch: Batch) -> Stored:
        try:
            if self._pulse.beats() and self._city is not None:
                with self.timings.of("store"):
                    written = self._recorder.write(batch.plan, self._city.memory.columns)
                return Stored(written.repeated, written.refused)
        except NotOurs:
            raise
        except Unavailable as away:
            log.warning("batch %s goes to the spool: %s", batch.plan.id, away)
        if self._spool is None:
            raise Unavailable("the database is away")
        self._spool.put(batch.plan.received_at, batch.plan.items, packed(batch.plan))
        return Stored(spooled=True)

    # tending -----------------------------------------------------------------------------------------

    def tend(self) -> None:
        """Once a second: hold the lease, empty the spool, follow the layout, write the book."""
        try:
            connection = self._drainer.connection
            self._lease.take(connection)
            self._drain()
            self._follow_layout(connection)
            self._write_book(connection)
            self._note(well=True)
        except NotOurs as held:
            self._city = None
            self._note(well=False, why=str(held))
        except Unavailable as away:
            self._note(well=self._spool is not None, why=str(away))
        except (psycopg.Error, SQLAlchemyError) as error:
            self._drainer.close()
            why = f"the database is away: {type(error).__name__}"
            self._note(well=self._spool is not None, why=why)
        self._let_go_of_the_old()

    def _note(self, *, well: bool, why: str = "") -> None:
        if why and why != self.why:
            log.warning("%s", why)
        self._well, self.why = well, why

    def _drain(self) -> None:
        """Empty the spool into the database, oldest first; all of it before a memory is first loaded."""
        if self._spool is None or (self._spool.items == 0 and self.open):
            return
        until = time.monotonic() + DRAIN_S
        while time.monotonic() < until or not self.open:
            waiting = self._spool.first()
            if waiting is None:
                return
            columns = self._city.memory.columns if self._city else self._first_columns()
            written: Written = self._drainer.write(unpacked(waiting.plan), columns)
            self._spool.drop(waiting.seq)
            if written.refused:
                log.warning("of a spooled batch %s rows were refused", len(written.refused))
            if not self.open:
                self._lease.take(self._drainer.connection)

    def _first_columns(self) -> Columns:
        if self._columns is None:
            self._columns = read_columns(self._engine, self._area_kind)
        return self._columns

    def _follow_layout(self, connection: psycopg.Connection[object]) -> None:
        row = connection.execute("SELECT version FROM layout WHERE id = 1").fetchone()
        version = int(row[0]) if row else 0  # type: ignore[index]
        known = self._next or self._city
        if known is not None and known.memory.columns.version == version:
            return
        city = open_city(self._engine, self._area_kind, self._bounds, self._domains)
        if known is None:
            self._take_up(city)
        self._next = city
        parked = ask_for_registered(connection)
        if parked:
            log.info("%s parked items are of assets that are registered now", parked)

    def _take_up(self, city: City) -> None:
        take_newer(self._redis_url, self._shard, city)
        kept = self._spool.kept(WATCH) if self._spool else None
        if kept:
            take_up_watch(city, kept, self.book)

    def _write_book(self, connection: psycopg.Connection[object]) -> None:
        now, city = time.time(), self._city
        if city is None or now - self._told_at < STATUS_S:
            return
        names = self.book.names
        counts, newest = city.watch.freshness(len(names), city.periods, now)
        dropped = self._spool.dropped(now - DAY_S) if self._spool else {}
        self.book.store(connection, counts, newest, self.spooled, dropped)
        self._told_at = now
        if self._spool and now - self._kept_at > KEEP_S:
            self._spool.keep(WATCH, kept_watch(city, names))
            self._kept_at = now

    def _let_go_of_the_old(self) -> None:
        """What waited longer than the spool may keep it is dropped, counted and said."""
        if self._spool is None or self._spool.items == 0:
            return
        old = self._spool.too_old(time.time())
        if old is None:
            return
        accounts: Mapping[str, int] = {a.feed: a.received for a in unpacked(old.plan).accounts}
        self._spool.count_dropped(old.seq, accounts, time.time())
        log.error("the spool let go of %s items older than it may keep", sum(accounts.values()))

    # dead letters ------------------------------------------------------------------------------------

    def asked(self) -> list[Asked]:
        """Letters to be replayed now; none while the database is away."""
        try:
            return asked_letters(self._drainer.connection) if self.open else []
        except (psycopg.Error, Unavailable):
            return []

    def note_replayed(self, outcomes: Sequence[tuple[str, int]]) -> None:
        """Write down what became of replays; lost in an outage they are replayed again, as duplicates."""
        try:
            note_replayed(self._drainer.connection, outcomes)
        except (psycopg.Error, Unavailable) as error:
            log.warning("replays could not be written down: %s", error)

    def close(self) -> None:
        """Let go of everything; what the watch knows is kept for the next start."""
        try:
            if self._spool and self._city:
                self._spool.keep(WATCH, kept_watch(self._city, self.book.names))
            self._lease.release(self._drainer.connection)
        except (psycopg.Error, Unavailable) as error:
            log.warning("closing: %s", error)
        self._recorder.close()
        self._drainer.close()
        self._shown.close()
        if self._spool:
            self._spool.close()
        self._pulse.stop()
