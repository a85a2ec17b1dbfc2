"""Key figures by month put into a small city's database, for tests of screens and publications of them."""

from datetime import UTC, date, datetime
from itertools import product

from sqlalchemy import Engine, text

from layouts.kpi_map_address import month_before
from services.boards import KPI_BY_KEY

RATE, ENERGY, VIDEO = "failure_rate", "lighting_energy", "camera_availability"
COMMUNES = {1: "Val", 2: "Bois", 3: "Clos", 4: "Dombes"}
"""Four communes in a row from west to east; Clos is never covered well enough, Dombes has nothing."""
MONTHS = 14

_AREA = text(
    """
    INSERT INTO area (id, kind, code, name, population, geometry, source)
    VALUES (:id, 'commune', :code, :name, 1000,
            ST_Multi(ST_MakeEnvelope(:west, 47.3, :east, 47.4, 4326)), 'test')
    ON CONFLICT DO NOTHING
    """
)
_KPI = text(
    "INSERT INTO kpi (key, domain, measure, scale, floor, fewest, definition, until) "
    "VALUES (:key, :domain, :measure, :scale, :floor, 1, 'test', :until)"
)
_VALUE = text(
    "INSERT INTO kpi_value (kpi, period, start, area_id, top, bottom, value, weight, coverage, n, withheld, "
    "inputs) VALUES (:key, 'month', :start, :area, :value, 100, :told, 10, :coverage, 100, :withheld, 'test')"
)


def last_month() -> date:
    """The first day of the last complete month, by UTC: tests keep clear of the first hours of a month."""
    return month_before(datetime.now(UTC).date(), 1)


def keep_figures(engine: Engine) -> None:
    """The communes, and fourteen months of three figures of each."""
    with engine.begin() as connection:
        for number, name in COMMUNES.items():
            west = 5.0 + 0.1 * (number - 1)
            values = {"id": number, "code": f"9900{number}", "name": name, "west": west, "east": west + 0.1}
            connection.execute(_AREA, values)
        for key in (RATE, ENERGY, VIDEO):
            kpi = KPI_BY_KEY[key]
            connection.execute(
                _KPI,
                {
                    "key": key,
                    "domain": kpi.domain,
                    "measure": kpi.measure.value,
                    "scale": kpi.scale,
                    "floor": kpi.coverage_floor,
                    "until": last_month(),
                },
            )
            for area, back in product((0, 1, 2, 3), range(MONTHS)):
                connection.execute(_VALUE, _row(key, area, back))


def _row(key: str, area: int, back: int) -> dict[str, object]:
    value, covered = 1.0 + area + back / 10, 0.4 if area == 3 else 0.97
    return {
        "key": key, "start": month_before(last_month(), back), "area": area, "value": value,
        "told": None if area == 3 else value, "coverage": covered,
        "withheld": "coverage" if area == 3 else None,
    }  # fmt: skip
