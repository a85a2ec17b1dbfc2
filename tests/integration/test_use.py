"""Uses counted by day: kept once, however often they are counted, and published in figures and words."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from geodata.profiles import read_profile
from public.door import public
from services.publishing import Store
from services.publishing.use import collect, publish_use
from services.settings import read_settings
from tests.published import published
from tests.published_datasets import publish_dataset

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
NAMES = {"lighting-status", "lighting-failures"}

pytestmark = pytest.mark.servers


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = published(tmp_path)
    publish_dataset(store)
    return store


def noted(folder: Path, day: date, *lines: str, proxy: str = "use") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{proxy}-{day.isoformat()}.log"
    with file.open("a") as out:
        out.writelines(f"{line}\n" for line in lines)
    return file


def kept(engine: Engine) -> dict[tuple[str, str, str], int]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT day, name, kind, counted FROM dataset_use"))
        return {(day.isoformat(), name, kind): counted for day, name, kind, counted in rows}


def test_a_day_is_counted_once_from_all_its_files_and_kept_when_they_are_gone(
    engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "use"
    old = noted(folder, date(2026, 11, 20), "view lighting-status", "view lighting-status")
    noted(folder, date(2026, 11, 27), "view lighting-status", "download lighting-failures")
    noted(folder, date(2026, 11, 27), "view lighting-status", proxy="second")
    strange = ("view made-up", "view", "drop lighting-status", "view lighting-status; x", "\u00e9", "")
    noted(folder, date(2026, 11, 27), *strange)
    (folder / "notes.txt").write_text("view lighting-status\n")
    wanted = {
        ("2026-11-20", "lighting-status", "view"): 2,
        ("2026-11-27", "lighting-status", "view"): 2,
        ("2026-11-27", "lighting-failures", "download"): 1,
    }
    for _ in range(2):
        collect(engine, folder, NAMES, NOW)
        assert kept(engine) == wanted
    assert not old.exists(), "its lines are counted and over"
    noted(folder, date(2026, 11, 27), "view lighting-status")
    collect(engine, folder, NAMES, NOW)
    assert kept(engine) == wanted | {("2026-11-27", "lighting-status", "view"): 3}


def test_a_city_nobody_visited_counts_nothing(engine: Engine, tmp_path: Path, store: Store) -> None:
    collect(engine, tmp_path / "use", NAMES, NOW)
    manifest, changed = publish_use(engine, store, read_profile("demo"), NOW)
    assert changed
    assert store.read(manifest.files["use.csv"]) == b"day,publication,kind,count\r\n"


async def test_the_page_and_the_files_tell_the_last_thirty_whole_days(
    engine: Engine, tmp_path: Path, store: Store
) -> None:
    folder, today = tmp_path / "use", NOW.date()
    for back, count in ((0, 50), (1, 41), (30, 1), (31, 9)):
        noted(folder, today - timedelta(days=back), *["download lighting-failures"] * count)
    noted(folder, today - timedelta(days=1), "view lighting-failures", "view lighting-status")
    collect(engine, folder, NAMES, NOW)
    publish_use(engine, store, read_profile("demo"), NOW)
    app = public(read_settings(var=tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://public") as client:
        page = (await client.get("/datasets/lighting-failures?lang=en")).text
        assert "42 downloads, 1 view in the last 30 days, counted without tracking." in page
        assert "../transparency?lang=en&amp;theme=light#counted" in page
        gallery = (await client.get("/?lang=fr")).text.replace("\u00a0", " ")
        assert "1 consultation ces 30 derniers jours, comptés sans suivre personne." in gallery
        assert "no cookie" in (await client.get("/transparency?lang=en")).text
        told = (await client.get("/use.json")).json()
        assert told["use"]["lighting-failures"] == {"download": 42, "view": 1}
        sheet = (await client.get("/use.csv")).text
        rows = list(csv.DictReader(io.StringIO(sheet)))
        assert [row["count"] for row in rows if row["kind"] == "download"] == ["9", "1", "41"], "not today"
        assert (await client.get("/use.xml")).status_code == 404
