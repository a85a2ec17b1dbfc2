"""Access, as the doors are handed it: one counter a subject. Wings meet only at ``services.access``."""

import asyncio

from sqlalchemy import Engine

from geodata.database import open_engine, plain_url
from geodata.pulse import DatabasePulse
from services.access.listening import AccessListener
from services.access.looks import Looks
from services.access.partners import Partners
from services.access.people import People
from services.access.rates import Rates
from services.access.reading import Audit
from services.access.sessions import ASK_MS, Sessions
from services.access.throttle import Throttle
from services.settings import Settings


class Access:
    """Everything about who may do what, on the whole city's ``engine``: rights are never asked through a
    scope. Each subject is a counter of its own; nothing connects before it is asked."""

    def __init__(self, engine: Engine, settings: Settings, pulse: DatabasePulse | None = None) -> None:
        url, redis_url = str(settings.database_url), str(settings.redis_url)
        self.engine = engine
        self.settings = settings
        self.listener = AccessListener(plain_url(url))
        # A pool of its own: a burst of slow questions must not sign everybody out.
        own = open_engine(url, statement_ms=ASK_MS, pool=3, pulse=pulse)
        self.sessions = Sessions(own, self.listener.heard)
        self.throttle = Throttle(redis_url)
        self.rates = Rates(redis_url)
        self.people = People(engine)
        self.partners = Partners(engine)
        self.audit = Audit(engine)
        self.looks = Looks(engine)

    def start(self) -> None:
        """Begin to hear of changes."""
        self.listener.start()

    async def close(self) -> None:
        """Let go of what is open, but for ``engine``, which is the city's. Waits up to half a second."""
        await self.throttle.close()
        await self.rates.close()
        await asyncio.to_thread(self.listener.stop)
        self.sessions.close()
