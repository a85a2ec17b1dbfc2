"""The catalogue made of what is published now and of the register, and published beside it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from geodata.profiles import CityProfile
from model.datasets import DATASETS, Dataset
from model.texts import LANGUAGES, words
from services.publishing.artefacts import ABOUT_FILE, Manifest, Store
from services.publishing.catalogue.entries import Distribution, Entry, Publisher
from services.publishing.catalogue.graph import catalogue_graph
from services.publishing.catalogue.writing import CATALOGUE_FILES, written
from services.publishing.outlets import outlets_of
from services.publishing.reports import Report, report_of

CATALOGUE = "catalogue"
"""The name it is published under."""
EVERY_S = 900

About = Mapping[str, Any]


def publish_catalogue(store: Store, profile: CityProfile, address: str, now: datetime) -> Report:
    """Write the catalogue of everything published in ``store``, and of what is listed and closed.

    ``address`` is the public door's. Raises Unavailable when what is published cannot be read, OSError when
    the store cannot be written.
    """
    forms = written(catalogue_graph(publisher_of(profile, address), entries_of(store)))
    files = {name: store.put(body, CATALOGUE_FILES[name]) for name, body in forms.items()}
    manifest, changed = store.publish(
        CATALOGUE, files, about={"city": profile.title}, data_time=None, now=now, whole=2
    )
    return report_of(manifest, changed)


def publisher_of(profile: CityProfile, address: str) -> Publisher:
    """Whose catalogue it is: the city's, under ``address``."""
    said = {language: words(language) for language in LANGUAGES}
    return Publisher(
        name=profile.title,
        address=address,
        contact=profile.contact or f"{address}/requests",
        languages=LANGUAGES,
        title={one: say("catalogue.title", city=profile.title) for one, say in said.items()},
        what={one: say("portal.lead") for one, say in said.items()},
    )


def entries_of(store: Store) -> list[Entry]:
    """One entry a publication, and one a dataset of which nothing is published. Raises Unavailable."""
    published: dict[str, list[Entry]] = {}
    for name in store.names():
        manifest = store.current(name)
        if manifest and ABOUT_FILE in manifest.files:
            about = json.loads(store.read(manifest.files[ABOUT_FILE]))
            published.setdefault(about["dataset"], []).append(_published(manifest, about))
    return [entry for dataset in DATASETS for entry in published.get(dataset.name) or [_listed(dataset)]]


def _published(manifest: Manifest, about: About) -> Entry:
    dataset = next(one for one in DATASETS if one.name == about["dataset"])
    temporal = about["temporal"] or {"from": None, "to": None}
    west, south, east, north = about["bbox"]
    return Entry(
        name=manifest.publication,
        dataset=dataset,
        title=about["title"],
        what=about["what"],
        keywords=_keywords(dataset),
        licence=about["licence"]["url"] or "",
        rights={},
        every_s=about["cadence_s"],
        issued=_moment(about["approved_at"]),
        # The content's own time, not the minute it was published in: harvesters ask for what changed.
        modified=_moment(about["data_time"]) or _moment(about["approved_at"]),
        begins=_moment(temporal["from"]),
        ends=_moment(temporal["to"]),
        bounds=(west, south, east, north),
        version=about["version"],
        files=tuple(_distribution(file) for file in about["files"]),
        outlets=outlets_of(about),
    )


def _distribution(file: About) -> Distribution:
    path = f"data/{file['name']}"
    return Distribution(path, file["format"], file["media_type"], file["bytes"], file["sha256"])


def _listed(dataset: Dataset) -> Entry:
    said = {language: words(language) for language in LANGUAGES}
    why = f"closed.{dataset.closed}" if dataset.closed else "portal.not_yet_long"
    return Entry(
        name=dataset.name,
        dataset=dataset,
        title={one: say(f"dataset.{dataset.name}_title") for one, say in said.items()},
        what={one: say(f"dataset.{dataset.name}_what") for one, say in said.items()},
        keywords=_keywords(dataset),
        licence="",
        rights={one: say(why) for one, say in said.items()},
        every_s=dataset.every_s,
        issued=None,
        modified=None,
        begins=None,
        ends=None,
        bounds=None,
        version=0,
        files=(),
    )


def _keywords(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    said = {language: words(language) for language in LANGUAGES}
    return {
        one: tuple(
            dict.fromkeys([say(f"domain.{dataset.domain}"), *(say(f"type.{t}") for t in dataset.types)])
        )
        for one, say in said.items()
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
