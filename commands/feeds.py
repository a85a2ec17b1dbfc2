"""Feeds: the city's sources, and what a payload becomes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from geodata.profiles import read_profile
from model.texts import words
from services.settings import read_settings

feeds = typer.Typer(no_args_is_help=True, help="The city's sources, and what a payload of theirs becomes.")


@feeds.command(name="list")
def feed_list() -> None:
    """The sources the city declares: adapter, transport, period and where they come from."""
    from services.live import listed

    settings = read_settings()
    for line in listed(read_profile(settings.city), words(settings.language), settings.simulator_port):
        print(line)  # noqa: T201 - the answer itself, for pipes


@feeds.command(name="test")
def feed_test(
    name: Annotated[str, typer.Argument(help="A source of the city, or an adapter")],
    file: Annotated[Path, typer.Argument(help="A payload, as it was received", exists=True, dir_okay=False)],
    shown: Annotated[int, typer.Option("--show", help="How many of each kind to show", min=0)] = 20,
) -> None:
    """Show what a payload becomes: observations, positions, rejects with reasons; store nothing."""
    from services.launch.preparing import columns_if_running
    from services.live import in_words, named_source, try_payload

    settings = read_settings()
    profile = read_profile(settings.city)
    source = named_source(profile, name, settings.simulator_port)
    columns = columns_if_running(settings, profile)
    trial = try_payload(source, file.read_bytes(), file, datetime.now(UTC), columns)
    for line in in_words(trial, words(settings.language), shown):
        print(line)  # noqa: T201 - the answer itself, for pipes
    if trial.refused:
        raise typer.Exit(1)
