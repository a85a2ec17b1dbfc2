"""``about.json`` of a publication: all that a reader, a portal or a harvester needs to know of it.

Made of the release, the register, the texts of both languages and the table itself; nothing in it changes
while these do not, so that publishing the same again changes nothing.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geodata.profiles import CityProfile
from model.datasets import Dataset, Span
from model.publications import Release
from model.texts import LANGUAGES, words
from services.publishing.artefacts import Artefact
from services.publishing.datasets import Times
from services.publishing.files import GEOMETRY, Told
from services.publishing.licences import licence
from services.publishing.linting import MARK

_MARKED = {"name": MARK, "shape": "flag"}
TEXTS = ("title", "what", "how", "limits")


def told_of(release: Release, profile: CityProfile, located: bool, marked: bool = False) -> Told:
    """What the files of ``release`` say of themselves."""
    terms = licence(release.licence)
    return Told(
        name=release.name,
        city=profile.title,
        generated=profile.generated,
        attribution=profile.attribution,
        licence={"id": terms.key, "name": terms.name, "url": terms.url or None},
        columns=(*(_column(release, name) for name in release.columns), *((_MARKED,) if marked else ())),
        key=release.dataset.key,
        located=located,
        timed=release.grain.span not in (Span.NOW, Span.NONE),
    )


def _column(release: Release, name: str) -> dict[str, Any]:
    column = release.dataset.by_name[name]
    unit = {"unit": column.unit} if column.unit else {}
    return {"name": name, "shape": column.shape.value, **unit}


def described(
    release: Release,
    profile: CityProfile,
    told: Told,
    table: pa.Table,
    times: Times,
    files: Mapping[str, Artefact],
) -> dict[str, Any]:
    """The publication, as ``about.json`` says it. Instants are UTC, ISO 8601."""
    dataset = release.dataset
    return {
        "name": release.name,
        "version": release.version,
        "dataset": dataset.name,
        "domain": dataset.domain,
        **_texts(dataset),
        "producer": profile.title,
        "city": profile.title,
        "generated": profile.generated,
        "attribution": profile.attribution,
        "licence": told.licence,
        "openness": dataset.openness.value,
        "legal_basis": dataset.legal_basis,
        "theme": dataset.theme,
        "high_value": dataset.high_value or None,
        "approved_at": release.approved_at.isoformat(),
        "valid_until": release.valid_until.isoformat(),
        "grain": {
            "place": release.grain.place.name.lower(),
            "span": release.grain.span.name.lower(),
        },
        "delay_s": release.delay_s,
        "cadence_s": release.cadence_s,
        "time_zone": profile.time_zone,
        "key": [name for name in dataset.key if name in release.columns],
        "columns": [one | {"meaning": _meaning(f"column.{one['name']}")} for one in told.columns],
        "rows": table.num_rows,
        "data_time": _iso(times.data_time),
        "temporal": {"from": _iso(times.first), "to": _iso(times.last)} if times.first else None,
        "bbox": _bbox(table, told, profile),
        "coverage_percent": _coverage(table),
        "gaps": [{"from": _iso(start), "to": _iso(end)} for start, end in times.gaps],
        "files": [_file(release, name, artefact) for name, artefact in sorted(files.items())],
    }


def as_bytes(about: Mapping[str, Any]) -> bytes:
    """``about`` as UTF-8 JSON, the same bytes for the same facts."""
    return (json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def titles(dataset: Dataset) -> dict[str, str]:
    """The dataset's title by language; its name where no catalogue has one."""
    return _meaning(f"dataset.{dataset.name}_title", dataset.name)


def _texts(dataset: Dataset) -> dict[str, dict[str, str]]:
    found = {text: _meaning(f"dataset.{dataset.name}_{text}", dataset.name) for text in TEXTS}
    return found | {"title": titles(dataset)}


def _meaning(key: str, otherwise: str = "") -> dict[str, str]:
    """The text of ``key`` by language; ``otherwise``, or the last part of the key, where there is none."""
    fallback = otherwise or key.rpartition(".")[2]
    said = {language: words(language) for language in LANGUAGES}
    return {language: say(key) if say.has(key) else fallback for language, say in said.items()}


def _file(release: Release, name: str, artefact: Artefact) -> dict[str, Any]:
    form = name.rpartition(".")[2]
    return {
        "name": f"{release.name}.{form}",
        "format": form,
        "media_type": artefact.media_type,
        "bytes": artefact.size,
        "sha256": artefact.sha256,
        **{f"bytes_{encoding}": size for encoding, size in sorted(artefact.encoded.items())},
    }


def _bbox(table: pa.Table, told: Told, profile: CityProfile) -> list[float]:
    """West, south, east, north of the rows' places; the city's own where rows have none."""
    if told.located and table.num_rows:
        shapes = shapely.from_wkb(table[GEOMETRY].to_numpy())
        return [round(float(side), 6) for side in shapely.total_bounds(shapes)]
    return [profile.bounds.west, profile.bounds.south, profile.bounds.east, profile.bounds.north]


def _coverage(table: pa.Table) -> float | None:
    """The mean coverage of the rows, in percent; None where the table does not tell it."""
    if "coverage" not in table.column_names or not table.num_rows:
        return None
    mean = pc.mean(table["coverage"]).as_py()
    return None if mean is None else float(np.round(mean, 1))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
