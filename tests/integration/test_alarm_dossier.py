"""The dossier of an alarm: all within 200 m and 30 minutes, ranked by the score it states, in scope."""

from collections.abc import Collection
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text

from geodata.partitions import ensure_days, ensure_partitions
from geodata.profiles import read_profile
from geodata.scoping import scoped
from geodata.tables import annotation, position
from model.alarms import Nearby
from model.errors import BadField, NotFound
from model.roles import Role
from model.states import Status
from model.viewer import Scope
from services.alarms import AlarmNews, Desk
from tests.alarms_made_up import add_alarm, add_rule
from tests.clock import began
from tests.integration.small_city import add_areas, add_assets, change
from tests.room import open_room
from tests.signing_in import sign_in
from tests.somebody import may_see_video

pytestmark = pytest.mark.servers

PROFILE = read_profile("demo")
CABINET, DARK, BLIND = "control_cabinet.tripped", "streetlight.dark", "camera.blind"
EAST_M = {1: 0, 2: 60, 3: 150, 4: 260, 5: 90, 6: 30, 7: 120}
"""Metres east of the cabinet, by asset."""


def at(minutes: float) -> datetime:
    """So many minutes after the alarm began."""
    return began() - timedelta(minutes=40) + timedelta(minutes=minutes)


def desk_of(engine: Engine, scope: Scope | None = None) -> Desk:
    news = AlarmNews(engine, lambda: 1)
    return Desk(scoped(engine, scope) if scope else engine, engine, PROFILE, news)


@pytest.fixture
def alarm(engine: Engine) -> int:
    """A cabinet (1) with lamps 60, 150 and 260 m away (2 to 4), a camera (5), a door (6), a lamp of the next
    commune (7), and a bus (8) that passes; the cabinet's alarm is returned."""
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        lamps: list[tuple[str, int | None]] = [("streetlight", 1)] * 3
        add_assets(
            connection, ("control_cabinet", 1), *lamps, ("camera", 1), ("access_point", 1),
            ("streetlight", 2), ("bus", None),
        )  # fmt: skip
        for number, metres in EAST_M.items():
            connection.execute(
                text(
                    "UPDATE asset SET geometry = ST_Transform(ST_Translate(ST_Transform("
                    "ST_SetSRID(ST_MakePoint(5.04, 47.32), 4326), 2154), :east, 0), 4326) WHERE id = :id"
                ),
                {"id": number, "east": metres},
            )
        connection.execute(text("UPDATE asset SET geometry = NULL WHERE asset_type = 'bus'"))
        for key, domain in ((CABINET, "lighting"), (DARK, "lighting"), (BLIND, "surveillance")):
            add_rule(connection, key, at(-60), domain=domain)
        main = add_alarm(connection, CABINET, at(0), asset=1, priority=2)
        add_alarm(connection, DARK, at(3), asset=2, priority=3)
        add_alarm(connection, DARK, at(45), asset=3)
        add_alarm(connection, DARK, at(1), asset=4)
        add_alarm(connection, DARK, at(2), asset=7)
        gone = add_alarm(connection, BLIND, at(-4), asset=5, returned=at(-2), acknowledged=at(-1))
        assert connection.scalar(text("SELECT closed_at FROM alarm WHERE id = :id"), {"id": gone})
        changes = [(2, at(3), Status.FAULT, 1), (3, at(-20), Status.NORMAL, 1), (6, at(1), Status.FAULT, 2)]
        changes += [(3, at(4 + n), Status.FAULT, 1) for n in range(6)]
        change(connection, *[(a, t, int(s), c) for a, t, s, c in changes])
        notes = [
            ("works", "Cable", at(-300), at(300), 2, None),
            ("storm", "Storm", at(-25), at(-20), None, 1),
            ("note", "Old", at(-90), at(-80), 1, None),
        ]
        named = ("kind", "title", "t0", "t1", "asset_id", "area_id")
        rows = [{"body": "", "author": "Ada", **dict(zip(named, note, strict=True))} for note in notes]
        connection.execute(insert(annotation), rows)
        ensure_partitions(connection, at(-60), at(60))
        ensure_days(connection, at(-60), at(60))
        for number, (lon, when) in enumerate(((5.0395, at(-1)), (5.0401, at(0.5)), (5.06, at(2)))):
            row = {"asset_id": 8, "phenomenon_time": when, "lon": lon, "lat": 47.32, "line": f"L{number}"}
            connection.execute(insert(position).values(**row))
    return main


