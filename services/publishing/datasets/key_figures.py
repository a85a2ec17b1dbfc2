"""Key figures by commune and month, as the boards show them: read from what the engine of the boards stored.

A row without an area is of the whole city. What the boards withhold is a row without a value; a month that
was not computed yet is no row.
"""

import pyarrow as pa
from sqlalchemy import text

from geodata.asking import asking
from model.datasets import Place, Span
from model.kpis import Kpi
from services.boards import KPI_BY_KEY, KPIS
from services.publishing.datasets.asked import DEADLINE_MS, Asked, CannotCoarsen
from services.publishing.datasets.shaping import shaped

_VALUES = text(
    """
    SELECT v.start, v.kpi, a.name, a.code, v.value, v.coverage
    FROM kpi_value v LEFT JOIN area a ON a.id = v.area_id AND a.kind = :kind
    WHERE v.period = 'month' AND v.start >= :first AND v.start <= :last AND v.kpi = ANY (:kpis)
      AND CASE WHEN v.area_id = 0 THEN CAST(:areas AS integer[]) IS NULL
               ELSE :place = 'area' AND a.id IS NOT NULL
                    AND (CAST(:areas AS integer[]) IS NULL OR a.id = ANY (:areas)
                         OR a.parent_id = ANY (:areas))
          END
    """
)


def key_figures(asked: Asked) -> pa.Table:
    """A row for each figure of the dataset's domain, each month, the whole city and each area of the release.

    Raises Unavailable when the database is away, CannotCoarsen for a grain other than months.
    """
    release = asked.release
    if release.grain.span is not Span.MONTH or release.grain.place is Place.ASSET:
        raise CannotCoarsen(f"{release.name}: key figures are by commune and month at the finest")
    first, last = asked.days
    wanted = [kpi.key for kpi in published(release.dataset.domain)]
    with asking(asked.engine, DEADLINE_MS) as connection:
        rows = connection.execute(
            _VALUES, asked.bounds | {"first": first, "last": last, "kpis": wanted}
        ).all()
    columns = list(zip(*rows, strict=True)) or [()] * 6
    start, key, name, code, value, coverage = columns
    told = {
        "day": pa.array(start, pa.date32()),
        "area": pa.array(name, pa.string()),
        "area_code": pa.array(code, pa.string()),
        "figure": pa.array(key, pa.string()),
        "value": pa.array(map(_shown, key, value), pa.float64()),
        "coverage": pa.array([100 * min(share or 0.0, 1.0) for share in coverage], pa.float64()),
    }
    return shaped(release, told, len(rows))


def published(domain: str) -> tuple[Kpi, ...]:
    """The figures of ``domain`` that leave: what money was paid is told with its contracts, not here."""
    return tuple(kpi for kpi in KPIS if kpi.domain == domain and not kpi.money)


def _shown(key: str, value: float | None) -> float | None:
    """``value`` with the decimals the boards show."""
    return None if value is None else round(value, KPI_BY_KEY[key].decimals) + 0.0
