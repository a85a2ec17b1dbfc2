"""Figures by day and area: failures, availability, energy. The quantities of the key figures.

What the board says of a commune's day is what is published of it: the same rollups (``area_day``), the same
reduction, and nothing where too little of the day was received.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import Connection, text

from geodata.asking import asking
from model.datasets import Place, Span
from model.kpis import Kpi, Measure
from services.boards import KPI_BY_KEY
from services.history import AreaTable, area_table
from services.publishing.datasets.asked import DEADLINE_MS, Asked, CannotCoarsen, month_starts
from services.publishing.datasets.shaping import shaped
from services.publishing.lighting import MIN_COVERAGE

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """How a dataset says a key figure: its column, what is counted, and the least coverage."""

    figure: str
    column: str
    counted: str = "points"
    floor: float | None = None


SAID: dict[str, Said] = {
    # The panel of the same figure calls a day a gap below half; both must tell the same days.
    "lighting-failures": Said("failure_rate", "failure_rate", floor=MIN_COVERAGE),
    "video-availability": Said("camera_availability", "availability"),
    "access-availability": Said("access_availability", "availability"),
    "energy-by-area": Said("building_energy", "energy", "delivery_points"),
}


@dataclass(frozen=True)
class Area:
    """An area figures are of; id 0, without name and code: what lies outside every one."""

    id: int
    name: str | None
    code: str | None


@dataclass(frozen=True, eq=False)
class Cells:
    """The figure by place and span: values received, their sum, coverage (0 to 1), and assets."""

    n: Floats
    sum: Floats
    coverage: Floats
    counted: Floats
    hours: Floats


def area_figures(asked: Asked) -> pa.Table:
    """A row for each area (or the city) and each day (or month) of the release."""
    if asked.release.grain.place is Place.ASSET or asked.release.grain.span < Span.DAY:
        raise CannotCoarsen(f"{asked.release.name}: these figures are by area and day at the finest")
    said = SAID[asked.release.dataset.name]
    figure = figure_of(asked, said)
    first, last = asked.days
    with asking(asked.engine, DEADLINE_MS) as connection:
        areas = _areas(connection, asked)
        found = area_table(connection, asked.profile.zone, figure.sources, first, last)
        table = laid_on(found, [area.id for area in areas])
        counted = _counted(connection, asked, areas, table.days)
    places, days, cells = _coarser(asked, areas, table, _cells(table, figure, counted))
    return _rows(asked, said, figure, places, days, cells)


def figure_of(asked: Asked, said: Said) -> Kpi:
    """The key figure, of the dataset's asset types alone."""
    board = KPI_BY_KEY[said.figure]
    return replace(board, sources=tuple(pair for pair in board.sources if pair[0] in asked.types))


_AREAS = text(
    "SELECT id, name, code FROM area WHERE kind = :kind "
    "AND (CAST(:areas AS integer[]) IS NULL OR id = ANY (:areas) OR parent_id = ANY (:areas)) ORDER BY id"
)


def _areas(connection: Connection, asked: Asked) -> list[Area]:
    """The areas of the kind the city counts by that lie in the release; in a whole city, also outside all."""
    rows = connection.execute(_AREAS, {"kind": asked.profile.area_kind, "areas": asked.areas})
    outside = [Area(0, None, None)] if asked.areas is None else []
    return [*outside, *(Area(*row) for row in rows)]


_COUNTED = text(
    """
    SELECT coalesce(CASE WHEN :kind = 'district' THEN district_id ELSE commune_id END, 0),
           (installed_at AT TIME ZONE :zone)::date, (removed_at AT TIME ZONE :zone)::date, count(*)
    FROM asset WHERE asset_type = ANY (:types) GROUP BY 1, 2, 3
    """
)


def _counted(connection: Connection, asked: Asked, areas: Sequence[Area], days: Sequence[date]) -> Floats:
    """How many assets each area had in place on each day: f8 (areas, days)."""
    change = np.zeros((len(areas), len(days) + 1))
    at = {area.id: row for row, area in enumerate(areas)}
    bounds = {name: asked.bounds[name] for name in ("kind", "zone", "types")}
    for area, installed, removed, count in connection.execute(_COUNTED, bounds):
        if area in at and days:
            change[at[area], _place(installed, days)] += count
            change[at[area], _place(removed, days, len(days)) if removed else len(days)] -= count
    counted: Floats = change.cumsum(axis=1)[:, :-1]
    return counted


def _place(day: date | None, days: Sequence[date], never: int = 0) -> int:
    """The column of ``day`` among ``days``; 0 before them all, one past the last after them all."""
    if day is None:
        return never
    return min(max((day - days[0]).days, 0), len(days))


