"""The analysis pages: what each panel declares, what is asked, and the shapes figures come in.

A panel without a decision, an owner, a unit and a source does not load (field.md C8).
"""

from dataclasses import dataclass, fields
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from model.errors import BadProfile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OWNERS = frozenset({"lighting_manager", "traffic_engineer", "video_supervisor", "energy_manager", "site_manager"})
SOURCES = frozenset({"area_hours", "asset_hours", "states", "area_hours_and_assets"})


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure of the analysis pages: whom it helps to decide what, in which unit, from what.

    ``decision`` names the words ``analysis.<decision>.decision``; ``owner`` one of OWNERS, ``source`` one of
    SOURCES. Raises BadProfile when one of them is missing or unknown.
    """

    key: str
    domain: str
    decision: str
    owner: str
    unit: str
    source: str

    def __post_init__(self) -> None:
        """Refuse a panel that does not say what it is for."""
        for part in fields(self):
            if not getattr(self, part.name).strip():
                raise BadProfile(f"the panel {self.key!r} declares no {part.name}; it does not load")
        if self.owner not in OWNERS or self.source not in SOURCES:
            raise BadProfile(f"the panel {self.key!r} has an unknown owner or source; it does not load")


def _panel(domain: str, owner: str, key: str, unit: str, source: str) -> Panel:
    return Panel(key, domain, key, owner, unit, source)


PANELS: dict[str, Panel] = {
    panel.key: panel
    for panel in (
        _panel("lighting", "lighting_manager", "deviations", "lamps", "states"),
        _panel("lighting", "lighting_manager", "compliance", "%", "area_hours"),
        _panel("lighting", "lighting_manager", "burning", "h", "area_hours_and_assets"),
        _panel("lighting", "lighting_manager", "cabinet_load", "kW", "asset_hours"),
        _panel("lighting", "lighting_manager", "night_load", "kW", "area_hours_and_assets"),
    )
}
"""Every panel, in the order its page shows it."""

DOMAINS_SHOWN = ("lighting",)
"""The views, in the order of their tabs."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a view is asked: a domain in an area (None: the city) over whole local days, both included.

    ``t0`` and ``t1`` (aware, UTC) bound them; ``pick`` is the external id of one asset looked at closely.
    """

    domain: str
    area_id: int | None
    first: date
    last: date
    t0: datetime
    t1: datetime
    pick: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What a figure was read from: ``source`` (area_hour, rollup_hour, rollup_day, states), the instants
    (UTC) between which something was there, the share of expected values received (0 to 1), and how many
    values or changes that were."""

    source: str
    t0: datetime | None
    t1: datetime | None
    coverage: float
    n: int

    @property
    def empty(self) -> bool:
        """Whether nothing at all was found."""
        return self.n == 0


@dataclass(frozen=True, eq=False, slots=True)
class Hours:
    """One figure of an area by UTC hour, laid on every hour of the period; columns of one length.

    ``at`` f8 epoch seconds; ``n`` values and their ``total`` (0 and NaN in an hour without any);
    ``coverage`` 0 to 1.
    """

    at: Floats
    n: Floats
    total: Floats
    coverage: Floats

    @property
    def mean(self) -> Floats:
        """``total / n``; NaN in an hour without values."""
        return np.divide(self.total, self.n, out=np.full(len(self.n), np.nan), where=self.n > 0)


@dataclass(frozen=True, eq=False, slots=True)
class Week:
    """A figure by local weekday (Monday first) and hour of day: arrays (7, 24).

    ``values`` NaN where nothing was received; ``hours`` how many hours of the period fell there (an hour the
    clock repeats counts twice), ``coverage`` of them 0 to 1.
    """

    values: Floats
    hours: Ints
    coverage: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Daily:
    """Figures by local day: ``series`` by name, NaN for a gap; ``coverage`` 0 to 1; ``lengths`` in hours."""

    days: tuple[date, ...]
    series: dict[str, Floats]
    coverage: Floats
    lengths: Floats


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One line of a list of assets, with its figures in the order the list says."""

    external_id: str
    name: str
    area: str
    figures: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area with its figures."""

    area_id: int
    name: str
    figures: tuple[float, ...]
