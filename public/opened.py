"""The open public door: what every answer is handed."""

from dataclasses import dataclass

from public.features.library import Library
from public.shelf import Clock, Shelf
from services.settings import Settings


@dataclass(frozen=True)
class Open:
    """Its settings, artefacts, the origins that may frame its panels, the datasets it holds, its clock."""

    settings: Settings
    shelf: Shelf
    origins: tuple[str, ...]
    library: Library
    clock: Clock
