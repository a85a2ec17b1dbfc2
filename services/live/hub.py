"""The hub: one per web process, following the live state and fanning frames out to every console.

Tasks that do not wait for each other: *follow* reads the stream in Redis, *feel* looks twice a second whether
the writer lives, *watch* every second after freshness, layout and database, *beat* tells every console that
this process lives.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from geodata.assets import read_version
from model.errors import Unavailable
from model.observations import moment
from model.viewer import Scope
from services.live.consoles import Consoles
from services.live.fleet import load_positions
from services.live.follower import Follower, Tick
from services.live.frames import Event, event, frame, id_order, packed
from services.live.hub_counts import HubCounts
from services.live.keyframes import changes_after
from services.live.layout import Asker, Layout, read_layout
from services.live.life_signs import LifeSigns
from services.live.notices import notices
from services.live.part import Part
from services.live.parts import Parts
from services.live.picture import Picture, attention_moved
from services.live.pictured import Pictured
from services.metrics import Metrics

log = logging.getLogger(__name__)

BEAT_S = 1.0
"""A console that misses three of them says that it is cut (assets/live/link.js)."""
FEEL_S = 0.5
WATCH_S = 1.0
JUDGE_S = 5.0
"""How often freshness is judged anew and the whole state read again, which also mends any gap."""
LATE_ROWS = timedelta(minutes=10)
"""How far back state changes are looked for while the screens live on the database."""


class Hub(Pictured):
    """Follows the live state of one city. Everything read from it is of the newest tick.

    ``columns`` is None until the database was read once. Nothing connects before ``start``.
    """

    def __init__(
        self,
        engine: Engine,
        redis_url: str,
        *,
        area_kind: str = "commune",
        shard: str = "city",
        metrics: Metrics | None = None,
    ) -> None:
        super().__init__(redis_url, shard)
        self._engine = engine
        self._area_kind = area_kind
        self._follower = Follower(redis_url, shard)
        self._asker = Asker()
        self._counts = HubCounts(metrics or Metrics())
        self._consoles = Consoles(self._counts.merged.inc)
        self._parts = Parts(self, engine, self._counts.merged.inc)
        self._tasks: list[asyncio.Task[None]] = []
        self._read_from = "0-0"
        self._following = self._begun = False
        self._signs = LifeSigns()
        self._judged_at = -JUDGE_S
        self._told_source = "none"
        self._stopping = False
        self._beside: dict[str, Callable[[], Any]] = {}
        self.attention_version = 0

    def seen_by(self, scope: Scope) -> "Hub | Part":
        """What ``scope`` sees of the live city: shared by equal scopes, the hub itself for the whole."""
        return self if scope.whole else self._parts.of(scope)

    async def ready(self, seen: "Hub | Part") -> None:
        """See that what a scope sees is laid out; Unavailable while the database does not answer."""
        if isinstance(seen, Part):
            await self._parts.ready(seen)

    @property
    def source(self) -> str:
        """Where the picture comes from: ``live``; ``database`` while Redis or the intake is away;
        ``none`` when the database does not answer either, so that nothing moves."""
        return self._signs.source() if self._picture else "none"

    async def start(self) -> None:
        """Begin to follow; comes back with a picture if the database answers, and goes on trying if not."""
        with contextlib.suppress(Unavailable):
            await self._look_at_layout()
        with contextlib.suppress(Unavailable):
            await self._catch_up()
        steps = ((FEEL_S, self._feel), (WATCH_S, self._watch), (BEAT_S, self._beat))
        looks = (self._every(seconds, step) for seconds, step in steps)
        loops = (self._follow(), self.movements.follow(lambda: self._stopping), *looks)
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Stop following, and end every subscription."""
        # Cancelling alone is not enough: a client library may lose it in a timeout of its own.
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._consoles.close()
        self._parts.close()
        await self._follower.close()
        await self.movements.close()
        self._asker.close()

    def subscribe(self, last_id: str | None = None) -> AsyncGenerator[Event]:
        """Events as they come, first those after ``last_id``, or ``resync`` when they are not all kept."""
        return self._consoles.subscribe(last_id, lambda: self._sequence, self._beat_event)

    def missed(self, last_id: str, newest_id: str) -> list[Event] | None:
        """The frames after ``last_id``; None when they are not all kept."""
        return self._consoles.missed(last_id, newest_id)

    def count(self) -> None:
        """Bring the gauges up to now, before somebody reads them."""
        assets = len(self._picture.columns) if self._picture else 0
        consoles = len(self._consoles) + self._parts.consoles
        self._counts.note(consoles, self.source, assets, self._following, self.frame_time)

    async def _every(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping:
            await step()
            await asyncio.sleep(seconds)

    # follow ------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while not self._stopping:
            try:
                await self._catch_up()
                while not self._stopping and await self._take_ticks():
                    pass
            except Unavailable as error:
                if self._following:
                    log.warning("the live channel is lost: %s", error)
                self._following = False
            await asyncio.sleep(random.uniform(0.2, 0.6))  # noqa: S311 - jitter

    async def _catch_up(self) -> None:
        """Take over the whole state in Redis; Unavailable when it holds none of our layout."""
        snap, pulse = await self._follower.read()
        picture = self._picture
        if snap is None or picture is None or snap.version != picture.columns.version:
            raise Unavailable("Redis holds no state of this layout")
        picture.refresh(snap.records)
        self._read_from = snap.frame
        self._following = True
        self._signs.followed()
        self._signs.heard(pulse)
        self._redraw(snap.frame)
        if not self._begun:
            # What was before our first sight of the stream, no console can resume from us.
            self._consoles.forget(self._sequence)
            self._begun = True

    async def _take_ticks(self) -> bool:
        """Wait for the next ticks and show them; False when the state was put in place anew."""
        ticks = await self._follower.after(self._read_from)
        picture = self._picture
        if picture is None or not self._following or any(not _follows(tick, picture) for tick in ticks):
            return False
        self._signs.followed()
        trace = ""
        for tick in ticks:
            picture.apply(tick.changes)
            trace = tick.trace or trace
        if ticks:
            self._signs.moved()
            self._read_from = ticks[-1].id
            self._redraw(ticks[-1].id, trace)
        return True

    # watch -------------------------------------------------------------------------------------------

    async def _feel(self) -> None:
        """Say at once when the picture comes from elsewhere: all is to be on screen within 5 s."""
        if self._following:
            with contextlib.suppress(Unavailable):
                self._signs.heard(await self._follower.pulse())
        if self.source != self._told_source:
            await self._beat()

    async def _watch(self) -> None:
        judging = time.monotonic() - self._judged_at >= JUDGE_S
        if judging and self._following:
            with contextlib.suppress(Unavailable):
                await self._look_at_all()
        try:
            await self._look_at_layout()
            if self.source != "live":
                await self._take_from_database()
        except Unavailable:
            self._signs.database_answers = False
        if judging:
            self._judged_at = time.monotonic()
            self._redraw(self._sequence)

    async def _look_at_all(self) -> None:
        snap, _ = await self._follower.read()
        if self._picture and snap and snap.version == self._picture.columns.version:
            self._picture.refresh(snap.records)

    async def _look_at_layout(self) -> None:
        """See that the database answers; read the layout when there is a new one."""
        version = await self._asker.ask(2.0, read_version, self._engine)
        self._signs.database_answers = True
        if self._picture is None or version != self._picture.columns.version:
            self._lay_out(await self._asker.ask(20.0, read_layout, self._engine, self._area_kind))
        await self._parts.follow_layout()

    def _lay_out(self, layout: Layout) -> None:
        self._picture = Picture(layout.columns, layout.loaded, time.time())
        self._geometry, self._areas = layout.geometry, layout.areas
        self.movements.lay_out(layout.columns, layout.lines)
        self._following = self._begun = False
        self._signs.unfollow()
        # A step of its own in the stream, so that nobody resumes over a change of layout.
        first, second = id_order(self._sequence)
        self._sequence = f"{first}-{second + 1}"
        self._consoles.forget(self._sequence)
        self.attention_version += 1
        self._consoles.send(event("reload", self._sequence, {"version": layout.columns.version}))
        log.info("layout %s with %s assets is shown", layout.columns.version, len(layout.columns))

    async def _take_from_database(self) -> None:
        since = moment(time.time()) - LATE_ROWS
        changes = await self._asker.ask(2.0, changes_after, self._engine, since)
        if self._picture:
            self._picture.turn(changes)
            self._redraw(self._sequence)
            columns = self._picture.columns
            self.movements.show(await self._asker.ask(2.0, load_positions, self._engine, columns))

    def beside(self, name: str, facts: Callable[[], Any]) -> None:
        """Let every heartbeat say ``facts()`` under ``name``: what another wing has for every screen."""
        self._beside[name] = facts

    def tell(self, kind: str, content: Mapping[str, Any]) -> None:
        """Send an event of another wing to every console of every scope; it holds nothing of any place."""
        one = event(kind, self._sequence, content)
        self._consoles.send(one)
        self._parts.tell(one)

    # beat --------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        self._told_source = self.source
        facts = self.beat_facts()
        self._consoles.send(event("beat", self._sequence, facts))
        self._parts.beat(facts)

    def _beat_event(self) -> Event:
        return event("beat", self._sequence, self.beat_facts())

    def beat_facts(self) -> dict[str, Any]:
        """What a heartbeat says now: the time, where the picture comes from, what is late."""
        now = time.time()
        late = self._picture.late_feeds(now) if self._picture else []
        unfed = self._signs.unfed_s()
        since = None if unfed is None else round(now - unfed, 3)
        told = {name: facts() for name, facts in self._beside.items()}
        return {"t": round(now, 3), "source": self.source, "unfed": since, "late": late, **told}

    # out ---------------------------------------------------------------------------------------------

    def _redraw(self, id_: str, trace: str = "") -> None:
        """Draw anew and send what changed, as the frame of stream id ``id_``."""
        again = id_order(id_) <= id_order(self._sequence)
        self._sequence = max(self._sequence, id_, key=id_order)
        picture, now = self._picture, time.time()
        if picture is None:
            return
        indices, before = picture.redraw(now)
        self.frame_time = now
        if not len(indices):
            return
        self._counts.changes.inc(len(indices))
        self.attention_version += attention_moved(indices, before, picture.codes)
        one = frame(self._sequence, now, packed(indices, picture.codes), trace, again=again)
        log.debug("frame %s of %s changes", one.id, len(indices), extra={"trace": trace})
        self._consoles.send(one)
        told = notices(picture.columns, picture.records, before, picture.codes, indices)
        if told:
            self._consoles.send(event("notices", self._sequence, told))
        self._parts.show(indices, now, trace, again=again)

    def _send_moves(self, one: Event) -> None:
        self._consoles.send(one)
        self._parts.moved(one)


def _follows(tick: Tick, picture: Picture) -> bool:
    return len(tick.changes) > 0 and tick.version == picture.columns.version
