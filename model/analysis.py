"""The analysis pages: what each panel declares, what is asked, and the shapes figures come in.

A panel without a decision, an owner, a unit and a source does not load (field.md C8).
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from model.errors import BadProfile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OWNERS = frozenset(
    {"lighting_manager", "traffic_engineer", "video_supervisor", "energy_manager", "site_manager"}
)
SOURCES = frozenset({"area_hour", "area_hour_register", "rollup_hour", "states"})


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
        _panel("lighting", "lighting_manager", "compliance", "%", "area_hour"),
        _panel("lighting", "lighting_manager", "burning", "h", "area_hour_register"),
        _panel("lighting", "lighting_manager", "cabinet_load", "kW", "rollup_hour"),
        _panel("traffic", "traffic_engineer", "flow", "veh/h", "area_hour"),
        _panel("traffic", "traffic_engineer", "speed", "km/h", "area_hour"),
        _panel("traffic", "traffic_engineer", "occupancy", "%", "area_hour"),
        _panel("traffic", "traffic_engineer", "travel_time", "ratio", "rollup_hour"),
        _panel("traffic", "traffic_engineer", "classes", "%", "rollup_hour"),
        _panel("traffic", "traffic_engineer", "fundamental", "veh/h", "rollup_hour"),
        _panel("surveillance", "video_supervisor", "availability", "%", "area_hour"),
        _panel("surveillance", "video_supervisor", "camera_areas", "%", "area_hour"),
        _panel("surveillance", "video_supervisor", "cameras", "%", "states"),
        _panel("surveillance", "video_supervisor", "outages", "h", "states"),
        _panel("energy", "energy_manager", "consumption", "kWh", "area_hour"),
        _panel("energy", "energy_manager", "signature", "kWh", "area_hour"),
        _panel("energy", "energy_manager", "load_profile", "kW", "area_hour"),
        _panel("access", "site_manager", "alarms", "events", "states"),
        _panel("access", "site_manager", "openings", "events", "area_hour"),
        _panel("access", "site_manager", "doors", "events", "states"),
    )
}
"""Every panel, in the order its page shows it."""

DOMAINS_SHOWN = ("lighting", "traffic", "surveillance", "energy", "access")
"""The views, in the order of their tabs."""


def panels_of(domain: str) -> list[Panel]:
    """The panels of a domain's view, in order."""
    return [panel for panel in PANELS.values() if panel.domain == domain]


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


def over(top: npt.NDArray[Any], bottom: npt.NDArray[Any]) -> Floats:
    """``top / bottom``; NaN where ``bottom`` is not above 0. Arrays of shapes that fit each other."""
    found: Floats = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found


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
        return over(self.total, self.n)


@dataclass(frozen=True, eq=False, slots=True)
class Week:
    """A figure by local weekday (Monday first) and hour of day: arrays (7, 24).

    ``values`` NaN where nothing was received, the mean of ``n`` values; ``coverage`` 0 to 1 over the hours of
    the period that fell there (an hour the clock repeats counts twice).
    """

    values: Floats
    n: Floats
    coverage: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Daily:
    """Figures by local day: ``series`` by name, NaN for a gap; ``coverage`` 0 to 1; ``lengths`` in hours."""

    days: tuple[date, ...]
    series: dict[str, Floats]
    coverage: Floats
    lengths: Floats


@dataclass(frozen=True, slots=True)
class Fact:
    """One number a panel says: its name (words ``analysis.fact.<name>``), value, unit and decimals."""

    name: str
    value: float
    unit: str = ""
    decimals: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class ByHour:
    """Series over the 24 local hours of the day, by name; NaN where nothing was received.

    ``stacked`` ones are parts of a whole. ``labels`` stand above the hours (levels of service), or none.
    """

    series: dict[str, Floats]
    stacked: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Cloud:
    """Points (x, y) of equal length with the names of their axes, and a fitted line or None.

    ``fit`` is slope, intercept and R2 of y = intercept + slope x. ``dense`` clouds are drawn as how many
    points lie where.
    """

    x: Floats
    y: Floats
    x_name: str
    y_name: str
    fit: tuple[float, float, float] | None = None
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: what it is of (``external_id`` empty: not an asset), and its cells.

    A cell is a number, or a text as it stands, or an instant (UTC).
    """

    external_id: str
    name: str
    cells: tuple[float | str | datetime, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list, worst first: columns as (name, unit, decimals), ``rows`` shown of ``total`` there are;
    ``closed`` are not named since their record is protected."""

    columns: tuple[tuple[str, str, int], ...]
    rows: tuple[Row, ...]
    total: int
    closed: int = 0

    def without(self, names: frozenset[str]) -> "Ranking":
        """The list without the rows of the assets called ``names`` (external ids)."""
        rows = tuple(row for row in self.rows if row.external_id not in names)
        return Ranking(self.columns, rows, self.total, len(self.rows) - len(rows))


@dataclass(frozen=True, eq=False, slots=True)
class Content:
    """What one panel shows: what was read, its facts, and those shapes of its figures that it has.

    ``why`` names the words that explain an empty panel (``analysis.why.<why>``).
    """

    read: Read
    facts: tuple[Fact, ...] = ()
    daily: Daily | None = None
    week: Week | None = None
    hours: ByHour | None = None
    clouds: tuple[Cloud, ...] = ()
    ranking: Ranking | None = None
    second: Ranking | None = None
    why: str = "nothing"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.read.empty


def unnamed(view: "View", closed: frozenset[str]) -> "View":
    """``view`` without the rows that name an asset of ``closed`` (external ids)."""
    return {
        key: replace(
            content,
            ranking=content.ranking.without(closed) if content.ranking else None,
            second=content.second.without(closed) if content.second else None,
        )
        for key, content in view.items()
    }


View = dict[str, Content]
"""The contents of a view by panel key."""
