"""Searching the audit: the DPO's question, filters, pages, scopes, the file; and that reading is recorded."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, text

from geodata.access_tables import access_grant
from layouts.audit_address import query_of, read_after, read_search, search_of, write_search
from model.audit import Action
from model.auditing import PAGE, AuditQuery
from model.errors import BadRequest, Refused
from model.looks import Purpose
from model.roles import AUDITORS, Role
from model.viewer import Scope, Viewer
from services.access import record
from services.access.reading import Audit
from tests.integration.small_city import add_areas, add_assets
from tests.room import Room, open_room
from tests.somebody import settled

pytestmark = pytest.mark.servers
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def audit(engine: Engine) -> Audit:
    """Camera 1 in commune 1, camera 2 and a meter in commune 2."""
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre", "Bellerive")
        add_assets(connection, ("camera", 1), ("camera", 2), ("meter", 2))
    return Audit(engine)


def wrote(engine: Engine, viewer: Viewer | None, action: Action = Action.LOOKED, **more: Any) -> None:
    with engine.begin() as connection:
        record(connection, viewer, action, **more)


def looked(engine: Engine, viewer: Viewer, asset: int, purpose: str = "incident", **more: Any) -> None:
    details = {"what": "panel", "reference": f"MC-{asset}"}
    wrote(
        engine,
        viewer,
        kind="asset",
        object=f"X-{asset}",
        asset_id=asset,
        purpose=purpose,
        details=details,
        **more,
    )


def asked(**fields: str) -> AuditQuery:
    now = datetime.now(UTC)
    return AuditQuery(now - timedelta(days=1), now + timedelta(days=1), **fields)


def test_who_looked_at_this_camera_and_why_is_one_search(audit: Audit, engine: Engine) -> None:
    claire, paul = settled(engine, "Claire"), settled(engine, "Paul")
    looked(engine, claire, 1, Purpose.REQUISITION)
    looked(engine, paul, 2)
    looked(engine, paul, 1, outcome="refused")
    dpo = settled(engine, "Inès", Role.DPO)
    found = audit.search(dpo, asked(asset="X-1", action="looked"))
    told = [
        (e.actor, e.purpose, e.outcome, e.object, e.asset_name, e.details["reference"]) for e in found.entries
    ]
    assert told == [
        ("Paul", "incident", "refused", "X-1", "camera 1", "MC-1"),
        ("Claire", "requisition", "done", "X-1", "camera 1", "MC-1"),
    ]
    assert (found.total, found.by) == (2, (("Claire", 1, 0), ("Paul", 1, 1)))


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"asset": "camera 1"}, 1), ({"asset": "CAMERA"}, 2), ({"asset": "X-1"}, 1), ({"asset": "%"}, 0),
        ({"asset": "_-1"}, 0), ({"actor": "clai"}, 2), ({"actor": "nobody"}, 0), ({"role": "operator"}, 2),
        ({"action": "note_made"}, 1), ({"book": "changes"}, 1), ({"book": "security"}, 1),
        ({"purpose": "safety"}, 1), ({"outcome": "refused"}, 1), ({"text": "MC-1"}, 1),
        ({"text": "10.0.0.9"}, 1), ({"text": "'; DROP TABLE audit_entry; --"}, 0),
        ({"asset": "X-1", "purpose": "safety"}, 0), ({}, 4),
    ],
)  # fmt: skip
def test_every_field_narrows(audit: Audit, engine: Engine, fields: dict[str, str], count: int) -> None:
    claire = settled(engine, "Claire", Role.OPERATOR)
    looked(engine, claire, 1)
    looked(engine, claire, 2, "safety")
    wrote(engine, settled(engine, "Paul"), Action.NOTE_MADE, kind="annotation", object="7")
    wrote(engine, None, Action.SIGN_IN_FAILED, outcome="refused", address="10.0.0.9")
    dpo = settled(engine, "Inès", Role.DPO)
    assert audit.search(dpo, asked(**fields)).total == count


def test_a_person_is_found_by_her_login(audit: Audit, engine: Engine) -> None:
    claire = settled(engine, "Claire")
    looked(engine, claire, 1)
    dpo = settled(engine, "Inès", Role.DPO)
    assert audit.search(dpo, asked(actor=claire.login.upper())).total == 1


def test_pages_go_on_where_they_ended_whatever_is_added_meanwhile(audit: Audit, engine: Engine) -> None:
    claire, dpo = settled(engine, "Claire"), settled(engine, "Inès", Role.DPO)
    with engine.begin() as connection:
        for number in range(2 * PAGE + 7):
            record(connection, claire, Action.LOOKED, object=str(number))
    query, seen, after = asked(action="looked"), [], None
    while True:
        page = audit.search(dpo, query, after)
        seen += [entry.number for entry in page.entries]
        looked(engine, claire, 1)
        if page.after is None:
            break
        after = page.after
    assert seen == list(range(2 * PAGE + 7, 0, -1))


def test_reading_is_itself_on_record_once_a_search(audit: Audit, engine: Engine) -> None:
    dpo = settled(engine, "Inès", Role.DPO)
    query = asked(asset="X-1")
    for _ in range(3):
        audit.search(dpo, query)
    audit.search(dpo, asked(text="x"))
    read = audit.search(dpo, asked(action="audit_read"))
    assert [entry.details["query"].get("asset", "") for entry in read.entries] == ["", "X-1"]
    assert read.entries[0].actor == "Inès"


@pytest.mark.parametrize("role", list(Role))
def test_only_auditors_read_it_whatever_the_door(audit: Audit, engine: Engine, role: Role) -> None:
    viewer = settled(engine, role=role)
    acts = (
        lambda: audit.search(viewer, asked()), lambda: audit.export(viewer, asked()),
        lambda: audit.state(viewer), lambda: audit.verify(viewer),
    )  # fmt: skip
    for act in acts:
        if role in AUDITORS:
            act()
        else:
            with pytest.raises(Refused):
                act()


def test_a_supervisor_of_one_commune_reads_its_equipment_and_its_people(audit: Audit, engine: Engine) -> None:
    here, there = Scope(areas=frozenset({1})), Scope(areas=frozenset({2}))
    mine, theirs, all_of_it = (
        settled(engine, "Claire", Role.OPERATOR, here),
        settled(engine, "Paul", Role.OPERATOR, there),
        settled(engine, "Zoé", Role.OPERATOR),
    )
    for viewer in (mine, theirs, all_of_it):
        looked(engine, viewer, 1)
        looked(engine, viewer, 2)
        wrote(engine, viewer, Action.SIGNED_IN)
    chief = settled(engine, "Chef", Role.SUPERVISOR, here)
    found = audit.search(chief, asked())
    assert sorted((e.actor, e.action, e.object) for e in found.entries) == [
        ("Claire", "looked", "X-1"), ("Claire", "signed_in", ""), ("Paul", "looked", "X-1"),
        ("Zoé", "looked", "X-1"),
    ]  # fmt: skip
    assert len(audit.export(chief, asked())) == 5, "and her own reading"
    dpo = settled(engine, "Inès", Role.DPO, here)
    assert audit.search(dpo, asked(book="looks")).total == 8, "the DPO reads everything"


def test_a_scope_of_domains_is_one_of_equipment(audit: Audit, engine: Engine) -> None:
    claire = settled(engine, "Claire")
    for asset in (1, 3):
        looked(engine, claire, asset)
    chief = settled(engine, "Chef", Role.SUPERVISOR, Scope(domains=frozenset({"energy"})))
    assert [entry.object for entry in audit.search(chief, asked()).entries] == ["X-3"]


# --- the address -----------------------------------------------------------------------------------------


def test_an_address_is_the_search_it_was_written_for() -> None:
    search = search_of("2026-05", None, None, {"asset": "C-001", "action": "looked", "role": "pirate"})
    assert dict(search.fields) == {"asset": "C-001", "action": "looked"}
    address = dict(part.split("=") for part in write_search(search).lstrip("?").split("&"))
    assert read_search(address) == search
    query = query_of(search, datetime.now(UTC), PARIS)
    assert (query.t0, query.t1) == (
        datetime(2026, 4, 30, 22, tzinfo=UTC), datetime(2026, 5, 31, 22, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    "days", [("", ""), ("2026-05-02", "2026-05-01"), ("x", "2026-05-01"), ("0001-01-01", "9999-12-31")]
)
def test_dates_that_are_none_are_refused(days: tuple[str, str]) -> None:
    with pytest.raises(BadRequest):
        query_of(search_of("custom", *days, {}), datetime.now(UTC), PARIS)


@pytest.mark.parametrize(
    "text_", ["", "x", "2026-05-01~looks~1", "2026-05-01T00:00:00Z~pirates~1", "~~", "a~b"]
)
def test_a_page_that_is_none_begins_at_the_newest(text_: str) -> None:
    assert read_after(text_) is None


# --- the page --------------------------------------------------------------------------------------------


@pytest.fixture
async def room(engine: Engine, audit: Audit, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    looked(engine, settled(engine, "=HYPERLINK(1)"), 1)
    async with open_room(database_url, redis_url, role=Role.DPO) as opened:
        yield opened


async def searched(room: Room, search: str = "", **fields: str) -> dict[str, Any]:
    names = ("actor", "role", "action", "asset", "book", "purpose", "outcome", "text")
    values = [fields.get(name) for name in names]
    period = fields.get("p", "7d")
    answer = await room.call("search_audit", 1, None, None, None, period, None, None, *values, search, "fr")
    found: dict[str, Any] = answer["response"]
    return found


async def test_the_page_shows_who_when_why_and_its_address(room: Room) -> None:
    found = await searched(room, asset="X-1")
    shown = json.dumps(found["audit-results"], ensure_ascii=False)
    for told in (
        "=HYPERLINK(1)",
        "Consultation",
        "camera 1",
        "Incident en cours",
        "MC-1",
        "UTC",
        "1 inscription",
    ):
        assert told in shown, told
    assert "⟦" not in shown
    assert found["audit-address"]["data"] == "?p=7d&asset=X-1"
    nothing = json.dumps(await searched(room, asset="nowhere"), ensure_ascii=False)
    assert "Aucune inscription" in nothing
    bad = json.dumps(await searched(room, p="custom"), ensure_ascii=False)
    assert "Recherche impossible" in bad


async def test_the_file_is_on_record_before_it_leaves_and_holds_no_formula(
    room: Room, engine: Engine
) -> None:
    answer = await room.client.get("/audit/export", params={"p": "7d", "asset": "X-1"})
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row["actor"] for row in rows] == ["'=HYPERLINK(1)"]
    assert json.loads(rows[0]["details"])["reference"] == "MC-1"
    with engine.connect() as connection:
        told = connection.scalar(text("SELECT details FROM audit_entry WHERE action = 'exported'"))
    assert (told["rows"], told["query"]["asset"], told["format"]) == (1, "X-1", "csv")
    assert (await room.client.get("/audit/export", params={"p": "custom"})).status_code == 400


async def test_the_chain_is_verified_from_the_page(room: Room, engine: Engine) -> None:
    before = json.dumps((await room.call("show_chain", None, "fr"))["response"], ensure_ascii=False)
    assert "Pas encore vérifiée" in before
    with engine.begin() as connection:
        # The recorder verified while the book was empty: what came since is not verified by that.
        connection.execute(text("INSERT INTO audit_check (book, number, hash) VALUES ('looks', 0, '')"))
    before = json.dumps((await room.call("show_chain", None, "fr"))["response"], ensure_ascii=False)
    assert "Aucune inscription" not in before.partition("Modifications")[0]
    done = (await room.call("show_chain", 1, "fr"))["response"]
    assert "telles qu’elles ont été écrites" in done["audit-told"]["children"]
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE audit_entry SET purpose = 'safety' WHERE action = 'looked'"))
    broken = json.dumps((await room.call("show_chain", 2, "fr"))["response"], ensure_ascii=False)
    assert "Inscription modifiée à l’inscription 1" in broken


async def test_a_fault_of_the_database_is_said(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from geodata.database import open_engine

    monkeypatch.setattr(
        room.city.access.audit, "_engine", open_engine("postgresql://nobody@/none?host=/nowhere")
    )
    shown = json.dumps(await searched(room), ensure_ascii=False)
    assert "Journal indisponible" in shown


def test_a_grant_that_was_revoked_still_says_whose_people_they_were(audit: Audit, engine: Engine) -> None:
    claire = settled(engine, "Claire", Role.OPERATOR, Scope(areas=frozenset({1})))
    wrote(engine, claire, Action.SIGNED_IN)
    with engine.begin() as connection:
        connection.execute(text("UPDATE access_grant SET revoked_at = now()"))
        connection.execute(
            insert(access_grant).values(person_id=claire.person_id, role="operator", areas=[2], made_by="t")
        )
    chief = settled(engine, "Chef", Role.SUPERVISOR, Scope(areas=frozenset({1})))
    assert audit.search(chief, asked()).total == 1
