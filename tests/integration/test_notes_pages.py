"""Notes, corrections and bookmarks over HTTP, as a browser asks: what is shown, taken, refused."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from callbacks.wiring import doors
from geodata.database import open_engine
from model.roles import CORRECTORS, NOTE_KEEPERS, PAST_READERS, Role
from tests.clock import began
from tests.integration.small_city import add_streams, observe
from tests.integration.test_room_server import with_a_tripped_cabinet
from tests.room import Room, open_room
from tests.somebody import AUTHOR

pytestmark = pytest.mark.servers
QUARTER = timedelta(minutes=15)


def newest_reading() -> datetime:
    """The quarter of an hour before the running test began."""
    return began().replace(minute=began().minute // 15 * 15, second=0) - QUARTER


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    """The small city, whose cabinet 10 (A-1) measured power over the last day."""
    with_a_tripped_cabinet(engine)
    with engine.begin() as connection:
        add_streams(connection, (10, "power", 900))
        observe(connection, 1, [(newest_reading() - QUARTER * back, 7.0) for back in range(90)])
    async with open_room(database_url, redis_url) as opened:
        yield opened


def rows(engine: Engine, question: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def told(answered: Any) -> str:
    """Everything an answer says, as text."""
    return json.dumps(answered, ensure_ascii=False)


def field(at: datetime, room: Room) -> str:
    return at.astimezone(room.city.profile.zone).strftime("%Y-%m-%dT%H:%M")


async def answer(room: Room, handler: str, *values: Any) -> dict[str, Any]:
    """The callback's answer with the marks of shared outputs taken off the property names."""
    found = (await room.call(handler, *values)).get("response", {})
    return {id_: {name.split("@")[0]: value for name, value in props.items()} for id_, props in found.items()}


async def noted(room: Room, title: str, place: str = "city", /, **changes: Any) -> dict[str, Any]:
    now = began()
    values = {
        "kind": "works", "title": title, "body": "Tranchée", "t0": field(now - timedelta(hours=3), room),
        "t1": field(now - timedelta(hours=1), room), "place": place,
    } | changes  # fmt: skip
    return await answer(room, "save_note", 1, *values.values(), {}, "fr")


async def charts(room: Room, asset: str | None, area: str = "0") -> str:
    kind, name = ("control_cabinet", "power")
    values = [asset, kind, name, area, "1d", None, False, None, "dark", None, "fr"]
    found = (await room.call("draw", *values))["response"]
    return json.dumps(found["history-results"], ensure_ascii=False)


# --- annotations ------------------------------------------------------------------------------------------


async def test_the_dialog_opens_with_the_period_and_the_asset_of_the_page(room: Room) -> None:
    found = await answer(room, "open_note", 1, "?series=asset:A-1&p=1d", "fr")
    assert found["notes-dialog"]["opened"] is True
    assert found["notes-place"]["value"] == "asset:10"
    assert {"asset:10", "city"} <= {one["value"] for one in found["notes-place"]["data"]}
    span = [datetime.fromisoformat(found[f"notes-{end}"]["value"]) for end in ("t0", "t1")]
    assert span[1] - span[0] == timedelta(days=1)
    whole = await answer(room, "open_note", 1, "?at=now&area=999", "fr")
    assert whole["notes-place"]["value"] == "city"


