"""The publisher over releases of datasets: each by itself, in its own time, and back when it ends."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas
import pyarrow as pa
import pytest
from sqlalchemy import Engine, text

from geodata.profiles import CityProfile, read_profile
from model.datasets import Place, Span
from model.finding_words import objection
from model.publications import Release, Rule
from model.texts import words
from services.publishing import Report, Store, artefact_store, publish_loop
from services.publishing import publisher as publishing
from services.publishing.beside import Beside
from services.publishing.guard import Withheld, guarded
from services.publishing.linting import Published
from services.publishing.publisher import TAKEN, Publisher
from services.publishing.register import Publications
from services.publishing.register.seeding import seed_proposed
from services.settings import Settings, read_settings
from tests.integration.small_city import add_areas, add_assets
from tests.integration.test_dataset_readers import DAY, add_hours, two_communes
from tests.released import grain, released

NOW = datetime(2026, 3, 20, 10, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.servers


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(var=tmp_path, artefacts=tmp_path / "out")


@pytest.fixture
def profile() -> CityProfile:
    return read_profile("demo")


@pytest.fixture
def store(settings: Settings) -> Store:
    return artefact_store(settings)


@pytest.fixture
def publisher(engine: Engine, settings: Settings, profile: CityProfile) -> Publisher:
    return Publisher(engine, settings, profile)


Register = Callable[..., None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Puts releases in force, instead of those that are."""

    def puts(*releases: Release) -> None:
        monkeypatch.setattr(publishing, "releases_in_force", lambda *_: list(releases))

    return puts


def states(reports: list[Report]) -> dict[str, str]:
    return {report.publication: report.state for report in reports if report.publication not in TAKEN}


def of(reports: list[Report], name: str) -> Report:
    return next(report for report in reports if report.publication == name)


def about(store: Store, name: str) -> dict[str, Any]:
    manifest = store.current(name)
    assert manifest is not None
    found: dict[str, Any] = json.loads(store.read(manifest.files["about.json"]))
    return found


def test_a_release_becomes_files_that_say_what_they_are(
    engine: Engine, publisher: Publisher, register: Register, store: Store, settings: Settings
) -> None:
    two_communes(engine, ("streetlight", 1), ("streetlight", 2))
    register(released("lighting-points"))
    report = of(publisher.run(NOW), "lighting-points")
    assert (report.state, report.version, report.rows, report.files) == ("published", 1, 2, 23)
    assert store.folder == settings.var / "out"
    told = about(store, "lighting-points")
    assert (told["rows"], told["producer"], told["generated"]) == (2, "Valmont-sur-Arce", True)
    assert told["grain"] == {"place": "asset", "span": "none"}
    assert told["licence"]["url"].startswith("https://www.etalab.gouv.fr/")
    assert told["bbox"] == [5.11, 47.5, 5.12, 47.5]
    assert {"fr", "en"} == set(told["title"]) == set(told["what"]) == set(told["columns"][0]["meaning"])
    manifest = store.current("lighting-points")
    assert manifest is not None
    sizes = {one["format"]: (one["bytes"], one["sha256"]) for one in told["files"]}
    assert set(sizes) == {"csv", "geojson", "parquet", "fgb"}
    for form, (size, sha256) in sizes.items():
        artefact = manifest.files[f"table.{form}"]
        assert (artefact.size, artefact.sha256) == (size, sha256)
        assert store.path(artefact).stat().st_size == size
    pictures = [name for name in manifest.files if name.startswith("preview.")]
    assert len(pictures) == 18, "a chart and a map in both languages, themes and widths, and their values"
    values = json.loads(store.read(manifest.files["preview.fr.json"]))
    assert values["map"]["rows"] == values["chart"]["rows"] == [["Est", "1"], ["Ouest", "1"]]
    frame = geopandas.read_file(store.path(manifest.files["table.geojson"]))
    assert sorted(frame["id"]) == ["X-1", "X-2"]


def test_days_say_their_extent_their_gaps_and_how_whole_they_are(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("streetlight", 1))
    add_hours(engine, "streetlight", "fault_share", 1, DAY, [(1, 0.0)] * 12 + [(1, 1.0)] * 12)
    add_hours(engine, "streetlight", "fault_share", 1, DAY - timedelta(days=2), [(1, 1.0)] * 24)
    register(released("lighting-failures"))
    publisher.run(NOW - timedelta(days=1))
    told = about(store, "lighting-failures")
    assert told["temporal"] == {"from": "2026-03-15T23:00:00Z", "to": "2026-03-18T23:00:00Z"}
    assert told["data_time"] == "2026-03-18T23:00:00Z"
    assert told["gaps"] == [{"from": "2026-03-16T23:00:00Z", "to": "2026-03-17T23:00:00Z"}]
    assert told["coverage_percent"] == pytest.approx(66.7)
    assert [one["format"] for one in told["files"]] == ["csv", "json", "parquet"]


