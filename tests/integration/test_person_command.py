"""`python app.py person`: the first administrator of a city, and who lost everything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from model.roles import Role
from services.access import Access, BadCode, Purpose
from services.settings import Settings

pytestmark = pytest.mark.servers
ROOT = Path(__file__).resolve().parents[2]
SECRET = "Kx0-unguessable-in-these-tests-7Qw9"


def person(url: str, *words: str, secret: str = SECRET) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")} | {
        "VIGIE_DATABASE_URL": url, "VIGIE_CITY": "dijon", "VIGIE_SECRET": secret,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "app.py", "person", *words],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_first_administrator_gets_a_code_that_works_once(engine: Engine, database_url: str) -> None:
    done = person(database_url, "add", "--login", "claire.martin", "--name", "Claire Martin")
    assert done.returncode == 0, done.stderr
    access = Access(engine, Settings(database_url=database_url, secret=SecretStr(SECRET)))
    claire = access.people.find("claire.martin")
    assert claire is not None
    with engine.begin() as connection:
        assert access.codes.use(connection, done.stdout.strip(), Purpose.PASSWORD) == claire.id
        (grant,) = connection.execute(text("SELECT role, areas, domains FROM access_grant")).all()
    assert tuple(grant) == (Role.ADMINISTRATOR, None, None)
    with engine.begin() as connection, pytest.raises(BadCode):
        access.codes.use(connection, done.stdout.strip(), Purpose.PASSWORD)
    with engine.connect() as connection:
        written = connection.execute(text("SELECT actor, action FROM audit_entry ORDER BY at, number")).all()
    assert {row[0] for row in written} == {"command line"}
    assert {"person_made", "grant_made", "code_made"} <= {row[1] for row in written}
    access.sessions.close()


def test_a_lost_password_and_telephone(engine: Engine, database_url: str) -> None:
    person(database_url, "add", "--login", "claire.martin")
    with engine.begin() as connection:
        connection.execute(text("UPDATE person SET totp_secret = 'x', totp_confirmed_at = now()"))
    kept = person(database_url, "code", "--login", "claire.martin")
    assert kept.returncode == 0, kept.stderr
    question = text("SELECT totp_confirmed_at IS NOT NULL FROM person")
    with engine.connect() as connection:
        assert connection.scalar(question) is True
    lost = person(database_url, "code", "--login", "claire.martin", "--without-second")
    assert len(lost.stdout.strip()) == len("AAAA-BBBB-CCCC")
    with engine.connect() as connection:
        assert connection.scalar(question) is False


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "--login", "claire", "--role", "emperor"), "role"),
        (("add", "--login", "not a login"), "login"),
        (("code", "--login", "nobody.at.all"), "nobody.at.all"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(database_url: str, words: tuple[str, ...], why: str) -> None:
    done = person(database_url, *words)
    assert done.returncode == 1
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_without_the_secret_no_code_is_made(database_url: str) -> None:
    done = person(database_url, "add", "--login", "claire", secret="")
    assert done.returncode == 1
    assert "VIGIE_SECRET" in done.stderr
