"""Key figures counted by hand: a day of 25 hours, a gap, a correction, a removed lamp, repairs, scopes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text, update

from geodata.profiles import read_profile
from geodata.scoping import scoped
from geodata.tables import area, asset, correction, dirty_batch
from model.errors import NotFound
from model.kpis import KpiBoard, KpiResult, Period
from model.viewer import Scope
from services.boards import KPIS, Boards, keep_kpis_once
from services.history import roll_up_dirty
from services.history.upkeep.state_rollups import roll_up_states
from tests.integration.small_city import PARIS, add_areas, add_assets, add_streams, change, keyframe, observe

pytestmark = pytest.mark.servers
PROFILE = read_profile("demo")
ROOT = Path(__file__).resolve().parents[2]
SHORT, LONG = date(2025, 10, 25), date(2025, 10, 26)
START = datetime(2025, 10, 25, 22, tzinfo=UTC)
"""The day before has 24 hours, the long day 25."""
NOW = datetime(2025, 10, 27, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
GAP = range(10, 15)
REPAIRED = START + 15 * HOUR
TOOK = {3: 12, 4: 4, 5: 50, 6: 20, 7: 30}
"""Lamps and how many hours each was out when it was repaired."""


@pytest.fixture
def city(engine: Engine) -> Iterator[Engine]:
    """Two cabinets and five lamps in two communes and outside, two days of them, and their figures."""
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre", "Bellerive", "Clairval")
        connection.execute(update(area).values(population=100))
        lamps = [("streetlight", commune) for commune in (1, 1, 1, 2, None)]
        add_assets(connection, ("control_cabinet", 1), ("control_cabinet", 2), *lamps)
        connection.execute(update(asset).where(asset.c.id == 5).values(removed_at=START + 20 * HOUR))
        add_streams(connection, (1, "energy", 3600), (2, "energy", 3600))
        observe(connection, 1, [(START + hour * HOUR, 2.0) for hour in range(-24, 25)])
        observe(connection, 2, [(START + hour * HOUR, 3.0) for hour in range(-24, 25) if hour not in GAP])
        _correct(connection, START + 5 * HOUR, 10.0)
        for before in range(-24, 25, 6):
            keyframe(connection, START + before * HOUR, dict.fromkeys(range(3, 8), (2, 2)))
        for lamp, hours in TOOK.items():
            _fail(connection, lamp, REPAIRED - hours * HOUR)
    while roll_up_dirty(engine, PARIS):
        pass
    for hour in range(-24, 25):
        roll_up_states(engine, PARIS, START + hour * HOUR)
    assert keep_kpis_once(engine, PROFILE, NOW) > 0
    yield engine


def _correct(connection: object, at: datetime, result: float) -> None:
    values = {"datastream_id": 1, "phenomenon_time": at, "result": result, "author": "Ada", "reason": "x"}
    connection.execute(insert(correction).values(**values))  # type: ignore[attr-defined]
    connection.execute(insert(dirty_batch).values(bucket=at, streams=[1]))  # type: ignore[attr-defined]


def _fail(connection: object, lamp: int, at: datetime) -> None:
    """A failure that is told twice, with maintenance between: one repair, from its first report."""
    half = at + (REPAIRED - at) / 2
    change(
        connection,  # type: ignore[arg-type]
        (lamp, at, 4, 4), (lamp, half, 6, 6), (lamp, half + timedelta(minutes=20), 4, 4),
        (lamp, REPAIRED, 2, 2),
    )  # fmt: skip


def board(engine: Engine, day: date, area_id: int | None = None) -> KpiBoard:
    return Boards(engine, PROFILE).board(Period.DAY, day, area_id)


def told(engine: Engine, key: str, day: date, area_id: int | None = None) -> KpiResult:
    result = board(engine, day, area_id).result(key)
    assert result is not None
    return result


def test_the_long_day_the_gap_the_correction_and_the_removed_lamp(city: Engine) -> None:
    """Kilowatt-hours over the lamps in place at the end of the day, written down by hand."""
    assert told(city, "lighting_energy", SHORT, 1).value == pytest.approx(24 * 2 / 3)
    assert told(city, "lighting_energy", SHORT).value == pytest.approx(24 * (2 + 3) / 5)
    assert told(city, "lighting_energy", LONG, 1).value == pytest.approx((24 * 2 + 10) / 2)
    thin = told(city, "lighting_energy", LONG, 2)
    assert (thin.value, thin.withheld, thin.coverage) == (None, "coverage", pytest.approx(20 / 25))
    whole = told(city, "lighting_energy", LONG)
    assert whole.coverage == pytest.approx((25 + 20) / 50)
    assert whole.value == pytest.approx((58 + 60) / (2 + 1 + 1))
    empty = told(city, "lighting_energy", LONG, 3)
    assert (empty.value, empty.withheld) == (None, "nothing")
    assert [one.value for one in whole.areas] == [pytest.approx(29), None, None]
    assert told(city, "lighting_per_inhabitant", LONG).value == pytest.approx(365 * 118 / 300)
    assert told(city, "lighting_cost", LONG, 1).value == pytest.approx(365 * 58 * 0.171 / 2)


def test_repairs_run_from_the_first_report_to_the_lamp_lit(city: Engine) -> None:
    repairs = told(city, "repair_time", LONG)
    assert (repairs.value, repairs.n) == (pytest.approx(20), 5)
    assert told(city, "repair_time", LONG, 1).withheld == "few"
    assert told(city, "repairs_in_time", LONG).value == pytest.approx(100 * 4 / 5)
    truth = Boards(city, PROFILE).truth("failure_rate", Period.DAY, LONG, 1).days[0]
    # Lamps 3, 4 and 5 were out for 12, 4 and 15 hours of the day, less twice 20 minutes of maintenance.
    assert truth.top == pytest.approx(12 + 4 + 15 - 2 / 3)


def test_what_comes_late_and_what_is_corrected_is_computed_again(city: Engine) -> None:
    before = told(city, "lighting_energy", LONG, 2).inputs
    with city.begin() as connection:
        observe(connection, 2, [(START + hour * HOUR, 3.0) for hour in GAP])
        _correct(connection, START + 6 * HOUR, 4.0)
    while roll_up_dirty(city, PARIS):
        pass
    assert keep_kpis_once(city, PROFILE, NOW) > 0
    assert told(city, "lighting_energy", LONG, 2).value == pytest.approx(75)
    assert told(city, "lighting_energy", LONG, 2).inputs != before
    assert told(city, "lighting_energy", LONG, 1).value == pytest.approx(60 / 2)
    truth = Boards(city, PROFILE).truth("lighting_energy", Period.DAY, LONG, 1)
    assert [day.corrected for day in truth.days] == [2]
    with city.begin() as connection:
        connection.execute(update(asset).where(asset.c.id == 5).values(removed_at=None))
    keep_kpis_once(city, PROFILE, NOW)
    assert told(city, "lighting_energy", LONG, 1).value == pytest.approx(60 / 3)
    stored = text("SELECT max(computed_at) FROM kpi_day")
    with city.connect() as connection:
        newest = connection.scalar(stored)
    assert keep_kpis_once(city, PROFILE, NOW) == 0
    with city.connect() as connection:
        assert connection.scalar(stored) == newest


def test_a_day_more_is_added_and_a_month_waits_for_its_end(city: Engine) -> None:
    assert told(city, "lighting_energy", date(2025, 10, 27), 1).withheld == "nothing"
    keep_kpis_once(city, PROFILE, NOW + timedelta(days=7))
    result = told(city, "lighting_energy", date(2025, 10, 27), 1)
    assert (result.withheld, result.coverage) == ("nothing", 0.0)
    month = Boards(city, PROFILE).board(Period.MONTH, LONG, 1).result("lighting_energy")
    assert month is not None
    assert month.withheld == "coverage"
    assert month.coverage == pytest.approx((24 + 25) / (7 * 24 + 1) * 7 / 31)
    year = Boards(city, PROFILE).board(Period.YEAR, LONG, 1).result("lighting_energy")
    assert year is not None
    assert year.coverage == pytest.approx(month.coverage / 12)


def test_money_without_a_tariff_is_not_told(city: Engine) -> None:
    poor = replace(PROFILE, tariffs={})
    keep_kpis_once(city, poor, NOW)
    result = Boards(city, poor).board(Period.DAY, LONG, 1).result("lighting_cost")
    assert result is not None
    assert (result.value, result.withheld) == (None, "no_tariff")


def test_a_reader_of_a_part_sees_that_part(city: Engine) -> None:
    mine = scoped(city, Scope(areas=frozenset({1})))
    assert told(mine, "lighting_energy", LONG).value == pytest.approx(29)
    assert told(mine, "datasets_open", LONG).withheld == "partial"
    assert [one.area_id for one in told(mine, "lighting_energy", LONG).areas] == [1]
    with pytest.raises(NotFound):
        board(mine, LONG, 2)
    both = scoped(city, Scope(areas=frozenset({1, 2})))
    together = told(both, "lighting_energy", LONG)
    assert (together.value, together.coverage) == (pytest.approx(118 / 3), pytest.approx(0.9))
    assert told(both, "repair_time", LONG).withheld == "partial"
    table = Boards(both, PROFILE).table("lighting_energy", Period.DAY, SHORT, LONG)
    assert [place for place, _ in table.areas] == [0, 1, 2]
    with mine.connect() as connection:
        assert connection.scalars(text("SELECT DISTINCT area_id FROM kpi_day")).all() == [1]
    traffic = scoped(city, Scope(domains=frozenset({"traffic"})))
    assert {result.kpi.domain for result in board(traffic, LONG).results} == {"traffic"}
    with traffic.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM kpi_day WHERE kpi = 'lighting_energy'")) == 0


def test_the_command_lists_computes_and_verifies(
    city: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    def kpis(*asked: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")} | {
            "VIGIE_DATABASE_URL": database_url, "VIGIE_REDIS_URL": redis_url,
            "VIGIE_MQTT_URL": "mqtt://127.0.0.1:9", "VIGIE_VAR": str(tmp_path),
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "app.py", "kpis", *asked],
            cwd=ROOT, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert kpis("list").stdout.count("\n") == len(KPIS)
    proven = kpis("verify", "--key", "lighting_energy")
    assert (proven.returncode, proven.stdout) == (0, ""), proven.stderr
    with city.begin() as connection:
        connection.execute(text("UPDATE kpi_day SET top = 1 WHERE kpi = 'lighting_energy' AND area_id = 1"))
    wrong = kpis("verify", "--key", "lighting_energy")
    assert wrong.returncode == 1
    assert "lighting_energy 2025-10-26 area 1: stored top 1.0" in wrong.stdout
    assert kpis("recompute", "--key", "lighting_energy").returncode == 0
    assert told(city, "lighting_energy", LONG, 1).value == pytest.approx(29)
    assert kpis("recompute", "--key", "nothing").returncode == 1
