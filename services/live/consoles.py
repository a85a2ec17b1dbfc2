"""The consoles of one web process: what is sent to all of them, and kept for those that come back."""

import time
from collections.abc import AsyncGenerator, Callable

from services.live.frames import Event, Ring, Subscriber, event


class Consoles:
    """Everybody who follows the hub, or a part of it; ``merged`` is called for each frame put into another
    for a slow one. ``missed(last_id, newest_id)`` finds what a console that comes back has not read (None:
    that is not all kept); by default the frames sent to all are kept for that."""

    def __init__(
        self, merged: Callable[[], object], missed: Callable[[str, str], list[Event] | None] | None = None
    ) -> None:
        self._ring = Ring()
        self._keeps = missed is None
        self.missed = missed or self._ring.between
        self._following: set[Subscriber] = set()
        self._merged = merged

    def __len__(self) -> int:
        return len(self._following)

    def send(self, one: Event) -> None:
        """To everybody; frames are kept, too."""
        if one.kind == "frame" and self._keeps:
            self._ring.append(one)
        now = time.time()
        for subscriber in self._following:
            subscriber.put(one, now)

    def forget(self, id_: str) -> None:
        """Only what comes after stream id ``id_`` can be resumed from now on."""
        self._ring.clear(id_)

    async def subscribe(
        self, last_id: str | None, newest: Callable[[], str], beat: Callable[[], Event]
    ) -> AsyncGenerator[Event]:
        """What came after ``last_id`` (``resync`` when not all is kept), ``beat()``, then whatever comes.

        ``newest()`` is the newest stream id there is.
        """
        subscriber, newest_id, now = Subscriber(self._merged), newest(), time.time()
        missed = [] if last_id is None else self.missed(last_id, newest_id)
        for one in [event("resync", newest_id, {})] if missed is None else missed:
            subscriber.put(one, now)
        subscriber.put(beat(), now)
        self._following.add(subscriber)
        try:
            async for one in subscriber.events():
                yield one
        finally:
            self._following.discard(subscriber)

    def close(self) -> None:
        """End every subscription."""
        for subscriber in self._following:
            subscriber.close()
