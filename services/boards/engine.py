"""The engine: computes the declared figures of one day from the rollups, in three questions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from geodata.scoping import areas_of, domains_of
from model.board import AreaFigure, Board, DayValue, Figure, FigureResult, Reduce
from services.boards.catalogue import FIGURES, POINTS
from services.boards.judging import change_of, target_of, verdict_of, worst_and_best
from services.boards.outlines import little_map
from services.boards.reducing import area_values, city_values, pooled
from services.boards.repair_figure import KnownStates, repair_figure
from services.boards.repairs import WINDOW, Repair, repairs
from services.history import AreaTable, area_table, day_start

TREND_DAYS = 30
REPAIR_MEMORY = timedelta(days=30)
DEADLINE_MS = 8_000
LAMP_STATES = ("streetlight", "fault_share")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything the figures of one day are made of, as read."""

    day: date
    zone: ZoneInfo
    table: AreaTable
    points: dict[str, Floats]
    names: dict[int, str]
    repairs: list[Repair]


def compute_board(
    engine: Engine, zone: ZoneInfo, day: date, thresholds: Mapping[str, Any], area_kind: str = "commune"
) -> Board:
    """The city's local ``day`` in the figures of the catalogue.

    Raises Unavailable when the database is away or does not answer in time.
    """
    figures = figures_in(domains_of(engine))
    with asking(engine, DEADLINE_MS) as connection:
        inputs = _read(connection, zone, day, area_kind, figures, areas_of(engine))
        shapes = little_map(connection, area_kind, sorted(inputs.names))
    results = tuple(_result(figure, inputs, dict(thresholds)) for figure in figures)
    return Board(day, datetime.now(UTC), results, shapes)


def figures_in(domains: Collection[str] | None) -> tuple[Figure, ...]:
    """The figures of ``domains`` (None: all): one that could only be empty is not on the board."""
    return tuple(figure for figure in FIGURES if domains is None or figure.domain in domains)


_NAMES = text(
    "SELECT id, name FROM area WHERE kind = :kind AND (CAST(:own AS integer[]) IS NULL OR id = ANY (:own) "
    "OR parent_id = ANY (:own))"
)


def _read(
    connection: Connection,
    zone: ZoneInfo,
    day: date,
    area_kind: str,
    figures: Sequence[Figure],
    own: list[int] | None,
) -> Inputs:
    pairs = [pair for f in figures if f.reduce is not Reduce.MEDIAN_REPAIR for pair in f.sources]
    table = area_table(connection, zone, pairs, day - timedelta(days=TREND_DAYS - 1), day)
    until = day_start(day + timedelta(days=1), zone)
    found = connection.execute(_NAMES, {"kind": area_kind, "own": own})
    names: dict[int, str] = {row[0]: row[1] for row in found}
    return Inputs(
        day, zone, table, _points(connection, table, area_kind), names,
        repairs(connection, until - REPAIR_MEMORY, until, area_kind)
        if any(figure.reduce is Reduce.MEDIAN_REPAIR for figure in figures) else [],
    )  # fmt: skip


_COUNTS = text(
    """
    SELECT asset_type, coalesce(CASE WHEN :kind = 'district' THEN district_id ELSE commune_id END, 0),
           count(*)
    FROM asset WHERE removed_at IS NULL AND asset_type = ANY (:types) GROUP BY 1, 2
    """
)


def _points(connection: Connection, table: AreaTable, area_kind: str) -> dict[str, Floats]:
    """How many points of each type every area of the table has: f8 (areas)."""
    at = {area: row for row, area in enumerate(table.areas)}
    points = {kind: np.zeros(len(at)) for kind in POINTS.values()}
    wanted = {"kind": area_kind, "types": sorted(points)}
    for kind, area, count in connection.execute(_COUNTS, wanted):
        if area in at:
            points[kind][at[area]] = count
    return points


def _result(figure: Figure, inputs: Inputs, thresholds: dict[str, Any]) -> FigureResult:
    target = target_of(thresholds, figure.key)
    if figure.reduce is Reduce.MEDIAN_REPAIR:
        return repair_figure(figure, inputs.repairs, inputs.day, inputs.zone, _known_states(inputs), target)
    table = inputs.table
    points = inputs.points.get(POINTS.get(figure.key, ""), np.ones(len(table.areas)))
    cells = pooled(table, figure, points)
    values = city_values(figure, cells)
    coverage = float(cells.city_coverage[-1])
    value = _told(values[-1])
    areas = _areas(
        figure, inputs, area_values(figure, cells, len(table.days) - 1), cells.coverage[:, -1], cells.n[:, -1]
    )
    worst, best = worst_and_best(figure, areas)
    return FigureResult(
        figure=figure,
        value=value,
        change=change_of(figure, values),
        trend=tuple(DayValue(day, _told(v)) for day, v in zip(table.days, values, strict=True)),
        target=target,
        verdict=verdict_of(figure, value, target),
        coverage=coverage,
        n=int(cells.n[:, -1].sum()),
        withheld=_why_withheld(figure, value, coverage),
        areas=areas,
        worst=worst,
        best=best,
    )


def _known_states(inputs: Inputs) -> KnownStates:
    """How well the lamps' states were known over the days repairs are counted in."""
    table, days = inputs.table, WINDOW.days
    by_area = table.coverage[LAMP_STATES][:, -days:].mean(axis=1)
    return KnownStates(
        float(table.city_coverage(LAMP_STATES)[-days:].mean()),
        {
            area: (name, float(by_area[table.areas.index(area)]) if area in table.areas else 0.0)
            for area, name in inputs.names.items()
        },
    )


def _areas(
    figure: Figure, inputs: Inputs, values: Floats, coverage: Floats, n: Floats
) -> tuple[AreaFigure, ...]:
    """Every commune with its value, also those the figure has nothing of."""
    at = {area: row for row, area in enumerate(inputs.table.areas)}
    found = [
        AreaFigure(area, name, _told(values[at[area]]), float(coverage[at[area]]), int(n[at[area]]))
        if area in at
        else AreaFigure(area, name, None, 0.0, 0)
        for area, name in sorted(inputs.names.items(), key=lambda item: item[1])
    ]
    return tuple(found)


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _why_withheld(figure: Figure, value: float | None, coverage: float) -> str | None:
    if value is not None:
        return None
    return "nothing" if coverage == 0 else "coverage"
