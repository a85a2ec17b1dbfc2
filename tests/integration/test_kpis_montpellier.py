"""Key figures on Montpellier's own register: 31,000 real assets by district, with outages planted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.importer import import_folder
from geodata.profiles import read_profile
from model.kpis import KpiResult, Period
from services.boards import Boards, keep_kpis_once
from services.history import day_start, local_day, roll_up_states
from tests.conftest import Servers
from tests.integration.small_city import change, keyframe

pytestmark = pytest.mark.servers
PROFILE = read_profile("montpellier")
NORMAL, FAULT = (2, 2), (4, 4)
EVERY = {"streetlight": 40, "junction": 12, "camera": 9}
"""One of so many is out, from the third hour of the day on."""
FIGURES = {
    "failure_rate": "streetlight", "junction_availability": "junction", "camera_availability": "camera",
}  # fmt: skip
FROM, UNTIL = 3, 9
"""The hours of the day during which it is."""


@pytest.fixture(scope="module")
def day() -> date:
    """Yesterday: the register is of today, and no figure is older than what stands."""
    return local_day(datetime.now(UTC), PROFILE.zone) - timedelta(days=1)


@pytest.fixture(scope="module")
def city(servers: Servers, shared_data: Path, day: date) -> Iterator[Engine]:
    """The register, one day of states of everything in it, and the figures of that day."""
    engine = open_engine(servers.fresh_database(), statement_ms=60_000)
    import_folder(engine, PROFILE, shared_data)
    start = day_start(day, PROFILE.zone)
    with engine.begin() as connection:
        everything = connection.execute(text("SELECT id FROM asset ORDER BY id")).scalars().all()
        keyframe(connection, start - timedelta(hours=1), dict.fromkeys(everything, NORMAL))
        for hour in range(0, 24, 6):
            keyframe(connection, start + timedelta(hours=hour), _standing(connection, everything, hour))
        changes = [
            row
            for number in _out(connection)
            for row in (
                (number, start + timedelta(hours=FROM), *FAULT),
                (number, start + timedelta(hours=UNTIL), *NORMAL),
            )
        ]
        change(connection, *changes)
    for hour in range(hours_of(day)):
        roll_up_states(engine, PROFILE.zone, start + timedelta(hours=hour), PROFILE.area_kind)
    assert keep_kpis_once(engine, PROFILE, datetime.now(UTC)) > 0
    yield engine
    engine.dispose()


def hours_of(day: date) -> int:
    """How many hours the local day has."""
    until = day_start(day + timedelta(days=1), PROFILE.zone)
    return int((until - day_start(day, PROFILE.zone)) / timedelta(hours=1))


def _out(connection: object) -> list[int]:
    """The assets that are out for some hours."""
    question = "SELECT id FROM asset WHERE asset_type = :kind AND id % :every = 0"
    return [
        number
        for kind, every in EVERY.items()
        for number in connection.execute(text(question), {"kind": kind, "every": every}).scalars()  # type: ignore[attr-defined]
    ]


def _standing(connection: object, everything: object, hour: int) -> dict[int, tuple[int, int]]:
    states = dict.fromkeys(everything, NORMAL)  # type: ignore[call-overload]
    return states | (dict.fromkeys(_out(connection), FAULT) if FROM < hour < UNTIL else {})


def result(city: Engine, key: str, day: date, area: int | None = None) -> KpiResult:
    found = Boards(city, PROFILE).board(Period.DAY, day, area).result(key)
    assert found is not None
    return found


@pytest.mark.parametrize("key", FIGURES)
def test_shares_of_time_are_the_hours_that_were_planted(city: Engine, day: date, key: str) -> None:
    kind = FIGURES[key]
    question = """
        SELECT coalesce(district_id, 0), count(*), count(*) FILTER (WHERE id % :every = 0)
        FROM asset WHERE asset_type = :kind GROUP BY 1
    """
    with city.connect() as connection:
        found = connection.execute(text(question), {"kind": kind, "every": EVERY[kind]}).all()
    share = (UNTIL - FROM) / hours_of(day)
    told = result(city, key, day)
    expected = {area: 100 * out * share / all_ for area, all_, out in found}
    whole = 100 * sum(out for _, _, out in found) * share / sum(all_ for _, all_, _ in found)
    sign = (lambda value: value) if key == "failure_rate" else (lambda value: 100 - value)
    assert told.value == pytest.approx(sign(whole), rel=1e-9)
    assert len(told.areas) == 7
    by_area = {area.area_id: area.value for area in told.areas}
    for area, value in expected.items():
        if area:
            assert by_area[area] == pytest.approx(sign(value), rel=1e-9), area


@pytest.mark.parametrize("key", ["lamp_power", "led_share", "old_lamps"])
def test_what_the_register_does_not_say_is_withheld_and_not_zero(city: Engine, day: date, key: str) -> None:
    with city.connect() as connection:
        says = "SELECT count(*) FROM asset WHERE asset_type = 'streetlight' AND ({})"
        known = "attributes ? 'power_w' OR attributes ? 'source' OR installed_at IS NOT NULL"
        assert connection.scalar(text(says.format(known))) == 0
    found = result(city, key, day)
    assert (found.value, found.withheld) == (None, "nothing")
    assert {area.value for area in found.areas} == {None}
