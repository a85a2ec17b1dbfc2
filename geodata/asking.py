"""How a question is put to the database on a person's behalf: with a deadline, and an honest error."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geodata.scoping import entering, scope_of
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
    with _told(ms), engine.connect() as connection:
        connection.execute(_DEADLINE, {"ms": str(ms)})
        yield connection


@contextmanager
def _told(ms: int) -> Iterator[None]:
    """What goes wrong between us and the database, as Unavailable with a reason."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(_reason(error, ms)) from error
    except psycopg.OperationalError as error:
        # A COPY goes past SQLAlchemy, and so do its errors.
        late = error.sqlstate == _CANCELLED
        raise Unavailable(_late(ms) if late else "the database is away") from error
    except PoolTimeout as error:
        raise Unavailable("every connection to the database is busy") from error


def ask_once(
    engine: Engine, question: LiteralString, bounds: Mapping[str, object], ms: int = DEADLINE_MS
) -> list[tuple[Any, ...]]:
    """The rows of one ``question`` (psycopg's ``%(name)s``), put together with its deadline in one journey.

    For the small questions a panel asks all day, whose journeys cost more than their answer. Raises as
    ``asking`` does.
    """
    with _told(ms):
        pooled = engine.raw_connection()
        try:
            connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
            # Values are bound by psycopg itself here: the server binds them for one statement at a time only.
            with psycopg.ClientCursor(connection) as cursor:
                scope = scope_of(engine)
                begin = SQL("{};").format(entering(scope)) if scope else SQL("")
                whole = SQL("{} SET LOCAL statement_timeout = {}; {}").format(begin, ms, SQL(question))
                cursor.execute(whole, bounds)
                while cursor.nextset():
                    pass
                return cursor.fetchall()
        finally:
            pooled.close()


def _reason(error: DBAPIError, ms: int) -> str:
    if getattr(error.orig, "sqlstate", None) == _CANCELLED:
        return _late(ms)
    return "the database is away"


def _late(ms: int) -> str:
    return f"the database did not answer within {ms / 1000:g} s"
