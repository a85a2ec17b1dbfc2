"""A connection that gives up by itself.

A server-side statement timeout does not help when the server hangs (faults.md 2.1: psycopg was still
blocked after 8 s), so the client counts the seconds too.
"""

from typing import Any

import psycopg


class PatientConnection(psycopg.Connection[Any]):
    """A psycopg connection whose every wait for the server ends after ``patience_s``.

    Past it the connection is closed, so that pools and owners drop it, and ``psycopg.OperationalError``
    is raised.
    """

    patience_s: float = 20.0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server as psycopg does, within ``patience_s`` unless ``timeout`` is given."""
        try:
            return super().wait(gen, interval=interval, timeout=timeout or self.patience_s)
        except psycopg.OperationalError as error:
            # An answer of the server carries a sqlstate; without one, nobody answered.
            if error.sqlstate is None:
                self.pgconn.finish()
            raise