def test_publishing_the_same_again_changes_nothing_whatever_the_clock_says(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("streetlight", 1), ("camera", 2))
    register(released("lighting-points"), released("video-systems"))
    assert set(states(publisher.run(NOW)).values()) == {"published"}
    before = [store.manifest_path(name).read_bytes() for name in ("lighting-points", "video-systems")]
    assert set(states(publisher.run(NOW + timedelta(days=1))).values()) == {"unchanged"}
    after = [store.manifest_path(name).read_bytes() for name in ("lighting-points", "video-systems")]
    assert after == before
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET name = 'another' WHERE id = 1"))
    again = states(publisher.run(NOW + timedelta(days=2)))
    assert again == {"lighting-points": "published", "video-systems": "unchanged"}


def test_each_is_made_in_its_own_time(engine: Engine, publisher: Publisher, register: Register) -> None:
    two_communes(engine, ("car_park", 1), ("camera", 1))
    register(released("car-parks-now"), released("video-systems"))
    assert set(states(publisher.run(NOW))) == {"car-parks-now", "video-systems"}
    assert states(publisher.run(NOW + timedelta(seconds=59))) == {}
    assert set(states(publisher.run(NOW + MINUTE))) == {"car-parks-now"}
    assert set(states(publisher.run(NOW + timedelta(days=1)))) == {"car-parks-now", "video-systems"}


