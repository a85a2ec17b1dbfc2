"""Daily figures of areas against a recount by hand, over the days the clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert

from geodata.tables import area_hour
from model.errors import Unavailable
from services.history import DayFigure, History
from tests.integration.small_city import area_days_follow

PARIS = ZoneInfo("Europe/Paris")
pytestmark = pytest.mark.servers


def _fill(engine: Engine, area_id: int, start: datetime, hours: int, n: int, value: float = 1.0) -> None:
    rows = [
        {
            "area_id": area_id,
            "asset_type": "streetlight",
            "observed_property": "fault_share",
            "bucket": start + timedelta(hours=hour),
            "n": n,
            "sum": value,
            "min": 0.0,
            "max": value,
            "coverage": 1.0,
        }
        for hour in range(hours)
    ]
    with engine.begin() as connection:
        connection.execute(insert(area_hour), rows)
    area_days_follow(engine)


def _days(engine: Engine, first: date, last: date, area_id: int | None = None) -> list[DayFigure]:
    return History(engine, PARIS).area_days("streetlight", "fault_share", first, last, area_id)


@pytest.mark.parametrize(
    ("day", "start", "hours"),
    [
        (date(2025, 10, 26), datetime(2025, 10, 25, 22, tzinfo=UTC), 25),
        (date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
    ],
)
def test_a_day_has_the_hours_the_clock_gives_it(
    engine: Engine, day: date, start: datetime, hours: int
) -> None:
    _fill(engine, 1, start - timedelta(hours=3), hours + 6, n=10)
    (figure,) = _days(engine, day, day)
    assert (figure.n, figure.sum, figure.coverage) == (10 * hours, hours, 1.0)


def test_missing_hours_lower_the_coverage_and_a_missing_day_is_a_gap(engine: Engine) -> None:
    start = datetime(2025, 11, 2, 23, tzinfo=UTC)
    _fill(engine, 1, start, 24, n=30)
    _fill(engine, 2, start, 12, n=10)
    full, none = _days(engine, date(2025, 11, 3), date(2025, 11, 4))
    assert full.coverage == pytest.approx((30 * 24 + 10 * 12) / (40 * 24))
    assert full.mean == pytest.approx(36 / (30 * 24 + 10 * 12))
    assert (none.n, none.coverage) == (0, 0.0)
    assert none.mean != none.mean


def test_one_area_is_read_alone(engine: Engine) -> None:
    start = datetime(2025, 11, 2, 23, tzinfo=UTC)
    _fill(engine, 1, start, 24, n=30)
    _fill(engine, 2, start, 24, n=10, value=4.0)
    (figure,) = _days(engine, date(2025, 11, 3), date(2025, 11, 3), area_id=2)
    assert (figure.n, figure.sum, figure.max) == (240, 96.0, 4.0)


def test_an_outage_never_looks_like_a_quiet_day() -> None:
    from geodata.database import open_engine

    away = open_engine("postgresql://nobody@/none?host=/nowhere")
    with pytest.raises(Unavailable):
        _days(away, date(2025, 11, 3), date(2025, 11, 3))
