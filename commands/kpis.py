"""Key figures: list them, compute them again, prove that what is stored is what a recount gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.terminal import tell
from geodata.profiles import CityProfile, read_profile
from model.errors import VigieError
from services.settings import read_settings

if TYPE_CHECKING:
    from model.kpis import Kpi

kpis = typer.Typer(
    no_args_is_help=True, help="Key figures: list them, compute them again, prove what is stored."
)
Key = Annotated[list[str] | None, typer.Option("--key", help="Only this figure; may be repeated")]
First = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First local day")]
Last = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last local day")]


@contextmanager
def open_kpis() -> "Iterator[tuple[Any, CityProfile]]":
    """The database of this installation and the city's profile: (engine, profile)."""
    from geodata.database import open_engine
    from services.launch.preparing import ground

    with ground(read_settings(), tell) as laid:
        engine = open_engine(str(laid.settings.database_url), statement_ms=600_000)
        try:
            yield engine, read_profile(laid.settings.city)
        finally:
            engine.dispose()


def _chosen(keys: list[str] | None) -> "tuple[Kpi, ...]":
    from services.boards import KPI_BY_KEY, KPIS

    unknown = [key for key in keys or () if key not in KPI_BY_KEY]
    if unknown:
        raise VigieError(f"no key figure {unknown[0]!r}: `python app.py kpis list` names them all")
    return tuple(KPI_BY_KEY[key] for key in keys) if keys else KPIS


@kpis.command(name="list")
def list_() -> None:
    """Say every figure with its unit, domain and owner, one a line."""
    for kpi in _chosen(None):
        row = f"{kpi.key:<24} {kpi.domain:<13} {kpi.unit:<20} {kpi.measure:<11} {kpi.owner}"
        print(row)  # noqa: T201 - the answer itself, for pipes


@kpis.command()
def recompute(key: Key = None, first: First = None, last: Last = None) -> None:
    """Compute stored days again, with the months and years that hold them; new days first."""
    from services.boards import keep_kpis_once
    from services.boards import recompute as again

    chosen = _chosen(key)
    with open_kpis() as (engine, profile):
        keep_kpis_once(engine, profile, datetime.now(UTC))
        for done, begin, end in again(
            engine, profile, chosen, first.date() if first else None, last.date() if last else None
        ):
            tell(f"{done}: {begin} to {end}")


@kpis.command()
def verify(key: Key = None, first: First = None, last: Last = None) -> None:
    """Hold every stored day against a recount; each difference is one line, and the end code 1."""
    from services.boards import verify as compare

    chosen = _chosen(key)
    with open_kpis() as (engine, profile):
        verdict = compare(
            engine, profile, chosen, first.date() if first else None, last.date() if last else None
        )
    for difference in verdict.differences:
        print(difference)  # noqa: T201 - the answer itself, for pipes
    tell(verdict.summary())
    if verdict.differences:
        raise typer.Exit(1)
