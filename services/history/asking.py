"""How every question is put to the database: with a deadline, and an honest error when it cannot answer."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from model.errors import Unavailable

DEADLINE_MS = 6_000
"""What a person waits for a chart or a board; a question that takes longer wants a shorter period."""

_CANCELLED = "57014"
_DEADLINE = text("SELECT set_config('statement_timeout', :ms, true)")


@contextmanager
def asking(engine: Engine, ms: int = DEADLINE_MS) -> Iterator[Connection]:
    """A connection whose statements end within ``ms``.

    Raises Unavailable when the database is away, all connections are busy, or the deadline passed;
    an outage must never look like a quiet day.
    """
    try:
        with engine.connect() as connection:
            connection.execute(_DEADLINE, {"ms": str(ms)})
            yield connection
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_reason(error.orig, ms)) from error
    except psycopg.OperationalError as error:
        raise Unavailable(_reason(error, ms)) from error
    except PoolTimeout as error:
        raise Unavailable("every connection to the database is busy") from error


def _reason(error: BaseException | None, ms: int) -> str:
    if getattr(error, "sqlstate", None) == _CANCELLED:
        return f"the history did not answer within {ms / 1000:g} s; ask for a shorter period"
    return "the database of the history is away"
