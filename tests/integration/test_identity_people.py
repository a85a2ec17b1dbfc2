"""Who a subject of the provider is here: linked once, made by its group, or refused; nobody by chance."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text

from model.errors import Refused
from services.access.identity import Known
from services.access.identity_people import Linking, NotLinked, person_of
from services.access.mapped_roles import read_mapped_roles

ISSUER = "https://provider.example"
NOBODY = Linking(by_email=False, roles=())
EMAIL = Linking(by_email=True, roles=())
GROUPS = Linking(
    by_email=False, roles=read_mapped_roles("groups:ops=operator; groups:lights=operator@lighting")
)


def known(subject: str = "s-1", **claims: Any) -> Known:
    return Known(ISSUER, subject, claims, "/")


def person(engine: Engine, login: str, email: str = "", kind: str = "person", disabled: bool = False) -> int:
    made = text(
        "INSERT INTO person (login, name, email, kind, made_by, disabled_at) VALUES (:login, :login, :email, "
        ":kind, 'test', CASE WHEN :disabled THEN now() END) RETURNING id"
    )
    with engine.begin() as connection:
        values = {"login": login, "email": email or None, "kind": kind, "disabled": disabled}
        return int(connection.execute(made, values).scalar_one())


def asked(engine: Engine, who: Known, linking: Linking) -> int:
    with engine.begin() as connection:
        return person_of(connection, who, linking, "203.0.113.7")


def audited(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT action FROM audit_entry ORDER BY at")).scalars())


def grants(engine: Engine, person_id: int) -> list[tuple[str, list[str] | None]]:
    asking = text(
        "SELECT role, domains FROM access_grant WHERE person_id = :person AND revoked_at IS NULL "
        "AND valid_until BETWEEN now() + interval '11 h' AND now() + interval '13 h' ORDER BY id"
    )
    with engine.connect() as connection:
        return [(row.role, row.domains) for row in connection.execute(asking, {"person": person_id})]


def test_nobody_is_let_in_unless_the_city_says_so(engine: Engine) -> None:
    person(engine, "ada", "ada@example.org")
    with pytest.raises(NotLinked):
        asked(engine, known(email="ada@example.org", email_verified=True, groups=["ops"]), NOBODY)
    assert audited(engine) == []


def test_a_verified_address_links_once_and_then_the_subject_counts(engine: Engine) -> None:
    ada = person(engine, "ada", "Ada@Example.org")
    person(engine, "wall", "ada@example.org", kind="device")
    assert asked(engine, known(email="ada@example.org", email_verified=True), EMAIL) == ada
    assert asked(engine, known(email="changed@example.org"), NOBODY) == ada
    assert audited(engine) == ["person_changed"]
    with pytest.raises(NotLinked):
        asked(engine, known("s-2", email="ada@example.org", email_verified=True), EMAIL)
    with pytest.raises(NotLinked):
        asked(engine, Known("https://other.example", "s-1", {}, "/"), NOBODY)


@pytest.mark.parametrize("verified", [False, None, "true", 1, "false"])
def test_an_address_nobody_verified_links_nobody(engine: Engine, verified: object) -> None:
    person(engine, "ada", "ada@example.org")
    with pytest.raises(NotLinked):
        asked(engine, known(email="ada@example.org", email_verified=verified), EMAIL)


def test_an_address_two_people_share_links_nobody(engine: Engine) -> None:
    person(engine, "ada", "desk@example.org")
    person(engine, "bob", "desk@example.org")
    with pytest.raises(NotLinked):
        asked(engine, known(email="desk@example.org", email_verified=True), EMAIL)


def test_who_is_disabled_stays_out(engine: Engine) -> None:
    person(engine, "ada", "ada@example.org", disabled=True)
    with pytest.raises(Refused, match="disabled"):
        asked(engine, known(email="ada@example.org", email_verified=True), EMAIL)
    bob = asked(engine, known("s-2", preferred_username="bob", groups=["ops"]), GROUPS)
    with engine.begin() as connection:
        connection.execute(text("UPDATE person SET disabled_at = now() WHERE id = :id"), {"id": bob})
    with pytest.raises(Refused, match="disabled"):
        asked(engine, known("s-2", groups=["ops"]), GROUPS)


def test_a_group_makes_a_person_with_its_role_for_a_shift(engine: Engine) -> None:
    person(engine, "ada.byron")
    claims = {"name": "Ada Byron", "preferred_username": "Ada.Byron@city", "groups": ["ops"]}
    ada = asked(engine, known(**claims), GROUPS)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM person WHERE id = :id"), {"id": ada}).one()
    assert (row.login, row.name, row.email) == ("ada.byron-2", "Ada Byron", None)
    assert grants(engine, ada) == [("operator", None)]
    assert asked(engine, known(**claims), GROUPS) == ada
    assert grants(engine, ada) == [("operator", None)], "gone on with, not given twice"
    assert asked(engine, known(groups=["lights"]), GROUPS) == ada
    assert grants(engine, ada) == [("operator", ["lighting"])], "who left a group has lost its role"
    assert asked(engine, known(), GROUPS) == ada
    assert grants(engine, ada) == []
    assert audited(engine) == [
        "person_made", "grant_made", "grant_made", "grant_revoked", "grant_made", "grant_revoked",
    ]  # fmt: skip


def test_groups_leave_what_an_administrator_gave(engine: Engine) -> None:
    ada = asked(engine, known(groups=["ops"]), GROUPS)
    with engine.begin() as connection:
        given = text(
            "INSERT INTO access_grant (person_id, role, made_by) VALUES (:id, 'supervisor', 'admin')"
        )
        connection.execute(given, {"id": ada})
    asked(engine, known(), GROUPS)
    with engine.connect() as connection:
        left = text("SELECT role FROM access_grant WHERE person_id = :id AND revoked_at IS NULL")
        assert list(connection.execute(left, {"id": ada}).scalars()) == ["supervisor"]


async def test_two_first_sign_ins_side_by_side_make_one_person(engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(4) as pool:
        who = known(preferred_username="ada", groups=["ops"])
        found = await asyncio.gather(
            *(loop.run_in_executor(pool, asked, engine, who, GROUPS) for _ in range(4))
        )
    assert len(set(found)) == 1
