"""Data: the demo city, and a city's open data."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.publications import begin_publications
from commands.terminal import console, progress, tell
from geodata.profiles import read_profile
from model.errors import VigieError
from model.texts import words
from services.settings import Settings, read_settings


def demo() -> None:
    """Build the demo city, with 13 months behind it, where the database is empty."""
    from services.launch.preparing import ground

    with ground(read_settings(), tell) as laid:
        if not build_demo(laid.settings):
            tell("the database already holds a city; nothing was changed")
        begin_publications(laid.settings)


def build_demo(settings: Settings) -> bool:
    """Build the demo city where the database is empty; False when it holds a city already."""
    from geodata.database import open_engine
    from geodata.demo_city import build_demo_city, needs_demo
    from services.alarms import write_demo_alarms
    from services.boards import write_demo_repairs

    engine = open_engine(str(settings.database_url), statement_ms=600_000)
    try:
        if not needs_demo(engine):
            return False
        tell("demo city: building an invented city of about 35,000 assets and its past")
        with progress(settings.language) as step:
            report = build_demo_city(
                engine, read_profile(settings.city), now=datetime.now(UTC), progress=step,
                alarms=write_demo_alarms,
            )  # fmt: skip
        write_demo_repairs(engine, read_profile(settings.city), report.story)
        tell(f"demo city: {sum(report.rows.values()):,} rows in {sum(report.seconds.values()):.0f} s")
        return True
    finally:
        engine.dispose()


def import_(
    data: Annotated[Path, typer.Argument(help="A folder of a city's open data, or one file", exists=True)],
    city: Annotated[str | None, typer.Option(help="City profile; otherwise VIGIE_CITY")] = None,
    profile: Annotated[str | None, typer.Option(help="For one file: the import profile, e.g. lights")] = None,
    crs: Annotated[str | None, typer.Option(help="What the file's coordinates are, e.g. EPSG:2154")] = None,
    dry_run: Annotated[bool, typer.Option(help="Show the report and a map preview; store nothing")] = False,
) -> None:
    """Turn a folder of a city's open data (or one file) into assets, areas and streets."""
    from services.launch.preparing import ground

    settings = read_settings(**({"city": city} if city else {}))
    with ground(settings, tell) as laid:
        _import(laid.settings, data, profile, crs, dry_run)


def _import(settings: Settings, data: Path, profile: str | None, crs: str | None, dry_run: bool) -> None:
    from geodata.database import open_engine
    from geodata.importer import import_file, import_folder, read_import_profile

    city = read_profile(settings.city)
    engine = open_engine(str(settings.database_url), statement_ms=600_000)
    with progress(settings.language) as step:
        if data.is_dir():
            reports = import_folder(engine, city, data, dry_run=dry_run, progress=step)
        elif profile is None:
            raise VigieError(
                f"{data.name}: say how to read it with --profile, one of {', '.join(city.imports)}"
            )
        else:
            described = read_import_profile(city, profile)
            reports = [import_file(engine, city, described, data, crs=crs, dry_run=dry_run, progress=step)]
    say = words(settings.language)
    for report in reports:
        console.print(report.text(say), markup=False)
        if report.rejected:
            rejections = settings.var / f"import-rejections-{report.profile}.csv"
            report.write_rejections(rejections, say)
            tell(f"each rejected row, with its reason: {rejections}")
    if any(report.refused for report in reports):
        raise typer.Exit(1)