def laid_on(table: AreaTable, areas: Sequence[int]) -> AreaTable:
    """``table`` for exactly ``areas``: what nothing was received of is there, with coverage 0."""
    row = {area: place for place, area in enumerate(table.areas)}
    pairs = [(place, row[area]) for place, area in enumerate(areas) if area in row]
    to, source = (np.array([pair[side] for pair in pairs], "i8") for side in (0, 1))

    def laid(values: Floats) -> Floats:
        whole = np.zeros((len(areas), len(table.days)))
        whole[to] = values[source]
        return whole

    n, total, coverage = (
        {pair: laid(values) for pair, values in kind.items()} for kind in (table.n, table.sum, table.coverage)
    )
    return AreaTable(tuple(areas), table.days, table.hours, n, total, coverage)


def _cells(table: AreaTable, figure: Kpi, counted: Floats) -> tuple[Cells, Floats]:
    """The figure by area and day, and what each area weighs in the coverage of several."""
    n, total, covered = (np.zeros((len(table.areas), len(table.days))) for _ in range(3))
    weight = np.zeros((len(table.areas), 1))
    for pair in figure.sources:
        n += table.n[pair]
        total += table.sum[pair]
        covered += table.coverage[pair] * table.weight(pair)
        weight += table.weight(pair)
    coverage = np.divide(covered, weight, out=np.zeros_like(n), where=weight > 0)
    return Cells(n, total, coverage, counted, np.broadcast_to(table.hours, n.shape)), weight


def reduced(measure: Measure, n: Floats, total: Floats) -> Floats:
    """The figure of each cell from its values: their share or its complement in percent, or their sum."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, total / n, np.nan)
    if measure is Measure.TOTAL:
        return np.where(n > 0, total, np.nan)
    return 100 * (1 - share) if measure is Measure.COMPLEMENT else 100 * share


def _coarser(
    asked: Asked, areas: list[Area], table: AreaTable, given: tuple[Cells, Floats]
) -> tuple[list[Area], list[date], Cells]:
    """The cells of the release's grain: areas joined into the city, days into months."""
    cells, weight = given
    places, days = areas, list(table.days)
    if asked.release.grain.place is Place.CITY:
        places, cells = [Area(0, None, None)], _city(cells, weight)
    if asked.release.grain.span >= Span.MONTH and days:
        months = month_starts(days[0], days[-1])
        cells = _months(cells, np.array([months.index(day.replace(day=1)) for day in days]))
        days = months
    return places, days, cells


def _city(cells: Cells, weight: Floats) -> Cells:
    def whole(values: Floats) -> Floats:
        added: Floats = values.sum(axis=0, keepdims=True)
        return added

    coverage = whole(cells.coverage * weight) / max(float(weight.sum()), 1e-9)
    return Cells(whole(cells.n), whole(cells.sum), coverage, whole(cells.counted), cells.hours[:1])


def _months(cells: Cells, month: npt.NDArray[np.int64]) -> Cells:
    """Days into months: ``month`` is each day's. Of the assets counted the fewest, as secrecy wants it."""
    starts = np.flatnonzero(np.append(True, np.diff(month) > 0))
    n, total, covered, hours = (
        np.asarray(np.add.reduceat(values, starts, axis=1), "f8")
        for values in (cells.n, cells.sum, cells.coverage * cells.hours, cells.hours)
    )
    return Cells(n, total, covered / hours, np.minimum.reduceat(cells.counted, starts, axis=1), hours)


def _rows(
    asked: Asked, said: Said, figure: Kpi, places: list[Area], days: list[date], cells: Cells
) -> pa.Table:
    values = reduced(figure.measure, cells.n, cells.sum)
    floor = figure.coverage_floor if said.floor is None else said.floor
    values = np.where(cells.coverage >= floor, values, np.nan)
    there = np.flatnonzero((cells.n > 0).any(axis=0))
    kept = (cells.n > 0) | (cells.counted > 0)
    # Before the first day on record there is no gap, there is nothing.
    kept[:, : int(there[0]) if len(there) else len(days)] = False
    place, day = np.nonzero(kept)
    columns = {
        "day": pa.array(days, pa.date32()).take(pa.array(day)),
        "area": pa.array([area.name for area in places], pa.string()).take(pa.array(place)),
        "area_code": pa.array([area.code for area in places], pa.string()).take(pa.array(place)),
        said.counted: cells.counted[kept],
        said.column: values[kept],
        "coverage": 100 * np.minimum(cells.coverage[kept], 1.0),
    }
    return shaped(asked.release, columns, len(place))
