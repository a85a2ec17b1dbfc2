"""The audit: prove that it is as it was written."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.memory import open_memory

audit = typer.Typer(no_args_is_help=True, help="Who did what: prove that the audit is as it was written.")


@audit.command(name="verify")
def audit_verify(
    kept: Annotated[
        list[Path] | None, typer.Option("--heads", help="Heads kept elsewhere, as `head` prints them")
    ] = None,
) -> None:
    """Prove that no entry was changed, removed, put in or moved; with kept heads, that none was cut off."""
    from services.access import read_heads, verdict_lines, verify_books

    known = [head for file in kept or () for head in read_heads(file.read_text("utf-8"), file.name)]
    with open_memory() as (engine, _archive, _settings):
        verdict = verify_books(engine, known)
    for line in verdict_lines(verdict):
        print(line)  # noqa: T201 - the answer itself, for pipes
    if not verdict.sound:
        raise typer.Exit(1)


@audit.command(name="head")
def audit_head() -> None:
    """Print the last entry of each book, to be kept where this server cannot write: `... >> heads.txt`."""
    from services.access import audit_heads, head_lines

    with open_memory() as (engine, _archive, _settings):
        lines = head_lines(audit_heads(engine))
    print(f"# {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")  # noqa: T201 - the answer itself, for pipes
    for line in lines:
        print(line)  # noqa: T201 - the answer itself, for pipes
