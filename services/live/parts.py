"""The parts of the live city somebody looks at: one a scope, laid out with the city, let go when unused."""

import asyncio
import logging
import time
from collections.abc import Callable

from sqlalchemy import Engine

from geodata.assets import read_visible
from geodata.scoping import scoped
from model.errors import Unavailable
from model.viewer import Scope
from services.live.frames import Event
from services.live.layout import Asker
from services.live.narrowing import Indices
from services.live.part import Facts, Part, Whole

log = logging.getLogger(__name__)

LET_GO_S = 900.0
"""A part nobody follows or asks for is let go after this long; whoever comes back has it laid out anew."""
PATIENCE_S = 5.0


class Parts:
    """The parts of one hub by scope; ``merged`` is called for each frame put into another."""

    def __init__(self, whole: Whole, engine: Engine, merged: Callable[[], object]) -> None:
        self._whole = whole
        self._engine = engine
        self._merged = merged
        self._asker = Asker()
        self._one_at_a_time = asyncio.Lock()
        self._parts: dict[Scope, Part] = {}

    def __len__(self) -> int:
        """How many parts are kept."""
        return len(self._parts)

    @property
    def consoles(self) -> int:
        """How many consoles follow a part."""
        return sum(len(part) for part in self._parts.values())

    def of(self, scope: Scope) -> Part:
        """The part ``scope`` sees, the same for equal scopes; not laid out yet when it is new."""
        part = self._parts.get(scope)
        if part is None:
            part = self._parts[scope] = Part(self._whole, scope, self._merged)
        part.asked_at = time.monotonic()
        return part

    async def ready(self, part: Part) -> None:
        """See that ``part`` is laid out as the city is. Unavailable while the database does not answer."""
        if part.in_step or self._whole.picture is None:
            return
        async with self._one_at_a_time:
            if part.in_step:
                return
            version, ids = await self._asker.ask(PATIENCE_S, read_visible, scoped(self._engine, part.scope))
            laid = await asyncio.to_thread(part.laid, ids, version)
            # The city may have been laid out anew meanwhile; what was made is then of no use.
            if laid.picture is self._whole.picture:
                part.lay_out(laid)
                log.info("scope %s has %s assets", part.scope.key, len(ids))

    async def follow_layout(self) -> None:
        """Lay out every part that is behind; let go of those nobody looks at."""
        self._let_go()
        for part in list(self._parts.values()):
            try:
                await self.ready(part)
            except Unavailable as error:
                # The others would wait as long for the same database; the next look tries again.
                log.info("scope %s is not laid out yet: %s", part.scope.key, error)
                return

    def _let_go(self) -> None:
        old = time.monotonic() - LET_GO_S
        for scope, part in list(self._parts.items()):
            if not len(part) and part.asked_at < old:
                del self._parts[scope]

    def show(self, indices: Indices, now: float, trace: str, *, again: bool) -> None:
        """Hand on what was drawn anew."""
        for part in self._parts.values():
            part.show(indices, now, trace, again=again)

    def moved(self, one: Event) -> None:
        """Hand on a moves event."""
        for part in self._parts.values():
            part.moved(one)

    def beat(self, facts: Facts) -> None:
        """Hand on a heartbeat."""
        for part in self._parts.values():
            part.beat(facts)

    def tell(self, one: Event) -> None:
        """Hand on an event that holds nothing of any place."""
        for part in self._parts.values():
            part.tell(one)

    def close(self) -> None:
        """End every subscription, and do not wait for the database."""
        for part in self._parts.values():
            part.close()
        self._asker.close()
