"""The public door over HTTP: headers, encodings, conditional requests, refusals, isolation."""

import base64
import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import brotli
import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from model.errors import BadSettings
from public.door import WAYS, Access, public
from services.publishing import Store
from services.settings import Settings, read_settings
from tests.published import NOW, example, lighting_days, published

ROOT = Path(__file__).resolve().parents[2]
PANEL = "/embed/lighting-status"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(
        var=tmp_path, embed_origins="https://www.example.org https://*.example.net:8443", host="127.0.0.1"
    )


@pytest.fixture(scope="module")
def once_published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store made once; each test gets a copy of its own."""
    return published(tmp_path_factory.mktemp("published")).folder


@pytest.fixture
def store(settings: Settings, once_published: Path) -> Store:
    return Store(shutil.copytree(once_published, settings.var / "artefacts"))


@pytest.fixture
def app(settings: Settings, store: Store) -> FastAPI:
    assert store.folder.is_dir()
    return public(settings)


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://public") as client:
        yield client


def test_every_route_declares_that_it_is_for_anyone(app: FastAPI) -> None:
    declared = {way.path: way.may for way in WAYS}
    assert {getattr(route, "path", "") for route in app.routes} == set(declared)
    assert set(declared.values()) == {Access.ANYONE}


async def test_the_panel_comes_in_both_languages_and_themes(visitor: httpx.AsyncClient) -> None:
    for query, language, theme in (
        ("", "fr", "light"),
        ("?lang=en", "en", "light"),
        ("?theme=dark", "fr", "dark"),
        ("?lang=en&theme=dark&utm=1", "en", "dark"),
        ("?lang=&theme=", "fr", "light"),
    ):
        answer = await visitor.get(PANEL + query)
        assert answer.status_code == 200
        assert f'<html lang="{language}" data-theme="{theme}">' in answer.text


async def test_the_headers_are_those_of_a_public_panel(visitor: httpx.AsyncClient) -> None:
    headers = (await visitor.get(PANEL)).headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == (
        "public, max-age=30, s-maxage=30, stale-while-revalidate=50, stale-if-error=86400"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["vary"] == "Accept-Encoding"
    assert "set-cookie" not in headers
    assert "x-frame-options" not in headers


def directives(policy: str) -> dict[str, list[str]]:
    parts = [part.split() for part in policy.split(";")]
    return {part[0]: part[1:] for part in parts}


async def test_the_policy_allows_its_own_script_and_style_and_the_listed_sites(
    visitor: httpx.AsyncClient,
) -> None:
    answer = await visitor.get(PANEL)
    policy = directives(answer.headers["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == [f"'{hash_of('script', answer.text)}'"]
    assert policy["style-src"] == [f"'{hash_of('style', answer.text)}'"]
    assert policy["frame-ancestors"] == ["'self'", "https://www.example.org", "https://*.example.net:8443"]
    assert policy["form-action"] == policy["base-uri"] == ["'none'"]
    assert "allow-same-origin" not in policy["sandbox"]
    assert "allow-scripts" in policy["sandbox"]
    assert not re.search(r"\son[a-z]+=|style=|javascript:", answer.text)


def hash_of(tag: str, page: str) -> str:
    body = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.S)
    assert body
    return "sha256-" + base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("identity", ""),
        ("br;q=much", ""),
        ("", ""),
    ],
)
async def test_each_caller_gets_the_encoding_it_takes(app: FastAPI, accepted: str, encoding: str) -> None:
    """Read below httpx, which would unpack the body itself."""
    headers, body = await raw(app, accepted)
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding](body)
    assert headers.get("content-encoding", "") == encoding
    assert unpacked.startswith(b"<!doctype html>")
    assert int(headers["content-length"]) == len(body)


async def raw(app: FastAPI, accepted: str) -> tuple[dict[str, str], bytes]:
    transport = httpx.ASGITransport(app=app)
    request = httpx.Request("GET", f"http://public{PANEL}", headers={"accept-encoding": accepted})
    answer = await transport.handle_async_request(request)
    body = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
    return {name.decode(): value.decode() for name, value in answer.headers.raw}, body


async def test_what_the_caller_has_is_not_sent_again(visitor: httpx.AsyncClient) -> None:
    first = await visitor.get(PANEL)
    etag = first.headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        again = await visitor.get(PANEL, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert (await visitor.get(PANEL, headers={"if-none-match": '"other"'})).status_code == 200
    plain = await visitor.get(PANEL, headers={"accept-encoding": "identity"})
    assert plain.headers["etag"] != etag, "a strong tag names bytes, so each encoding has its own"


@pytest.mark.parametrize("path", ["/", PANEL, f"{PANEL}.json", "/fonts/x.woff2", "/healthz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_nothing_but_reading_is_possible(visitor: httpx.AsyncClient, path: str, method: str) -> None:
    answer = await visitor.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_head_says_what_get_would(visitor: httpx.AsyncClient) -> None:
    head, get = await visitor.head(PANEL), await visitor.get(PANEL)
    assert head.status_code == 200
    assert {k: v for k, v in head.headers.items() if k != "content-length"} == {
        k: v for k, v in get.headers.items() if k != "content-length"
    }


async def test_unknown_revoked_and_impossible_are_the_same_404(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    unknown = await visitor.get("/embed/no-such-panel")
    assert (await visitor.get(PANEL)).status_code == 200
    store.revoke("lighting-status", NOW)
    others = [PANEL, f"{PANEL}.json", f"{PANEL}.exe", "/embed/..%2f..%2fetc%2fpasswd", "/embed/%00", "/other"]
    others += ["/_dash-layout", "/_dash-update-component", "/_mcp", "/docs", "/openapi.json", "/fonts/a"]
    for path in others:
        answer = await visitor.get(path)
        assert (answer.status_code, answer.content) == (404, unknown.content), path
        assert dict(answer.headers) == dict(unknown.headers), path
    assert "n’existe pas ou n’est plus publié" in unknown.text
    assert "set-cookie" not in unknown.headers


async def test_a_panel_is_revoked_and_reinstated_from_the_command_line(
    visitor: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import cli

    monkeypatch.setenv("VIGIE_VAR", str(settings.var))
    run = partial(CliRunner().invoke, cli)
    assert run(["publish", "--revoke", "lighting-status"]).exit_code == 0
    assert (await visitor.get(PANEL)).status_code == 404
    assert run(["publish", "--revoke", "lighting-status"]).exit_code == 1
    assert run(["publish", "--reinstate", "lighting-status"]).exit_code == 0
    published(settings.var)
    assert (await visitor.get(PANEL)).status_code == 200


@pytest.mark.parametrize("query", ["?lang=de", "?theme=pink", "?lang=fr&lang=en", "?theme=light&theme=dark"])
async def test_a_question_that_cannot_be_answered_is_refused(visitor: httpx.AsyncClient, query: str) -> None:
    answer = await visitor.get(PANEL + query)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_request"
    assert answer.headers["cache-control"] == "no-store"
    unknown = await visitor.get("/embed/no-such-panel" + query)
    assert unknown.content == answer.content, "so that a wrong question does not tell what exists"


async def test_data_may_be_read_from_any_page(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(f"{PANEL}.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "application/json"
    table = json.loads(answer.text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert len(table["rows"]) == 30
    sheet = await visitor.get(f"{PANEL}.csv")
    assert sheet.headers["content-disposition"] == 'attachment; filename="lighting-status.csv"'
    assert len(list(csv.DictReader(io.StringIO(sheet.text)))) == 30
    drawing = await visitor.get(f"{PANEL}.svg?lang=en&theme=dark")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in drawing.headers["content-security-policy"]


async def test_the_typeface_never_changes_under_its_address(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get(PANEL)).text
    found = re.search(r'url\("\.\.(/fonts/[0-9a-f]{64}\.woff2)"\)', page)
    assert found, "the bundles are installed before the tests run"
    answer = await visitor.get(found[1])
    assert answer.content.startswith(b"wOF2")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*", "a sandboxed page has no origin of its own"


async def test_a_first_view_is_far_under_150_kb(app: FastAPI, visitor: httpx.AsyncClient) -> None:
    _, page = await raw(app, "br")
    found = re.search(r"/fonts/[0-9a-f]{64}\.woff2", (await visitor.get(PANEL)).text)
    assert found
    assert len(page) + len((await visitor.get(found[0])).content) < 60_000


async def test_a_new_version_is_served_as_soon_as_it_is_published(
    visitor: httpx.AsyncClient, settings: Settings
) -> None:
    before = (await visitor.get(f"{PANEL}.json")).json()
    published(settings.var, example(days=lighting_days((1.0, 4.0))), NOW + timedelta(days=1))
    after = (await visitor.get(f"{PANEL}.json")).json()
    assert (before["failure_rate_percent"], after["failure_rate_percent"]) == (1.2, 4.0)


async def test_a_spoilt_manifest_leaves_the_last_good_one(visitor: httpx.AsyncClient, store: Store) -> None:
    assert (await visitor.get(PANEL)).status_code == 200
    store.manifest_path("lighting-status").write_text("{ half")
    assert (await visitor.get(PANEL)).status_code == 200


async def test_a_lost_artefact_is_503_and_says_nothing_of_the_inside(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    for file in store.folder.glob("objects/*/*"):
        file.unlink()
    answer = await visitor.get(PANEL)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["cache-control"] == "no-store"
    assert str(store.folder) not in answer.text


async def test_the_gallery_shows_panels_with_a_snippet_that_names_the_public_address(
    settings: Settings, store: Store
) -> None:
    assert store.folder.is_dir()
    app = public(settings.model_copy(update={"public_url": "https://panneaux.example.org/"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://forged") as client:
        answer = await client.get("/?lang=en&theme=dark")
        again = await client.get("/?lang=en&theme=dark", headers={"if-none-match": answer.headers["etag"]})
        refused = await client.get("/?lang=de")
    assert "https://panneaux.example.org/embed/lighting-status?lang=en&amp;amp;theme=dark" in answer.text
    assert "forged" not in answer.text
    assert "⟦" not in answer.text
    assert (again.status_code, refused.status_code) == (304, 400)
    policy = directives(answer.headers["content-security-policy"])
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["frame-src"] == ["'self'"]


async def test_before_anything_is_published_the_gallery_says_so(tmp_path: Path) -> None:
    app = public(read_settings(var=tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://public") as client:
        assert "Rien n’est publié" in (await client.get("/")).text
        assert (await client.get(PANEL)).status_code == 404
        assert (await client.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "origins",
    ["*", "https://*", "http://example.org", "https://a;b", "https://a.org/path", "https://a 'self'", "null"],
)
def test_an_origin_that_is_none_stops_the_start(tmp_path: Path, origins: str) -> None:
    with pytest.raises(BadSettings, match="VIGIE_EMBED_ORIGINS"):
        public(read_settings(var=tmp_path, embed_origins=origins))


def test_the_process_knows_no_operator_module_no_database_and_no_redis(tmp_path: Path) -> None:
    """Its own process, asked what it has loaded after making the application."""
    forbidden = ("layouts", "callbacks", "intake", "dash", "plotly", "dash_mantine_components")
    forbidden += ("sqlalchemy", "psycopg", "redis", "alembic", "paho", "geopandas")
    forbidden += ("fsspec", "s3fs", "aiobotocore", "botocore")  # for artefacts in a bucket alone
    program = (
        "import json, sys\n"
        "from app import public_door\n"
        "from services.settings import read_settings\n"
        f"public_door(read_settings(var={str(tmp_path)!r}))\n"
        "sys.stdout.write(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert "public" in loaded
    assert loaded & set(forbidden) == set()


async def test_what_nobody_foresaw_is_told_by_a_number_alone(
    app: FastAPI,
    visitor: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"{ROOT}/secrets: postgresql://vigie:s3cr3t@db/vigie")

    monkeypatch.setattr("public.embeds.look", broken)
    answer = await visitor.get(PANEL)
    assert answer.status_code == 500
    assert "s3cr3t" not in answer.text and str(ROOT) not in answer.text and "Traceback" not in answer.text
    assert answer.json()["error"]["reference"] in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/embed/..%2f..%2fetc%2fpasswd", "/fonts/..%2fdoor.py", "/embed/%00", "/_mcp"]
)
async def test_paths_that_lead_out_lead_nowhere(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status_code in (400, 404)
    assert "root:" not in answer.text and "import" not in answer.text
