"""Public panels: each one file, from published tables to a story and a drawing."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from services.publishing.panels import availability, energy_week, equipment, failures_map, traffic_now
from services.publishing.panels.story import CityFacts, Drawn
from services.publishing.panels.tables import Outlines, Tables


@dataclass(frozen=True)
class Panel:
    """One panel there is: the datasets it is drawn from, how often it is made (seconds), and how."""

    name: str
    datasets: tuple[str, ...]
    every_s: int
    draw: Callable[[Tables, CityFacts, Outlines], Drawn]


def _panel(one: ModuleType) -> Panel:
    return Panel(one.NAME, one.DATASETS, one.EVERY_S, one.draw)


PANELS: tuple[Panel, ...] = tuple(
    map(_panel, (traffic_now, failures_map, energy_week, availability, equipment))
)
"""Every panel that is drawn from published tables, in the order of the gallery."""

__all__ = ["PANELS", "CityFacts", "Drawn", "Outlines", "Panel", "Tables"]
