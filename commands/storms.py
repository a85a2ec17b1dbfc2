"""A storm night in the running demo city, to be shown and to be worked through."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from commands.terminal import tell
from geodata.profiles import read_profile
from model.errors import BadRequest
from services.settings import read_settings


def storm(
    minutes: Annotated[float, typer.Option(help="How long things go wrong", min=0.5, max=240)] = 10.0,
    repair: Annotated[float, typer.Option(help="After how many minutes they are mended", min=1)] = 30.0,
    seed: Annotated[int | None, typer.Option(help="The same seed strikes the same city the same")] = None,
) -> None:
    """Let a storm pass over the running demo city: cabinets, feeders, gateways, junctions, power cuts."""
    from services.launch.preparing import running
    from services.simulation import StormWish, wish

    settings = read_settings()
    if not read_profile(settings.city).generated:
        raise BadRequest(f"{settings.city} is a real city: storms are for invented ones only")
    if settings.database_url is None:
        settings = running(settings)
    drawn = int(datetime.now(UTC).timestamp()) % 100_000 if seed is None else seed
    wish(settings.var, StormWish(minutes, repair, drawn))
    tell(f"a storm comes up: {minutes:g} minutes, seed {drawn}; the log of the senders tells what it struck")
