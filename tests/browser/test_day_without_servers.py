"""A day without PostgreSQL and Redis, both killed: what the public sees goes on, and says how old it is.

The servers are real; the clock is the test's, for the door, the publisher and the browser alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from geodata.database import open_engine
from geodata.profiles import read_profile
from model.errors import Unavailable
from model.publications import Release
from public.door import public
from services.launch.servers import free_port
from services.publishing import TABLE_FILE, Store
from services.publishing import publisher as publishing
from services.publishing.publisher import Publisher
from services.settings import Settings, read_settings
from tests.conftest import enterable
from tests.faults import kill, own_servers
from tests.proxy import start_app
from tests.published import PARIS, RATES, example, lighting_days, published
from tests.released import released

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POINTS, SYSTEMS = "lighting-points", "traffic-equipment"
PANEL = "/embed/lighting-status"
KEPT = (
    PANEL, f"{PANEL}?lang=en&theme=dark", f"{PANEL}.json", f"{PANEL}.csv", f"{PANEL}.svg",
    f"/data/{POINTS}", f"/data/{POINTS}.csv", f"/data/{POINTS}.geojson", f"/data/{POINTS}.parquet",
    f"/data/{POINTS}.fgb", f"/api/collections/{POINTS}/items", "/api", "/api/collections",
    "/catalogue.ttl", "/", "/datasets", f"/datasets/{POINTS}", "/transparency", "/requests",
)  # fmt: skip
"""What a visitor may ask for, and gets, whatever else is away."""

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@dataclass
class City:
    """A small city that published, and its own time."""

    var: Path
    publisher: Publisher
    url: str
    store: Store
    settings: Settings
    start: datetime
    now: datetime

    def get(self, path: str) -> httpx.Response:
        """What a visitor is answered."""
        return httpx.get(self.url + path, timeout=30)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city, published, and then without its servers."""
    var, port, start = tmp_path_factory.mktemp("var"), free_port(), datetime.now(UTC).replace(microsecond=0)
    address = f"http://127.0.0.1:{port}"
    releases = [
        released(POINTS, valid_until=start + 365 * DAY),
        released(SYSTEMS, valid_until=start + DAY / 2),
    ]

    def in_force(engine: Engine, _: datetime) -> list[Release]:
        engine.connect().close()  # which raises while the database is away
        return releases

    with (
        pytest.MonkeyPatch.context() as patched,
        enterable() as folder,
        own_servers(folder) as (postgres, redis),
    ):
        patched.setattr(publishing, "releases_in_force", in_force)
        settings = read_settings(
            var=var, database_url=postgres.url, redis_url=redis.url, public_port=port, public_url=address
        )
        engine = open_engine(postgres.url)
        publisher = Publisher(engine, settings, read_profile("demo"))
        city = City(var, publisher, address, publisher.store, settings, start, start)
        today = start.astimezone(PARIS).date()
        days = lighting_days(RATES, today - timedelta(days=len(RATES)))
        assert "failed" not in {report.state for report in publisher.run(start)}
        published(var, example(days=days), start)
        app = start_app(public(settings, lambda: city.now), port)
        kill(postgres)
        kill(redis)
        yield city
        app.stop()
        engine.dispose()


@pytest.fixture
def city(killed: City) -> City:
    """The city at the beginning of that day."""
    killed.now = killed.start
    return killed


def test_a_day_without_them_is_served_as_it_was_and_never_fails(city: City) -> None:
    before = {path: city.get(path) for path in KEPT}
    assert {path: one.status_code for path, one in before.items() if one.status_code != 200} == {}
    told = before[f"{PANEL}.json"].json()["data_time"]
    assert city.get(f"/data/{SYSTEMS}.csv").status_code == 200
    for hour in range(1, 25):
        city.now += HOUR
        for turn in (city.publisher.take_back, city.publisher.run):
            with pytest.raises(Unavailable):
                turn(city.now)
        for path in KEPT if hour % 6 == 0 else KEPT[:3]:
            answer = city.get(path)
            assert answer.status_code == 200, (hour, path)
            # Pages that list what there is know of the release that ended.
            if path != "/" and not path.startswith(("/api", "/datasets", "/transparency")):
                assert answer.content == before[path].content, (hour, path)
        assert city.get(f"{PANEL}.json").json()["data_time"] == told
        # A release ends by its date although nobody is there to take it back.
        for path in (f"/data/{SYSTEMS}.csv", f"/api/collections/{SYSTEMS}/items"):
            assert city.get(path).status_code == (200 if hour < 12 else 404), (hour, path)


def test_a_panel_says_its_time_and_ages_before_ones_eyes(city: City, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.clock.install(time=city.now)
    page.goto(f"{city.url}{PANEL}?lang=en")
    when = page.locator("time").first
    said = when.inner_text()
    age = page.locator("#age")
    expect(age).to_have_text(ago(city, city.now))
    page.clock.run_for(24 * 3_600_000)
    expect(age).to_have_text(ago(city, city.now + 24 * HOUR))
    # Opened a day and more later, it is the same panel, called late.
    page.clock.set_fixed_time(city.now + 49 * HOUR)
    page.goto(f"{city.url}{PANEL}?lang=en")
    expect(page.locator("#age.late")).to_have_text(f"{ago(city, city.now + 49 * HOUR)}, late")
    expect(when).to_have_text(said)
    context.close()


def test_what_cannot_be_answered_is_503_with_when_to_come_again(city: City) -> None:
    manifest = city.store.current(POINTS)
    assert manifest
    for form in ("parquet", "csv", "geojson"):
        for encoding in ("", "br", "gzip"):
            city.store.path(manifest.files[TABLE_FILE.format(form)], encoding).unlink(missing_ok=True)
    # The running door has it all in memory; one that starts now does not.
    restarted = start_app(public(city.settings, lambda: city.now))
    for path in (
        f"/api/collections/{POINTS}/items",
        f"/api/collections/{POINTS}/items/L-1",
        f"/api/collections/{POINTS}/items?bbox=5,47,6,48&limit=1",
        f"/data/{POINTS}.parquet",
        f"/data/{POINTS}.csv",
    ):
        answer = httpx.get(f"http://127.0.0.1:{restarted.port}{path}", timeout=30)
        assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store"), path
        assert int(answer.headers["retry-after"]) > 0
        assert str(city.var) not in answer.text
        assert city.get(path).status_code == 200
    restarted.stop()


def ago(city: City, now: datetime) -> str:
    """How long before ``now`` the last whole day in Paris ended, as English says it in short."""
    midnight = city.start.astimezone(PARIS).replace(hour=0, minute=0, second=0)
    seconds = int((now - midnight).total_seconds())
    if seconds < 3_600:
        return f"{seconds // 60} min. ago"
    if seconds < 86_400:
        return f"{seconds // 3_600} hr. ago"
    days = seconds // 86_400
    return f"{days} day{'s' if days > 1 else ''} ago"
