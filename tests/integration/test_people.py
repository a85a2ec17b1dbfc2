"""People, grants, video rights: who may change them, what is refused, what the audit keeps."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from model.errors import BadField, NotFound, Refused
from model.people import GrantDraft, Kind, PersonDraft, Standing, VideoDraft
from model.roles import Role
from model.viewer import Viewer
from services.access import People
from tests.clock import began
from tests.live_city import lay_out

pytestmark = pytest.mark.servers
DPO = Viewer(0, "dpo", "Dora", Role.DPO)


@pytest.fixture
def people(engine: Engine) -> People:
    lay_out(engine)
    return People(engine)


@pytest.fixture
def anne(people: People) -> Viewer:
    """The first administrator, made by nobody known, as at the very start."""
    made = people.make(
        Viewer(0, "setup", "Setup", Role.ADMINISTRATOR), PersonDraft("Anne"), GrantDraft(Role.ADMINISTRATOR)
    )
    return Viewer(made, "anne", "Anne", Role.ADMINISTRATOR)


def entries(engine: Engine) -> list[tuple[Any, ...]]:
    question = text("SELECT actor, action, object, details FROM audit_entry ORDER BY number")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(question)]


def open_session(engine: Engine, person_id: int, grant_id: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO session (token_hash, person_id, grant_id, csrf, method, expires_at, idle_s) "
                "VALUES (sha256(CAST(gen_random_uuid() AS text)::bytea), :p, :g, 'c', 'local', "
                "now() + '1 hour', 3600)"
            ),
            {"p": person_id, "g": grant_id},
        )


def test_a_person_is_made_with_her_grant_and_found_in_any_case(people: People, anne: Viewer) -> None:
    until = began() + timedelta(days=10)
    draft = GrantDraft(Role.FIELD_AGENT, frozenset({1}), frozenset({"lighting"}), "lot 2", None, until)
    made = people.make(anne, PersonDraft("Élodie Vidal"), draft)
    assert people.find("ELODIE.vidal ") == people.by_id(made)
    (grant,) = people.grants_of(made, began() + timedelta(minutes=1))
    assert (grant.role, grant.areas, grant.domains) == (Role.FIELD_AGENT, {1}, {"lighting"})
    assert people.grants_of(made, until) == []
    assert people.sheet(made).standing(began() + timedelta(minutes=1)) is Standing.EXPIRING


def test_every_change_is_in_the_audit_with_before_and_after(
    people: People, anne: Viewer, engine: Engine
) -> None:
    made = people.make(anne, PersonDraft("Paul", "paul"), GrantDraft(Role.OPERATOR, reason="jour"))
    people.change(anne, made, PersonDraft("Paul B.", "paul", "paul@ville.example"))
    right = people.give_video(
        anne, made, VideoDraft("Préfecture", began().date(), began() + timedelta(days=300))
    )
    people.take_video(anne, right)
    people.revoke(anne, people.sheet(made).grants[0].id)
    people.disable(anne, made)
    people.enable(anne, made)
    told = entries(engine)[2:]
    assert [entry[1] for entry in told] == [
        "person_made", "grant_made", "person_changed", "video_right_made", "video_right_revoked",
        "grant_revoked", "person_disabled", "person_enabled",
    ]  # fmt: skip
    assert {(entry[0], entry[2]) for entry in told} == {("Anne", "paul")}
    assert told[1][3]["after"]["reason"] == "jour"
    assert (told[2][3]["before"]["name"], told[2][3]["after"]["name"]) == ("Paul", "Paul B.")
    assert told[5][3]["before"]["role"] == "operator"


CHANGES: dict[str, Callable[[People, Viewer, int, int], Any]] = {
    "make": lambda p, v, _i, _g: p.make(v, PersonDraft("X")),
    "make_all": lambda p, v, _i, _g: p.make_all(v, [(PersonDraft("X"), None)]),
    "change": lambda p, v, i, _g: p.change(v, i, PersonDraft("X")),
    "disable": lambda p, v, i, _g: p.disable(v, i),
    "enable": lambda p, v, i, _g: p.enable(v, i),
    "grant": lambda p, v, i, _g: p.grant(v, i, GrantDraft(Role.OPERATOR)),
    "revoke": lambda p, v, _i, g: p.revoke(v, g),
    "give_video": lambda p, v, i, _g: p.give_video(v, i, VideoDraft("P", began().date(), began())),
    "take_video": lambda p, v, _i, _g: p.take_video(v, 1),
}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_nobody_but_an_administrator_changes_anything(
    people: People, anne: Viewer, engine: Engine, role: Role
) -> None:
    before = entries(engine)
    grant = people.sheet(anne.person_id).grants[0].id
    for change in CHANGES.values():
        with pytest.raises(Refused):
            change(people, Viewer(7, "x", "X", role), anne.person_id, grant)
    assert entries(engine) == before
    public = {name for name in dir(People) if not name.startswith("_")}
    reading = {"find", "by_id", "list", "sheet", "grants_of", "video_rights_of", "read_list"}
    assert public - reading == set(CHANGES), "a new writer belongs into this test"


def test_the_last_administrator_stays_and_nobody_takes_her_own_right(
    people: People, anne: Viewer, engine: Engine
) -> None:
    grant = people.sheet(anne.person_id).grants[0].id
    for change in (lambda: people.revoke(anne, grant), lambda: people.disable(anne, anne.person_id)):
        with pytest.raises(Refused):
            change()
    other = people.make(anne, PersonDraft("Bob"), GrantDraft(Role.ADMINISTRATOR))
    bob = Viewer(other, "bob", "Bob", Role.ADMINISTRATOR)
    people.disable(bob, anne.person_id)
    with pytest.raises(Refused, match="last administrator"):
        people.revoke(anne, people.sheet(other).grants[0].id)
    assert people.grants_of(other, began() + timedelta(minutes=1)), "undone whole"
    assert entries(engine)[-1][1] == "person_disabled"


def test_an_administrator_to_come_or_one_that_ended_does_not_count(people: People, anne: Viewer) -> None:
    coming = GrantDraft(Role.ADMINISTRATOR, valid_from=began() + timedelta(days=1))
    later = people.make(anne, PersonDraft("Later"), coming)
    with pytest.raises(Refused, match="last administrator"):
        people.revoke(Viewer(later, "l", "L", Role.ADMINISTRATOR), people.sheet(anne.person_id).grants[0].id)


def test_what_is_taken_back_ends_the_sessions_held_in_it(
    people: People, anne: Viewer, engine: Engine
) -> None:
    made = people.make(anne, PersonDraft("Paul"), GrantDraft(Role.OPERATOR))
    second = people.grant(anne, made, GrantDraft(Role.SUPERVISOR))
    first = people.sheet(made).grants[1].id
    for grant in (first, first, second):
        open_session(engine, made, grant)
    assert people.sheet(made).open_sessions == 3
    assert people.revoke(anne, first) == 2
    assert people.sheet(made).open_sessions == 1
    assert people.disable(anne, made) == 1
    with engine.connect() as connection:
        whys = connection.execute(text("SELECT ended_why FROM session ORDER BY id")).scalars().all()
    assert whys == ["revoked", "revoked", "disabled"]


@pytest.mark.parametrize(
    ("draft", "field", "reason"),
    [
        (PersonDraft(" "), "name", "empty"),
        (PersonDraft("x" * 81), "name", "too_long"),
        (PersonDraft("Zoé", email="nowhere"), "email", "no_email"),
        (PersonDraft("Zoé", login="a b"), "login", "bad_login"),
        (PersonDraft("???"), "login", "bad_login"),
        (PersonDraft("Zoé", login="ANNE"), "login", "login_taken"),
        (PersonDraft("Zoé", kind="robot"), "kind", "unknown_kind"),
    ],
)
def test_an_account_that_cannot_be_taken_names_its_field(
    people: People, anne: Viewer, draft: PersonDraft, field: str, reason: str
) -> None:
    with pytest.raises(BadField) as bad:
        people.make(anne, draft)
    assert (bad.value.field, bad.value.reason) == (field, reason)


ONE = frozenset({1})


@pytest.mark.parametrize(
    ("draft", "field", "reason"),
    [
        (GrantDraft("king"), "role", "unknown_role"),
        (GrantDraft(Role.PARTNER), "role", "partners_have_keys"),
        (GrantDraft(Role.WALL), "role", "walls_are_devices"),
        (GrantDraft(Role.ADMINISTRATOR, ONE), "areas", "whole_city_only"),
        (GrantDraft(Role.DPO, None, frozenset({"lighting"})), "domains", "whole_city_only"),
        (GrantDraft(Role.OPERATOR, frozenset()), "areas", "empty"),
        (GrantDraft(Role.OPERATOR, frozenset({99})), "areas", "unknown_area"),
        (GrantDraft(Role.OPERATOR, None, frozenset()), "domains", "empty"),
        (GrantDraft(Role.OPERATOR, None, frozenset({"magic"})), "domains", "unknown_domain"),
        (GrantDraft(Role.OPERATOR, reason="x" * 301), "reason", "too_long"),
    ],
)
def test_a_grant_that_cannot_be_taken_names_its_field_and_makes_no_person(
    people: People, anne: Viewer, draft: GrantDraft, field: str, reason: str
) -> None:
    with pytest.raises(BadField) as bad:
        people.make(anne, PersonDraft("Zoé"), draft)
    assert (bad.value.field, bad.value.reason) == (field, reason)
    assert people.find("zoe") is None


@pytest.mark.parametrize("days", [-1, 0, 5 * 366 + 1])
def test_a_grant_ends_after_it_begins_and_within_five_years(people: People, anne: Viewer, days: int) -> None:
    draft = GrantDraft(Role.OPERATOR, valid_until=began() + timedelta(days=days))
    with pytest.raises(BadField) as bad:
        people.make(anne, PersonDraft("Zoé"), draft)
    assert bad.value.field == "until"


def test_a_device_shows_walls_and_has_no_video_right(people: People, anne: Viewer) -> None:
    wall = people.make(anne, PersonDraft("Mur nord", kind=Kind.DEVICE), GrantDraft(Role.WALL))
    with pytest.raises(BadField, match="shared account"):
        people.give_video(anne, wall, VideoDraft("P", began().date(), began() + timedelta(days=9)))
    with pytest.raises(BadField, match="walls are devices"):
        people.grant(anne, wall, GrantDraft(Role.OPERATOR))


@pytest.mark.parametrize("role", [Role.FIELD_AGENT, Role.OFFICIAL])
def test_a_contractor_or_an_official_has_no_right_to_road_cameras(
    people: People, anne: Viewer, role: Role
) -> None:
    made = people.make(anne, PersonDraft("Zoé"), GrantDraft(role))
    with pytest.raises(BadField, match="no road cameras"):
        people.give_video(anne, made, VideoDraft("P", began().date(), began() + timedelta(days=9)))


@pytest.mark.parametrize(
    ("authority", "days_ago", "days", "areas", "field"),
    [
        ("", 0, 9, None, "authority"),
        ("P", -1, 9, None, "decided"),
        ("P", 20_000, 9, None, "decided"),
        ("P", 0, -1, None, "until"),
        ("P", 0, 400, None, "until"),
        ("P", 0, 9, frozenset({99}), "areas"),
    ],
)
def test_a_video_right_needs_authority_date_places_and_an_end(
    people: People, anne: Viewer, authority: str, days_ago: int, days: int, areas: frozenset[int] | None,
    field: str,
) -> None:  # fmt: skip
    made = people.make(anne, PersonDraft("Zoé"), GrantDraft(Role.OPERATOR))
    decided: date = began().date() - timedelta(days=days_ago)
    with pytest.raises(BadField) as bad:
        people.give_video(anne, made, VideoDraft(authority, decided, began() + timedelta(days=days), areas))
    assert bad.value.field == field


def test_a_list_is_taken_whole_or_not_at_all_and_names_the_line(people: People, anne: Viewer) -> None:
    with pytest.raises(BadField) as bad:
        people.make_all(anne, [(PersonDraft("Zoé"), GrantDraft(Role.OPERATOR)), (PersonDraft("Anne"), None)])
    assert bad.value.values["line"] == 2
    assert people.find("zoe") is None
    made = people.make_all(
        anne, [(PersonDraft("Zoé"), GrantDraft(Role.OPERATOR)), (PersonDraft("Ida"), None)]
    )
    assert [people.by_id(one).login for one in made] == ["zoe", "ida"]


def test_what_matters_most_about_an_account_is_its_standing(
    people: People, anne: Viewer, engine: Engine
) -> None:
    made = people.make(anne, PersonDraft("Zoé"))
    soon = began() + timedelta(minutes=1)
    assert people.sheet(made).standing(soon) is Standing.NO_GRANT
    grant = people.grant(anne, made, GrantDraft(Role.OPERATOR, valid_until=began() + timedelta(days=60)))
    assert people.sheet(made).standing(soon) is Standing.NEVER
    assert people.sheet(made).standing(began() + timedelta(days=31)) is Standing.EXPIRING
    assert people.sheet(made).standing(began() + timedelta(days=61)) is Standing.EXPIRED
    open_session(engine, made, grant)
    assert people.sheet(made).standing(soon) is Standing.FINE
    people.grant(anne, made, GrantDraft(Role.OPERATOR))
    assert people.sheet(made).standing(began() + timedelta(days=91)) is Standing.UNUSED
    people.disable(anne, made)
    assert people.sheet(made).standing(soon) is Standing.DISABLED


def test_what_is_not_there_cannot_be_changed(people: People, anne: Viewer) -> None:
    for change in (
        lambda: people.change(anne, 99, PersonDraft("X")),
        lambda: people.disable(anne, 99),
        lambda: people.enable(anne, 99),
        lambda: people.grant(anne, 99, GrantDraft(Role.OPERATOR)),
        lambda: people.revoke(anne, 99),
        lambda: people.take_video(anne, 99),
        lambda: people.sheet(99),
    ):
        with pytest.raises(NotFound):
            change()
