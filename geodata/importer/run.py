"""Importing one file: read, shape, stage, store, account; all in one transaction, or nothing at all."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, insert, text

from geodata.areas import nest_areas, resolve_all
from geodata.assets import raise_version
from geodata.importer.batch import Batch, Source
from geodata.importer.opening import opened
from geodata.importer.preview import write_preview
from geodata.importer.profile import ImportProfile
from geodata.importer.relations import count_orphans, link_parents, name_streets, touches_parents
from geodata.importer.report import ImportReport
from geodata.importer.shapes import read_shapes
from geodata.importer.shaping import Shaper
from geodata.importer.staging import make_staging, remember_refused, settle_ids, stage
from geodata.importer.store import store
from geodata.placing import demand_system, short_name
from geodata.profiles import CityProfile
from geodata.tables import import_run
from model.errors import BadFile, Unavailable

Progress = Callable[[str, int, int | None], None]
PREVIEW = Path("var/import-preview.html")
PATIENCE_S = 900
LOCK = 7_204_417
"""The advisory lock that keeps two imports into one database apart."""


def import_file(
    engine: Engine,
    city: CityProfile,
    profile: ImportProfile,
    file: Path,
    *,
    crs: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    preview: Path = PREVIEW,
) -> ImportReport:
    """Import ``file`` as ``profile`` describes it; the report accounts for every row.

    ``crs`` overrides what the file or profile say. ``dry_run`` does everything, writes the map to
    ``preview``, and takes it all back. ``progress(step, done, total)`` is told, ``step`` being a text's key.
    BadFile when the file cannot be read or placed, or lacks a column of the profile; nothing is stored
    then. Unavailable while another import runs.
    """
    with importing(engine, keep=not dry_run) as connection:
        return run(connection, city, profile, file, crs=crs, dry_run=dry_run, tell=progress, preview=preview)


@contextmanager
def importing(engine: Engine, *, keep: bool) -> Iterator[Connection]:
    """A transaction for imports, one at a time; taken back at the end unless ``keep``.

    Its statements may take ``PATIENCE_S``: a million rows are stored by one of them.
    """
    with engine.connect() as connection, _patient(connection), connection.begin() as transaction:
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK}):
            raise Unavailable("another import is running on this database; wait for it to end")
        for setting in (f"statement_timeout = '{PATIENCE_S}s'", "lock_timeout = '10s'", "work_mem = '128MB'"):
            connection.execute(text(f"SET LOCAL {setting}"))
        yield connection
        if not keep:
            transaction.rollback()


@contextmanager
def _patient(connection: Connection) -> Iterator[None]:
    """The client's own deadline (see ``geodata.deadlines``) widened for a while."""
    driver: Any = connection.connection.driver_connection
    usual = driver.patience_s
    driver.patience_s = PATIENCE_S
    try:
        yield
    finally:
        driver.patience_s = usual


def run(
    connection: Connection,
    city: CityProfile,
    profile: ImportProfile,
    file: Path,
    *,
    crs: str | None,
    dry_run: bool,
    tell: Progress | None,
    preview: Path | None,
) -> ImportReport:
    """``import_file`` inside the caller's transaction."""
    began, started = time.monotonic(), datetime.now(UTC)
    report = ImportReport(
        profile.name, profile.title, file.name, profile.target, dry_run,
        licence=profile.licence, attribution=profile.attribution or city.attribution,
    )  # fmt: skip
    tell = tell or _silent
    _bring_in(connection, city, profile, file, crs, report, tell)
    tell("import.step.store", 0, None)
    settle_ids(connection, profile, report)
    store(connection, profile, report)
    _connect(connection, city, profile, report)
    if not report.balanced:
        raise BadFile(f"{file.name}: the rows do not add up, nothing is stored: {report.as_json()[:500]}")
    report.seconds = round(time.monotonic() - began, 2)
    if dry_run and preview:
        report.preview = write_preview(connection, city, [report], preview)
    if not dry_run:
        _record(connection, profile, file, started, report)
    return report


