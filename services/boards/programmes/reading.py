"""What programmes are compared by: energy a point and failure rate, by area and local day."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from geodata.profiles import CityProfile
from model.programmes import ProgrammeKind
from services.boards.programmes.comparing import Quantity
from services.boards.promises.reading import CABINETS, LIT, lit_hours
from services.history import AreaTable, area_table

Floats = npt.NDArray[np.float64]
_FAULTS = {ProgrammeKind.LED: "streetlight", ProgrammeKind.JUNCTION: "junction"}
_POINTS = text(
    """
    SELECT coalesce(CASE WHEN :kind = 'district' THEN district_id ELSE commune_id END, 0), count(*)
    FROM asset WHERE asset_type = 'streetlight' AND removed_at IS NULL GROUP BY 1
    """
)


@dataclass(frozen=True, eq=False)
class Measures:
    """The measures compared, and the burning hours of each day (empty where none of them needs those)."""

    measures: tuple[Quantity, ...]
    hours: Floats


def quantities(
    connection: Connection, profile: CityProfile, kind: ProgrammeKind, first: date, last: date
) -> Measures:
    """The measures of programmes of ``kind`` on every local day from ``first`` to ``last``."""
    faults = (_FAULTS[kind], "fault_share")
    pairs = [faults] if kind is ProgrammeKind.JUNCTION else [faults, CABINETS, LIT]
    table = area_table(connection, profile.zone, pairs, first, last)
    rate = Quantity(
        "failure_rate", table.areas, table.days, table.sum[faults], table.n[faults], table.coverage[faults],
        100.0, relative=False,
    )  # fmt: skip
    if kind is ProgrammeKind.JUNCTION:
        return Measures((rate,), np.zeros(0))
    hours = lit_hours(table)
    return Measures((_energy(connection, profile, table, hours), rate), hours)


def _energy(connection: Connection, profile: CityProfile, table: AreaTable, hours: Floats) -> Quantity:
    """kWh over point-hours lit, told as kWh of a year: a longer night is no change, nor is a gap."""
    counted = {row[0]: int(row[1]) for row in connection.execute(_POINTS, {"kind": profile.area_kind})}
    points = np.array([counted.get(area, 0) for area in table.areas], "f8")[:, None]
    known = np.isfinite(hours)
    coverage = np.where(known, table.coverage[CABINETS], 0.0)
    lit = points * np.where(known, hours, 0.0) * coverage
    return Quantity(
        "kwh_per_point", table.areas, table.days, np.where(coverage > 0, table.sum[CABINETS], 0.0), lit,
        coverage, yearly(hours), relative=True,
    )  # fmt: skip


def yearly(hours: Floats) -> float:
    """Burning hours of a year: of the last 365 days known, brought to 365."""
    told = hours[np.isfinite(hours)][-365:]
    return 365 * float(told.mean()) if len(told) else 0.0


def yearly_hours(read: Measures) -> float:
    """The burning hours that kWh a point and year are told at."""
    return yearly(read.hours)
