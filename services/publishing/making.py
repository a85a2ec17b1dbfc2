"""From one release to its artefacts: read, guarded, written in every format, described, made current."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Engine

from geodata.profiles import CityProfile
from model.publications import Release
from services.publishing.artefacts import ABOUT_FILE, TABLE_FILE, Artefact, Store, is_preview
from services.publishing.beside import beside
from services.publishing.datasets import Asked, is_located, read, times_of
from services.publishing.describing import as_bytes, described, titles, told_of
from services.publishing.files import Told, formats_of
from services.publishing.guard import Guard, to_read
from services.publishing.linting import MARK
from services.publishing.panels import Outlines
from services.publishing.previews import previews
from services.publishing.reports import Report, report_of

LEAST_PACKED = 6_000
"""Bytes of a preview that is packed: charts, some of them drawn every minute, are small as they are."""

WHOLE_VERSIONS = 2
"""Versions whose files are kept: the present one, and the one before, which somebody may be reading."""


@dataclass(frozen=True)
class Making:
    """What every release is made with: ``outlines`` of areas for maps; ``releases`` are all in force."""

    engine: Engine
    store: Store
    profile: CityProfile
    guard: Guard
    outlines: Callable[[], Outlines]
    releases: Sequence[Release] = ()


def publish_release(
    making: Making, release: Release, now: datetime, still: Callable[[Release], bool]
) -> Report:
    """Make the files of ``release`` as of ``now`` (aware) and make them current where they differ.

    ``still`` is asked at the end whether it is yet in force: it may be revoked while its files are written.
    Raises Unavailable when the database is away, Withheld when the guard refuses the table, OSError when the
    store cannot be written; what was published then stays as it is.
    """
    profile = making.profile
    out = beside(making.engine, making.store, release, making.releases)
    table = making.guard(read(making.engine, profile, to_read(release), now), release, out)
    if not table.num_rows:
        return Report(release.name, "nothing", rows=0)
    times = times_of(Asked(making.engine, profile, release, now), table)
    told = told_of(release, profile, is_located(release), MARK in table.column_names)
    files = written(making.store, table, told)
    about = described(release, profile, told, table, times, files)
    files[ABOUT_FILE] = making.store.put(as_bytes(about), "application/json")
    files |= _previewed(making, release, table, files)
    inside = out.inside(release) if release.dataset.secrecy else None
    if not still(release):
        return Report(release.name, "taken_back", why="its release ended while its files were written")
    manifest, changed = making.store.publish(
        release.name, files, about=shown(release, profile, inside), data_time=times.data_time, now=now,
        whole=WHOLE_VERSIONS,
    )  # fmt: skip
    return report_of(manifest, changed, table.num_rows)


def _previewed(
    making: Making, release: Release, table: pa.Table, files: Mapping[str, Artefact]
) -> dict[str, Artefact]:
    """The previews of ``table``; those there are where it is the one that is out."""
    before = making.store.current(release.name)
    known = {name: file for name, file in before.files.items() if is_preview(name)} if before else {}
    rows = TABLE_FILE.format("parquet")
    if before and known and before.files.get(rows) == files[rows]:
        return known
    drawn = previews(release, making.profile, table, making.outlines())
    return {
        name: making.store.put(file.body, file.media_type, least_packed=LEAST_PACKED)
        for name, file in drawn.items()
    }


def written(store: Store, table: pa.Table, told: Told) -> dict[str, Artefact]:
    """``table`` in every format it comes in, in the store, by its name in the manifest."""
    files = {}
    with store.making() as folder:
        for form in formats_of(told):
            path = Path(folder) / f"{told.name}.{form.extension}"
            form.write(table, told, path)
            files[TABLE_FILE.format(form.extension)] = store.put_file(path, form.media_type)
    return files


def shown(release: Release, profile: CityProfile, inside: frozenset[str] | None) -> dict[str, object]:
    """What the manifest says of it, for whoever lists publications without reading their files.

    ``inside`` are the codes of its areas where cells of it may be hidden, None for the whole city.
    """
    grain = release.grain
    return {
        "dataset": release.dataset.name,
        "release": release.version,
        "grain": {"place": grain.place.name.lower(), "span": grain.span.name.lower()},
        "areas": None if inside is None else sorted(inside),
        "valid_until": release.valid_until.isoformat(),
        "city": profile.title,
        "generated": profile.generated,
        "time_zone": profile.time_zone,
        "titles": titles(release.dataset),
    }
