"""The city's memory: archive it, prove it, see what it holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from commands.terminal import tell
from geodata.profiles import read_profile
from services.settings import Settings, read_settings

memory = typer.Typer(no_args_is_help=True, help="The city's memory: archive it, prove it, see what it holds.")


@contextmanager
def open_memory() -> "Iterator[tuple[Any, Any, Settings]]":
    """The database and the archive of this installation: (engine, archive, settings)."""
    from geodata.database import open_engine
    from services.history import Archive
    from services.launch.preparing import ground

    with ground(read_settings(), tell) as laid:
        engine = open_engine(str(laid.settings.database_url), statement_ms=600_000)
        try:
            yield engine, Archive(engine, laid.settings.archive_folder), laid.settings
        finally:
            engine.dispose()


@memory.command(name="verify")
def history_verify(
    days: Annotated[int | None, typer.Option(help="Only the last so many days", min=1)] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")] = None,
) -> None:
    """Prove that nothing is missing: files as recorded, every figure equal to a recount of raw readings."""
    from services.history import verify

    with open_memory() as (engine, archive, settings):
        profile = read_profile(settings.city)
        since = datetime.now(profile.zone).date() - timedelta(days=days - 1) if days else None
        verdict = verify(
            engine,
            profile.zone,
            archive,
            first=first.date() if first else since,
            last=last.date() if last else None,
            area_kind=profile.area_kind,
        )
    for difference in verdict.differences:
        print(difference)  # noqa: T201 - the answer itself, for pipes
    tell(verdict.summary())
    if not verdict.proven:
        raise typer.Exit(1)


@memory.command(name="archive")
def history_archive(
    after_days: Annotated[
        int | None, typer.Option(help="Days that stay; otherwise VIGIE_ARCHIVE_AFTER_DAYS", min=2)
    ] = None,
) -> None:
    """Archive the days that are due now, and delete what retention no longer allows."""
    from services.history import close_once

    with open_memory() as (engine, archive, settings):
        kept = after_days or settings.archive_after_days
        tell(f"archived {close_once(engine, archive, kept, datetime.now(UTC))} days to {archive.folder}")


@memory.command(name="status")
def history_status() -> None:
    """Say how many days, rows and bytes the database and the archive hold."""
    from services.history import holdings

    with open_memory() as (engine, archive, _settings):
        for line in holdings(engine, archive.folder).lines():
            print(line)  # noqa: T201 - the answer itself, for pipes
