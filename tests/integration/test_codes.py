"""One-time codes: shown once, kept as a hash, used once, gone in time, made by keepers alone."""

import pytest
from sqlalchemy import Engine, text

from model.errors import NotFound, Refused
from model.roles import Role
from model.viewer import Viewer
from services.access.codes import ALPHABET, BadCode, Codes, Purpose, grouped, plain
from tests.integration.test_identity_people import audited, person

ADMIN = Viewer(0, "admin", "Admin", Role.ADMINISTRATOR)
SECRET = b"s" * 32


@pytest.fixture
def codes(engine: Engine) -> Codes:
    return Codes(engine, SECRET)


def used(engine: Engine, codes: Codes, code: str, purpose: str) -> int:
    with engine.begin() as connection:
        return codes.use(connection, code, purpose)


def test_a_code_is_used_once_however_it_is_typed(engine: Engine, codes: Codes) -> None:
    ada = person(engine, "ada")
    code = codes.make(ADMIN, ada, "password")
    assert len(code) == 14 and code.count("-") == 2
    assert used(engine, codes, f"  {code.lower().replace('-', ' ')} ", "password") == ada
    with pytest.raises(BadCode):
        used(engine, codes, code, "password")
    assert audited(engine) == ["code_made"]
    assert Purpose.PASSWORD.value == "password"


def test_a_code_is_for_one_thing(engine: Engine, codes: Codes) -> None:
    ada, wall = person(engine, "ada"), person(engine, "wall", kind="device")
    code = codes.make(ADMIN, wall, "device")
    with pytest.raises(BadCode):
        used(engine, codes, code, "password")
    for person_id, purpose in ((ada, "device"), (wall, "password"), (0, "password")):
        with pytest.raises(NotFound):
            codes.make(ADMIN, person_id, purpose)
    assert used(engine, codes, code, "device") == wall


def test_a_newer_code_an_old_one_and_a_disabled_person(engine: Engine, codes: Codes) -> None:
    ada = person(engine, "ada")
    first, second = codes.make(ADMIN, ada, "password"), codes.make(ADMIN, ada, "password")
    with pytest.raises(BadCode):
        used(engine, codes, first, "password")
    with engine.begin() as connection:
        connection.execute(text("UPDATE enrolment SET valid_until = now() - interval '1 s'"))
    with pytest.raises(BadCode):
        used(engine, codes, second, "password")
    third = codes.make(ADMIN, ada, "password")
    with engine.begin() as connection:
        connection.execute(text("UPDATE person SET disabled_at = now()"))
    with pytest.raises(BadCode):
        used(engine, codes, third, "password")
    with pytest.raises(NotFound):
        codes.make(ADMIN, ada, "password")


def test_what_is_rolled_back_leaves_the_code_unused(engine: Engine, codes: Codes) -> None:
    ada = person(engine, "ada")
    code = codes.make(ADMIN, ada, "password")
    with engine.connect() as connection:
        assert codes.use(connection, code, "password") == ada
        connection.rollback()
    assert used(engine, codes, code, "password") == ada


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_keepers_of_people_make_codes(engine: Engine, codes: Codes, role: Role) -> None:
    ada = person(engine, "ada")
    with pytest.raises(Refused):
        codes.make(Viewer(1, "x", "X", role), ada, "password")
    assert audited(engine) == []


def test_the_database_does_not_give_a_code_away(engine: Engine, codes: Codes) -> None:
    ada = person(engine, "ada")
    code = codes.make(ADMIN, ada, "password")
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT enrolment::text, valid_until - now() AS left FROM enrolment")
        ).one()
        entry = connection.execute(text("SELECT audit_entry::text FROM audit_entry")).scalar_one()
    assert not [told for told in (row[0], entry) if code in told or code.replace("-", "") in told]
    assert 47 < row.left.total_seconds() / 3600 <= 48
    with pytest.raises(BadCode):
        used(engine, Codes(engine, b"t" * 32), code, "password")


@pytest.mark.parametrize(
    "typed", ["", "x", "K7QM-9RT2-X4B", "K7QM-9RT2-X4BW5", "K7QM-9RT2-X4B!", "é" * 12, "0" * 400]
)
def test_what_cannot_be_a_code_is_refused(engine: Engine, codes: Codes, typed: str) -> None:
    with pytest.raises(BadCode):
        used(engine, codes, typed, "device")


def test_what_is_easily_mistaken_is_read_as_meant() -> None:
    assert plain("o0il-1234-abcd") == "00111234ABCD"
    assert plain("ｏ0il-1234-abcd") is None
    assert grouped("00111234ABCD") == "0011-1234-ABCD"
    assert len(set(ALPHABET)) == 32
