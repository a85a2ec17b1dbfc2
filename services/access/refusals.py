"""Writing refusals down: one entry a minute for a person and a door, with how often: no flood in the book."""

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import Engine

from geodata.asking import asking
from model.audit import Action
from model.errors import Unavailable
from model.viewer import Viewer
from services.access.audit import record

log = logging.getLogger(__name__)

EVERY_S = 60.0
KEPT = 10_000
ASK_MS = 2_000


@dataclass
class _Counted:
    """Refusals of one person at one door that no entry tells yet, and when the last entry was written."""

    viewer: Viewer
    door: str
    why: str
    written: float = float("-inf")
    count: int = 0
    later: asyncio.TimerHandle | None = None


class Refusals:
    """Refusals of one process: the first of a minute is written at once, the others together at its end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: OrderedDict[tuple[int, str], _Counted] = OrderedDict()
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, viewer: Viewer, door: str, why: str) -> None:
        """``viewer`` was refused ``door``, ``why`` in a word; written beside the answer."""
        counted = self._seen.setdefault((viewer.person_id, door), _Counted(viewer, door, why))
        counted.count += 1
        counted.viewer, counted.why = viewer, why
        self._seen.move_to_end((viewer.person_id, door))
        if counted.later is None:
            wait = counted.written + EVERY_S - time.monotonic()
            counted.later = asyncio.get_running_loop().call_later(max(wait, 0), self._begin, counted)
        while len(self._seen) > KEPT:
            _, oldest = self._seen.popitem(last=False)
            self._begin(oldest)

    def _begin(self, counted: _Counted) -> None:
        if counted.later is not None:
            counted.later.cancel()
        count, counted.count, counted.later = counted.count, 0, None
        counted.written = time.monotonic()
        if count:
            task = asyncio.create_task(self._write(counted, count))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, counted: _Counted, count: int) -> None:
        try:
            await asyncio.to_thread(self._recorded, counted, count)
        except Unavailable:
            # The database that keeps the book is away: the log has it at least.
            log.warning(
                "refused, not in the book: %s %s, %s times", counted.viewer.login, counted.door, count
            )

    def _recorded(self, counted: _Counted, count: int) -> None:
        with asking(self._engine, ASK_MS) as connection:
            record(
                connection, counted.viewer, Action.REFUSED, kind="door", object=counted.door,
                outcome="refused", details={"why": counted.why, "count": count},
            )  # fmt: skip
            connection.commit()

    async def settled(self) -> None:
        """Write what was counted so far, and wait for it."""
        for counted in list(self._seen.values()):
            self._begin(counted)
        await asyncio.gather(*self._writing)
