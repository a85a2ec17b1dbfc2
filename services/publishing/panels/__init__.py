"""Public panels: each one file, from published tables to a story and a drawing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType

from services.publishing.panels import (
    availability,
    commune_board,
    energy_week,
    equipment,
    failures_map,
    road_traffic,
)
from services.publishing.panels.story import CityFacts, Drawn
from services.publishing.panels.tables import Outlines, Tables, areas_of, narrowed


@dataclass(frozen=True)
class Panel:
    """One panel there is: the datasets it is drawn from, how often it is made (seconds), and how.

    ``by_area``: it can be had of one commune alone as well.
    """

    name: str
    datasets: tuple[str, ...]
    every_s: int
    draw: Callable[[Tables, CityFacts, Outlines], Drawn]
    by_area: bool

    def everywhere(self, tables: Tables, facts: CityFacts, outlines: Outlines) -> Iterator[Drawn]:
        """The panel of the whole city, then of each commune where it can be had of one."""
        yield self.draw(tables, facts, outlines)
        for code, name in areas_of(tables).items() if self.by_area else ():
            yield self.draw(narrowed(tables, code), replace(facts, area=name, area_code=code), outlines)


def _panel(one: ModuleType) -> Panel:
    return Panel(one.NAME, one.DATASETS, one.EVERY_S, one.draw, one.BY_AREA)


PANELS: tuple[Panel, ...] = tuple(
    map(_panel, (road_traffic, failures_map, commune_board, energy_week, availability, equipment))
)
"""Every panel that is drawn from published tables, in the order of the gallery."""

__all__ = ["PANELS", "CityFacts", "Drawn", "Outlines", "Panel", "Tables"]
