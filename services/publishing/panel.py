"""The publication "lighting-status": from the history to the panel's files in the store."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from geodata.profiles import CityProfile
from model.errors import Unavailable
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
from services.publishing.reports import Report, report_of
from services.settings import ROOT

FONT_NAME = "source-sans-3-latin-wght-normal.woff2"
FONT_FOLDERS = (ROOT / "assets" / "vendor", ROOT / "node_modules" / "@fontsource-variable")
EVERY_S = 60
_POINTS = text("SELECT count(*) FROM asset WHERE asset_type = :asset_type AND removed_at IS NULL")


def publish_panel(engine: Engine, store: Store, profile: CityProfile, now: datetime) -> Report:
    """Render the panel as of ``now`` (aware) and make it current where it differs from before.

    Raises Unavailable when the database is away, OSError when the store cannot be written; what was
    published then stays as it is.
    """
    status = read_lighting(engine, profile, now)
    if not status.points:
        return Report(PUBLICATION, "nothing")
    files = kept(store, status)
    manifest, changed = store.publish(
        PUBLICATION, files, about=about(status), data_time=status.data_time, now=now
    )
    return report_of(manifest, changed)


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
