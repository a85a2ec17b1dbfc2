"""The publication "lighting-status": from the history to the panel's files in the store."""

from datetime import datetime

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from geodata.profiles import CityProfile
from model.errors import Unavailable
from services.history import History
from services.publishing.artefacts import Store
from services.publishing.drawing_panels import make_current, published_tables
from services.publishing.lighting import (
    ASSET_TYPE,
    OBSERVED_PROPERTY,
    PUBLICATION,
    LightingStatus,
    lighting_status,
    period,
)
from services.publishing.panels.lighting_status import commune_panels, lighting_panel
from services.publishing.reports import Report

EVERY_S = 900
"""Its days change once a day, and whenever late data corrects one of them."""
BY_COMMUNE = "lighting-failures"
"""The dataset the panels of single communes are drawn from."""
_POINTS = text("SELECT count(*) FROM asset WHERE asset_type = :asset_type AND removed_at IS NULL")


def publish_panel(engine: Engine, store: Store, profile: CityProfile, now: datetime) -> Report:
    """Render the panel as of ``now`` (aware) and make it current where it differs from before.

    Raises Unavailable when the database is away, OSError when the store cannot be written; what was
    published then stays as it is.
    """
    status = read_lighting(engine, profile, now)
    measured = any(day.rate is not None for day in status.days)
    if not status.points or not (measured or store.current(PUBLICATION)):
        return Report(PUBLICATION, "nothing")  # a panel that never had a figure tells nobody anything
    tables = published_tables(store, (BY_COMMUNE,))
    drawn = [lighting_panel(status), *commune_panels(status, tables)]
    return make_current(store, PUBLICATION, EVERY_S, drawn, now, sorted(tables))


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
