"""The spool: where accepted batches wait on this machine's disk while the database is away.

SQLite in WAL mode with every commit synced: what was put in survives the loss of power. Size and age are
capped; what has to be let go for its age is counted, never lost in silence.
"""

import contextlib
import fcntl
import platform
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from model.errors import Unavailable

SIZE_MOST = 2 * 2**30
"""Bytes of batches kept; past it nothing more is accepted, so that nothing accepted is lost."""
AGE_MOST_S = 72 * 3_600.0
"""Older batches are dropped and counted: a day of outage fits, a week of forgetting does not."""

ROOM = 2**20
"""Bytes of the disk left alone: SQLite needs room to forget, too."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batch (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, received_at REAL NOT NULL,
    items INTEGER NOT NULL, plan BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS dropped (feed TEXT NOT NULL, items INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, content BLOB NOT NULL);
"""

_DROPPED = "SELECT feed, sum(items) FROM dropped WHERE at > ? GROUP BY feed"
_COUNT = "SELECT coalesce(sum(items), 0), coalesce(sum(length(plan)), 0) FROM batch"
_FIRST = "SELECT seq, received_at, plan FROM batch ORDER BY seq LIMIT 1"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One batch in the spool."""

    seq: int
    received_at: float
    plan: bytes


class Spool:
    """One process's spool in ``file``; used by several threads, one at a time.

    Every method raises Unavailable when the disk refuses (full, read-only, gone).
    """

    def __init__(self, file: Path, *, size_most: int = SIZE_MOST, age_most_s: float = AGE_MOST_S) -> None:
        self._file = file
        self._size_most = size_most
        self._age_most_s = age_most_s
        self._lock = threading.Lock()
        self._only: BinaryIO | None = None
        self._connection: sqlite3.Connection | None = None
        self._bytes = 0
        self.items = 0
        """Items waiting; 0 also before the file was first opened."""

    @property
    def holder(self) -> str:
        """The name of this spool, the same for whoever opens it next: its process holds leases under it."""
        with self._lock:
            try:
                self._alone()
                return self._named()
            except OSError as error:
                raise Unavailable(f"the spool cannot be used: {error}") from None

    def _named(self) -> str:
        name = self._file.with_suffix(".name")
        if not name.exists():
            # Whole or not at all: two processes of an empty name would hold one lease together.
            draft = name.with_suffix(".draft")
            draft.write_text(f"{platform.node()}-{secrets.token_hex(8)}")
            draft.replace(name)
        return name.read_text()

    def _alone(self) -> None:
        """Only one process at a time may use a spool; the kernel lets go with the process."""
        if self._only is not None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lock = self._file.with_suffix(".lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Unavailable(f"another process uses the spool {self._file}") from None
        self._only = lock

    def put(self, received_at: float, items: int, plan: bytes) -> None:
        """Keep a batch durably; Unavailable when it does not fit."""
        if self._bytes + len(plan) > self._size_most:
            raise Unavailable("the spool is full")
        if not self._has_room(2 * len(plan)):
            raise Unavailable("the disk of the spool is full")
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO batch (received_at, items, plan) VALUES (?, ?, ?)", (received_at, items, plan)
            )
        self._bytes += len(plan)
        self.items += items

    def first(self) -> Waiting | None:
        """The batch that waits longest; None when none does."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT seq, received_at, plan FROM batch ORDER BY seq LIMIT 1"
            ).fetchone()
        return Waiting(*row) if row else None

    def drop(self, seq: int) -> None:
        """Forget a batch that is in the database now."""
        self._has_room(0)
        with self._writing() as connection:
            connection.execute("DELETE FROM batch WHERE seq = ?", (seq,))
        self._recount()

    def _has_room(self, more: int) -> bool:
        """Whether the disk takes ``more`` bytes, and lets all that waits go again afterwards.

        The log of SQLite is written over to its file only while that may grow by as much; on a disk full to
        the last byte no batch could be deleted, and a spool that filled it would wait for ever.
        """
        log = self._file.with_name(f"{self._file.name}-wal")
        with self._reading() as connection:
            if shutil.disk_usage(log.parent).free < more + log.stat().st_size + ROOM:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return shutil.disk_usage(log.parent).free >= more + log.stat().st_size + ROOM

    def _recount(self) -> None:
        with self._reading() as connection:
            self.items, self._bytes = connection.execute(_COUNT).fetchone()

    def too_old(self, now: float) -> Waiting | None:
        """The first batch if it is past the age the spool keeps; the caller counts it, then drops it."""
        first = self.first()
        return first if first and now - first.received_at > self._age_most_s else None

    def count_dropped(self, seq: int, items: Mapping[str, int], now: float) -> None:
        """Let batch ``seq`` go at ``now`` (epoch s) and count what it held, by feed."""
        with self._writing() as connection:
            rows = [(feed, count, now) for feed, count in items.items()]
            connection.executemany("INSERT INTO dropped (feed, items, at) VALUES (?, ?, ?)", rows)
            connection.execute("DELETE FROM batch WHERE seq = ?", (seq,))
        self._recount()

    def dropped(self, since: float) -> dict[str, int]:
        """Items let go after ``since`` (epoch s), by feed."""
        with self._reading() as connection:
            return dict(connection.execute(_DROPPED, (since,)).fetchall())

    def keep(self, name: str, content: bytes) -> None:
        """Keep a small thing of this process beside the batches, replacing the one before."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO kept (name, content) VALUES (?, ?)", (name, content))

    def kept(self, name: str) -> bytes | None:
        """What was kept under ``name``; None when nothing was."""
        with self._reading() as connection:
            row = connection.execute("SELECT content FROM kept WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            if self._only is not None:
                self._only.close()
            self._only = None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._opened()
            except (sqlite3.Error, OSError) as error:
                raise Unavailable(f"the spool cannot be used: {error}") from None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            try:
                yield connection
                connection.commit()
            except sqlite3.Error:
                # On a full disk even this may fail; the transaction is gone with the connection then.
                with contextlib.suppress(sqlite3.Error):
                    connection.rollback()
                raise

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._alone()
            opened = sqlite3.connect(self._file, timeout=0.5, check_same_thread=False)
            opened.execute("PRAGMA journal_mode=WAL")
            opened.execute("PRAGMA synchronous=FULL")
            opened.executescript(_SCHEMA)
            self.items, self._bytes = opened.execute(_COUNT).fetchone()
            self._connection = opened
        return self._connection
