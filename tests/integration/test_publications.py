"""The register of publications: who proposes, approves, refuses and revokes; what the publisher may make."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from geodata.profiles import read_profile
from model.datasets import BY_NAME, DATASETS
from model.errors import BadField, NotFound, Refused
from model.publications import Act, Draft, Publication, State, draft_of_all
from model.roles import PUBLICATION_DECIDERS, PUBLICATION_PROPOSERS, PUBLICATION_REVOKERS, Role
from model.viewer import Scope, Viewer
from services.publishing.artefacts import Artefact, Store
from services.publishing.register import Publications, licence_of, releases_in_force, seed
from services.publishing.register.seeding import seed_proposed
from tests.clock import began
from tests.live_city import lay_out

pytestmark = pytest.mark.servers
SOPHIE = Viewer(1, "sophie", "Sophie", Role.STEWARD)
ANNE = Viewer(2, "anne", "Anne", Role.DPO)
JULIEN = Viewer(3, "julien", "Julien", Role.ADMINISTRATOR)
LIGHTING = Viewer(4, "karim", "Karim", Role.STEWARD, Scope(domains=frozenset({"lighting"})))
VAL = Viewer(5, "ines", "Inès", Role.STEWARD, Scope(areas=frozenset({1})))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "artefacts")


@pytest.fixture
def register(engine: Engine, store: Store) -> Publications:
    lay_out(engine)
    return Publications(engine, store)


def whole(name: str, **changes: Any) -> Draft:
    return replace(draft_of_all(BY_NAME[name], "etalab-2.0", "open by default"), **changes)


LAMPS, METERS = whole("lighting-failures"), whole("energy-by-area")


def one(register: Publications, name: str = "lighting-failures") -> Publication:
    return next(held for held in register.list() if held.name == name)


def state(register: Publications, name: str = "lighting-failures") -> State:
    return one(register, name).versions[0].state(began())


def reason(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


def test_a_steward_publishes_what_has_nothing_personal_behind_it(
    register: Publications, engine: Engine
) -> None:
    assert register.propose(SOPHIE, LAMPS) == (1, ())
    assert state(register) is State.PROPOSED
    assert releases_in_force(engine, began()) == ()
    assert register.approve(SOPHIE, LAMPS.name, 1)
    (release,) = releases_in_force(engine, began())
    assert (release.name, release.version, release.approved_by) == (LAMPS.name, 1, "Sophie")
    assert (release.columns, release.grain, release.licence) == (LAMPS.columns, LAMPS.grain, LAMPS.licence)
    assert releases_in_force(engine, release.valid_until) == ()
    assert one(register).versions[0].state(release.valid_until) is State.EXPIRED


@pytest.mark.parametrize("first", [SOPHIE, ANNE], ids=["steward first", "officer first"])
def test_what_has_personal_data_behind_it_takes_two_persons(
    register: Publications, engine: Engine, first: Viewer
) -> None:
    second = ANNE if first is SOPHIE else SOPHIE
    register.propose(SOPHIE, METERS)
    assert not register.approve(first, METERS.name, 1)
    assert state(register, METERS.name) is State.PROPOSED
    assert reason(lambda: register.approve(first, METERS.name, 1)) == "approved_already"
    other = {Role.STEWARD: Role.DPO, Role.DPO: Role.STEWARD}[first.role]
    both = replace(first, role=other)
    assert reason(lambda: register.approve(both, METERS.name, 1)) == "one_person"
    assert register.approve(second, METERS.name, 1)
    (release,) = releases_in_force(engine, began())
    assert release.approved_by == "Sophie, Anne"


def test_the_officer_is_not_asked_where_nothing_personal_is_behind_but_may_refuse(
    register: Publications,
) -> None:
    register.propose(SOPHIE, LAMPS)
    assert reason(lambda: register.approve(ANNE, LAMPS.name, 1)) == "not_needed"
    register.refuse(ANNE, LAMPS.name, 1, "Pas sans information des communes.")
    assert state(register) is State.REFUSED
    assert one(register).versions[0].steps[-1].why == "Pas sans information des communes."
    assert reason(lambda: register.approve(SOPHIE, LAMPS.name, 1)) == "decided"


def test_a_veto_lasts_until_the_officer_clears_a_later_version(register: Publications) -> None:
    register.propose(SOPHIE, LAMPS)
    register.approve(SOPHIE, LAMPS.name, 1)
    register.revoke(ANNE, LAMPS.name, "veto")
    register.propose(SOPHIE, LAMPS)
    assert not register.approve(SOPHIE, LAMPS.name, 2), "a steward alone cannot undo it"
    register.refuse(SOPHIE, LAMPS.name, 2, "withdrawn")
    register.propose(SOPHIE, LAMPS)
    assert not register.approve(SOPHIE, LAMPS.name, 3), "nor by proposing it again"
    assert register.approve(ANNE, LAMPS.name, 3)
    register.revoke(SOPHIE, LAMPS.name, "wrong figures")
    register.propose(SOPHIE, LAMPS)
    assert register.approve(SOPHIE, LAMPS.name, 4)


def test_what_the_linter_objects_to_stands_there_and_cannot_be_approved(register: Publications) -> None:
    number, found = register.propose(SOPHIE, replace(LAMPS, delay_s=0, licence="CC-BY-NC-4.0"))
    assert {str(finding.rule) for finding in found} == {"too_young", "licence"}
    assert reason(lambda: register.approve(SOPHIE, LAMPS.name, number)) == "findings"
    closed, found = register.propose(SOPHIE, whole("doors"))
    assert {str(finding.rule) for finding in found} == {"closed_dataset", "sensitive_column"}
    assert reason(lambda: register.approve(SOPHIE, "doors", closed)) == "findings"


def test_a_steward_has_her_own_domain_and_place(register: Publications) -> None:
    assert reason(lambda: register.propose(LIGHTING, METERS)) == "not_hers"
    assert register.propose(LIGHTING, LAMPS)[0] == 1
    assert register.approve(LIGHTING, LAMPS.name, 1)
    register.propose(SOPHIE, METERS)
    for act in (
        lambda: register.approve(LIGHTING, METERS.name, 1),
        lambda: register.refuse(LIGHTING, METERS.name, 1, "x"),
        lambda: register.revoke(VAL, LAMPS.name, "x"),
        lambda: register.propose(VAL, whole("lighting-points")),
    ):
        assert reason(act) == "not_hers"
    assert register.propose(VAL, whole("lighting-points", areas=frozenset({1})))[0] == 1
    assert register.approve(VAL, "lighting-points", 1)


@pytest.mark.parametrize("role", Role)
def test_each_role_does_its_own_and_no_more(register: Publications, role: Role) -> None:
    register.propose(SOPHIE, LAMPS)
    register.propose(SOPHIE, whole("lighting-points"))
    register.approve(SOPHIE, "lighting-points", 1)
    viewer = Viewer(9, "x", "X", role)
    may = {
        "propose": (PUBLICATION_PROPOSERS, lambda: register.propose(viewer, whole("traffic-now"))),
        "approve": (PUBLICATION_DECIDERS - {Role.DPO}, lambda: register.approve(viewer, LAMPS.name, 1)),
        "revoke": (PUBLICATION_REVOKERS, lambda: register.revoke(viewer, "lighting-points", "x")),
    }
    for roles, act in may.values():
        if role in roles:
            act()
        else:
            with pytest.raises(Refused):
                act()


def test_a_new_version_replaces_the_one_that_is_out(register: Publications, engine: Engine) -> None:
    register.propose(SOPHIE, LAMPS)
    register.approve(SOPHIE, LAMPS.name, 1)
    assert register.propose(SOPHIE, replace(LAMPS, delay_s=7_200))[0] == 2
    assert reason(lambda: register.propose(SOPHIE, LAMPS)) == "waiting_already"
    assert [release.version for release in releases_in_force(engine, began())] == [1]
    register.approve(SOPHIE, LAMPS.name, 2)
    assert [release.version for release in releases_in_force(engine, began())] == [2]
    assert [v.state(began()) for v in one(register).versions] == [State.IN_FORCE, State.REPLACED]


def published(store: Store) -> None:
    file = store.put(b"day,rate", "text/csv")
    store.publish(LAMPS.name, {"data.csv": file}, about={}, data_time=None, now=began())


def files(store: Store) -> dict[str, Artefact]:
    held = store.current(LAMPS.name)
    return held.files if held else {}


def test_what_is_revoked_is_gone_at_once_with_its_files(
    register: Publications, engine: Engine, store: Store
) -> None:
    register.propose(SOPHIE, LAMPS)
    register.approve(SOPHIE, LAMPS.name, 1)
    published(store)
    assert files(store)
    assert register.revoke(JULIEN, LAMPS.name, "une erreur") == 1
    assert releases_in_force(engine, began()) == ()
    assert not files(store)
    assert reason(lambda: register.revoke(JULIEN, LAMPS.name, "encore")) == "not_out"
    with pytest.raises(NotFound):
        register.revoke(JULIEN, "nothing", "x")
    published(store)
    assert not files(store), "still revoked"
    register.propose(SOPHIE, LAMPS)
    register.approve(SOPHIE, LAMPS.name, 2)
    published(store)
    assert files(store), "a new version may be made again"


def test_files_that_cannot_be_taken_back_here_are_left_to_the_publisher(
    engine: Engine, tmp_path: Path
) -> None:
    lay_out(engine)
    blocked = tmp_path / "file"
    blocked.write_text("")
    register = Publications(engine, Store(blocked / "artefacts"))
    register.propose(SOPHIE, LAMPS)
    register.approve(SOPHIE, LAMPS.name, 1)
    register.revoke(SOPHIE, LAMPS.name, "x")
    assert state(register) is State.REVOKED


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"name": "Pas un nom !"}, "name", "bad_name"),
        ({"name": ""}, "name", "empty"),
        ({"dataset": "secrets"}, "dataset", "unknown_dataset"),
        ({"areas": frozenset()}, "areas", "empty"),
        ({"areas": frozenset({99})}, "areas", "unknown_area"),
        ({"delay_s": -1}, "delay", "bad_delay"),
        ({"cadence_s": 0}, "cadence", "bad_cadence"),
        ({"cadence_s": 400 * 86_400}, "cadence", "bad_cadence"),
        ({"columns": tuple(f"c{n}" for n in range(61))}, "columns", "too_many"),
        ({"why": "  "}, "why", "empty"),
        ({"licence": "x" * 65}, "licence", "too_long"),
        ({"valid_until": began() - timedelta(seconds=1)}, "until", "ends_before"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    register: Publications, changes: dict[str, Any], field: str, why: str
) -> None:
    with pytest.raises(BadField) as refused:
        register.propose(SOPHIE, replace(LAMPS, **changes))
    assert (refused.value.field, refused.value.reason) == (field, why)
    assert register.list() == []


def test_a_name_belongs_to_one_dataset_for_ever(register: Publications) -> None:
    register.propose(SOPHIE, LAMPS)
    with pytest.raises(BadField, match="name taken"):
        register.propose(SOPHIE, replace(METERS, name=LAMPS.name))
    with pytest.raises(NotFound):
        register.approve(SOPHIE, LAMPS.name, 2)


def test_every_act_is_audited_and_none_is_ever_changed(register: Publications, engine: Engine) -> None:
    register.propose(SOPHIE, METERS)
    register.approve(ANNE, METERS.name, 1)
    register.approve(SOPHIE, METERS.name, 1)
    register.revoke(ANNE, METERS.name, "veto")
    register.propose(SOPHIE, METERS)
    register.refuse(ANNE, METERS.name, 2, "veto")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT action, actor, object FROM audit_entry ORDER BY number")).all()
    acts = ["proposed", "cleared", "approved", "revoked", "proposed", "refused"]
    assert [row.action for row in rows] == [f"publication_{act}" for act in acts]
    assert {row.object for row in rows} == {METERS.name}
    for statement in (
        "UPDATE publication_act SET actor = 'nobody'",
        "DELETE FROM publication_act",
        "UPDATE publication_version SET columns = '{holder}'",
        "DELETE FROM publication",
    ):
        with engine.begin() as connection, pytest.raises(DBAPIError, match="is not changed"):
            connection.execute(text(statement))


def test_a_register_that_became_stricter_stops_what_was_approved(
    register: Publications, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.propose(SOPHIE, LAMPS)
    register.approve(SOPHIE, LAMPS.name, 1)
    assert releases_in_force(engine, began(), ("ODbL-1.0",)) == ()
    monkeypatch.setitem(BY_NAME, LAMPS.dataset, replace(BY_NAME[LAMPS.dataset], delay_s=86_400))
    assert releases_in_force(engine, began()) == ()
    monkeypatch.delitem(BY_NAME, LAMPS.dataset)
    assert releases_in_force(engine, began()) == ()


# --- what a city begins with --------------------------------------------------------------------------

OPEN = sorted(one.name for one in DATASETS if one.publishable)


def test_the_invented_city_begins_with_all_that_may_be_open(engine: Engine) -> None:
    profile = read_profile("demo")
    assert seed(engine, profile) == 0, "it is not built yet"
    lay_out(engine)
    assert seed(engine, profile) == len(OPEN)
    releases = releases_in_force(engine, began())
    assert sorted(one.dataset.name for one in releases) == OPEN
    assert {one.licence for one in releases} == {"CC0-1.0"}
    behind = next(one for one in releases if one.name == "energy-by-area")
    assert behind.approved_by == "Sophie Lacroix, Anne Keller"
    assert seed(engine, profile) == 0


def test_a_real_city_begins_with_proposals(engine: Engine) -> None:
    profile = read_profile("montpellier")
    assert seed(engine, profile) == len(OPEN)
    assert seed_proposed(engine, profile) == []
    register = Publications(engine)
    assert {held.versions[0].state(began()) for held in register.list()} == {State.PROPOSED}
    assert all(held.versions[0].step(Act.PROPOSED).actor == "Vigie" for held in register.list())  # type: ignore[union-attr]
    assert (licence_of(profile), licence_of(read_profile("rennes"))) == ("etalab-2.0", "ODbL-1.0")


ROOT = Path(__file__).resolve().parents[2]


def command(url: str, var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`python app.py publications`, from the line: what it prints, what it says, how it ends."""
    env = {**os.environ, "VIGIE_DATABASE_URL": url, "VIGIE_REDIS_URL": "redis://127.0.0.1:1/0",
           "VIGIE_MQTT_URL": "mqtt://127.0.0.1:1", "VIGIE_VAR": str(var), "VIGIE_CITY": "montpellier",
           "COLUMNS": "200"}  # fmt: skip
    return subprocess.run(
        [sys.executable, "app.py", "publications", *words],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_city_approves_and_revokes_from_the_line(engine: Engine, database_url: str, tmp_path: Path) -> None:
    seed(engine, read_profile("montpellier"))
    with engine.begin() as connection:
        for login, role in (("sophie", "data_steward"), ("anne", "dpo"), ("marc", "operator")):
            person = "INSERT INTO person (login, name, made_by) VALUES (:l, :l, 'test') RETURNING id"
            who = connection.scalar(text(person), {"l": login})
            grant = "INSERT INTO access_grant (person_id, role, made_by) VALUES (:who, :role, 'test')"
            connection.execute(text(grant), {"who": who, "role": role})
    listed = command(database_url, tmp_path, "list")
    assert "energy-by-area  version 1  proposed  waits for: data_steward, dpo" in listed.stdout
    assert "waits for a second person" in _all(
        command(database_url, tmp_path, "approve", "energy-by-area", "--as", "sophie")
    )
    assert "is in force" in _all(command(database_url, tmp_path, "approve", "energy-by-area", "--as", "anne"))
    assert [one.name for one in releases_in_force(engine, began())] == ["energy-by-area"]
    assert "is revoked" in _all(command(database_url, tmp_path, "revoke", "energy-by-area"))
    assert releases_in_force(engine, began()) == ()
    for words, why in (
        (("approve", "lighting-points", "--as", "marc"), "holds none of the roles"),
        (("approve", "lighting-points", "--as", "nobody"), "nobody signs in as"),
        (("approve", "energy-by-area", "--as", "anne"), "nothing waits there"),
        (("revoke", "energy-by-area"), "not out"),
    ):
        done = command(database_url, tmp_path, *words)
        assert done.returncode == 1
        assert why in _all(done)


def _all(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr
