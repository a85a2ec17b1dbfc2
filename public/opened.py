"""The open public door: what every answer is handed."""

from dataclasses import dataclass, field

from public.features.library import Library
from public.features.sheets import Streams
from public.sensorthings.keeping import Worlds
from public.shelf import Clock, Shelf
from services.settings import Settings


@dataclass(frozen=True)
class Open:
    """Its settings, its artefacts, the origins that may frame its panels, the datasets it holds (as features,
    and as observations), its clock, and how many tables of them are going out now."""

    settings: Settings
    shelf: Shelf
    origins: tuple[str, ...]
    library: Library
    worlds: Worlds
    clock: Clock
    streams: Streams = field(default_factory=Streams)
