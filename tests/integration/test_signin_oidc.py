"""Signing in with the city's account through the running control room, and every way to be refused."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from callbacks import build
from services.city import open_city
from services.settings import Settings
from tests.integration.test_identity_people import person
from tests.providers import CLIENT_ID, CLIENT_SECRET, Liar, consent, liar, real_provider
from tests.room import ASSETS

ADA = {"sub": "u-1", "name": "Ada Byron", "preferred_username": "ada", "email": "ada@example.org",
       "email_verified": True, "groups": ["ops"]}  # fmt: skip
BOB = {"sub": "u-2", "name": "Bob", "preferred_username": "bob"}


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with real_provider(ADA, BOB) as issuer:
        yield issuer


@asynccontextmanager
async def room(
    database_url: str, redis_url: str, issuer: str, **more: object
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before a control room whose provider is ``issuer``; it keeps its cookies."""
    given = {"oidc_client_id": CLIENT_ID, "oidc_client_secret": SecretStr(CLIENT_SECRET)} | more
    settings = Settings(
        city="demo", database_url=database_url, redis_url=redis_url, oidc_issuer=issuer, **given
    )
    server = build(open_city(settings), assets=ASSETS)
    transport = httpx.ASGITransport(app=server, client=("127.0.0.1", 50_000))
    async with (
        server.router.lifespan_context(server),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8050") as client,
    ):
        yield client


def grant(engine: Engine, person_id: int, role: str = "operator") -> None:
    given = text("INSERT INTO access_grant (person_id, role, made_by) VALUES (:person, :role, 'test')")
    with engine.begin() as connection:
        connection.execute(given, {"person": person_id, "role": role})


def audited(engine: Engine) -> list[tuple[str, str, dict[str, object]]]:
    asked = text("SELECT action, outcome, details FROM audit_entry ORDER BY at")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(asked)]


async def off(browser: httpx.AsyncClient, path: str = "/signin/oidc") -> str:
    answer = await browser.get(path)
    assert answer.status_code == 303, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.headers["location"])


def back_of(url: str) -> str:
    parts = urlsplit(url)
    assert parts.netloc == "localhost:8050"
    return f"{parts.path}?{parts.query}"


async def test_the_whole_way_and_out_again(
    engine: Engine, database_url: str, redis_url: str, real: str
) -> None:
    grant(engine, person(engine, "ada", "ada@example.org"))
    async with room(database_url, redis_url, real, oidc_link_by_email=True) as browser:
        document = (await browser.get("/signin?next=/history&lang=en")).text
        assert 'href="/signin/oidc?lang=en&amp;next=%2Fhistory"' in document
        url = await off(browser, "/signin/oidc?next=/history")
        assert "oidc" in browser.cookies
        answer = await browser.get(back_of(consent(url, "u-1")))
        assert (answer.status_code, answer.headers["location"]) == (303, "/history")
        assert "oidc" not in browser.cookies, "taken away"
        assert (await browser.get("/live/snapshot")).status_code != 401
        token = browser.cookies["csrf"]
        out = await browser.post("/signout", headers={"x-csrf-token": token})
        assert out.headers["location"] == "/signin?told=out&from=oidc"
        page = (await browser.get(out.headers["location"] + "&lang=en")).text
        assert 'href="/signin/oidc/out"' in page
        leaving = await off(browser, "/signin/oidc/out")
        assert leaving.startswith(f"{real}/oauth2/end_session?")
        assert (await browser.get("/live/snapshot")).status_code == 401
    assert [entry[0] for entry in audited(engine)] == ["person_changed", "signed_in", "signed_out"]


async def test_who_is_not_linked_is_told_whom_to_ask_and_nothing_is_made(
    engine: Engine, database_url: str, redis_url: str, real: str
) -> None:
    async with room(database_url, redis_url, real) as browser:
        answer = await browser.get(
            back_of(consent(await off(browser, "/signin/oidc?lang=en"), "u-2")) + "&lang=en"
        )
        assert answer.status_code == 403
        assert "Ask your administrator" in answer.text and "bob" in answer.text
        assert "sid" not in browser.cookies
    (entry,) = audited(engine)
    assert entry[:2] == ("sign_in_failed", "refused")
    assert (entry[2]["subject"], entry[2]["reason"]) == ("u-2", "not_linked")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 0