def _silent(_step: str, _done: int, _total: int | None) -> None:
    """Progress nobody asked for."""


def _bring_in(
    connection: Connection,
    city: CityProfile,
    profile: ImportProfile,
    file: Path,
    crs: str | None,
    report: ImportReport,
    tell: Progress,
) -> None:
    """Read, shape and stage the whole file."""
    make_staging(connection)
    shaper: Shaper | None = None
    points: list[npt.NDArray[np.complex128]] = []
    with opened(file, profile) as source:
        _demand_columns(source, profile, file)
        for batch in source.batches(profile.columns):
            shaper = shaper or Shaper(
                profile, city, _system(source, batch, profile, crs, city, report), file.name
            )
            points.append(_take(connection, shaper, batch, report))
            tell("import.step.read", report.read, source.count)
        report.notes += source.notes
    if shaper is None:
        raise BadFile(
            f"{file.name}: holds no rows; an empty file is refused, or the whole source would be gone"
        )
    shaper.demand_placed()
    report.duplicate_points = _duplicates(points)


def _take(
    connection: Connection, shaper: Shaper, batch: Batch, report: ImportReport
) -> npt.NDArray[np.complex128]:
    staged = shaper.shape(batch)
    stage(connection, staged.lines)
    remember_refused(connection, staged.rejections)
    report.read += len(batch) + len(batch.broken)
    report.filtered += staged.filtered
    report.mended += staged.mended
    report.reject(staged.rejections)
    return staged.points


def _demand_columns(source: Source, profile: ImportProfile, file: Path) -> None:
    absent = sorted(profile.columns - set(source.columns))
    if absent:
        raise BadFile(
            f"{file.name}: has no column {', '.join(absent)}; it has {', '.join(source.columns)}. "
            f"Correct the import profile {profile.name}, or name the right file"
        )


def _system(
    source: Source,
    batch: Batch,
    profile: ImportProfile,
    crs: str | None,
    city: CityProfile,
    report: ImportReport,
) -> str:
    """The coordinate system in force: the caller's, else the profile's, else the file's."""
    given = {"option": crs, "profile": profile.crs, "file": source.crs}
    if profile.position.geojson and not crs and not profile.crs:
        given["file"] = "EPSG:4326"  # GeoJSON text is in degrees by its standard
    raw = read_shapes(batch, profile.position)
    known = np.isfinite(raw.x)
    named = demand_system(list(given.values()), raw.x[known], raw.y[known], city, report.file)
    report.crs = short_name(named)
    report.crs_from = next(origin for origin, name in given.items() if name)
    if source.crs and report.crs_from != "file" and short_name(source.crs) != report.crs:
        report.notes.append(("crs_overridden", {"file": short_name(source.crs), "used": report.crs}))
    return report.crs if report.crs.startswith("EPSG:") else named


def _duplicates(points: list[npt.NDArray[np.complex128]]) -> int:
    """How many positions repeat an earlier one exactly, as the file wrote them."""
    every = np.concatenate(points)
    every.sort()
    return int((every[1:] == every[:-1]).sum())


def _connect(connection: Connection, city: CityProfile, profile: ImportProfile, report: ImportReport) -> None:
    """Areas, parents and streets of what is now stored; raises the layout version if anything changed."""
    moved = 0
    if profile.target == "area" and report.changed:
        moved = nest_areas(connection) + resolve_all(connection)
    if profile.target == "asset":
        moved = name_streets(connection, profile, city)
        moved += link_parents(connection) if touches_parents(profile) else 0
        report.orphans = count_orphans(connection, profile.name) if profile.parent else 0
    if report.changed or moved:
        raise_version(connection)


def _record(
    connection: Connection, profile: ImportProfile, file: Path, started: datetime, report: ImportReport
) -> None:
    row: dict[str, Any] = {
        "profile": profile.name,
        "file": file.name,
        "started_at": started,
        "finished_at": datetime.now(UTC),
        "report": report.as_dict(),
    }
    connection.execute(insert(import_run).values(row))
