"""The open-data portal over HTTP: every dataset has a page, open or not; registers are told as they are."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from model.datasets import DATASETS, Openness
from model.domains import ASSET_TYPES
from model.open_keys import RATE_MOST
from model.texts import LANGUAGES, catalogue, words
from public.door import public
from services.publishing import Store
from services.settings import read_settings
from tests.open_data import PARKING, ROADS, parking, publish, roads
from tests.open_data import visitor as open_data_visitor
from tests.published import published
from tests.published_datasets import NOW, ROWS, publish_dataset, publish_registers
from tests.published_tables import failures

ADDRESS = "https://donnees.example.org"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return published(tmp_path)


@pytest.fixture
async def visitor(store: Store, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    assert store.folder.is_dir()
    app = public(read_settings(var=tmp_path, public_url=ADDRESS))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ADDRESS) as client:
        yield client


def visible(text: str) -> str:
    """The words of a page without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.split("<body>")[1]).replace("\u00a0", " ").split())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_dataset_is_listed_and_has_a_page_open_or_not(
    visitor: httpx.AsyncClient, store: Store, language: str
) -> None:
    publish_dataset(store)
    listed = (await visitor.get(f"/datasets?lang={language}")).text
    say = words(language)
    for dataset in DATASETS:
        assert f'href="datasets/{dataset.name}?' in listed
        page = await visitor.get(f"/datasets/{dataset.name}?lang={language}")
        assert page.status_code == 200
        assert "⟦" not in page.text
        text = visible(page.text)
        assert say(f"dataset.{dataset.name}_title").replace("\u00a0", " ") in text
        if dataset.closed:
            assert say(f"closed.{dataset.closed}").replace("\u00a0", " ").split("(")[0].strip() in text
            assert f"data/{dataset.name}.csv" not in page.text
    assert "⟦" not in listed


async def test_a_preview_is_a_chart_a_map_or_a_table_by_links_alone(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    publish_dataset(store, table=failures())
    page, title = (
        "/datasets/lighting-failures?lang=en&theme=dark",
        words("en")("dataset.lighting-failures_title"),
    )
    for view, shown in (("", "chart"), ("&view=chart", "chart"), ("&view=map", "map")):
        text = (await visitor.get(page + view)).text
        picture = f"lighting-failures.preview.{shown}.en.dark"
        assert f'src="../data/{picture}.wide.svg" alt="{title}. ' in text
        assert f'view={shown}#preview" aria-current="true"' in text
        for width in ("wide", "narrow"):
            assert f"../data/{picture}.{width}.svg" in text
            answer = await visitor.get(f"/data/{picture}.{width}.svg")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
            assert "content-disposition" not in answer.headers
    assert '<th scope="row">Chenove</th><td class="n">1.20</td>' in text, "the same values"
    table = (await visitor.get(f"{page}&view=table")).text
    assert "<picture>" not in table
    assert "2026-11-01" in table
    assert (await visitor.get(f"{page}&view=film")).status_code == 400
    for wrong in ("preview.chart.en.dark.huge.svg", "preview.map.xx.dark.wide.svg", "preview.en.csv"):
        assert (await visitor.get(f"/data/lighting-failures.{wrong}")).status_code == 404
    assert (await visitor.get("/data/lighting-failures.preview.en.json")).json()["map"]["rows"]


async def test_a_published_dataset_shows_its_first_rows_files_and_citation(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    publish_dataset(store)
    page = (await visitor.get("/datasets/lighting-failures?lang=en")).text
    rows = list(csv.reader(io.StringIO(ROWS)))
    for cell in rows[0] + rows[1] + rows[12]:
        assert f">{cell}</" in page
    assert f">{rows[14][0]}</" not in page, "a preview, not the data"
    assert 'href="../data/lighting-failures.csv" download' in page
    text = visible(page)
    assert "Valmont-sur-Arce, “" in text
    assert f"{ADDRESS}/datasets/lighting-failures" in text
    assert "from 4 Nov" in text, "the gap"
    assert "Version 1, published on 27 Nov 2026, 10:00, data until 27 Nov 2026, 10:00" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=panne+commune", {"lighting-failures"}),
        ("q=nothing-like-this", set()),
        ("domain=transport", {"vehicles-in-service", "vehicle-positions"}),
        ("kind=personal", {"badge-passages"}),
        ("domain=access&kind=open", {"access-availability"}),
    ],
)
async def test_datasets_are_found_by_words_domain_and_kind(
    visitor: httpx.AsyncClient, query: str, names: set[str]
) -> None:
    page = (await visitor.get(f"/datasets?{query}")).text
    found = set(re.findall(r'href="datasets/([a-z-]+)\?', page))
    assert names <= found if "panne" in query else names == found


@pytest.mark.parametrize("query", ["domain=weather", "kind=secret", "q=" + "x" * 101, "lang=de"])
async def test_a_question_that_makes_no_sense_is_refused(visitor: httpx.AsyncClient, query: str) -> None:
    assert (await visitor.get(f"/datasets?{query}")).status_code == 400


