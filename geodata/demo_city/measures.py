"""What the demo city measured: quarter-hourly, hourly and daily figures that agree with each other.

The last two weeks exist as quarter-hourly values, whose hours are their sums; before, each hour stands for
four equal quarters. A value is missing while its device was out of contact or its feed was cut.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.demo_city.dice import Floats
from geodata.demo_city.outages import HOUR, Ledger, shares, tally
from geodata.demo_city.physics import Physics, Rows
from geodata.demo_city.physics_sky import Instants, clock
from geodata.demo_city.quantities import MEASURED, QUARTER, SUMS, quantities
from geodata.demo_city.timeline import code_of

_SILENT = {
    "control_cabinet": ("no_contact",),
    "detector": ("silent", "no_contact"),
    "meter": ("fault", "no_contact"),
    "building": ("power_cut", "no_contact"),
    "junction": ("dark", "no_contact"),
    "gateway": ("hardware_fault", "no_contact"),
    "car_park": ("no_contact",),
}
"""States in which a device sends no value."""


@dataclass(frozen=True)
class Cut:
    """A feed that was away: ``asset_types`` sent nothing from ``start`` to ``end`` (s, whole hours)."""

    asset_types: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Span:
    """The past's three instants (s): first hour, first quarter-hourly value, and now."""

    first: int
    recent: int
    now: int

    @property
    def old_hours(self) -> Instants:
        """Hours known only by the hour."""
        return np.arange(self.first, self.recent, HOUR)

    @property
    def quarters(self) -> Instants:
        """Quarter-hours of the last two weeks that are over."""
        return np.arange(self.recent, self.now - self.now % QUARTER, QUARTER)

    @property
    def over(self) -> Instants:
        """The hours that are over."""
        return np.arange(self.first, self.now - self.now % HOUR, HOUR)

    @property
    def hours(self) -> Instants:
        """Every hour of the past, the one going on included once a quarter of it is over."""
        return np.arange(self.first, self.recent + -(-len(self.quarters) // 4) * HOUR, HOUR)


@dataclass(frozen=True)
class Figures:
    """Columns of rollups by asset and hour or day, each (n, m): count, sum, least, most."""

    n: npt.NDArray[np.int64]
    sum: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Past:
    """One property of one asset type: ``rows`` (n) assets; recent values and hourly figures by asset."""

    rows: Rows
    values: Floats
    present: npt.NDArray[np.bool_]
    hours: Figures


def measure_past(
    physics: Physics, ledger: Ledger, cuts: list[Cut], asset_type: str, span: Span
) -> dict[str, Past]:
    """Everything an asset type measured over ``span``, by property."""
    rows = physics.city.of(asset_type)
    old, recent = (
        _measured(physics, ledger, asset_type, rows, at, step)
        for at, step in ((span.old_hours, HOUR), (span.quarters, QUARTER))
    )
    heard = [
        _heard(physics, ledger, cuts, asset_type, rows, at, step)
        for at, step in ((span.old_hours, HOUR), (span.quarters, QUARTER))
    ]
    found = {}
    for name in MEASURED[asset_type]:
        before = _from_hours(old[name], heard[0], quarter=0.25 if name in SUMS else 1.0)
        after = _from_quarters(recent[name], heard[1])
        hours = _side_by_side(before, after)
        found[name] = Past(rows, recent[name], heard[1], hours)
    return found


def _side_by_side(one: Figures, other: Figures) -> Figures:
    return Figures(
        np.hstack([one.n, other.n]),
        np.hstack([one.sum, other.sum]),
        np.hstack([one.low, other.low]),
        np.hstack([one.high, other.high]),
    )


def _measured(
    physics: Physics, ledger: Ledger, asset_type: str, rows: Rows, at: Instants, step: int
) -> dict[str, Floats]:
    """Each property's value over steps of ``step`` seconds from ``at``; a cabinet feeds what is not down."""
    values = quantities(physics, asset_type, rows, at, step)
    if asset_type == "control_cabinet":
        power = np.round(values["power"] * (1 - _unlit(physics, ledger, rows, at, step)), 3)
        return {"energy": power * (step / HOUR), "power": power}
    return values


def _grid(ledger: Ledger, rows: Rows, owner: Rows, at: Instants, step: int) -> Floats:
    """Summed share of each step that outages of ``owner`` (row of each outage) lasted, by row: (n, m)."""
    interval, where, share = shares(ledger.start, ledger.end, int(at[0]), step, len(at))
    place = np.searchsorted(rows, owner)[interval] * len(at) + where
    return tally(place, share, len(rows) * len(at)).reshape(len(rows), len(at))


def _unlit(physics: Physics, ledger: Ledger, cabinets: Rows, at: Instants, step: int) -> Floats:
    """Share of a cabinet's load that is away: all of it while tripped, a part for each failed lamp."""
    city = physics.city
    lamps = city.of("streetlight")
    tripped = ledger.where(
        np.isin(ledger.rows, cabinets) & (ledger.state == code_of("control_cabinet", "breaker_tripped"))
    )
    failed = ledger.where(
        np.isin(ledger.rows, lamps) & (ledger.state == code_of("streetlight", "lamp_failure"))
    )
    fed = np.bincount(np.searchsorted(cabinets, city.parents[lamps]), minlength=len(cabinets))
    part = _grid(failed, cabinets, city.parents[failed.rows].astype("i8"), at, step) / fed[:, None]
    return np.asarray(np.clip(part + _grid(tripped, cabinets, tripped.rows, at, step), 0, 1))


def _heard(
    physics: Physics, ledger: Ledger, cuts: list[Cut], asset_type: str, rows: Rows, at: Instants, step: int
) -> npt.NDArray[np.bool_]:
    """Whether the value of each step arrived: device in contact for most of it, feed not cut."""
    codes = [code_of(asset_type, state) for state in _SILENT[asset_type]]
    silent = ledger.where(np.isin(ledger.rows, rows) & np.isin(ledger.state, codes))
    heard = _grid(silent, rows, silent.rows, at, step) < 0.5
    for cut in cuts:
        if asset_type in cut.asset_types:
            heard[:, (at >= cut.start) & (at < cut.end)] = False
    return np.asarray(heard)


def _from_hours(values: Floats, heard: npt.NDArray[np.bool_], quarter: float) -> Figures:
    """Hours that stand for four equal quarters: energy is shared among them, other values repeat."""
    each = values * quarter
    swing = 0.03 * np.abs(each)
    return Figures(
        np.where(heard, 4, 0).astype("i8"), np.where(heard, each * 4, 0), each - swing, each + swing
    )


def _from_quarters(values: Floats, heard: npt.NDArray[np.bool_]) -> Figures:
    """Hours as the sums of the quarter-hours that arrived."""
    starts = np.arange(0, values.shape[1], 4)
    return Figures(
        np.add.reduceat(heard.astype("i8"), starts, axis=1),
        np.add.reduceat(np.where(heard, values, 0), starts, axis=1),
        np.minimum.reduceat(np.where(heard, values, np.inf), starts, axis=1),
        np.maximum.reduceat(np.where(heard, values, -np.inf), starts, axis=1),
    )


def by_day(physics: Physics, hours: Figures, at: Instants) -> tuple[Figures, Rows, Rows]:
    """Hourly figures summed by local day: figures (n, d), days since 1970 (d), hours in each day (d)."""
    day = clock(physics.zone, at).day
    starts = np.flatnonzero(np.append(True, day[1:] != day[:-1]))
    days = day[starts]
    # The last day may not be over: it is counted with all its hours, as coverage is.
    ends = np.append(starts[1:], len(at))
    whole = ends - starts
    whole[-1] = max(int(whole[-1]), 24)
    return _reduced(hours, starts, axis=1), days, whole


def by_commune(hours: Figures, communes: Rows) -> tuple[Figures, Rows, Rows]:
    """Hourly figures summed by commune: figures (c, m), communes (c), how many assets each has (c)."""
    order = np.argsort(communes, kind="stable")
    found, starts, count = np.unique(communes[order], return_index=True, return_counts=True)
    ordered = Figures(hours.n[order], hours.sum[order], hours.low[order], hours.high[order])
    return _reduced(ordered, starts, axis=0), found, count


def _reduced(figures: Figures, starts: Rows, axis: int) -> Figures:
    there = figures.n > 0
    return Figures(
        np.add.reduceat(figures.n, starts, axis=axis),
        np.add.reduceat(figures.sum, starts, axis=axis),
        np.minimum.reduceat(np.where(there, figures.low, np.inf), starts, axis=axis),
        np.maximum.reduceat(np.where(there, figures.high, -np.inf), starts, axis=axis),
    )
