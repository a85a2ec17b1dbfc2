"""Access, as the doors are handed it: one counter a subject. Wings meet only at ``services.access``."""

from dataclasses import dataclass

from sqlalchemy import Engine

from geodata.database import open_engine, plain_url
from geodata.pulse import DatabasePulse
from services.access.listening import AccessListener
from services.access.sessions import ASK_MS, Sessions
from services.settings import Settings


@dataclass(frozen=True)
class Access:
    """Everything about who may do what, on the whole city's ``engine``: rights are never asked through a
    scope. Each subject is a counter of its own."""

    engine: Engine
    sessions: Sessions
    listener: AccessListener

    def start(self) -> None:
        """Begin to hear of changes."""
        self.listener.start()

    def stop(self) -> None:
        """Let go of what is open, but for ``engine``, which is the city's."""
        self.listener.stop()
        self.sessions.close()


def open_access(engine: Engine, settings: Settings, pulse: DatabasePulse) -> Access:
    """Access of the city on ``engine``; nothing connects before it is used."""
    url = str(settings.database_url)
    listener = AccessListener(plain_url(url))
    # A pool of its own: a burst of slow questions must not sign everybody out.
    own = open_engine(url, statement_ms=ASK_MS, pool=3, pulse=pulse)
    return Access(engine, Sessions(own, listener.heard), listener)
