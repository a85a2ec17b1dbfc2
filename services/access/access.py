"""Access, as the doors are handed it: one counter a subject. Wings meet only at ``services.access``."""

import asyncio
import secrets

from sqlalchemy import Engine

from geodata.database import open_engine, plain_url
from geodata.pulse import DatabasePulse
from services.access.codes import Codes
from services.access.credentials import Credentials
from services.access.identity import open_identity
from services.access.identity_people import linking_of
from services.access.looks import Looks
from services.access.open_keys import OpenKeys
from services.access.partners import Partners
from services.access.people import People
from services.access.rates import Rates
from services.access.reading import Audit
from services.access.refusals import Refusals
from services.access.sessions import ASK_MS, Sessions
from services.access.signing import Signings
from services.access.throttle import Throttle
from services.listening import Listener
from services.settings import Settings


class Access:
    """Everything about who may do what, on the whole city's ``engine``: rights are never asked through a
    scope. Each subject is a counter of its own; nothing connects before it is asked."""

    def __init__(self, engine: Engine, settings: Settings, pulse: DatabasePulse | None = None) -> None:
        url, redis_url = str(settings.database_url), str(settings.redis_url)
        self.engine = engine
        self.settings = settings
        self.listener = Listener(plain_url(url))
        # A pool of its own: a burst of slow questions must not sign everybody out.
        own = open_engine(url, statement_ms=ASK_MS, pool=3, pulse=pulse)
        self.sessions = Sessions(own, self.listener.heard)
        self.throttle = Throttle(redis_url)
        self.rates = Rates(redis_url)
        secret = secret_of(settings)
        self.credentials = Credentials(engine, secret)
        self.codes = Codes(engine, secret)
        self.signings = Signings(secret)
        self.refusals = Refusals(engine)
        self.identity = open_identity(settings, secret)
        self.linking = linking_of(settings)
        self.people = People(engine)
        self.partners = Partners(engine)
        self.open_keys = OpenKeys(engine)
        self.audit = Audit(engine)
        self.looks = Looks(engine)

    def start(self) -> None:
        """Begin to hear of changes."""
        self.listener.start()

    async def close(self) -> None:
        """Let go of what is open, but for ``engine``, which is the city's. Waits up to half a second."""
        await self.refusals.settled()
        await self.throttle.close()
        await self.rates.close()
        if self.identity is not None:
            await self.identity.close()
        await asyncio.to_thread(self.listener.stop)
        self.sessions.close()


def secret_of(settings: Settings) -> bytes:
    """The bytes of ``VIGIE_SECRET``; without one (a test, a tool), a secret that dies with the process."""
    return settings.secret.get_secret_value().encode() if settings.secret else secrets.token_bytes(32)
