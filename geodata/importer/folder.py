"""Importing a city: every file its profile names, areas first, then streets, then assets and parents."""

import fnmatch
from pathlib import Path

from sqlalchemy import Connection, Engine

from geodata.importer.preview import write_preview
from geodata.importer.profile import TARGETS, ImportProfile, read_import_profile
from geodata.importer.relations import count_orphans
from geodata.importer.report import ImportReport
from geodata.importer.run import PREVIEW, Progress, importing, run
from geodata.profiles import CityProfile
from model.errors import BadFile, BadProfile
from model.texts import words


def import_profiles(city: CityProfile) -> list[ImportProfile]:
    """The import profiles ``city`` names, in the order they are run."""
    profiles = [read_import_profile(city, name) for name in city.imports]
    if not profiles:
        raise BadProfile(f'{city.folder / "city.toml"}: names no imports; add imports = ["lights.toml", ...]')
    return sorted(profiles, key=lambda profile: TARGETS.index(profile.target))


def import_folder(
    engine: Engine,
    city: CityProfile,
    data: Path,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    preview: Path = PREVIEW,
) -> list[ImportReport]:
    """Import every file of ``city`` found under ``data``; one report a profile, in order.

    Each file is one transaction. A missing optional file is reported; a missing required one is
    BadFile before anything is touched. ``progress`` is told "title · step" in the city's first language.
    ``dry_run`` does all in one transaction, writes one map, and
    takes it back. See ``import_file`` for what else is refused.
    """
    files = [(profile, _find(data, profile)) for profile in import_profiles(city)]
    if not dry_run:
        reports = [_one(engine, None, city, profile, file, progress) for profile, file in files]
        with importing(engine, keep=False) as connection:
            _recount_orphans(connection, files, reports)
        return reports
    with importing(engine, keep=False) as rehearsal:
        reports = [_one(engine, rehearsal, city, profile, file, progress) for profile, file in files]
        _recount_orphans(rehearsal, files, reports)
        done = [report for report in reports if not report.missing]
        shown = write_preview(rehearsal, city, done, preview) if done else None
        for report in done:
            report.preview = shown
    return reports


def _one(
    engine: Engine,
    rehearsal: Connection | None,
    city: CityProfile,
    profile: ImportProfile,
    file: Path | None,
    progress: Progress | None,
) -> ImportReport:
    if file is None:
        return ImportReport(profile.name, profile.title, profile.file, profile.target, missing=True)

    say = words(city.languages[0], city.time_zone)

    def tell(step: str, done: int, total: int | None) -> None:
        if progress:
            progress(f"{profile.title} · {say(step)}", done, total)

    if rehearsal is not None:
        return run(rehearsal, city, profile, file, crs=None, dry_run=True, tell=tell, preview=None)
    with importing(engine, keep=True) as connection:
        return run(connection, city, profile, file, crs=None, dry_run=False, tell=tell, preview=None)


def _recount_orphans(
    connection: Connection, files: list[tuple[ImportProfile, Path | None]], reports: list[ImportReport]
) -> None:
    """Count orphans again: the file with their parents may have come after their own."""
    for (profile, _), report in zip(files, reports, strict=True):
        if profile.parent and not report.missing:
            report.orphans = count_orphans(connection, profile.name)


def _find(data: Path, profile: ImportProfile) -> Path | None:
    """The newest-named file under ``data`` whose path below it, or name, matches the profile's pattern."""
    if not data.is_dir():
        raise BadFile(f"{data}: no such folder on this machine")
    below = sorted(path for path in data.rglob("*") if path.is_file())
    pattern = profile.file
    found = [
        path
        for path in below
        if fnmatch.fnmatch(path.name, pattern) or fnmatch.fnmatch(path.relative_to(data).as_posix(), pattern)
    ]
    if found:
        return found[-1]
    if profile.required:
        raise BadFile(f"{data}: holds no file named {pattern} ({profile.title}), which is required")
    return None
