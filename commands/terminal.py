"""What commands say on the terminal, or in the log where that is for machines."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from model.errors import VigieError
from model.texts import words
from services.settings import Settings, read_settings

log = logging.getLogger("vigie")
console = Console(stderr=True, highlight=False)


def for_machines() -> bool:
    """Whether what is said is read by machines: in the log, as JSON."""
    return os.environ.get("VIGIE_LOG_FORMAT") == "json"


def tell(message: str) -> None:
    """Say on the terminal what is being done; in the log, where that is for machines."""
    if for_machines():
        log.info(Text.from_markup(message).plain)
        return
    console.print(f"[dim]{datetime.now():%H:%M:%S}[/dim] {message}", soft_wrap=True)  # noqa: DTZ005 - the reader's clock


@contextmanager
def progress(language: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar a step, on the terminal: ``step(label, done, total)``, the label a text or its key."""
    say = words(language)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def step(label: str, done: int, total: int | None) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(say(label) if say.has(label) else label, total=total)
            bars.update(tasks[label], completed=done, total=total)

        yield step


def settings_with_addresses() -> Settings:
    """The settings of a worker, which must be told where the database and Redis are."""
    settings = read_settings()
    for name in ("database_url", "redis_url"):
        if getattr(settings, name) is None:
            raise VigieError(f"VIGIE_{name.upper()} is not set: `serve` sets it, or give an address")
    return settings
