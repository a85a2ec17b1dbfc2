"""What a panel says, ready to be rendered: the same parts for every panel, in one language at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from model.texts import Words
from services.publishing.panels.drawings import Drawing


@dataclass(frozen=True, slots=True)
class Target:
    """What the city promised: at most ``rate`` percent, since when (ISO day), says who."""

    rate: float
    source: str
    since: str


@dataclass(frozen=True)
class CityFacts:
    """What every panel says of the city; ``area`` names the commune where it is of one alone.

    ``failure_target`` is what the city promised of its lights, None where it promised nothing.
    """

    city: str
    generated: bool
    attribution: str
    licence: str
    zone: ZoneInfo
    area: str = ""
    area_code: str = ""
    failure_target: Target | None = None

    @property
    def where(self) -> str:
        """The place the panel is about, in words."""
        return f"{self.area}, {self.city}" if self.area else self.city


@dataclass(frozen=True)
class Row:
    """One row of the table: its head (``machine`` is a time a program reads), and cells; None: no value."""

    head: str
    cells: tuple[str | None, ...]
    machine: str = ""


@dataclass(frozen=True)
class Story:
    """One panel in one language. ``headline`` is empty where nothing was measured; ``amount`` explains it.

    ``gap`` is what a cell without value says; ``when`` the time of the data in words, ``machine`` the same
    for programs; ``cadence`` how often it changes; ``coverage`` what of it is known.
    """

    domain: str
    title: str
    headline: str
    amount: Markup
    sentence: str
    grain: str
    drawing: Drawing
    label: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    gap: str
    when: str
    machine: str
    cadence: str
    coverage: str
    definition: str
    file_title: str


@dataclass(frozen=True)
class Drawn:
    """One panel: whose it is, the time of its data, its story by language, and its data as files.

    ``name`` is the publication's; ``period_s`` how often its data should be renewed, from which the page says
    that it is late; ``data`` are bytes and media type by extension (``json``, ``csv``).
    """

    name: str
    facts: CityFacts
    data_time: datetime | None
    period_s: int
    story: Callable[[Words], Story]
    data: Mapping[str, tuple[bytes, str]]