def test_one_that_fails_leaves_the_others_and_its_own_last_files(
    engine: Engine,
    publisher: Publisher,
    register: Register,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    two_communes(engine, ("streetlight", 1), ("camera", 1))
    register(released("lighting-points"), released("video-systems"))
    publisher.run(NOW)
    before = about(store, "lighting-points")
    real = publishing.publish_release

    def fails(*given: Any) -> Report:
        if given[1].name == "lighting-points":
            raise ZeroDivisionError("broken")
        return real(*given)

    monkeypatch.setattr(publishing, "publish_release", fails)
    for again in (1, 2):
        later = NOW + timedelta(days=again)
        reports = publisher.run(later)
        assert states(reports) == {"lighting-points": "failed", "video-systems": "unchanged"}
        assert f"lighting-points failed, {again} in a row" in caplog.text
    assert "ZeroDivisionError: broken" in str(next(r for r in reports if r.state == "failed"))
    assert about(store, "lighting-points") == before
    monkeypatch.setattr(publishing, "publish_release", real)
    assert states(publisher.run(later + MINUTE)) == {"lighting-points": "unchanged"}, "tried again soon"
    assert publisher.failed["lighting-points"] == 0


def test_a_full_disk_leaves_the_last_files(
    engine: Engine, publisher: Publisher, register: Register, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_communes(engine, ("camera", 1))
    register(released("video-systems"))
    publisher.run(NOW)
    before = about(store, "video-systems")
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET commune_id = 2"))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    report = of(publisher.run(NOW + timedelta(days=1)), "video-systems")
    assert (report.state, report.why) == ("failed", "artefacts cannot be written: No space left on device")
    assert about(store, "video-systems") == before


def test_what_is_no_longer_in_force_is_taken_back_and_may_return(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("camera", 1), ("streetlight", 1))
    release = released("video-systems", valid_until=NOW + MINUTE)
    register(release)
    publisher.run(NOW)
    assert publisher.take_back(NOW) == []
    assert states(publisher.take_back(NOW + MINUTE)) == {"video-systems": "taken_back"}, "expired"
    manifest = store.current("video-systems")
    assert manifest is not None
    assert (manifest.files, len(manifest.history)) == ({}, 1)
    assert "registers" in store.names(), "no release was ever asked for what the city itself says"
    assert publisher.take_back(NOW + MINUTE) == []
    register(released("video-systems", version=2))
    assert states(publisher.run(NOW + timedelta(days=1))) == {"video-systems": "published"}
    assert about(store, "video-systems")["version"] == 2


def test_a_panel_goes_with_the_dataset_it_shows_and_comes_back_from_the_rest(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("camera", 1), ("streetlight", 1))
    register(released("video-systems"), released("lighting-points"))
    publisher.run(NOW)
    assert panel_rows(store, "equipment") == [("1", None, None, "1")]
    register(released("lighting-points"))
    assert {report.publication for report in publisher.take_back(NOW)} == {"video-systems", "equipment"}
    publisher.run(NOW + MINUTE)
    assert panel_rows(store, "equipment") == [("1", None, None, None)]
    register()
    publisher.take_back(NOW)
    publisher.run(NOW + MINUTE)
    manifest = store.current("equipment")
    assert manifest is not None
    assert not manifest.files


def panel_rows(store: Store, name: str) -> list[tuple[str | None, ...]]:
    manifest = store.current(name)
    assert manifest is not None
    rows = json.loads(store.read(manifest.files["data.json"]))["rows"]
    kinds = ("streetlight", "junction", "building", "camera")
    return [tuple(None if row[kind] is None else str(row[kind]) for kind in kinds) for row in rows]


def test_a_dataset_let_out_later_is_on_its_panel_and_in_the_catalogue_at_once(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("streetlight", 1), ("streetlight", 2))
    register()
    publisher.run(NOW)
    assert store.current("equipment") is None
    assert store.current("lighting-status") is None, "a panel that never had a figure is none"
    register(released("lighting-points"))
    publisher.run(NOW + MINUTE)
    catalogue, equipment = store.current("catalogue"), store.current("equipment")
    assert catalogue and equipment
    assert b"data/lighting-points.csv" in store.read(catalogue.files["catalogue.ttl"])
    assert equipment.about["drawn_from"] == ["lighting-points"]


def test_registers_and_catalogue_are_published_beside_the_data(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("camera", 1))
    register(released("video-systems"))
    publisher.run(NOW)
    registers = store.current("registers")
    assert registers is not None
    kept = json.loads(store.read(registers.files["registers.json"]))["kept"]
    assert {"class": "loop_data", "months": 1, "days": 0}.items() <= next(
        rule for rule in kept if rule["class"] == "loop_data"
    ).items()
    catalogue = store.current("catalogue")
    assert catalogue is not None
    turtle = store.read(catalogue.files["catalogue.ttl"]).decode()
    assert "datasets/video-systems" in turtle
    assert "data/video-systems.csv" in turtle
    assert "mailto:donnees@valmont.example" in turtle


def test_what_a_person_took_back_no_release_brings_again(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("camera", 1))
    register(released("video-systems"))
    publisher.run(NOW)
    store.revoke("video-systems", NOW)
    assert states(publisher.run(NOW + timedelta(days=1))) == {"video-systems": "revoked"}


def test_a_release_that_ends_while_its_files_are_written_is_not_published(
    engine: Engine, publisher: Publisher, register: Register, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_communes(engine, ("camera", 1))
    release = released("video-systems")
    asked = []

    def revoked_meanwhile(*_: object) -> list[Release]:
        asked.append(1)
        return [release] if len(asked) == 1 else []

    monkeypatch.setattr(publishing, "releases_in_force", revoked_meanwhile)
    assert states(publisher.run(NOW)) == {"video-systems": "taken_back"}
    assert store.current("video-systems") is None


def test_a_release_never_takes_the_place_of_a_panel(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    two_communes(engine, ("camera", 1), ("streetlight", 1))
    register(released("video-systems", name="lighting-status"))
    assert states(publisher.run(NOW)) == {}
    assert store.current("lighting-status") is None


def test_small_cells_are_withheld_and_the_count_must_be_there(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est", "Sud")
        add_assets(connection, *[("meter", 1)] * 10, *[("meter", 2)] * 9, *[("meter", 3)] * 30)
    for area in (1, 2, 3):
        add_hours(engine, "meter", "energy", area, DAY, [(40, 10.0)] * 24)
    register(
        released("energy-by-area"),
        released("energy-by-area", name="uncounted", columns=("day", "area_code", "energy")),
    )
    assert states(publisher.run(NOW)) == {"energy-by-area": "published", "uncounted": "failed"}
    manifest = store.current("energy-by-area")
    assert manifest is not None
    body = store.read(manifest.files["table.csv"]).decode()
    found = {
        one["area"]: (one["delivery_points"], one["energy"]) for one in csv.DictReader(io.StringIO(body))
    }
    # Of three that sum to the city's total, one alone hidden would be told by the other two.
    assert found == {"Ouest": ("10", ""), "Est": ("9", ""), "Sud": ("30", "240")}
    assert about(store, "energy-by-area")["gaps"] == []
    assert about(store, "energy-by-area")["columns"][-1]["name"] == "suppressed"
    release = released("energy-by-area")
    table = guarded(publishing_table(engine, publisher), release, Beside())
    before = Beside(published=(Published(release.name, table, Place.AREA, Span.DAY),))
    assert guarded(publishing_table(engine, publisher), release, before).equals(table)
    with pytest.raises(Withheld, match="delivery_points"):
        guarded(table.drop_columns(["delivery_points"]), release, Beside())
    with pytest.raises(Withheld, match="area"):
        told = pa.array(["call 06 12 34 56 78"] * table.num_rows)
        guarded(table.set_column(1, "area", told).drop_columns(["suppressed"]), release, Beside())


def energy_of_three(engine: Engine, third: int) -> None:
    """Meters of three communes: two well above the least number, and ``third`` in the last."""
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est", "Sud")
        add_assets(connection, *[("meter", 1)] * 12, *[("meter", 2)] * 12, *[("meter", 3)] * third)
    for area, kwh in ((1, 10.0), (2, 20.0), (3, 5.0)):
        add_hours(engine, "meter", "energy", area, DAY, [(40, kwh)] * 24)


CITY = released("energy-by-area", name="energy-city", **grain(Place.CITY, Span.DAY))


def test_a_total_that_is_published_is_reckoned_with_when_cells_are_hidden(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    """By area and for the city, in whichever order: two cells are hidden, so the total tells none."""
    energy_of_three(engine, 9)
    register(CITY, released("energy-by-area"))
    assert states(publisher.run(NOW)) == {"energy-city": "published", "energy-by-area": "published"}
    hidden = [row["area"] for row in rows_of(store, "energy-by-area") if not row["energy"]]
    assert sorted(hidden) == ["Ouest", "Sud"]
    assert [row["energy"] for row in rows_of(store, "energy-city")] == ["840"]
    again = publisher.run(NOW + timedelta(days=1))
    assert "failed" not in states(again).values(), "nor do they together with their versions before"


def test_what_two_publications_would_tell_together_is_refused_and_said_to_those_who_decide(
    engine: Engine, publisher: Publisher, register: Register, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A commune falls under the least number after its figure was shown: hiding it now would hide nothing."""
    energy_of_three(engine, 12)
    seed_proposed(engine, publisher.profile)
    register(released("energy-by-area"))
    assert states(publisher.run(NOW)) == {"energy-by-area": "published"}
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET removed_at = '2026-01-01' WHERE id > 33"))
    later = NOW + timedelta(days=1)
    report = of(publisher.run(later), "energy-by-area")
    assert (report.state, report.why) == ("failed", "energy-by-area: difference energy")
    assert "difference energy" in caplog.text
    assert all(row["energy"] for row in rows_of(store, "energy-by-area")), "the last files stay"
    held = Publications(engine).held_back()["energy-by-area"]
    assert (held.version, held.since) == (1, later)
    assert [(one.rule, one.column) for one in held.findings] == [(Rule.DIFFERENCE, "energy")]
    assert "3 2026-03-18" in objection(words("fr"), held.findings[0])
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET removed_at = NULL"))
    publisher.run(later + MINUTE)
    assert Publications(engine).held_back() == {}


def test_a_publication_of_some_areas_hides_what_the_whole_hides(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    energy_of_three(engine, 9)
    register(released("energy-by-area"), released("energy-by-area", name="west", areas=frozenset({1})))
    assert set(states(publisher.run(NOW)).values()) == {"published"}
    assert [(row["area"], row["energy"]) for row in rows_of(store, "west")] == [("Ouest", "")]


def rows_of(store: Store, name: str) -> list[dict[str, str]]:
    manifest = store.current(name)
    assert manifest is not None
    return list(csv.DictReader(io.StringIO(store.read(manifest.files["table.csv"]).decode())))


def publishing_table(engine: Engine, publisher: Publisher) -> Any:
    from services.publishing.datasets import read

    return read(engine, publisher.profile, released("energy-by-area"), NOW)


def test_a_table_without_a_row_is_nothing_and_leaves_what_there_was(
    engine: Engine, publisher: Publisher, register: Register, store: Store
) -> None:
    register(released("video-systems"))
    assert states(publisher.run(NOW)) == {"video-systems": "nothing"}
    assert store.names() == ["catalogue", "registers", "use", "voices"], (
        "what there is to tell without any data"
    )


async def test_the_loop_takes_back_while_it_publishes(
    engine: Engine, settings: Settings, profile: CityProfile, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long publication holds nothing up: while one is being made, another is taken back."""
    two_communes(engine, ("camera", 1))
    first = released("video-systems")
    monkeypatch.setattr(publishing, "releases_in_force", lambda *_: [first])
    Publisher(engine, settings, profile).run(NOW)
    monkeypatch.setattr(publishing, "releases_in_force", lambda *_: [])
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    gone = asyncio.Event()
    real = Publisher.take_back

    def told(publisher: Publisher, now: datetime) -> list[Report]:
        reports = real(publisher, now)
        if reports:
            loop.call_soon_threadsafe(gone.set)
        return reports

    def long(_publisher: Publisher, _now: datetime) -> list[Report]:
        asyncio.run_coroutine_threadsafe(gone.wait(), loop).result()
        loop.call_soon_threadsafe(stop.set)
        return []

    monkeypatch.setattr(Publisher, "take_back", told)
    monkeypatch.setattr(Publisher, "run", long)
    async with asyncio.timeout(20):
        await publish_loop(engine, settings, profile, stop, every_s=0.01)
    manifest = store.current("video-systems")
    assert manifest is not None
    assert manifest.files == {}
