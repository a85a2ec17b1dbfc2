"""Every key figure of the demo city equals a recount by plain SQL: a month, a year, raw readings."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from geodata.database import open_engine
from geodata.demo_city import build_demo_city
from geodata.profiles import read_profile
from geodata.publication_tables import publication, publication_act, publication_version
from geodata.tables import feed_minute
from geodata.voice_tables import citizen_letter, citizen_letter_act
from model.datasets import DATASETS
from model.kpis import KpiBoard, Period
from services.alarms import write_demo_alarms
from services.boards import KPI_BY_KEY, KPIS, Boards, keep_kpis_once, verify, write_demo_repairs
from tests.conftest import Servers
from tests.integration.kpi_recounts import RECOUNTS, durations

pytestmark = pytest.mark.servers
PROFILE = read_profile("demo")
NOW = datetime(2026, 11, 20, 17, 40, tzinfo=UTC)
MONTH, DAY = date(2026, 10, 1), date(2026, 11, 15)
YEAR = (date(2025, 11, 1), date(2026, 10, 31))
PUBLISHABLE = [dataset.name for dataset in DATASETS if dataset.publishable]
BY_AREA = """
    SELECT area_id, asset_type, observed_property, bucket, n, sum FROM area_hour
    {where}
"""
RAW = """
    SELECT coalesce(a.commune_id, 0), a.asset_type, s.observed_property,
           date_trunc('hour', r.phenomenon_time, 'UTC'), count(*), sum(r.result)
    FROM reading r JOIN datastream s ON s.id = r.datastream_id JOIN asset a ON a.id = s.asset_id
    WHERE r.quality & 7 <> 2 GROUP BY 1, 2, 3, 4
