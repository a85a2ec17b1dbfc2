"""Figures of the board equal an independent recount, on a day of 25 hours, with gaps and a thin commune."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text

from geodata.profiles import read_profile
from geodata.tables import area_hour
from model.board import FigureResult, Verdict
from services.boards import FIGURES, Boards, compute_board
from tests.integration.small_city import add_areas, add_assets, area_days_follow, change, keyframe
from tests.integration.test_area_days import PARIS

pytestmark = pytest.mark.servers
DAY = date(2025, 10, 26)
START = datetime(2025, 10, 25, 22, tzinfo=UTC)
PAIRS = (
    ("streetlight", "fault_share", 40, 0.02),
    ("control_cabinet", "energy", 4, 12.0),
    ("junction", "fault_share", 3, 0.01),
    ("detector", "flow", 8, 300.0),
    ("camera", "fault_share", 5, 0.03),
    ("meter", "energy", 6, 9.0),
    ("access_point", "fault_share", 7, 0.0),
    ("bollard", "fault_share", 2, 0.5),
)


def _hours(area: int, scale: float, hours: range, coverage: float = 1.0) -> list[dict[str, object]]:
    return [
        {
            "area_id": area,
            "asset_type": kind,
            "observed_property": name,
            "bucket": START + timedelta(hours=hour),
            "n": n * area,
            "sum": n * area * each * scale * (1 + 0.01 * (hour % 5)),
            "min": 0.0,
            "max": 1.0,
            "coverage": coverage,
        }
        for kind, name, n, each in PAIRS
        for hour in hours
    ]


@pytest.fixture
def covered(engine: Engine) -> Engine:
    """Four communes over fourteen days that end with a day of 25 hours; commune 4 has half of that day."""
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre", "Bellerive", "Clairval", "Doussac")
        lamps = [("streetlight", commune) for commune in (1, 1, 2, 2, 3, 3, 4)]
        add_assets(connection, *lamps, ("meter", 1), ("meter", 2), ("meter", 3), ("meter", 4))
        for commune in (1, 2, 3):
            connection.execute(insert(area_hour), _hours(commune, commune, range(-24 * 13, 25)))
        connection.execute(insert(area_hour), _hours(4, 9.0, range(-24 * 13, 12)))
    area_days_follow(engine)
    return engine


def _figures(engine: Engine, **thresholds: float) -> dict[str, FigureResult]:
    stated = {key: {"target": value, "source": "exemple"} for key, value in thresholds.items()}
    board = compute_board(engine, PARIS, DAY, stated)
    return {result.figure.key: result for result in board.figures}


RECOUNT = text(
    """
    SELECT sum(sum) / sum(n), sum(sum) FROM area_hour
    WHERE (asset_type = :kind OR asset_type = :other) AND observed_property = :name
      AND (area_id = :area OR :area = 0) AND bucket >= :t0 AND bucket < :t1
    """
)


def _recount(engine: Engine, kind: str, name: str, area: int = 0, other: str = "") -> tuple[float, float]:
    bounds = {"kind": kind, "other": other, "name": name, "area": area, "t0": START}
    with engine.connect() as connection:
        row = connection.execute(RECOUNT, bounds | {"t1": START + timedelta(hours=25)}).one()
    return float(row[0]), float(row[1])


def _fill_the_gap(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(area_hour), _hours(4, 9.0, range(12, 25)))
    area_days_follow(engine)


def test_the_day_of_25_hours_equals_a_recount(covered: Engine) -> None:
    _fill_the_gap(covered)
    found = _figures(covered)
    assert found["failure_rate"].value == pytest.approx(
        100 * _recount(covered, "streetlight", "fault_share")[0]
    )
    assert found["lighting_energy"].value == pytest.approx(
        _recount(covered, "control_cabinet", "energy")[1] / 7
    )
    assert found["traffic_flow"].value == pytest.approx(25 * _recount(covered, "detector", "flow")[0])
    assert found["building_energy"].value == pytest.approx(_recount(covered, "meter", "energy")[1])
    access = _recount(covered, "access_point", "fault_share", other="bollard")[0]
    assert found["access_availability"].value == pytest.approx(100 * (1 - access))
    assert found["camera_availability"].coverage == pytest.approx(1.0)


def test_communes_equal_a_recount_and_the_worst_is_the_worst(covered: Engine) -> None:
    _fill_the_gap(covered)
    lamps = _figures(covered)["failure_rate"]
    for area in lamps.areas:
        assert area.value == pytest.approx(
            100 * _recount(covered, "streetlight", "fault_share", area.area_id)[0]
        )
    assert lamps.worst is not None
    assert lamps.best is not None
    assert (lamps.worst.name, lamps.best.name) == ("Doussac", "Aubeterre")
    cameras = _figures(covered)["camera_availability"]
    assert cameras.worst is not None
    assert cameras.worst.name == "Doussac"


def test_a_thin_commune_is_withheld_and_thins_the_city(covered: Engine) -> None:
    lamps = _figures(covered)["failure_rate"]
    thin = next(area for area in lamps.areas if area.name == "Doussac")
    assert thin.coverage == pytest.approx(12 / 25)
    assert thin.value is None
    assert lamps.coverage == pytest.approx((25 * 6 + 12 * 4) / (25 * 10))
    assert (lamps.value, lamps.withheld, lamps.verdict) == (None, "coverage", Verdict.NONE)
    assert lamps.trend[-1].value is None
    assert lamps.trend[-2].value is not None


def test_changes_are_against_the_week_before(covered: Engine) -> None:
    _fill_the_gap(covered)
    found = _figures(covered, failure_rate=1.5, camera_availability=50.0, repair_time=24.0)
    energy = found["building_energy"]
    before = next(day.value for day in energy.trend if day.day == DAY - timedelta(days=7))
    assert before is not None
    assert energy.value is not None
    assert energy.change == pytest.approx(100 * (energy.value / before - 1))
    assert found["traffic_flow"].change is None
    assert found["failure_rate"].verdict is Verdict.MISSED
    assert found["camera_availability"].verdict is Verdict.HELD
    assert found["repair_time"].verdict is Verdict.UNJUDGED


def test_repairs_run_from_the_first_report_to_the_lamp_lit_or_at_rest(covered: Engine) -> None:
    _fill_the_gap(covered)
    noon = START + timedelta(hours=12)
    hours = (4, 10, 20, 30, 50)
    with covered.begin() as connection:
        keyframe(connection, noon - timedelta(days=3), {1: (2, 2)})
        for lamp, took in enumerate(hours, 1):
            change(
                connection,
                (lamp, noon - timedelta(hours=took), 4, 4),
                (lamp, noon - timedelta(hours=took / 2), 4, 10),
                (lamp, noon - timedelta(hours=took / 4), 6, 7),
                (lamp, noon, 1, 1),
            )
        change(connection, (6, noon - timedelta(hours=1), 4, 10), (6, noon, 1, 1), (7, noon, 4, 4))
    found = _figures(covered, repair_time=24.0)["repair_time"]
    assert (found.value, found.n, found.verdict) == (20.0, 5, Verdict.HELD)
    assert found.trend[-1].value == 20.0
    assert all(area.value is None for area in found.areas)


def test_an_empty_city_withholds_every_figure(engine: Engine) -> None:
    found = _figures(engine, failure_rate=1.5)
    assert {result.withheld for result in found.values()} == {"nothing", "coverage"}
    assert found["failure_rate"].verdict is Verdict.UNJUDGED


def test_boards_are_kept_for_a_while(covered: Engine) -> None:
    boards = Boards(covered, read_profile("demo"))
    assert boards.city(DAY) is boards.city(DAY)
    assert boards.last_day(datetime(2025, 10, 26, 23, 30, tzinfo=UTC)) == DAY
    assert len(boards.city(DAY).map.outlines) == 4
    assert all(outline.path.startswith("M") for outline in boards.city(DAY).map.outlines)


def test_every_figure_is_declared_once() -> None:
    assert len({figure.key for figure in FIGURES}) == len(FIGURES) == 8
