"""How a question is put to the database on a person's behalf: with a deadline, and an honest error."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from model.errors import Unavailable

DEADLINE_MS = 6_000
"""What a person waits for a chart or a board; a question that takes longer wants a shorter period."""

_CANCELLED = "57014"
_DEADLINE = text("SELECT set_config('statement_timeout', :ms, true)")


def statement(template: str, **parts: str) -> TextClause:
    """The statement ``template`` with ``{name}`` replaced by ``parts``: SQL of ours that several share.

    Never put in what somebody sent: that is bound, as ``:name``.
    """
    return text(template.format(**parts))


@contextmanager
def asking(engine: Engine, ms: int = DEADLINE_MS) -> Iterator[Connection]:
    """A connection whose statements end within ``ms`` milliseconds.

    Raises Unavailable when the database is away, all connections are busy, or the deadline passed:
    an outage must never look like a city without assets, or like a quiet day.
    """
    try:
        with engine.connect() as connection:
            connection.execute(_DEADLINE, {"ms": str(ms)})
            yield connection
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_reason(error, ms)) from error
    except psycopg.OperationalError as error:
        # A COPY goes past SQLAlchemy, and so do its errors.
        late = error.sqlstate == _CANCELLED
        raise Unavailable(_late(ms) if late else "the database is away") from error
    except PoolTimeout as error:
        raise Unavailable("every connection to the database is busy") from error


def _reason(error: DBAPIError, ms: int) -> str:
    if getattr(error.orig, "sqlstate", None) == _CANCELLED:
        return _late(ms)
    return "the database is away"


def _late(ms: int) -> str:
    return f"the database did not answer within {ms / 1000:g} s"