async def test_a_group_that_stands_for_a_role_lets_in(
    engine: Engine, database_url: str, redis_url: str, real: str
) -> None:
    async with room(database_url, redis_url, real, oidc_roles="groups:ops=operator") as browser:
        answer = await browser.get(back_of(consent(await off(browser), "u-1")))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert [entry[0] for entry in audited(engine)] == ["person_made", "grant_made", "signed_in"]


async def test_who_is_linked_and_has_no_right_is_told_so(
    engine: Engine, database_url: str, redis_url: str, real: str
) -> None:
    person(engine, "ada", "ada@example.org")
    async with room(database_url, redis_url, real, oidc_link_by_email=True) as browser:
        answer = await browser.get(back_of(consent(await off(browser), "u-1")))
        assert answer.status_code == 403
        assert "sid" not in browser.cookies


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example", "/\\evil.example", "\x00"])
async def test_nobody_is_led_elsewhere_afterwards(
    engine: Engine, database_url: str, redis_url: str, real: str, next_path: str
) -> None:
    grant(engine, person(engine, "ada", "ada@example.org"))
    async with room(database_url, redis_url, real, oidc_link_by_email=True) as browser:
        answer = await browser.get("/signin/oidc", params={"next": next_path})
        if answer.status_code == 400:
            return
        answer = await browser.get(back_of(consent(answer.headers["location"], "u-1")))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_an_attackers_answer_signs_nobody_in(
    engine: Engine, database_url: str, redis_url: str, real: str
) -> None:
    """Login CSRF: the attacker's own good answer is opened in the victim's browser; and a replay of hers."""
    grant(engine, person(engine, "ada", "ada@example.org"))
    async with room(database_url, redis_url, real, oidc_link_by_email=True) as browser:
        attackers = back_of(consent(await off(browser), "u-1"))
        browser.cookies.clear()
        assert (await browser.get(attackers)).status_code == 403
        assert "sid" not in browser.cookies
        url = await off(browser)
        kept = browser.cookies["oidc"]
        assert (await browser.get(attackers)).status_code == 403, "another state"
        browser.cookies.set("oidc", kept)
        mine = back_of(consent(url, "u-1"))
        assert (await browser.get(mine)).status_code == 303
        browser.cookies.set("oidc", kept)
        assert (await browser.get(mine)).status_code == 403, "used before"
        for broken in (
            "",
            "?state=x&code=y",
            "?error=access_denied",
            "?state=x&state=y",
            "?code=" + "x" * 9_000,
        ):
            answer = await browser.get(f"/signin/oidc/back{broken}")
            assert answer.status_code in (400, 403, 414), broken
    reasons = {str(entry[2].get("reason")) for entry in audited(engine) if entry[0] == "sign_in_failed"}
    assert reasons == {"nothing_begun_here", "foreign_state", "state_used_before", "denied"}


@pytest.fixture
def lying() -> Iterator[Liar]:
    with liar() as opened:
        yield opened


async def test_a_lie_of_the_provider_is_refused_and_told_in_our_words(
    engine: Engine, database_url: str, redis_url: str, lying: Liar
) -> None:
    lying.claims = {"nonce": "another<script>"}
    async with room(database_url, redis_url, lying.issuer) as browser:
        answer = await browser.get(back_of(lying.consent(await off(browser))))
        assert answer.status_code == 403
        assert "nonce" not in answer.text and "<script>alert" not in answer.text
        denied = parse_qs(urlsplit(await off(browser)).query)["state"][0]
        said = {"state": denied, "error": "<img src=x onerror=alert(1)>", "error_description": "evil words"}
        answer = await browser.get("/signin/oidc/back", params=said)
        assert answer.status_code == 403
        assert "onerror" not in answer.text and "evil words" not in answer.text
    reasons = [entry[2]["reason"] for entry in audited(engine)]
    assert reasons == ["wrong_nonce", "denied"]


async def test_a_provider_away_leaves_the_other_ways_open(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    async with room(database_url, redis_url, "http://127.0.0.1:9") as browser:
        answer = await browser.get("/signin/oidc?lang=en")
        assert answer.status_code == 503 and answer.headers["retry-after"] == "60"
        assert "does not answer" in answer.text and "127.0.0.1:9" not in answer.text
        assert (await browser.get("/signin")).status_code == 200
        assert (await browser.get("/signin/oidc/out")).headers["location"] == "/signin?told=out"


async def test_without_a_provider_there_is_no_such_door(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    async with room(database_url, redis_url, "") as browser:
        assert (await browser.get("/signin/oidc")).status_code == 404
        assert "/signin/oidc" not in (await browser.get("/signin")).text
