"""Access, as the doors are handed it: one counter a subject. Wings meet only at ``services.access``."""

import asyncio
import secrets
from dataclasses import dataclass, field

from sqlalchemy import Engine

from geodata.database import open_engine, plain_url
from geodata.pulse import DatabasePulse
from services.access.codes import Codes
from services.access.listening import AccessListener
from services.access.partners import Partners
from services.access.people import People
from services.access.rates import Rates
from services.access.sessions import ASK_MS, Sessions
from services.access.throttle import Throttle
from services.settings import Settings


@dataclass(frozen=True)
class Access:
    """Everything about who may do what, on the whole city's ``engine``: rights are never asked through a
    scope. Each subject is a counter of its own."""

    engine: Engine
    settings: Settings
    pulse: DatabasePulse | None = None
    listener: AccessListener = field(init=False)
    sessions: Sessions = field(init=False)
    throttle: Throttle = field(init=False)
    rates: Rates = field(init=False)
    codes: Codes = field(init=False)
    people: People = field(init=False)
    partners: Partners = field(init=False)

    def __post_init__(self) -> None:
        """Open the counters; nothing connects before it is asked."""
        url, redis_url = str(self.settings.database_url), str(self.settings.redis_url)
        listener = AccessListener(plain_url(url))
        # A pool of its own: a burst of slow questions must not sign everybody out.
        own = open_engine(url, statement_ms=ASK_MS, pool=3, pulse=self.pulse)
        object.__setattr__(self, "listener", listener)
        object.__setattr__(self, "sessions", Sessions(own, listener.heard))
        object.__setattr__(self, "throttle", Throttle(redis_url))
        object.__setattr__(self, "rates", Rates(redis_url))
        given = self.settings.secret
        # Without one nothing that was sealed can be read again; a room that is served always has one.
        secret = given.get_secret_value().encode() if given else secrets.token_bytes(32)
        object.__setattr__(self, "codes", Codes(self.engine, secret))
        object.__setattr__(self, "people", People(self.engine))
        object.__setattr__(self, "partners", Partners(self.engine))

    def start(self) -> None:
        """Begin to hear of changes."""
        self.listener.start()

    async def close(self) -> None:
        """Let go of what is open, but for ``engine``, which is the city's. Waits up to half a second."""
        await self.throttle.close()
        await self.rates.close()
        await asyncio.to_thread(self.listener.stop)
        self.sessions.close()
