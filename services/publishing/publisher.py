"""The publisher's job: every publication in its own time, and back what may no longer be out.

Visitors never cause any of this. Each publication is made by itself: one that fails leaves the others, and
its own last artefacts, as they are.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.profiles import CityProfile
from model.errors import Unavailable, VigieError
from model.publications import Release
from services.boards import Boards
from services.publishing.artefacts import (
    ABOUT_FILE,
    BY_REGISTER,
    OPEN_KEYS,
    REGISTERS,
    USE,
    VOICES,
    Store,
)
from services.publishing.catalogue import CATALOGUE, publish_catalogue
from services.publishing.catalogue import EVERY_S as CATALOGUE_EVERY_S
from services.publishing.drawing_boards import COMPOSED, is_board, publish_board
from services.publishing.drawing_panels import facts_of, publish_drawn, read_outlines, taken_back_with_data
from services.publishing.guard import Withheld, guarded
from services.publishing.making import Making, publish_release
from services.publishing.open_keys import publish_open_keys
from services.publishing.opening import artefact_store
from services.publishing.panels import PANELS, Outlines, Panel
from services.publishing.register import hold_back, let_go, releases_in_force
from services.publishing.registers import publish_registers
from services.publishing.reports import Report, report_of
from services.publishing.use import collect, publish_use
from services.publishing.voices import publish_voices
from services.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""How often it is looked what is due, and what must be taken back: the public may see a revoked publication
that much longer, beside what caches keep (90 s at most in all)."""

AGAIN_S = 60
"""A publication that failed is tried again after this, or its own cadence where that is shorter."""

REGISTERS_EVERY_S = 3_600
VOICES_EVERY_S = 60
USE_EVERY_S = 3_600
TAKEN = frozenset({REGISTERS, CATALOGUE, VOICES, OPEN_KEYS, USE, *(panel.name for panel in PANELS)})
"""Names the city itself publishes under, which no release may have."""

Job = tuple[str, int, Callable[[], Report]]
"""A publication's name, how often it is made (seconds), and how."""

SPARE = timedelta(hours=1)
"""How long files that no version names any more stay, for those who are reading them."""


@dataclass
class Publisher:
    """The publications of one city: when each was last made, and how often in a row it failed."""

    engine: Engine
    settings: Settings
    profile: CityProfile
    tried: dict[str, datetime] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    empty: set[str] = field(default_factory=set)
    """Of what there was nothing to publish: looked at again soon, a city fills up as it likes."""

    def __post_init__(self) -> None:
        self.store = artefact_store(self.settings)
        self.boards = Boards(self.engine, self.profile)

    def run(self, now: datetime) -> list[Report]:
        """Make everything that is due at ``now`` (aware); a report for each.

        Raises Unavailable when the releases in force cannot be read: then nothing was touched.
        """
        releases = self.in_force(now)
        outlines = cache(partial(read_outlines, self.engine, self.profile.area_kind))
        making = Making(self.engine, self.store, self.profile, guarded, outlines, releases)
        jobs: list[Job] = [
            (one.name, one.cadence_s, partial(self._release, making, one, now))
            # What changes by the minute does not wait for what takes a minute; boards tell what is out then.
            for one in sorted(releases, key=lambda release: (is_board(release), release.cadence_s))
        ]
        # After the datasets: panels, registers and catalogue tell what is published by then.
        jobs += self._drawn(outlines, now)
        jobs += [
            (REGISTERS, REGISTERS_EVERY_S, lambda: self._registers(now)),
            (CATALOGUE, CATALOGUE_EVERY_S, lambda: self._catalogue(now)),
            (VOICES, VOICES_EVERY_S, lambda: self._voices(now)),
            (USE, USE_EVERY_S, lambda: self._use(now)),
        ]
        reports = [self._made(name, job, now) for name, every, job in jobs if self._due(name, every, now)]
        if any(report.state == "published" for report in reports):
            with contextlib.suppress(OSError, Unavailable):
                self.store.prune(now, SPARE)
        return reports

    def in_force(self, now: datetime) -> list[Release]:
        """The releases in force at ``now``. Raises Unavailable when the database is away."""
        try:
            releases = releases_in_force(self.engine, now)
        except SQLAlchemyError as error:
            raise Unavailable(f"the database is away ({type(error).__name__})") from None
        # A panel's name is no release's; should one have it nevertheless, the panel stays.
        return [one for one in releases if one.valid_until > now and one.name not in TAKEN]

    def take_back(self, now: datetime) -> list[Report]:
        """Take back every dataset whose release is no longer in force, and the panels that show it."""
        gone = taken_back(self.store, self.in_force(now), now)
        panels = taken_back_with_data(self.store, now)
        for report in panels:
            self.tried.pop(report.publication, None)
        return [*gone, *panels]

    def tell_keys(self, now: datetime) -> list[Report]:
        """Tell the public door which keys for higher rates are in force; a report where that changed."""
        report = report_of(*publish_open_keys(self.engine, self.store, self.profile.title, now))
        return [report] if report.state == "published" else []

    def _drawn(self, outlines: Callable[[], Outlines], now: datetime) -> list[Job]:
        """Each panel as a job; ``outlines`` are read once a run, and only when something is due."""
        facts = facts_of(self.profile)

        def drawn(panel: Panel) -> Report:
            return publish_drawn(self.store, panel, facts, outlines(), now)

        return [(panel.name, panel.every_s, partial(drawn, panel)) for panel in PANELS]

    def _registers(self, now: datetime) -> Report:
        return report_of(*publish_registers(self.engine, self.store, self.profile.title, now))

    def _voices(self, now: datetime) -> Report:
        return report_of(*publish_voices(self.engine, self.store, self.profile, now))

    def _use(self, now: datetime) -> Report:
        collect(self.engine, self.settings.use_folder, set(self.store.names()), now)
        return report_of(*publish_use(self.engine, self.store, self.profile, now))

    def _catalogue(self, now: datetime) -> Report:
        return publish_catalogue(self.store, self.profile, self.settings.public_address, now)

    def _release(self, making: Making, release: Release, now: datetime) -> Report:
        began = time.monotonic()

        def still(one: Release) -> bool:
            return one in self.in_force(now + timedelta(seconds=time.monotonic() - began))

        try:
            if is_board(release):
                report = publish_board(making, self.boards, release, now, still)
            else:
                report = publish_release(making, release, now, still)
        except Withheld as refused:
            hold_back(self.engine, release, refused.findings, now)
            raise
        let_go(self.engine, release.name)
        return report

    def _due(self, name: str, every_s: int, now: datetime) -> bool:
        last = self.tried.get(name)
        wait = min(every_s, AGAIN_S) if self.failed[name] or name in self.empty else every_s
        return last is None or now - last >= timedelta(seconds=wait)

    def _tell_of_newcomer(self) -> None:
        """Panels and the catalogue show it now, and not when their day comes round."""
        for name in (CATALOGUE, *(panel.name for panel in PANELS)):
            self.tried.pop(name, None)

    def _made(self, name: str, job: Callable[[], Report], now: datetime) -> Report:
        began = time.monotonic()
        self.tried[name] = now
        try:
            report = job()
        except Exception as error:  # whatever one publication does, the others are made
            self.failed[name] += 1
            report = Report(name, "failed", why=_reason(error))
            expected = isinstance(error, VigieError | OSError | SQLAlchemyError)
            log.warning(
                "%s failed, %s in a row, its last artefacts stay: %s", name, self.failed[name], report.why,
                exc_info=None if expected else error,
            )  # fmt: skip
        else:
            del self.failed[name]
            (self.empty.add if report.state == "nothing" else self.empty.discard)(name)
            if name not in TAKEN and report.state == "published" and report.version == 1:
                self._tell_of_newcomer()
        report = replace(report, seconds=time.monotonic() - began)
        log.log(logging.INFO if report.state in ("published", "taken_back") else logging.DEBUG, "%s", report)
        return report


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"artefacts cannot be written: {error.strerror or error}"
    if isinstance(error, SQLAlchemyError):
        return f"the database is away ({type(error).__name__})"
    return f"{error}" if isinstance(error, VigieError) else f"{type(error).__name__}: {error}"


