"""Feeling the database's pulse, so that a hung server holds nobody for long.

A long question may take its ten seconds as long as the server lives. Whether it lives is asked beside it, on
a connection of its own: no answer to a trivial question for half a second, and whoever waits is told at once.
"""

import logging
import random
import threading
import time

import psycopg

from geodata.deadlines import PatientConnection, patient

log = logging.getLogger(__name__)

EVERY_S = 0.25
PATIENCE_S = 0.5
"""With ``EVERY_S`` this is how long a hang can stay unnoticed: three quarters of a second."""
RETRY_MOST_S = 1.5
"""The longest pause before a lost server is asked again; the pool is well again within 5 s of its return."""


class DatabasePulse:
    """Whether the server at ``url`` (as libpq takes it) answers now. It is believed to until felt otherwise.

    A thread feels it between ``start`` and ``stop``; without it nothing is known and ``beats`` stays true.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._until = 0.0
        self._missed = 0

    def beats(self) -> bool:
        """Whether the server answered when last asked."""
        return self._missed == 0

    def start(self) -> None:
        """Begin to feel; once more does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._feel, name="database-pulse", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it, at most about half a second."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._missed = 0

    def _feel(self) -> None:
        connection: PatientConnection | None = None
        kind = patient(PATIENCE_S, lambda: time.monotonic() < self._until)
        while not self._stopping.is_set():
            self._until = time.monotonic() + PATIENCE_S
            try:
                if connection is None:
                    connection = kind.connect(self._url, autocommit=True, application_name="vigie-pulse")
                connection.execute("SELECT 1")
            except (psycopg.Error, OSError) as error:
                broken = connection is not None and time.monotonic() < self._until
                _let_go(connection)
                connection = None
                if broken:
                    # Cut, not silent: a server that was started again answers on a new connection.
                    continue
                self._note_miss(error)
            else:
                self._note_beat()
            self._stopping.wait(self._pause())
        _let_go(connection)

    def _note_beat(self) -> None:
        if self._missed:
            log.info("the database answers again")
        self._missed = 0

    def _note_miss(self, error: Exception) -> None:
        if not self._missed:
            log.warning("the database does not answer: %s", str(error).strip().partition("\n")[0])
        self._missed += 1

    def _pause(self) -> float:
        """Steady while it beats; longer each time while it does not, and never in step with others."""
        if not self._missed:
            return EVERY_S
        return float(min(EVERY_S * 1.5**self._missed, RETRY_MOST_S) * random.uniform(0.6, 1.0))  # noqa: S311


def _let_go(connection: PatientConnection | None) -> None:
    if connection is not None:
        connection.close()
