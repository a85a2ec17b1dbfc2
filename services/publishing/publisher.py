"""The publisher's job: from the history to artefacts. Visitors never cause any of this."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from geodata.profiles import CityProfile
from model.errors import Unavailable, VigieError
from model.texts import LANGUAGES, words
from services.history import History
from services.publishing.artefacts import Artefact, Store
from services.publishing.lighting import (
    ASSET_TYPE,
    OBSERVED_PROPERTY,
    PUBLICATION,
    LightingStatus,
    lighting_status,
    period,
)
from services.publishing.panels.lighting_status import lighting_panel
from services.publishing.rendering import FONT_FILE, Rendered, rendered
from services.publishing.voices import publish_voices
from services.settings import ROOT, Settings

log = logging.getLogger(__name__)

FONT_NAME = "source-sans-3-latin-wght-normal.woff2"
FONT_FOLDERS = (ROOT / "assets" / "vendor", ROOT / "node_modules" / "@fontsource-variable")
_POINTS = text("SELECT count(*) FROM asset WHERE asset_type = :asset_type AND removed_at IS NULL")


@dataclass(frozen=True)
class PublishReport:
    """What one run of the publisher did. ``state``: published, unchanged, revoked, or nothing (no points)."""

    publication: str
    state: str
    version: int
    data_time: datetime | None
    files: int
    seconds: float

    def __str__(self) -> str:
        when = self.data_time.isoformat() if self.data_time else "none"
        return (
            f"{self.publication}: {self.state}, version {self.version}, data until {when}, "
            f"{self.files} files in {self.seconds:.2f} s"
        )


def artefact_store(settings: Settings) -> Store:
    """The store of this installation, ``artefacts`` under its var folder."""
    return Store(settings.var / "artefacts")


def publish_once(engine: Engine, settings: Settings, profile: CityProfile, now: datetime) -> PublishReport:
    """Render the publication as of ``now`` (aware) and make it current where it differs from before.

    Raises Unavailable when the database or the store is away; what was published then stays as it is.
    """
    began = time.monotonic()
    store = artefact_store(settings)
    status = read_lighting(engine, profile, now)
    if not status.points:
        return PublishReport(PUBLICATION, "nothing", 0, None, 0, time.monotonic() - began)
    try:
        files = kept(store, status)
        manifest, changed = store.publish(
            PUBLICATION, files, about=about(status), data_time=status.data_time, now=now
        )
        if changed:
            store.prune(now)
    except OSError as error:
        raise Unavailable(f"artefacts cannot be written to {store.folder}: {error.strerror}") from None
    state = "revoked" if manifest.revoked_at else "published" if changed else "unchanged"
    return PublishReport(
        PUBLICATION, state, manifest.version, manifest.data_time, len(files), time.monotonic() - began
    )


def publish_letters(engine: Engine, settings: Settings, profile: CityProfile, now: datetime) -> bool:
    """Make citizens' letters current as of ``now`` (aware); whether they changed. Raises Unavailable."""
    manifest, changed = publish_voices(engine, artefact_store(settings), profile, now)
    if changed:
        log.info("letters: version %s", manifest.version)
    return changed


def read_lighting(engine: Engine, profile: CityProfile, now: datetime) -> LightingStatus:
    """What may be published about street lighting as of ``now``. Raises Unavailable without a database."""
    first, last = period(now, profile.zone)
    figures = History(engine, profile.zone).area_days(ASSET_TYPE, OBSERVED_PROPERTY, first, last)
    try:
        with engine.connect() as connection:
            points = int(connection.scalar(_POINTS, {"asset_type": ASSET_TYPE}) or 0)
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away ({type(error).__name__})") from None
    return lighting_status(profile, points, figures)


def kept(store: Store, status: LightingStatus) -> dict[str, Artefact]:
    """Every file of the publication, in the store; the typeface first, since pages name its hash."""
    files: dict[str, Artefact] = {}
    typeface = _typeface()
    address = ""
    if typeface:
        files[FONT_FILE] = store.put(typeface.read_bytes(), "font/woff2")
        address = f"../fonts/{files[FONT_FILE].sha256}.woff2"
    files |= {name: _put(store, file) for name, file in rendered(lighting_panel(status), address).items()}
    return files


def _put(store: Store, file: Rendered) -> Artefact:
    return store.put(file.body, file.media_type, scripts=file.scripts, styles=file.styles)


def _typeface() -> Path | None:
    """The installed typeface; without it pages use the reader's own fonts."""
    return next((found for folder in FONT_FOLDERS for found in sorted(folder.rglob(FONT_NAME))), None)


def about(status: LightingStatus) -> dict[str, object]:
    """What the gallery says of the publication."""
    return {
        "city": status.city,
        "generated": status.generated,
        "time_zone": status.zone.key,
        "titles": {language: words(language)("embed.title") for language in LANGUAGES},
        "day": status.latest.day.isoformat() if status.latest else None,
    }


async def publish_loop(
    engine: Engine, settings: Settings, profile: CityProfile, stop: asyncio.Event, every_s: float = 60.0
) -> None:
    """Publish at once and then every ``every_s`` seconds until ``stop``; a part away is logged."""
    while not stop.is_set():
        try:
            report = await asyncio.to_thread(publish_once, engine, settings, profile, datetime.now(UTC))
            log.log(logging.INFO if report.state == "published" else logging.DEBUG, "%s", report)
            await asyncio.to_thread(publish_letters, engine, settings, profile, datetime.now(UTC))
        except (VigieError, SQLAlchemyError) as error:
            log.warning("nothing published, the last artefacts stay: %s", error)
        try:
            await asyncio.wait_for(stop.wait(), every_s)
        except TimeoutError:
            continue