async def test_words_looked_for_are_escaped(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/datasets", params={"q": '"><script>alert(1)</script>'})).text
    assert "<script>alert" not in page


async def test_what_was_revoked_is_as_if_it_had_never_been_published(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    before = (await visitor.get("/datasets/lighting-failures")).text
    publish_dataset(store)
    assert (await visitor.get("/datasets/lighting-failures")).text != before
    store.revoke("lighting-failures", NOW)
    assert (await visitor.get("/datasets/lighting-failures")).text == before


async def test_an_unknown_dataset_is_like_an_unknown_panel(visitor: httpx.AsyncClient) -> None:
    unknown, nowhere = await visitor.get("/embed/unknown"), await visitor.get("/datasets/unknown")
    assert (unknown.status_code, unknown.content) == (nowhere.status_code, nowhere.content)


async def test_a_manifest_that_cannot_be_read_is_said_and_not_hidden(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    publish_dataset(store)
    store.manifest_path("lighting-failures").write_text("{")
    answer = await visitor.get("/datasets")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_pages_are_cached_and_ask_nobody_else(visitor: httpx.AsyncClient) -> None:
    forms = {"/datasets/doors", "/requests"}
    for path in ("/", "/datasets", "/transparency", *sorted(forms)):
        answer = await visitor.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        sends_to = "form-action 'self' http://localhost:8070;" if path in forms else "form-action 'self';"
        assert sends_to in policy
        assert "http" not in policy.replace(sends_to, "")
        assert "set-cookie" not in answer.headers
        again = await visitor.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_behind_one_proxy_the_form_goes_to_its_own_origin(store: Store, tmp_path: Path) -> None:
    assert store.folder.is_dir()
    app = public(read_settings(var=tmp_path, public_url=ADDRESS, voice_url="/say"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ADDRESS) as visitor:
        for path in ("/requests", "/requests?about=panel:lighting-status", "/datasets/doors"):
            answer = await visitor.get(path)
            assert 'method="post" action="/say"' in answer.text
            assert "http" not in answer.headers["content-security-policy"]
        named = (await visitor.get("/requests?about=panel:lighting-status")).text
        assert 'value="panel:lighting-status" selected' in named
        assert (
            'href="requests?lang=fr&amp;theme=light&amp;about=panel:lighting-status#write"'
            in (await visitor.get("/")).text
        )
        for query in ("about=camera:1", "reference=" + "x" * 21):
            assert (await visitor.get(f"/requests?{query}")).status_code == 400


async def test_without_published_letters_the_page_says_so(visitor: httpx.AsyncClient) -> None:
    page = visible((await visitor.get("/requests?lang=en&reference=abcd2345")).text)
    assert "Letters are not published at the moment." in page
    assert "No letter has this reference" in page
    assert (await visitor.get("/requests.atom")).status_code == 404


# Transparency ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_numbers_of_the_page_are_those_of_the_registers(
    visitor: httpx.AsyncClient, store: Store, language: str
) -> None:
    publish_registers(store)
    page = (await visitor.get(f"/transparency?lang={language}")).text
    text, say = visible(page), words(language)
    for kind in Openness:
        count = sum(one.openness is kind for one in DATASETS)
        assert f"{say(f'openness.{kind}')} ({count})" in text
    assert text.count("Atelier d’urbanisme") == 1
    assert "house_rule" in text, "a city's own class keeps its name"
    assert {"fr": "45 jours", "en": "45 days"}[language] in text
    assert "⟦" not in page


async def test_registers_that_were_never_published_are_missed(visitor: httpx.AsyncClient) -> None:
    text = visible((await visitor.get("/transparency?lang=en")).text)
    assert text.count("This register is not published at the moment.") == 2


async def test_no_agreement_is_said_so(visitor: httpx.AsyncClient, store: Store) -> None:
    publish_registers(store, shared=[])
    assert "No agreement is in force" in (await visitor.get("/transparency?lang=en")).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sensor_type_has_its_notice(language: str) -> None:
    """Requirement C2: a type without a notice is not shown to the public; here it does not even pass."""
    keys = [f"notice.{name}_{part}" for name in ASSET_TYPES for part in ("measures", "never")]
    assert [key for key in keys if key not in catalogue(language)] == []


# The catalogue ------------------------------------------------------------------------------------------


async def test_before_it_is_published_there_is_no_catalogue(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/catalogue.ttl")).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_for_programs_says_how_often_and_how_to_ask_for_a_key(
    tmp_path: Path, language: str
) -> None:
    publish(store := Store(tmp_path / "artefacts"), PARKING, parking())
    publish(store, ROADS, roads())
    async with open_data_visitor(tmp_path) as visitor:
        page = (await visitor.get("/programs", params={"lang": language})).text
        for path in (
            "api",
            "sensorthings/v1.1",
            f"gbfs/{PARKING}/gbfs.json",
            f"gtfs-realtime/{ROADS}/alerts.pb",
        ):
            assert f'href="{path}"' in page
            assert (await visitor.get(f"/{path}")).status_code == 200
    say = words(language)
    assert say.number(RATE_MOST) in page
    for text in (
        "RateLimit-Policy",
        "Retry-After",
        "Authorization: Bearer",
        say("programs.without_key")[:40],
    ):
        assert text in page
    assert '<form class="say" method="post"' in page
