"""The open public door: what every answer is handed."""

from dataclasses import dataclass

from public.features.library import Library
from public.sensorthings.keeping import Worlds
from public.shelf import Shelf
from services.settings import Settings


@dataclass(frozen=True)
class Open:
    """Its settings, its artefacts, the origins that may frame its panels, and the datasets it holds: as
    features, and as observations."""

    settings: Settings
    shelf: Shelf
    origins: tuple[str, ...]
    library: Library
    worlds: Worlds