async def test_a_note_is_written_and_shown_by_the_charts_of_its_place(room: Room, engine: Engine) -> None:
    found = await noted(room, "Rue barrée", "asset:10")
    assert found["notes-dialog"]["opened"] is False
    assert found["notes-changed"]["data"]["n"] > 0
    await noted(room, "Fête <b>de la</b> musique", kind="event")
    asset, city = await charts(room, "A-1"), await charts(room, None)
    assert "Rue barrée" in asset
    assert "Fête &lt;b&gt;de la&lt;/b&gt; musique" in asset, "in the figure as text"
    assert "Rue barrée" not in city
    panel = (await room.call("show_chart", "10:power", "day", 0, "", "dark", "fr"))["response"]
    assert "Rue barrée" in json.dumps(panel, ensure_ascii=False)
    assert rows(engine, "SELECT kind, title, body, asset_id, author FROM annotation ORDER BY id")[0] == (
        "works", "Rue barrée", "Tranchée", 10, AUTHOR,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "wrong", "said"),
    [
        ({"title": " "}, "title", "À remplir."),
        ({"t0": "hier"}, "t0", "Un jour et une heure"),
        ({"t1": "2001-01-01T10:00"}, "t1", "La fin précède"),
        ({"place": "area:77"}, "place", "pas dans la ville"),
        ({"kind": "fête"}, "kind", "Nature inconnue"),
        ({"body": "x" * 2_001}, "body", "2\u202f000"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_written(
    room: Room, engine: Engine, changes: dict[str, Any], wrong: str, said: str
) -> None:
    found = await noted(room, "x", **changes)
    errors = {id_: props["error"] for id_, props in found.items() if props.get("error")}
    assert list(errors) == [f"notes-{wrong}"]
    assert said in errors[f"notes-{wrong}"]
    assert "notes-dialog" not in found
    assert rows(engine, "SELECT count(*) FROM annotation") == [(0,)]


async def test_a_note_is_withdrawn_with_a_name_and_listed_on_request(room: Room, engine: Engine) -> None:
    await noted(room, "Rue barrée")
    number = rows(engine, "SELECT id FROM annotation")[0][0]
    asked = {"id": str(number), "title": "Rue barrée"}
    dialog = await answer(room, "ask_withdraw_note", asked, "fr")
    assert "Rue barrée" in dialog["notes-withdraw-what"]["children"]
    await answer(room, "withdraw_note", 1, asked, "fr")
    assert "Rue barrée" not in await charts(room, None)
    for gone in (False, True):
        listed = json.dumps(
            await answer(room, "list_notes", "all", "7d", gone, None, "fr"), ensure_ascii=False
        )
        assert (f"Retirée par {AUTHOR}" in listed) is gone


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999", "7"])
async def test_withdrawing_what_is_not_there_changes_nothing(room: Room, engine: Engine, number: str) -> None:
    await noted(room, "Rue barrée")
    with engine.begin() as connection:
        connection.execute(text("UPDATE annotation SET id = 1000"))
    for handler in ("withdraw_note", "withdraw_correction"):
        await answer(room, handler, 1, {"id": number, "title": "?"}, "fr")
    assert rows(engine, "SELECT count(*) FROM annotation WHERE withdrawn_at IS NULL") == [(1,)]


async def test_the_list_is_filtered_by_kind_and_writes_its_address(room: Room) -> None:
    await noted(room, "Rue barrée")
    await noted(room, "Fête", kind="event")
    found = await answer(room, "list_notes", "event", "30d", False, None, "fr")
    shown = json.dumps(found["notes-list"], ensure_ascii=False)
    assert ("Fête" in shown, "Rue barrée" in shown) == (True, False)
    assert found["notes-list-address"]["data"] == "?notes=1&kind=event&p=30d"


# --- corrections ------------------------------------------------------------------------------------------


def asked_for(at: datetime) -> dict[str, str]:
    return {"at": at.isoformat(), "of": "10:power"}


async def corrected(room: Room, result: str = "3,5", **changes: Any) -> dict[str, Any]:
    at = field(newest_reading(), room)
    values = {
        "t0": at, "t1": at, "result": result, "reason": "pince mal posée",
        "nothing": False, "confirmed": False,
    } | changes  # fmt: skip
    return await answer(room, "save_correction", 1, *values.values(), asked_for(newest_reading()), "fr")


async def test_a_reading_is_corrected_marked_and_told_with_what_was_sent(room: Room, engine: Engine) -> None:
    asked = asked_for(newest_reading())
    opened = await answer(room, "open_correction", asked, "fr")
    assert opened["correcting-t0"]["value"] == field(newest_reading(), room)
    shown = await answer(room, "show_meant", *[opened["correcting-t0"]["value"]] * 2, asked, "fr")
    assert "1 mesure, telle que reçue" in json.dumps(shown, ensure_ascii=False)
    found = await corrected(room)
    assert found["correcting-dialog"]["opened"] is False
    drawn = await charts(room, "A-1")
    assert "circle-open-dot" in drawn
    assert "pince mal posée" in drawn
    assert rows(engine, "SELECT result, author FROM correction") == [(3.5, AUTHOR)]
    assert rows(engine, "SELECT DISTINCT result FROM observation") == [(7.0,)]


async def test_an_unlikely_value_asks_to_be_confirmed_and_then_is_taken(room: Room, engine: Engine) -> None:
    refused = await corrected(room, "-20")
    assert "Hors de la plage déclarée" in refused["correcting-result"]["error"]
    assert refused["correcting-confirm"]["style"] == {"display": "block"}
    await corrected(room, "-20", confirmed=True)
    assert rows(engine, "SELECT result FROM correction") == [(-20.0,)]


async def test_a_stretch_says_nothing_and_is_withdrawn_reading_by_reading(room: Room, engine: Engine) -> None:
    await corrected(room, "", t0=field(newest_reading() - QUARTER * 3, room), nothing=True)
    assert rows(engine, "SELECT result FROM correction") == [(None,)] * 4
    number = rows(engine, "SELECT min(id) FROM correction")[0][0]
    await answer(room, "withdraw_correction", 1, {"id": str(number), "title": "?"}, "fr")
    assert rows(engine, "SELECT withdrawn_by FROM correction ORDER BY id") == [
        (AUTHOR,),
        (None,),
        (None,),
        (None,),
    ]
    listed = await answer(room, "list_notes", "corrections", "7d", True, None, "fr")
    assert json.dumps(listed, ensure_ascii=False).count("ne dit rien") == 4


@pytest.mark.parametrize("of", ["", "10", "x:power", "10:state", "99:power", "10:" + "p" * 500])
async def test_a_button_that_means_nothing_corrects_nothing(room: Room, engine: Engine, of: str) -> None:
    at = field(newest_reading(), room)
    asked = {"at": newest_reading().isoformat(), "of": of}
    await room.call("show_meant", at, at, asked, "fr")
    await room.call("save_correction", 1, at, at, "3", "r", False, False, asked, "fr")
    assert rows(engine, "SELECT count(*) FROM correction") == [(0,)]


# --- bookmarks --------------------------------------------------------------------------------------------


async def test_a_bookmark_keeps_the_address_shown_and_no_other_site(room: Room, engine: Engine) -> None:
    kept = await answer(
        room, "save_bookmark", 1, "Nuit d’orage", "/history", "?at=2026-11-21T20:40:00Z", "fr"
    )
    assert "est gardé" in kept["notes-bookmark-told"]["children"]
    for path in ("//evil.example", "https://evil.example/history", "/nowhere"):
        bad = await answer(room, "save_bookmark", 1, "x", path, "", "fr")
        assert "pas une page d’ici" in bad["notes-bookmark-told"]["children"]
    nameless = await answer(room, "save_bookmark", 1, " ", "/history", "", "fr")
    assert nameless["past-bookmark-title"]["error"] == "À remplir."
    listed = json.dumps(await answer(room, "list_bookmarks", "", "fr"), ensure_ascii=False)
    assert "/history?at=2026-11-21T20:40:00Z" in listed
    number = rows(engine, "SELECT id FROM bookmark")[0][0]
    await answer(room, "forget_bookmark", {"id": str(number)}, "fr")
    assert "Aucun signet" in json.dumps(await answer(room, "list_bookmarks", "", "fr"), ensure_ascii=False)


# --- for whom, and when the database is away -------------------------------------------------------------


async def test_readers_and_writers_are_named(room: Room) -> None:
    may = {door.name: door.may for door in doors(room.server)}
    assert may["list_notes"] == may["list_bookmarks"] == PAST_READERS
    for name in ("open_note", "save_note", "withdraw_note", "save_bookmark", "forget_bookmark"):
        assert may[name] == NOTE_KEEPERS
    for name in ("open_correction", "show_meant", "save_correction", "withdraw_correction"):
        assert may[name] == CORRECTORS
    assert {Role.WALL, Role.OFFICIAL, Role.DPO}.isdisjoint(NOTE_KEEPERS | CORRECTORS)


async def test_with_the_database_away_what_was_typed_stays_and_is_said_not_to_be_saved(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = open_engine("postgresql://nobody@/none?host=/nowhere")
    for part in (room.city.notes, room.city.corrections):
        monkeypatch.setattr(part, "_engine", away)
    found = await noted(room, "Rue barrée")
    assert "Rien n’est enregistré" in found["notes-told"]["children"]
    assert "notes-dialog" not in found
    found = await corrected(room)
    assert "Rien n’est enregistré" in found["correcting-told"]["children"]
    listed = json.dumps(await answer(room, "list_notes", "all", "7d", False, None, "fr"), ensure_ascii=False)
    assert "Historique indisponible" in listed


def test_the_clock_of_these_tests_is_the_running_test() -> None:
    assert datetime.now(UTC) - newest_reading() < timedelta(hours=1)
