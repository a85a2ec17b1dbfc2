"""Publishing from real rows of PostGIS, and what stays when the database goes."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.profiles import CityProfile, read_profile
from model.errors import Unavailable
from services.publishing import OPEN_KEYS, Report, artefact_store, publish_loop, publish_once
from services.publishing import publisher as publishing
from services.publishing.publisher import Publisher
from services.settings import Settings, read_settings
from tests.integration.small_city import add_areas, area_days_follow
from tests.released import released

NOW = datetime(2025, 11, 7, 9, 0, tzinfo=UTC)
LIGHTS = 40

pytestmark = pytest.mark.servers


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(var=tmp_path)


@pytest.fixture
def profile() -> CityProfile:
    return read_profile("demo")


@pytest.fixture(autouse=True)
def _in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one dataset the panel is drawn from."""
    monkeypatch.setattr(publishing, "releases_in_force", lambda *_: [released("lighting-failures")])


def panel(engine: Engine, settings: Settings, profile: CityProfile, now: datetime = NOW) -> Report:
    """Publish everything; what became of the panel."""
    reports = publish_once(engine, settings, profile, now)
    return next(report for report in reports if report.publication == "lighting-status")


def insert_lights(engine: Engine, count: int = LIGHTS) -> None:
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        connection.execute(
            text(
                "INSERT INTO asset (external_id, source, domain, asset_type, name, geometry, commune_id, "
                "removed_at) SELECT 'L' || i, 'test', 'lighting', 'streetlight', 'L' || i, "
                "ST_SetSRID(ST_MakePoint(5.0, 47.3), 4326), 1 + i % 2, "
                "CASE WHEN i = 0 THEN timestamptz '2025-01-01' END FROM generate_series(0, :n) AS i"
            ),
            {"n": count},
        )


def insert_hours(engine: Engine, first: datetime, hours: int, out_of_order: float) -> None:
    """Hours in which ``out_of_order`` of the lights were out of order, half of them in each of two areas."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO area_hour "
                "SELECT a, 'streetlight', 'fault_share', CAST(:t0 AS timestamptz) + h * interval '1 hour', "
                ":n, :s, 0, 1, 0.96 FROM generate_series(1, 2) AS a, generate_series(0, :hours - 1) AS h"
            ),
            {"t0": first, "hours": hours, "n": LIGHTS // 2, "s": out_of_order / 2},
        )
    area_days_follow(engine)


def data(settings: Settings) -> dict[str, object]:
    store = artefact_store(settings)
    manifest = store.current("lighting-status")
    assert manifest is not None
    found: dict[str, object] = json.loads(store.read(manifest.files["data.json"]))
    return found


def test_thirty_days_of_real_rows_are_published(
    engine: Engine, settings: Settings, profile: CityProfile
) -> None:
    insert_lights(engine)
    # Local days of Paris: 8 October begins at 22:00 UTC the day before, 6 November at 23:00.
    insert_hours(engine, datetime(2025, 10, 7, 22, tzinfo=UTC), 24, 2.0)
    insert_hours(engine, datetime(2025, 11, 5, 23, tzinfo=UTC), 24, 0.5)
    insert_hours(engine, datetime(2025, 11, 6, 23, tzinfo=UTC), 10, 40.0)  # today: not over, not published
    report = panel(engine, settings, profile)
    assert (report.state, report.version) == ("published", 1)
    assert report.data_time == datetime(2025, 11, 6, 23, tzinfo=UTC)
    table = data(settings)
    days = table["rows"]
    assert isinstance(days, list)
    assert [day["day"] for day in (days[0], days[-1])] == ["2025-10-08", "2025-11-06"]
    assert [day["failure_rate_percent"] for day in (days[0], days[-1])] == [5.0, 1.25]
    assert all(day["failure_rate_percent"] is None for day in days[1:-1])
    assert (table["points"], days[-1]["coverage_percent"]) == (LIGHTS, 96)


def test_the_same_data_is_no_new_version_and_new_data_is(
    engine: Engine, settings: Settings, profile: CityProfile
) -> None:
    insert_lights(engine)
    insert_hours(engine, datetime(2025, 11, 4, 23, tzinfo=UTC), 24, 1.0)
    assert panel(engine, settings, profile).state == "published"
    assert panel(engine, settings, profile, NOW + timedelta(minutes=5)).state == "unchanged"
    insert_hours(engine, datetime(2025, 11, 5, 23, tzinfo=UTC), 24, 0.5)
    report = panel(engine, settings, profile, NOW + timedelta(minutes=6))
    assert (report.state, report.version) == ("published", 2)


def test_what_was_revoked_is_not_published_again(
    engine: Engine, settings: Settings, profile: CityProfile
) -> None:
    insert_lights(engine)
    insert_hours(engine, datetime(2025, 11, 5, 23, tzinfo=UTC), 24, 1.0)
    publish_once(engine, settings, profile, NOW)
    artefact_store(settings).revoke("lighting-status", NOW)
    assert panel(engine, settings, profile).state == "revoked"
    manifest = artefact_store(settings).current("lighting-status")
    assert manifest is not None
    assert manifest.files == {}


def test_a_city_without_light_points_publishes_nothing(
    engine: Engine, settings: Settings, profile: CityProfile
) -> None:
    reports = publish_once(engine, settings, profile, NOW)
    made = {report.publication for report in reports if report.state != "nothing"}
    assert made == {"catalogue", "registers", "use", "voices"}, "what there is to tell without any data"
    assert artefact_store(settings).names() == sorted({*made, OPEN_KEYS})


def test_without_a_database_the_last_artefacts_stay(
    engine: Engine, settings: Settings, profile: CityProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_lights(engine)
    insert_hours(engine, datetime(2025, 11, 5, 23, tzinfo=UTC), 24, 1.0)
    publish_once(engine, settings, profile, NOW)
    before = data(settings)
    monkeypatch.undo()
    away = open_engine("postgresql://vigie@127.0.0.1:1/nowhere")
    with pytest.raises(Unavailable, match="the database is away"):
        publish_once(away, settings, profile, NOW)
    assert data(settings) == before


async def test_the_loop_publishes_by_itself_survives_an_outage_and_stops(
    engine: Engine, settings: Settings, profile: CityProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_lights(engine)
    insert_hours(engine, datetime(2025, 11, 5, 23, tzinfo=UTC), 24, 1.0)
    tries = []
    real: Callable[[Publisher, datetime], list[Report]] = Publisher.run
    stop = asyncio.Event()

    def first_fails(publisher: Publisher, now: datetime) -> list[Report]:
        tries.append(now)
        if len(tries) == 1:
            raise Unavailable("the database is away")
        reports = real(publisher, now)
        loop.call_soon_threadsafe(stop.set)
        return reports

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(Publisher, "run", first_fails)
    async with asyncio.timeout(20):
        await publish_loop(engine, settings, profile, stop, every_s=0.01)
    assert len(tries) == 2
    assert data(settings)["points"] == LIGHTS
