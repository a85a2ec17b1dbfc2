"""Opening the spatial database: engines with deadlines, migrations, a bare COPY connection.

Every client gives up by itself: psycopg waits for ever on a hung server otherwise (faults.md 2.1).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from geodata.deadlines import PatientConnection, patient
from geodata.pulse import DatabasePulse
from geodata.scoping import enter, narrow
from model.errors import BadSettings

MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(
    url: str, *, statement_ms: int = 15_000, pool: int = 8, pulse: DatabasePulse | None = None
) -> Engine:
    """An engine on ``url`` (any ``postgresql`` address) through psycopg 3, in UTC, with deadlines.

    ``statement_ms`` bounds one statement, a lock wait is bounded to 2 s, a new connection to 2 s and a
    silent peer to 5 s; a server that hangs is given up 1 s after the statement's own bound, or as soon as
    ``pulse`` misses it. The engine connects on first use. BadSettings when ``url`` is no address.
    """
    engine = create_engine(
        _address(url).set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        pool_timeout=2,
        connect_args={
            "connect_timeout": 2,
            "tcp_user_timeout": 5_000,
            "options": f"-c timezone=UTC -c statement_timeout={statement_ms} -c lock_timeout=2000",
        },
    )
    kind = patient(statement_ms / 1000 + 1, pulse.beats if pulse else lambda: True)

    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> PatientConnection:
        return kind.connect(*arguments, **options)

    event.listen(engine, "do_connect", connect)
    narrow(engine)
    return engine


def _address(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise BadSettings("VIGIE_DATABASE_URL: write it as postgresql://user@host:5432/database") from None


def pulse_of(url: str) -> DatabasePulse:
    """The pulse of the server at ``url`` (any ``postgresql`` address), not started."""
    return DatabasePulse(plain_url(url))


def plain_url(url: str) -> str:
    """``url`` as libpq takes it, without the SQLAlchemy driver name."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def copying(engine: Engine) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A psycopg connection of the engine's pool for COPY; commits at the end, rolls back on an error."""
    raw = engine.raw_connection()
    try:
        connection: psycopg.Connection[tuple[object, ...]] = raw.driver_connection  # type: ignore[assignment]
        enter(connection, engine)
        yield connection
        raw.commit()
    except BaseException:
        raw.rollback()
        raise
    finally:
        raw.close()


def migrate(url: str) -> None:
    """Bring the database at ``url`` to the newest schema; PostGIS must be installed on its server."""
    # Here and not above: only this function migrates, and every process would pay half a second for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = make_url(url).set(drivername="postgresql+psycopg")
    command.upgrade(config, "head")