def told(found: Collection[Nearby]) -> list[tuple[str, str]]:
    return [(one.kind, one.asset or one.text) for one in found]


def test_everything_near_in_place_and_time_is_found_and_ranked_by_its_score(
    engine: Engine, alarm: int
) -> None:
    dossier = desk_of(engine).dossier(alarm, shown=lambda ids: ids)
    found = told(dossier.found)
    assert set(found) == {
        ("alarm", "X-2"), ("alarm", "X-7"), ("alarm", "X-5"), ("change", "X-2"), ("change", "X-3"),
        ("change", "X-6"), ("works", "X-2"), ("note", "Storm"), ("camera", "X-5"), ("moved", "X-8"),
    }  # fmt: skip
    assert dossier.left_out == 5 and found.count(("change", "X-3")) == 2, "a flickering lamp is told twice"
    scores = [one.score for one in dossier.found]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0 and scores[0] <= 1
    lamp = next(one for one in dossier.found if one.kind == "alarm" and one.asset == "X-2")
    assert lamp.distance_m == pytest.approx(60, abs=0.5) and lamp.after_s == 180
    assert (lamp.lon, lamp.lat) == pytest.approx((5.0408, 47.32), abs=1e-4), "60 m east, to be drawn there"
    bus = next(one for one in dossier.found if one.kind == "moved")
    assert (bus.lon, bus.lat) == pytest.approx((5.0401, 47.32)), "where it was nearest"
    assert lamp.score == pytest.approx(0.8 * (1 - 60 / 400) * (1 - 180 / 3600), rel=1e-3)
    assert lamp.alarm is not None and lamp.alarm.name == "streetlight 2"
    bus = next(one for one in dossier.found if one.kind == "moved")
    assert (bus.text, bus.after_s) == ("L1", 30) and bus.distance_m < 10


def test_protected_records_are_left_out_for_who_may_not_see_them(engine: Engine, alarm: int) -> None:
    found = told(desk_of(engine).dossier(alarm).found)
    assert ("camera", "X-5") in found, "where a camera stands is no secret"
    assert ("change", "X-6") not in found and ("alarm", "X-5") not in found
    asked: list[int] = []
    desk_of(engine).dossier(alarm, shown=lambda ids: asked.extend(ids) or ())
    assert sorted(asked) == [5, 6]


def test_a_dossier_ends_at_the_scope(engine: Engine, alarm: int) -> None:
    west = desk_of(engine, Scope(areas=frozenset({1}), domains=frozenset({"lighting"})))
    found = told(west.dossier(alarm, shown=lambda ids: ids).found)
    assert {asset for _, asset in found} == {"X-2", "X-3", "Storm"}
    with pytest.raises(NotFound):
        desk_of(engine, Scope(areas=frozenset({2}))).dossier(alarm)


def test_radius_and_span_are_bounded(engine: Engine, alarm: int) -> None:
    desk = desk_of(engine)
    assert ("alarm", "X-4") in told(desk.dossier(alarm, 300.0).found)
    assert ("alarm", "X-3") in told(desk.dossier(alarm, 200.0, 3600.0).found)
    for radius, span in ((0.0, 60.0), (1e6, 60.0), (200.0, 1e6)):
        with pytest.raises(BadField):
            desk.dossier(alarm, radius, span)


async def test_over_http_a_video_right_and_a_purpose_open_what_a_camera_did_and_the_look_is_on_record(
    engine: Engine, database_url: str, redis_url: str, alarm: int
) -> None:
    who = sign_in(engine, Role.OPERATOR)
    async with open_room(database_url, redis_url, role=Role.OPERATOR, known=who) as room:

        async def assets(kind: str) -> set[str]:
            answer = await room.client.get(f"/alarms/{alarm}/dossier.json?lang=en")
            assert answer.status_code == 200, answer.text
            return {one["asset"] for one in answer.json()["found"] if one["kind"] == kind}

        assert "X-5" not in await assets("alarm")
        may_see_video(engine, who.viewer)
        room.city.access.looks.state(who.viewer, 5, "incident", "")
        assert "X-5" in await assets("alarm")
        looked = (
            "SELECT count(*) FROM audit_entry WHERE action = 'looked' AND object = 'X-5' AND outcome = 'done'"
        )
        with engine.connect() as connection:
            assert connection.scalar(text(looked + " AND outcome = 'done'")) == 1