"""
REPAIRED = {
    "repair_time": ("streetlight", 4), "signal_repair_time": ("junction", 3, 4),
    "camera_repair_time": ("camera", 3, 5),
}  # fmt: skip
_FEW_A_DAY = {*REPAIRED, "repairs_in_time"}


@pytest.fixture(scope="module")
def city(servers: Servers) -> Iterator[Engine]:
    """The demo city with its figures, letters, publications and accounts of feeds."""
    engine = open_engine(servers.fresh_database(), statement_ms=60_000)
    report = build_demo_city(engine, PROFILE, now=NOW, scale=0.02, alarms=write_demo_alarms)
    _add_service(engine)
    assert write_demo_repairs(engine, PROFILE, report.story) > 0
    assert keep_kpis_once(engine, PROFILE, NOW) == len(KPIS)
    yield engine
    engine.dispose()


def _add_service(engine: Engine) -> None:
    """Letters in time and late, publications approved and revoked, accounts of feeds, all through October."""
    start = datetime(2026, 9, 25, 9, tzinfo=UTC)
    minutes = [
        {
            "feed": "lights", "minute": start + timedelta(minutes=7 * n), "messages": 1,
            "received": 20 + n % 3, "stored": 18, "duplicate": 2, "dead": n % 3,
            "lag_sum": 40.0 + n % 7, "lag_max": 9.0,
        }
        for n in range(60 * 24 * 55 // 7)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(feed_minute), minutes)
        for n in range(9):
            came = start + timedelta(days=n // 2, hours=n)
            row = {
                "reference": f"R{n}",
                "kind": "request",
                "subject": "",
                "language": "fr",
                "words": "x",
                "use": "",
            }
            connection.execute(insert(citizen_letter).values(id=n + 101, received_at=came, **row))
            acts = [("received", came), ("answered", came + timedelta(days=3 + 5 * n))]
            if n == 8:
                acts[1:1] = [("extended", came + timedelta(days=20))]
            for kind, at in acts[: 1 if n == 3 else None]:
                act = {"letter_id": n + 101, "kind": kind, "at": at, "reason": "", "words": "y", "appeal": ""}
                connection.execute(insert(citizen_letter_act).values(**act))
        for n, dataset in enumerate(PUBLISHABLE[:7]):
            _publish(connection, f"p{n}", dataset, start + timedelta(hours=n), revoked=n == 6)


def _publish(connection: Any, name: str, dataset: str, at: datetime, *, revoked: bool) -> None:
    connection.execute(insert(publication).values(name=name, dataset=dataset, made_at=at, made_by="x"))
    version = {
        "columns": ["id"], "place": "area", "span": "day", "delay_s": 0, "cadence_s": 86_400, "licence": "x",
        "why": "x", "valid_until": at + timedelta(days=900), "proposed_by": "x",
    }  # fmt: skip
    connection.execute(insert(publication_version).values(name=name, version=1, proposed_at=at, **version))
    acts = [("proposed", at), ("approved", at + timedelta(days=7))]
    for act, when in [*acts, *([("revoked", at + timedelta(days=20))] if revoked else [])]:
        connection.execute(insert(publication_act).values(name=name, version=1, at=when, act=act, actor="x"))


@pytest.fixture(scope="module")
def boards(city: Engine) -> dict[tuple[Period, int], KpiBoard]:
    """Every board the recounts are held against: month, year and day, of the city and a commune."""
    front = Boards(city, PROFILE)
    starts = {Period.MONTH: MONTH, Period.YEAR: MONTH, Period.DAY: DAY}
    return {(p, area): front.board(p, at, area or None) for p, at in starts.items() for area in (0, 2)}


def recounted(engine: Engine, key: str, d0: date, d1: date, area: int, base: str) -> float | None:
    """The figure ``key`` of the local days ``d0`` to ``d1`` counted over the hours of ``base``."""
    hourly = f"""CREATE TEMP VIEW hourly AS
        SELECT b.*, (b.bucket AT TIME ZONE 'Europe/Paris')::date AS day,
               extract(hour FROM b.bucket AT TIME ZONE 'Europe/Paris')::int AS hour,
               extract(isodow FROM b.bucket AT TIME ZONE 'Europe/Paris')::int AS isodow
        FROM ({base}) b (area_id, asset_type, observed_property, bucket, n, sum)"""
    question = RECOUNTS[key]
    bound = {"d0": d0, "d1": d1, "area": area, "zone": "Europe/Paris", "publishable": len(PUBLISHABLE)}
    with engine.connect() as connection:
        connection.execute(text(hourly))
        value = connection.scalar(text(question), {n: v for n, v in bound.items() if f":{n}" in question})
        connection.rollback()
    return None if value is None else float(value)


def check(engine: Engine, board: KpiBoard, key: str, span: tuple[date, date], area: int, base: str) -> bool:
    result = board.result(key)
    assert result is not None
    if area and not KPI_BY_KEY[key].per_area:
        assert (result.value, result.areas) == (None, ())
        return False
    expected = recounted(engine, key, *span, area, base)
    if result.value is None:
        assert result.withheld
        return False
    assert result.value == pytest.approx(expected, rel=1e-9)
    return True


@pytest.mark.parametrize("key", sorted(RECOUNTS.keys() - _FEW_A_DAY))
def test_a_month_and_a_day_equal_a_recount(
    city: Engine, boards: dict[tuple[Period, int], KpiBoard], key: str
) -> None:
    """October has a day of 25 hours; raw readings and states are on record from the sixth of November on."""
    told = 0
    month = (MONTH, date(2026, 10, 31))
    shares = RAW + " UNION ALL " + BY_AREA.format(
        where="WHERE observed_property IN ('fault_share', 'lit_share', 'openings')"
    )  # fmt: skip
    for area in (0, 2):
        if key != "access_events":
            told += check(city, boards[Period.MONTH, area], key, month, area, BY_AREA.format(where=""))
        base = BY_AREA.format(where="") if key in _NEEDS_MORE_THAN_TWO_WEEKS else shares
        told += check(city, boards[Period.DAY, area], key, (DAY, DAY), area, base)
    assert told, "it was nowhere told, so nothing was compared"


@pytest.mark.parametrize("key", sorted(REPAIRED))
def test_repairs_equal_a_recount_of_the_states_on_record(city: Engine, key: str) -> None:
    """A small city has too few repairs a day for a median to be told: their number and hours are compared."""
    kind, *states = REPAIRED[key]
    days = [date(2026, 11, 7) + timedelta(days=n) for n in range(13)]
    for area in (0, 2):
        with city.connect() as connection:
            counted = connection.execute(
                text(f"SELECT count(*), coalesce(sum(hours), 0) FROM {durations(kind, *states)}"),
                {"d0": days[0], "d1": days[-1], "zone": "Europe/Paris", "area": area},
            ).one()
            stored = connection.execute(
                text(
                    "SELECT sum(n), sum(top) FROM kpi_day "
                    "WHERE kpi = :key AND day = ANY (:days) AND area_id = :area"
                ),
                {"key": key, "days": days, "area": area},
            ).one()
        assert stored[0] == counted[0] >= (area == 0)
        assert stored[1] == pytest.approx(float(counted[1]))


_NEEDS_MORE_THAN_TWO_WEEKS = ("travel_time_index", "freely_flowing", "heating_intensity")
"""Their free speed or base is of a whole month or year, of which raw readings are not kept."""


def test_a_year_equals_a_recount(city: Engine, boards: dict[tuple[Period, int], KpiBoard]) -> None:
    keys = (
        "failure_rate",
        "lighting_cost",
        "led_share",
        "energy_intensity",
        "heating_degree_days",
        "base_load",
    )
    assert all(check(city, boards[Period.YEAR, 0], key, YEAR, 0, BY_AREA.format(where="")) for key in keys)


def test_repairs_before_the_states_on_record_are_the_ledgers(
    city: Engine, boards: dict[tuple[Period, int], KpiBoard]
) -> None:
    repairs = boards[Period.MONTH, 0].result("repair_time")
    assert repairs is not None
    assert repairs.value is not None
    assert 20 < repairs.value < 120
    assert [point.value is None for point in repairs.trend] == [False] * 13


def test_every_figure_is_declared_once_and_recounted() -> None:
    assert len({kpi.key for kpi in KPIS}) == len(KPIS) >= 30
    assert set(RECOUNTS) == set(KPI_BY_KEY)


def test_what_is_stored_is_what_the_questions_answer(city: Engine) -> None:
    verdict = verify(city, PROFILE, KPIS, None, None)
    assert (verdict.figures, verdict.differences) == (len(KPIS), ())
    change = (
        "UPDATE kpi_day SET top = top + :by WHERE kpi = 'failure_rate' AND area_id = 0 AND day = '2026-11-01'"
    )
    with city.begin() as connection:
        connection.execute(text(change), {"by": 1})
    (difference,) = verify(city, PROFILE, [KPI_BY_KEY["failure_rate"]], None, None).differences
    assert difference.startswith("failure_rate 2026-11-01 area 0: stored")
    with city.begin() as connection:
        connection.execute(text(change), {"by": -1})


def test_the_truth_of_a_figure_is_its_days_and_their_question(city: Engine) -> None:
    front = Boards(city, PROFILE)
    truth = front.truth("lighting_energy", Period.MONTH, MONTH, 2)
    assert len(truth.days) == 31
    top, bottom = (sum(getattr(day, side) or 0 for day in truth.days) for side in ("top", "bottom"))
    assert truth.result.value == pytest.approx(top / bottom)
    assert truth.observations == ("/history?series=area:2:control_cabinet:energy&t0=2026-10-01&t1=2026-10-31")
    bound: dict[str, Any] = dict(truth.parameters)
    assert (bound["first"], bound["last"], bound["kind"]) == ("2026-10-01", "2026-10-31", "commune")
    assert "area_day" in truth.query
    assert front.truth("letters", Period.MONTH, MONTH).observations == "/voices"


def test_a_table_of_months_is_what_boards_say(
    city: Engine, boards: dict[tuple[Period, int], KpiBoard]
) -> None:
    table = Boards(city, PROFILE).table("failure_rate", Period.MONTH, date(2025, 11, 1), MONTH)
    assert len(table.starts) == 12
    assert table.areas[0] == (0, PROFILE.title)
    result = boards[Period.MONTH, 0].result("failure_rate")
    assert result is not None
    assert table.values[0].tolist() == [point.value for point in result.trend[1:]]
    assert [value if value == value else None for value in table.values[1:, -1]] == [
        area.value for area in result.areas
    ]
