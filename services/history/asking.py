"""How every question is put to the history: with a deadline a person would wait for."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine

from geodata import asking as questions
from model.errors import Unavailable

DEADLINE_MS = 6_000
"""What a person waits for a chart or a board; a question that takes longer wants a shorter period."""


@contextmanager
def asking(engine: Engine, ms: int = DEADLINE_MS) -> Iterator[Connection]:
    """A connection whose statements end within ``ms``.

    Raises Unavailable when the database is away, all connections are busy, or the deadline passed;
    an outage must never look like a quiet day.
    """
    try:
        with questions.asking(engine, ms) as connection:
            yield connection
    except psycopg.OperationalError as error:
        # A COPY goes past SQLAlchemy, and so do its errors.
        raise Unavailable("the database of the history did not answer") from error
