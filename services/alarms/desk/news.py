"""What changed about alarms, told to every screen: heard from the database, at most twice a second."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import Unavailable

LOOK_S = 0.1
TELL_S = 0.5
"""At most two events a second (faults.md F18)."""
UNHEARD_S = 2.0
"""How often screens are told to look while nothing would be heard, as behind a pooler."""
WATCHED_EVERY_S = 2.0
DEADLINE_MS = 1_500

Heard = Callable[[], int | None]
Tell = Callable[[str, dict[str, Any]], object]
_WATCHED = text("SELECT extract(epoch FROM looked_at) FROM alarm_engine")


class AlarmNews:
    """The revision of everything about alarms in one web process, shared by all scopes.

    ``heard`` counts changes in the database, None while none would be heard. ``watched`` is how far the
    engine has seen, epoch s, None before it was read or where no engine ever ran.
    """

    def __init__(self, engine: Engine, heard: Heard) -> None:
        self._engine = engine
        self._heard = heard
        self._own = 0
        self._last_heard = 0
        self.watched: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def revision(self) -> int:
        """Rises with every change heard of, and with every act of this process at once."""
        self._last_heard = self._heard() or self._last_heard
        return self._last_heard + self._own

    def acted(self) -> None:
        """Something was committed here: whoever asks next must see it, before the database tells us back."""
        self._own += 1

    def facts(self) -> dict[str, Any]:
        """What the event ``alarms`` says, and each heartbeat: ``n`` the revision, ``w`` watched until."""
        return {"n": self.revision, "w": self.watched}

    def start(self, tell: Tell) -> None:
        """Begin to tell; ``tell(kind, content)`` is called in this event loop."""
        self._tasks = [asyncio.create_task(self._follow(tell)), asyncio.create_task(self._watch())]

    async def stop(self) -> None:
        """Stop telling."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _follow(self, tell: Tell) -> None:
        told, told_at = -1, 0.0
        while True:
            now, revision = time.monotonic(), self.revision
            deaf = self._heard() is None and now - told_at >= UNHEARD_S
            if deaf:
                self.acted()
                revision = self.revision
            if revision != told and now - told_at >= TELL_S:
                tell("alarms", self.facts())
                told, told_at = revision, now
            await asyncio.sleep(LOOK_S)

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(Unavailable):
                self.watched = await asyncio.to_thread(self._read_watched)
            await asyncio.sleep(WATCHED_EVERY_S)

    def _read_watched(self) -> float | None:
        with asking(self._engine, DEADLINE_MS) as connection:
            found = connection.scalar(_WATCHED)
        return None if found is None else round(float(found), 3)