def taken_back(store: Store, releases: Sequence[Release], now: datetime) -> list[Report]:
    """Revoke what ``store`` publishes of datasets and none of ``releases`` allows any more.

    Panels are not released by the register; a person takes them back. Its history stays, and a release that
    comes into force again brings it back by itself.
    """
    allowed = {release.name for release in releases}
    gone = []
    for name in store.names():
        manifest = store.current(name) if name not in allowed else None
        released = manifest and (
            ABOUT_FILE in manifest.files or (COMPOSED in manifest.about and manifest.files)
        )
        if manifest and released and store.revoke(name, now, BY_REGISTER):
            gone.append(Report(name, "taken_back", manifest.version, manifest.data_time))
    return gone


def publish_once(engine: Engine, settings: Settings, profile: CityProfile, now: datetime) -> list[Report]:
    """Publish everything as of ``now`` (aware), and take back what may no longer be out; a report for each.

    Raises Unavailable when it cannot be known what may be published; nothing is touched then.
    """
    publisher = Publisher(engine, settings, profile)
    publisher.tell_keys(now)
    return [*publisher.take_back(now), *publisher.run(now)]


async def publish_loop(
    engine: Engine,
    settings: Settings,
    profile: CityProfile,
    stop: asyncio.Event,
    every_s: float = LOOK_EVERY_S,
) -> None:
    """Publish what is due until ``stop``, looking every ``every_s`` seconds.

    Beside it, so that no long publication delays it, what is no longer in force is taken back, and keys too.
    """
    publisher = Publisher(engine, settings, profile)
    await asyncio.gather(
        _repeated(publisher.take_back, stop, every_s),
        _repeated(publisher.tell_keys, stop, every_s),
        _repeated(publisher.run, stop, every_s),
    )


async def _repeated(work: Callable[[datetime], list[Report]], stop: asyncio.Event, every_s: float) -> None:
    """``work`` in a thread at once and then every ``every_s`` seconds until ``stop``; an outage is logged."""
    while not stop.is_set():
        try:
            await asyncio.to_thread(work, datetime.now(UTC))
        except (VigieError, SQLAlchemyError, OSError) as error:
            log.warning("the publisher waits, the last artefacts stay: %s", error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_s)
