"""Hearing at once, in every process, that something changed in the database: LISTEN on one connection.

Whether anything would be heard is proven and not hoped: twice a second the listener calls to itself through
the database. A pooler between that drops notifications, a hung server, a cut connection: all show within
two seconds, and then nothing is believed to be unchanged.
"""

import logging
import secrets
import selectors
import threading
import time

import psycopg
from psycopg.sql import SQL, Identifier

from geodata.deadlines import PatientConnection, patient

log = logging.getLogger(__name__)

ACCESS = "vigie_access"
"""What the triggers of migration 0009 notify: who may do what."""
ALARMS = "vigie_alarms"
"""What the triggers of migration 0011 notify: alarms, their handling, hiding and rules."""
CHANNELS = (ACCESS, ALARMS)
EVERY_S = 0.5
BELIEVED_S = 2.0
"""How old the last proof of hearing may be."""
PATIENCE_S = 1.5
RETRY_S = 1.0


class Listener:
    """Counts what changes at the database ``url`` (as libpq takes it), by channel, in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = f"vigie_proof_{secrets.token_hex(8)}"
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._counts = dict.fromkeys(CHANNELS, 0)
        self._proven = float("-inf")

    def heard(self, channel: str = ACCESS) -> int | None:
        """How many changes were heard of on ``channel`` so far; None while nothing would be heard."""
        return self._counts[channel] if time.monotonic() - self._proven < BELIEVED_S else None

    def start(self) -> None:
        """Begin to listen; once more does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it, about half a second."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except (psycopg.Error, OSError) as error:
                if self._proven > float("-inf") and not self._stopping.is_set():
                    log.warning("changes are not heard: %s", str(error).strip().partition("\n")[0])
                self._proven = float("-inf")
                self._stopping.wait(RETRY_S)

    def _follow(self) -> None:
        kind = patient(PATIENCE_S, lambda: not self._stopping.is_set())
        with (
            kind.connect(
                self._url, autocommit=True, application_name="vigie-listener", connect_timeout=2
            ) as connection,
            selectors.DefaultSelector() as waiting,
        ):
            connection.add_notify_handler(self._hear)
            for channel in (*CHANNELS, self._own):
                connection.execute(SQL("LISTEN {}").format(Identifier(channel)))
            # What changed while nobody listened was missed.
            for channel in CHANNELS:
                self._counts[channel] += 1
            waiting.register(connection.fileno(), selectors.EVENT_READ)
            while not self._stopping.is_set():
                self._call(connection)
                waiting.select(EVERY_S)

    def _call(self, connection: PatientConnection) -> None:
        connection.execute(SQL("SELECT pg_notify(%s, '')"), (self._own,))

    def _hear(self, notice: psycopg.Notify) -> None:
        if notice.channel == self._own:
            self._proven = time.monotonic()
        else:
            self._counts[notice.channel] += 1
