"""From what is published of datasets to the panels drawn from it: a panel knows no more than any visitor."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import shapely
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from geodata.profiles import CityProfile
from model.errors import Unavailable
from model.texts import LANGUAGES, words
from services.publishing.artefacts import BY_REGISTER, TABLE_FILE, Artefact, Store
from services.publishing.panels import CityFacts, Drawn, Outlines, Panel, Tables
from services.publishing.panels.story import Target
from services.publishing.rendering import FONT_FILE, rendered
from services.publishing.reports import Report, report_of
from services.publishing.typeface import typeface_address, typeface_in

WHOLE_VERSIONS = 2
"""Versions whose files are kept of a panel: those of the moment change every minute, commune by commune."""

_PLACES = ("geometry",)
_OUTLINES = text(
    """
    SELECT code, ST_AsBinary(ST_SimplifyPreserveTopology(geometry, 0.0004)) AS outline
    FROM area WHERE kind = :kind AND code IS NOT NULL ORDER BY code
    """
)


def facts_of(profile: CityProfile) -> CityFacts:
    """What every panel says of the city."""
    return CityFacts(
        profile.title, profile.generated, profile.attribution, profile.licence, profile.zone,
        failure_target=_target(profile.thresholds.get("failure_rate")),
    )  # fmt: skip


def _target(threshold: Mapping[str, Any] | None) -> Target | None:
    if not threshold:
        return None
    return Target(float(threshold["target"]), str(threshold["source"]), str(threshold["date"]))


def published_tables(store: Store, names: Sequence[str]) -> Tables:
    """The tables of the datasets ``names`` as they are published now, without places; what is not is absent.

    Raises Unavailable when one is published and cannot be read.
    """
    found = {}
    for name in names:
        manifest = store.current(name)
        file = manifest.files.get(TABLE_FILE.format("parquet")) if manifest else None
        if file is not None:
            parquet = store.path(file)
            try:
                columns = [one for one in pq.read_schema(parquet).names if one not in _PLACES]
                found[name] = pq.read_table(parquet, columns=columns)
            except OSError as error:
                raise Unavailable(f"{name} cannot be read: {error}") from None
    return found


def read_outlines(engine: Engine, kind: str) -> Outlines:
    """The areas of ``kind`` by code, WGS84, simplified to about 40 m. Raises Unavailable."""
    try:
        with engine.connect() as connection:
            rows = connection.execute(_OUTLINES, {"kind": kind}).all()
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away ({type(error).__name__})") from None
    return {code: shapely.from_wkb(bytes(outline)) for code, outline in rows}


def publish_drawn(store: Store, panel: Panel, facts: CityFacts, outlines: Outlines, now: datetime) -> Report:
    """Draw ``panel`` from what is published and make it current where it differs from before.

    Taken back when nothing of what it is drawn from is published any more. Raises Unavailable when a table
    cannot be read, OSError when the store cannot be written; what was published then stays as it is.
    """
    tables = published_tables(store, panel.datasets)
    if not tables:
        state = "taken_back" if store.revoke(panel.name, now, BY_REGISTER) else "nothing"
        return Report(panel.name, state)
    drawn = list(panel.everywhere(tables, facts, outlines))
    return make_current(store, panel.name, panel.every_s, drawn, now, sorted(tables))


def make_current(
    store: Store,
    name: str,
    every_s: int,
    drawn: Sequence[Drawn],
    now: datetime,
    drawn_from: Sequence[str] = (),
    more: Mapping[str, object] | None = None,
) -> Report:
    """Make the panel ``name``, of the city first and then of communes, what is published under it.

    ``drawn_from`` are the datasets it shows: it goes with any of them; ``more`` is told with it. Raises
    OSError when the store cannot be written; what was published then stays as it is.
    """
    manifest, changed = store.publish(
        name, kept(store, drawn),
        about=about(every_s, drawn) | origin(store, drawn_from) | dict(more or {}),
        data_time=drawn[0].data_time, now=now, whole=WHOLE_VERSIONS,
    )  # fmt: skip
    return report_of(manifest, changed)


def origin(store: Store, drawn_from: Sequence[str]) -> dict[str, object]:
    """What a panel is drawn from, and when the first release of that ends: the panel may not outlive it."""
    manifests = (store.current(name) for name in drawn_from)
    ends = [one.about["valid_until"] for one in manifests if one and "valid_until" in one.about]
    until = {"valid_until": min(ends, key=datetime.fromisoformat)} if ends else {}
    return {"drawn_from": list(drawn_from), **until}


def taken_back_with_data(store: Store, now: datetime) -> list[Report]:
    """Take back every panel that shows a dataset published no more; it is drawn anew from the rest."""
    gone = []
    for name in store.names():
        manifest = store.current(name)
        shows = manifest.about.get("drawn_from", ()) if manifest and manifest.files else ()
        if any(not is_published(store, one) for one in shows) and store.revoke(name, now, BY_REGISTER):
            gone.append(Report(name, "taken_back", why="a dataset it shows is published no more"))
    return gone


def is_published(store: Store, name: str) -> bool:
    """Whether anything is out under ``name``."""
    manifest = store.current(name)
    return manifest is not None and bool(manifest.files)


def kept(store: Store, drawn: Sequence[Drawn]) -> dict[str, Artefact]:
    """Every file of a panel, of the city and of its communes, in the store; the typeface first."""
    typeface = typeface_in(store)
    files = {FONT_FILE: typeface} if typeface else {}
    for one in drawn:
        for name, file in rendered(one, typeface_address(typeface)).items():
            files[name] = store.put(file.body, file.media_type, scripts=file.scripts, styles=file.styles)
    return files


def about(every_s: int, drawn: Sequence[Drawn]) -> dict[str, object]:
    """What the gallery says of a panel that changes every ``every_s`` seconds."""
    city = drawn[0]
    zone = city.facts.zone
    # The time of a whole day's data is the midnight after it.
    last = city.data_time - timedelta(seconds=1) if city.data_time else None
    day = last.astimezone(zone).date().isoformat() if last else None
    return {
        "city": city.facts.city,
        "generated": city.facts.generated,
        "time_zone": zone.key,
        "every_s": every_s,
        "titles": {one: city.story(words(one, zone.key)).title for one in LANGUAGES},
        "day": day,
        "areas": {one.facts.area_code: one.facts.area for one in drawn if one.facts.area},
    }
