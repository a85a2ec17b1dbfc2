"""Records of cameras and doors, over every way there is to read them: nothing without right and purpose."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from model.roles import Role
from model.states import Status
from model.viewer import Viewer
from tests.clock import began
from tests.integration.small_city import add_streams, change, keyframe, observe
from tests.live_city import lay_out
from tests.room import Room, open_room
from tests.signing_in import sign_in
from tests.somebody import may_see_video

pytestmark = pytest.mark.servers
CAMERA, DOOR = 20, 21
VALUES = {CAMERA: 87.65, DOOR: 4321.0}
MARKS = ("87.65", "87,65", "87.7", "87,7", "4321", "4\u202f321", "4,321")
"""How those values may be written; none of them is written anywhere else."""
STREAMS = {CAMERA: "availability", DOOR: "openings"}
NAMES = {CAMERA: "CAM-1", DOOR: "D-1"}


@pytest.fixture
async def known(engine: Engine, database_url: str) -> AsyncIterator[Any]:
    """A supervisor of a small city with one camera and one door, both measured, both changing state."""
    lay_out(engine)
    row = (
        "INSERT INTO asset (id, external_id, source, domain, asset_type, name, street, geometry, commune_id) "
        "VALUES (:id, :ext, 'test', :domain, :type, :ext, 'rue', "
        "ST_SetSRID(ST_MakePoint(5.05, 47.35), 4326), 1)"
    )
    with engine.begin() as connection:
        for values in (
            {"id": CAMERA, "ext": "CAM-1", "domain": "surveillance", "type": "camera"},
            {"id": DOOR, "ext": "D-1", "domain": "access", "type": "access_point"},
        ):
            connection.execute(text(row), values)
        connection.execute(text("UPDATE layout SET version = version + 1"))
        add_streams(connection, (CAMERA, "availability", 900), (DOOR, "openings", 3600))
        quarters = [began() - timedelta(minutes=15 * n) for n in range(1, 9)]
        for stream, asset in ((1, CAMERA), (2, DOOR)):
            observe(connection, stream, [(at, VALUES[asset]) for at in quarters])
        keyframe(
            connection, began() - timedelta(hours=3), dict.fromkeys([CAMERA, DOOR], (int(Status.ACTIVE), 2))
        )
        at = began() - timedelta(hours=1)
        change(connection, (CAMERA, at, int(Status.FAULT), 3), (DOOR, at, int(Status.FAULT), 3))
        connection.execute(
            text(
                "INSERT INTO correction (datastream_id, phenomenon_time, result, author, reason) "
                "SELECT id, :at, 1, 'T', 'essai' FROM datastream"
            ),
            {"at": quarters[4]},
        )
    yield sign_in(database_url, Role.SUPERVISOR)


@pytest.fixture
async def room(known: Any, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    async with open_room(database_url, redis_url, known=known) as opened:
        yield opened


def field(room: Room) -> str:
    at = began() - timedelta(minutes=15)
    return at.astimezone(room.city.profile.zone).strftime("%Y-%m-%dT%H:%M:%S")


async def everything(room: Room, asset: int) -> dict[str, str]:
    """What every way to the record of ``asset`` answers, as text."""
    key, stream, then = (
        NAMES[asset],
        f"{asset}:{STREAMS[asset]}",
        (began() - timedelta(minutes=5)).isoformat(),
    )
    reading = {"at": (began() - timedelta(minutes=15)).isoformat(), "of": stream}
    a, b = ((began() - timedelta(hours=h)).strftime("%Y-%m-%dT%H:%M:%SZ") for h in (2, 0))
    calls = {
        "panel": ("show_asset", key, 0, 0, None, "fr", ""),
        "offers": ("offer_properties", key, "", "fr"),
        "chart": ("show_chart", stream, "day", 0, "", "dark", "fr"),
        "past": ("show_past_asset", key, then, None, "fr", ""),
        "past offers": ("offer_past_properties", key, then, "", None, "fr"),
        "past chart": ("show_past_chart", stream, "day", then, None, "", "dark", "fr"),
        "series": (
            "draw", key, "control_cabinet", "power", "0", "1d", None, False, None, "dark", None, "fr",
        ),
        "readings": ("show_meant", field(room), field(room), reading, "fr"),
        "corrections": ("list_notes", "corrections", "7d", True, None, "fr"),
    }  # fmt: skip
    found = {name: json.dumps(await room.call(*call), ensure_ascii=False) for name, call in calls.items()}
    for name, query in (
        ("export", {"series": f"asset:{key}", "p": "1d"}),
        ("geojson", {"series": f"asset:{key}", "p": "1d", "format": "geojson"}),
        ("changes", {"a": a, "b": b, "what": "changes"}),
    ):
        answer = await room.client.get("/history/export", params=query)
        assert answer.status_code in (200, 403), (name, answer.text)
        found[name] = answer.text
    return found


def tells(name: str, told: str, asset: int) -> bool:
    """Whether an answer holds something of the record: its values, its streams, or a change of its state."""
    if name in ("offers", "past offers"):
        return STREAMS[asset] in told
    if name == "changes":
        return NAMES[asset] in told
    if name == "corrections":
        return "essai" in told
    return any(mark in told for mark in MARKS)


def looks(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT details ->> 'what', purpose FROM audit_entry WHERE action='looked' AND outcome='done'"
            )
        )
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("asset", [CAMERA, DOOR])
async def test_nothing_of_a_record_is_told_before_its_purpose_and_after_its_end(
    room: Room, known: Any, engine: Engine, asset: int
) -> None:
    viewer: Viewer = known.viewer
    closed = await everything(room, asset)
    assert [name for name, told in closed.items() if tells(name, told, asset)] == []
    assert looks(engine) == []
    assert "protégé" in closed["panel"] or "personnelles" in closed["panel"]
    if asset == CAMERA:
        assert "habilitation vidéo" in closed["panel"]
        may_see_video(engine, viewer)
        closed = await everything(room, asset)
        assert [name for name, told in closed.items() if tells(name, told, asset)] == []
        assert "Motif" in closed["panel"]
    stated = await room.call("state_purpose", 1, None, asset, "incident", "MC-7", "fr")
    assert next(iter(stated["response"].values()))
    shown = await everything(room, asset)
    assert [name for name, told in shown.items() if not tells(name, told, asset)] == []
    assert "Consultée pour" in shown["panel"]
    assert "MC-7" in shown["panel"]
    assert {what for what, _ in looks(engine)} >= {
        "panel",
        "series",
        "past",
        "readings",
        "export",
        "corrections",
    }
    assert {purpose for _, purpose in looks(engine)} == {"incident"}
    with engine.begin() as connection:
        connection.execute(text("UPDATE look_purpose SET valid_until = now()"))
    before = len(looks(engine))
    over = await everything(room, asset)
    assert [name for name, told in over.items() if tells(name, told, asset)] == []
    assert len(looks(engine)) == before


async def test_its_status_stays_on_the_map_and_in_the_head_of_the_panel(room: Room) -> None:
    panel = (await room.call("show_asset", "CAM-1", 0, 0, None, "fr", ""))["response"]
    assert "CAM-1" in json.dumps(panel["room-head"])
    assert len((await room.client.get("/live/snapshot")).json()["codes"]) > 0


async def test_the_form_is_left_alone_while_nothing_changes(room: Room) -> None:
    first = (await room.call("show_asset", "D-1", 0, 0, None, "fr", ""))["response"]
    shield = first["room-shield"]["data"]
    again = (await room.call("show_asset", "D-1", 1, 0, None, "fr", shield))["response"]
    assert "room-body" not in again
    english = (await room.call("show_asset", "D-1", 1, 0, None, "en", shield))["response"]
    assert "Purpose" in json.dumps(english["room-body"])


async def test_what_is_missing_in_the_form_is_said_at_its_field(room: Room, engine: Engine) -> None:
    bad = (await room.call("state_purpose", 1, None, DOOR, "", "", "fr"))["response"]
    assert bad["look-purpose"]["error"] == "Choisir un motif dans la liste."
    bad = (await room.call("state_purpose", 1, None, DOOR, "requisition", "", "fr"))["response"]
    assert bad["look-reference"]["error"] == "À remplir."
    refused = (await room.call("state_purpose", 1, None, CAMERA, "incident", "", "fr"))["response"]
    assert "n’est pas enregistré" in refused["look-told"]["children"]
    for nonsense in ("20; DROP", None, True, 10**30, -1, {"id": 20}):
        await room.call("state_purpose", 1, None, nonsense, "incident", "", "fr")
    assert looks(engine) == []


async def test_what_leaves_is_on_record_with_its_question(room: Room, engine: Engine) -> None:
    at = (began() - timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = await room.client.get("/history/export", params={"at": at, "domains": "lighting"})
    assert answer.status_code == 200
    with engine.connect() as connection:
        entry = connection.execute(
            text("SELECT object, details, session_id FROM audit_entry WHERE action = 'exported'")
        ).one()
    assert entry.object == "state"
    assert entry.details["asked"] == {"at": at, "domains": "lighting"}
    assert (entry.details["rows"], entry.details["format"]) == (7, "csv")


async def test_what_cannot_be_recorded_does_not_leave(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from geodata.database import open_engine

    away = open_engine("postgresql://nobody@/none?host=/nowhere")
    monkeypatch.setattr(room.city.access.audit, "_engine", away)
    answer = await room.client.get("/history/export", params={"at": "now"})
    assert answer.status_code == 503
