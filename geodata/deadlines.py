"""A connection that gives up by itself.

A server-side statement timeout does not help when the server hangs (faults.md 2.1: psycopg was still
blocked after 8 s), so the client counts the seconds too, and stops waiting when others saw the server hang.
"""

from collections.abc import Callable, Generator
from typing import Any

import psycopg
from psycopg.waiting import Ready

LOOK_S = 0.05
"""How often a waiting connection looks whether there is still hope."""

Steps = Generator[Any, Any, Any]
Hope = Callable[[], bool]


def hopeful(steps: Steps, hope: Hope) -> Steps:
    """``steps`` of a psycopg wait, given up with ``psycopg.OperationalError`` once ``hope()`` is gone.

    An answer that is already there is taken; nobody begins to wait without hope.
    """
    try:
        ready = Ready.NONE
        wanted = None
        while True:
            if ready == Ready.NONE and not hope():
                raise psycopg.OperationalError("the database does not answer")
            wanted = next(steps) if wanted is None else steps.send(ready)
            ready = yield wanted
    except StopIteration as done:
        return done.value
    finally:
        steps.close()


class PatientConnection(psycopg.Connection[Any]):
    """A psycopg connection whose every wait for the server ends after ``patience_s``, or without ``hope()``.

    Past it the connection is closed, so that pools and owners drop it, and ``psycopg.OperationalError``
    is raised. Use a class of ``patient``, so that connecting is bounded alike.
    """

    patience_s: float = 20.0
    hope: Hope = staticmethod(lambda: True)

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Steps:
        return hopeful(super()._connect_gen(conninfo), cls.hope)

    def wait(self, gen: Any, interval: float = LOOK_S, timeout: float | None = None) -> Any:
        """Wait for the server as psycopg does, within ``patience_s`` unless ``timeout`` is given."""
        steps = hopeful(gen, self.hope)
        try:
            return super().wait(steps, interval=min(interval, LOOK_S), timeout=timeout or self.patience_s)
        except psycopg.OperationalError as error:
            # An answer of the server carries a sqlstate; without one, nobody answered.
            if error.sqlstate is None:
                self.pgconn.finish()
            raise


def patient(patience_s: float, hope: Hope) -> type[PatientConnection]:
    """The class of connections that wait ``patience_s`` and no longer than there is ``hope()``."""
    return type("Patient", (PatientConnection,), {"patience_s": patience_s, "hope": staticmethod(hope)})
