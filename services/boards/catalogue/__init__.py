"""The catalogue of key figures: each a declaration. A new one is one entry of its domain, and its words
(kpis.toml).

Definitions are those of the field (docs/figures.md tells each with its source). Cities set targets in their
profile, ``[thresholds.<key>]``, and tariffs, ``[[tariffs.<domain>]]``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from model.domains import DOMAIN_OF
from model.kpis import Kpi
from services.boards.catalogue.access import ACCESS
from services.boards.catalogue.energy import ENERGY
from services.boards.catalogue.lighting import LIGHTING
from services.boards.catalogue.service import SERVICE
from services.boards.catalogue.surveillance import SURVEILLANCE
from services.boards.catalogue.traffic import TRAFFIC

FEWEST_CASES = 5
"""Under so many cases no median is told."""

KPIS: tuple[Kpi, ...] = (*LIGHTING, *TRAFFIC, *SURVEILLANCE, *ENERGY, *ACCESS, *SERVICE)
KPI_BY_KEY: Mapping[str, Kpi] = MappingProxyType({kpi.key: kpi for kpi in KPIS})

CITY_BOARD: tuple[str, ...] = (
    "failure_rate",
    "repair_time",
    "lighting_energy",
    "junction_availability",
    "travel_time_index",
    "camera_availability",
    "energy_intensity",
    "base_load",
    "access_availability",
    "data_coverage",
    "datasets_open",
    "letters_in_time",
)
"""What the city board shows, in this order."""


def asset_type_of(kpi: Kpi) -> str | None:
    """The asset type whose observations lie under ``kpi``; None where no equipment measures it."""
    return next((kind for kind, _ in kpi.sources if kind in DOMAIN_OF), None)
