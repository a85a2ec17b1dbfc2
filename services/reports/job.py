"""The jobs: one beside the recorder makes what is due and what was asked for, one beside the alarms sends.

Only the process that tells alarms outside may reach a mail server, so reports are sent by it too.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from sqlalchemy.exc import SQLAlchemyError

from geodata.profiles import CityProfile
from model.errors import NotNow, Unavailable, VigieError
from model.monthly import WHOLE_CITY
from services.reports.collecting import Figures
from services.reports.making import Maker
from services.reports.sending import Sender

log = logging.getLogger(__name__)

LOOK_S = 20.0
REST_S = 300.0
"""A process that has just begun has more urgent work: so long it makes no report by itself."""

Stopped = Callable[[], bool]


class Job:
    """Makes reports; ``at`` is the local time of day from which they are. Methods block."""

    def __init__(self, profile: CityProfile, boards: Figures, maker: Maker, at: time) -> None:
        self._profile, self._boards, self._maker, self._at = profile, boards, maker, at
        self._looked: date | None = None

    def asked(self, now: datetime, stopped: Stopped = bool) -> int:
        """Make what was asked for anew; how many."""
        made = 0
        for wish in self._maker.archive.wishes():
            if wish.done_at is not None or stopped():
                continue
            error: str | None = None
            try:
                self._maker.make(wish.area_id, wish.month, now, wish.asked_by, wish.reason)
                made += 1
            except NotNow as problem:
                error = problem.reason
            self._maker.archive.done(wish.id, datetime.now(UTC), error)
        return made

    def due(self, now: datetime, stopped: Stopped = bool) -> int:
        """Once a day, from the set time on: every report of the last month that is due; how many."""
        local = now.astimezone(self._profile.zone)
        if local.time() < self._at or self._looked == local.date():
            return 0
        month, made = self._boards.last_month(now), 0
        for area_id in (WHOLE_CITY, *(place for place, _ in self._maker.archive.places())):
            if stopped():
                return made
            with contextlib.suppress(NotNow):
                made += self._maker.due(area_id, month, now) is not None
        self._looked = local.date()
        return made


async def make_reports(
    job: Job, stop: asyncio.Event, *, look_s: float = LOOK_S, rest_s: float = REST_S
) -> None:
    """Make reports until ``stop``; what cannot be made now is logged and tried again."""
    loop = asyncio.get_running_loop()
    begun = loop.time()

    def work(now: datetime) -> None:
        job.asked(now, stop.is_set)
        if loop.time() - begun >= rest_s:
            job.due(now, stop.is_set)

    await _again(work, stop, look_s, "made")


async def send_reports(sender: Sender, stop: asyncio.Event, *, look_s: float = LOOK_S) -> None:
    """Send reports until ``stop``; what cannot be sent now is tried again."""

    def work(now: datetime) -> None:
        sender.queue(now)
        sender.step(now)

    await _again(work, stop, look_s, "sent")


async def _again(work: Callable[[datetime], None], stop: asyncio.Event, look_s: float, what: str) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(work, datetime.now(UTC))
        except (Unavailable, SQLAlchemyError) as away:
            log.warning("reports wait to be %s: %s", what, away)
        except VigieError:
            log.exception("a report could not be %s", what)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), look_s)
