"""The open public door: what every answer is handed."""

from dataclasses import dataclass

from public.shelf import Shelf
from services.settings import Settings


@dataclass(frozen=True)
class Open:
    """Its settings, the artefacts it serves, and the origins that may frame its panels."""

    settings: Settings
    shelf: Shelf
    origins: tuple[str, ...]
