"""Citizens' letters over HTTP, with the real devices' door and PostgreSQL: kept, handed back, refused."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from geodata.database import plain_url
from geodata.database_roles import address_for
from intake.door import intake
from intake.voice import ALL_PER_MINUTE, BODY_MOST, PER_MINUTE
from model.texts import words
from services.settings import Settings
from tests.letters import form
from tests.live_city import lay_out

pytestmark = pytest.mark.servers

SAY = "/say"
Opening = Callable[..., Any]


@asynccontextmanager
async def door_of(
    database_url: str, redis_url: str, var: Path, peer: str = "203.0.113.9", **more: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """The real door as its own role, asked by ``peer``."""
    settings = Settings(
        city="demo", simulator_port=1, database_url=address_for(database_url, "ingest"), redis_url=redis_url,
        intake_key=SecretStr("a-key-for-tests-only"), var=var, **more,
    )  # fmt: skip
    app = intake(settings)
    transport = httpx.ASGITransport(app, client=(peer, 40_000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://intake") as client,
    ):
        yield client


@pytest.fixture
async def door(
    engine: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    lay_out(engine)
    async with door_of(database_url, redis_url, tmp_path) as client:
        yield client


def rows(engine: Engine, question: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def count(engine: Engine) -> int:
    return int(rows(engine, "SELECT count(*) FROM citizen_letter")[0][0])


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_letter_is_kept_and_thanked_for_in_its_language(
    door: httpx.AsyncClient, engine: Engine, language: str
) -> None:
    typed = "<script>alert(1)</script> & l’été\r\nligne 2"
    answer = await door.post(SAY, data=form(words=typed, lang=language))
    assert answer.status_code == 200
    say = words(language)
    assert say("voices.thanks") in answer.text
    assert f'lang="{language}"' in answer.text
    (reference,) = re.findall(r"<output>([0-9A-Z]{4}-[0-9A-Z]{4})</output>", answer.text)
    kept = rows(
        engine, "SELECT reference, kind, subject, domain, language, words, use FROM citizen_letter"
    )  # fmt: skip
    assert kept == [
        (
            reference, "request", "dataset:lighting-failures", "lighting", language,
            "<script>alert(1)</script> & l’été\nligne 2", "Un article de journal",
        )
    ]  # fmt: skip
    assert rows(engine, "SELECT name, email FROM citizen_contact") == [
        ("Jeanne Voisine", "jeanne@example.org")
    ]
    assert rows(engine, "SELECT kind, by FROM citizen_letter_act") == [("received", None)]
    assert f"reference={reference}" in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_the_same_letter_sent_twice_is_one(door: httpx.AsyncClient, engine: Engine) -> None:
    first, again = [(await door.post(SAY, data=form())).text for _ in range(2)]
    found = re.findall(r"<output>(.*?)</output>", first + again)
    assert found[0] == found[1]
    assert count(engine) == 1
    await door.post(SAY, data=form(email="paul@example.org"))
    assert count(engine) == 2


async def test_feedback_without_a_name_leaves_no_contact(door: httpx.AsyncClient, engine: Engine) -> None:
    answer = await door.post(SAY, data=form(kind="wrong", use="", name="", email="", about=""))
    assert answer.status_code == 200
    assert rows(engine, "SELECT domain, use FROM citizen_letter") == [(None, "")]
    assert rows(engine, "SELECT count(*) FROM citizen_contact") == [(0,)]


async def test_what_is_wrong_stands_at_its_field_and_the_words_stay(
    door: httpx.AsyncClient, engine: Engine
) -> None:
    answer = await door.post(SAY, data=form(email="nobody", words='"><b>kept</b>', lang="en"))
    assert answer.status_code == 400
    assert "&#34;&gt;&lt;b&gt;kept&lt;/b&gt;</textarea>" in answer.text
    assert "<b>kept" not in answer.text
    assert re.search(r'<input id="say-email"[^>]*value="nobody"[^>]*aria-invalid="true"', answer.text)
    assert 'href="#say-email"' in answer.text
    assert "no e-mail address" in answer.text
    assert count(engine) == 0


async def test_a_program_that_fills_every_field_is_told_so(door: httpx.AsyncClient, engine: Engine) -> None:
    answer = await door.post(SAY, data=form(website="https://buy.example", lang="en"))
    assert answer.status_code == 400
    assert "trap for programs" in answer.text
    assert 'class="shown"' in answer.text, "a person may see and empty it"
    assert count(engine) == 0


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"words": "x"}', "application/json", 415),
        (b"words=x", "text/plain", 415),
        (b"colour=red", "application/x-www-form-urlencoded", 400),
        (b"words=%ff", "application/x-www-form-urlencoded", 400),
        (b"words=a&words=b", "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 400),
        (b"words=" + b"x" * BODY_MOST, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_what_is_no_form_of_ours_is_refused_with_a_page(
    door: httpx.AsyncClient, engine: Engine, content: bytes, kind: str, status: int
) -> None:
    answer = await door.post(SAY, content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<form" in answer.text
    assert count(engine) == 0


async def test_the_longest_letter_fits(door: httpx.AsyncClient, engine: Engine) -> None:
    longest = form(words="é" * 4_000, use="€" * 1_000)
    assert (await door.post(SAY, data=longest)).status_code == 200
    assert rows(engine, "SELECT length(words), length(use) FROM citizen_letter") == [(4_000, 1_000)]


async def test_only_forms_are_taken_there(door: httpx.AsyncClient) -> None:
    assert (await door.get(SAY)).status_code == 405
    assert (await door.post("/say/")).status_code == 404


# How often ------------------------------------------------------------


async def test_one_network_sends_a_few_a_minute_and_another_is_not_kept_out(
    door: httpx.AsyncClient, engine: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    for number in range(PER_MINUTE):
        assert (await door.post(SAY, data=form(words=f"letter {number}"))).status_code == 200
    refused = await door.post(SAY, data=form(words="one too many"))
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "one too many</textarea>" in refused.text
    assert count(engine) == PER_MINUTE
    async with door_of(database_url, redis_url, tmp_path / "other", peer="198.51.100.7") as other:
        assert (await other.post(SAY, data=form(words="from elsewhere"))).status_code == 200


async def test_behind_the_proxy_it_is_the_senders_network_that_counts(
    engine: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    lay_out(engine)
    async with door_of(database_url, redis_url, tmp_path, peer="172.18.0.5", voice_url="/say") as door:
        for number in range(PER_MINUTE + 2):
            headers = {"x-real-ip": f"2001:db8:1:{number}::1"}
            answer = await door.post(SAY, data=form(words=f"letter {number}"), headers=headers)
            assert answer.status_code == 200
            assert 'href="requests?' in answer.text, "the site is the same origin"
        same = [
            await door.post(SAY, data=form(words=f"again {n}"), headers={"x-real-ip": f"2001:db8:9::{n}"})
            for n in range(PER_MINUTE + 1)
        ]
        assert [one.status_code for one in same] == [200] * PER_MINUTE + [429]


async def test_a_forged_address_is_not_believed(door: httpx.AsyncClient) -> None:
    told = [
        (await door.post(SAY, data=form(words=f"n {n}"), headers={"x-real-ip": f"192.0.2.{n}"})).status_code
        for n in range(PER_MINUTE + 1)
    ]
    assert told[-1] == 429
    assert ALL_PER_MINUTE > PER_MINUTE


# The database away ------------------------------------------------------------


async def test_without_the_database_the_words_come_back_and_can_be_sent_again(
    door: httpx.AsyncClient, engine: Engine, database_url: str
) -> None:
    with psycopg.connect(plain_url(database_url), autocommit=True) as owner:
        owner.execute("ALTER FUNCTION citizen_letter_receive RENAME TO hidden_receive")
        owner.execute(
            "CREATE FUNCTION citizen_letter_receive(a text, b text, c text, d text, e text, f text, g text, "
            "h text, i text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION USING ERRCODE = '57P01', MESSAGE = 'the administrator ends it'; END $$"
        )
        owner.execute("GRANT EXECUTE ON FUNCTION citizen_letter_receive TO vigie_recorder")
        answer = await door.post(SAY, data=form(words="mes mots restent"))
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "mes mots restent</textarea>" in answer.text
        assert 'value="jeanne@example.org"' in answer.text
        assert "Traceback" not in answer.text
        owner.execute("DROP FUNCTION citizen_letter_receive")
        owner.execute("ALTER FUNCTION hidden_receive RENAME TO citizen_letter_receive")
    assert (await door.post(SAY, data=form(words="mes mots restent"))).status_code == 200
    assert count(engine) == 1


# What the door's role may ------------------------------------------------------------


def test_the_door_puts_letters_in_and_reads_none(engine: Engine, database_url: str) -> None:
    with psycopg.connect(plain_url(str(address_for(database_url, "ingest"))), autocommit=True) as recorder:
        for question in (
            "SELECT words FROM citizen_letter",
            "SELECT email FROM citizen_contact",
            "INSERT INTO citizen_letter_act (letter_id, kind, reason, words, appeal) "
            "VALUES (1, 'published', '', '', '')",
            "SELECT * FROM told_letter",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                recorder.execute(question)
    assert count(engine) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE citizen_letter SET words = 'other'",
        "DELETE FROM citizen_letter_act",
        "TRUNCATE citizen_letter CASCADE",
        "UPDATE citizen_letter_act SET words = 'other'",
    ],
)
async def test_letters_and_acts_are_never_changed(
    door: httpx.AsyncClient, database_url: str, statement: str
) -> None:
    assert (await door.post(SAY, data=form())).status_code == 200
    with (
        psycopg.connect(plain_url(database_url), autocommit=True) as owner,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        owner.execute(statement)  # type: ignore[arg-type]
