"""Series as rows: one a value, gaps among them, each with its unit, coverage, quality and what was read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine, text

from geodata.asking import asking
from model.observations import quality_of
from model.series import Series
from model.takeaway import Label
from services.takeaway.table import GEOMETRY, ROWS, Batch, Column, Table

COLUMNS = (
    Column("series", "text"), Column("place", "text"), Column("time", "instant"), Column("value", "number"),
    Column("unit", "text"), Column("low", "number"), Column("high", "number"), Column("coverage", "number"),
    Column("quality", "text"), Column("source", "text"),
)  # fmt: skip
GAP, FIGURE, CORRECTED = "gap", "figure", "corrected"
"""Qualities beside those of single values: nothing there, made of many values, mended by a person."""


@dataclass(frozen=True, eq=False, slots=True)
class Named:
    """One series with its name and place in words, and the geometry it belongs to (WKB or None)."""

    name: str
    place: str
    series: Series
    shape: bytes | None = None


def series_table(engine: Engine, label: Label, named: Sequence[Named]) -> Table:
    """Every value of ``named``, one series after the other. ``engine`` is asked for the values' qualities."""
    return Table(label, COLUMNS, _batches(engine, named))


def _batches(engine: Engine, named: Sequence[Named]) -> Iterator[Batch]:
    for one in named:
        qualities = _qualities(engine, one.series)
        for start in range(0, len(one.series), ROWS):
            yield _batch(one, qualities, slice(start, min(start + ROWS, len(one.series))))


def _batch(one: Named, qualities: list[str], rows: slice) -> Batch:
    series, count = one.series, rows.stop - rows.start
    return {
        "series": [one.name] * count,
        "place": [one.place] * count,
        "time": series.times[rows],
        "value": series.values[rows],
        "unit": [series.unit] * count,
        "low": series.low[rows],
        "high": series.high[rows],
        "coverage": series.coverages[rows],
        "quality": qualities[rows],
        "source": [series.source] * count,
        GEOMETRY: [one.shape] * count,
    }


_QUALITIES = text(
    "SELECT extract(epoch FROM r.phenomenon_time)::float8, r.quality, r.correction_id IS NOT NULL "
    "FROM reading r JOIN datastream d ON d.id = r.datastream_id "
    "WHERE d.asset_id = :asset AND d.observed_property = :property "
    "AND r.phenomenon_time >= :t0 AND r.phenomenon_time < :t1"
)


def _qualities(engine: Engine, series: Series) -> list[str]:
    """What is known of each value: its quality, that it was corrected, that it is a figure, or a gap."""
    told = np.isfinite(series.values).tolist()
    if series.source != "raw":
        return [FIGURE if there else GAP for there in told]
    asked = series.asked
    bounds = {"asset": asked.asset_id, "property": asked.observed_property, "t0": asked.t0, "t1": asked.t1}
    with asking(engine) as connection:
        known = {
            row[0]: CORRECTED if row[2] else quality_of(row[1]).name.lower()
            for row in connection.execute(_QUALITIES, bounds)
        }
    return [
        known.get(time, "") if there else GAP for time, there in zip(series.times.tolist(), told, strict=True)
    ]


def whole_coverage(named: Sequence[Named]) -> float | None:
    """The mean coverage of ``named``; None when there is none to tell of."""
    return float(np.mean([one.series.coverage for one in named])) if named else None


def shared_unit(named: Sequence[Named]) -> str:
    """The unit all of ``named`` have, or every unit there is: each row has its own beside its value."""
    return ", ".join(dict.fromkeys(one.series.unit for one in named if one.series.unit))
