"""Counting what is asked for at the public door: a kind and a name a line, and nothing of who asked."""

from collections import Counter
from pathlib import Path

import httpx
import pytest

from public.counting import asked_for
from public.door import public
from services.publishing import Store
from services.settings import read_settings
from tests.published import published
from tests.published_datasets import publish_dataset

COUNTED = {
    "/datasets/lighting-failures": "view lighting-failures",
    "/embed/lighting-status": "view lighting-status",
    "/embed/lighting-status.csv": "download lighting-status",
    "/embed/lighting-status.svg": "download lighting-status",
    "/data/lighting-failures.csv": "download lighting-failures",
}
"""What is answered and counted, by address; nginx counts the same (``tests/integration/test_proxies.py``)."""

LEFT_OUT = (
    "/", "/datasets", "/transparency", "/healthz", "/data/lighting-failures", "/embed/unknown",
    "/datasets/unknown", "/data/unknown.csv", "/data/lighting-failures.preview.chart.fr.light.wide.svg",
    "/catalogue.ttl", "/use.csv", "/api", "/api/collections/unknown/items",
)  # fmt: skip
"""What is not counted: no publication, none of that name, or no use of one."""


def visitor(var: Path, **settings: bool) -> httpx.AsyncClient:
    app = public(read_settings(var=var, **settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://public")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = published(tmp_path)
    publish_dataset(store)
    return store


def lines(var: Path) -> list[str]:
    return [line for file in sorted((var / "use").glob("*.log")) for line in file.read_text().splitlines()]


async def test_each_use_is_one_line_and_no_line_says_who(tmp_path: Path, store: Store) -> None:
    assert store.names()
    headers = {"user-agent": "Firefox", "cookie": "who=me", "referer": "https://example.org/me"}
    async with visitor(tmp_path, count_use=True) as client:
        for path in (*COUNTED, *LEFT_OUT, *COUNTED):
            await client.get(path, params={"lang": "fr"}, headers=headers)
            await client.head(path)
    assert Counter(lines(tmp_path)) == {line: 2 for line in COUNTED.values()} | {
        "download lighting-status": 4
    }
    (file,) = (tmp_path / "use").iterdir()
    assert not set("0123456789").intersection(file.read_text()), "nor when"


async def test_who_has_it_already_uses_it_too_and_a_robot_does_not(tmp_path: Path, store: Store) -> None:
    assert store.names()
    path = "/embed/lighting-status"
    async with visitor(tmp_path, count_use=True) as client:
        etag = (await client.get(path)).headers["etag"]
        assert (await client.get(path, headers={"if-none-match": etag})).status_code == 304
        for robot in ("Googlebot/2.1", "my-crawler", "Baiduspider", "Yahoo! Slurp"):
            assert (await client.get(path, headers={"user-agent": robot})).status_code == 200
    assert len(lines(tmp_path)) == 2


async def test_where_a_proxy_counts_this_process_writes_nothing(tmp_path: Path, store: Store) -> None:
    assert store.names()
    async with visitor(tmp_path) as client:
        assert (await client.get("/embed/lighting-status")).status_code == 200
    assert not (tmp_path / "use").exists()


async def test_a_count_that_cannot_be_written_costs_no_answer(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    assert store.names()
    (tmp_path / "use").write_text("not a folder")
    async with visitor(tmp_path, count_use=True) as client:
        assert (await client.get("/embed/lighting-status")).status_code == 200
    assert "this use is not counted" in caplog.text


def test_questions_to_the_api_are_questions() -> None:
    assert asked_for("/api/collections/traffic-counts/items") == ("query", "traffic-counts")
    assert asked_for("/api/collections/traffic-counts/series") == ("query", "traffic-counts")
    assert asked_for("/api/collections/traffic-counts/items/a~b") == ("query", "traffic-counts")
    assert asked_for("/api/collections/traffic-counts") is None
