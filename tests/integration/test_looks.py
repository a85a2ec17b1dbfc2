"""Looks at protected records: who may, for what, how long, and what stands in the audit of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.errors import BadField, NotFound, PurposeNeeded, Refused, Unavailable
from model.looks import Need
from model.roles import Role
from model.viewer import Scope
from services.access.looks import Looks
from tests.integration.small_city import add_areas, add_assets
from tests.somebody import may_see_video, settled

pytestmark = pytest.mark.servers
CAMERA, DOOR, METER, GATEWAY, FAR = 1, 2, 3, 4, 5


@pytest.fixture
def looks(engine: Engine) -> Iterator[Looks]:
    """A camera, a door, a meter and a gateway in commune 1, a camera in commune 2."""
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre", "Bellerive")
        add_assets(
            connection, ("camera", 1), ("access_point", 1), ("meter", 1), ("gateway", 1), ("camera", 2)
        )
    yield Looks(engine)


def entries(engine: Engine) -> list[tuple[Any, ...]]:
    question = (
        "SELECT action, object, purpose, outcome, details ->> 'what', details ->> 'reference' "
        "FROM audit_entry ORDER BY at"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def test_what_the_law_does_not_protect_is_open_and_not_recorded(looks: Looks, engine: Engine) -> None:
    viewer = settled(engine, role=Role.OPERATOR)
    for asset in (METER, GATEWAY):
        assert looks.look(viewer, asset, "panel").open
    assert entries(engine) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WALL])
def test_without_a_video_right_nobody_sees_a_camera_s_record(
    looks: Looks, engine: Engine, role: Role
) -> None:
    viewer = settled(engine, role=role)
    assert looks.needed(viewer, CAMERA).need is Need.VIDEO_RIGHT
    with pytest.raises(Refused):
        looks.state(viewer, CAMERA, "incident", "MC-1")
    with pytest.raises(Refused):
        looks.look(viewer, CAMERA, "export")
    assert [entry[:5] for entry in entries(engine)] == [
        ("purpose_stated", "X-1", "", "refused", None),
        ("looked", "X-1", "", "refused", "export"),
    ]


def test_with_a_right_a_purpose_is_asked_for_and_each_look_recorded_once(
    looks: Looks, engine: Engine
) -> None:
    viewer = settled(engine, role=Role.OPERATOR)
    may_see_video(engine, viewer)
    assert looks.needed(viewer, CAMERA).need is Need.PURPOSE
    with pytest.raises(PurposeNeeded):
        looks.look(viewer, CAMERA, "panel")
    looks.state(viewer, CAMERA, "incident", " MC-12 ")
    for _ in range(3):
        standing = looks.attempt(viewer, CAMERA, "panel")
        assert (standing.open, standing.purpose, standing.reference) == (True, "incident", "MC-12")
    looks.attempt(viewer, CAMERA, "series", hours=24)
    looks.attempt(viewer, CAMERA, "series", hours=720)
    assert entries(engine)[1:] == [
        ("purpose_stated", "X-1", "incident", "done", None, "MC-12"),
        ("looked", "X-1", "incident", "done", "panel", "MC-12"),
        ("looked", "X-1", "incident", "done", "series", "MC-12"),
        ("looked", "X-1", "incident", "done", "series", "MC-12"),
    ]
    looks.state(viewer, CAMERA, "maintenance", "OT-3")
    looks.attempt(viewer, CAMERA, "panel")
    assert entries(engine)[-1] == ("looked", "X-1", "maintenance", "done", "panel", "OT-3"), "another purpose"


def test_a_purpose_is_of_one_asset_and_of_one_session(looks: Looks, engine: Engine) -> None:
    viewer, other = settled(engine, "Claire"), settled(engine, "Paul")
    for one in (viewer, other):
        may_see_video(engine, one)
    looks.state(viewer, CAMERA, "incident", "")
    assert looks.needed(viewer, FAR).need is Need.PURPOSE
    assert looks.needed(other, CAMERA).need is Need.PURPOSE
    looks.state(viewer, DOOR, "incident", "")
    assert looks.open_among(viewer, [CAMERA, DOOR, METER, FAR], "analysis") == {CAMERA, DOOR, METER}


def expire(engine: Engine, table: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET valid_until = now() - interval '1 second'"))


def test_a_purpose_and_a_right_that_are_over_close_the_record_at_once(looks: Looks, engine: Engine) -> None:
    viewer = settled(engine)
    right = may_see_video(engine, viewer)
    looks.state(viewer, CAMERA, "incident", "")
    assert looks.attempt(viewer, CAMERA, "panel").open
    expire(engine, "look_purpose")
    assert looks.attempt(viewer, CAMERA, "panel").need is Need.PURPOSE
    looks.state(viewer, CAMERA, "incident", "")
    with engine.begin() as connection:
        connection.execute(text("UPDATE video_right SET revoked_at = now() WHERE id = :id"), {"id": right})
    assert looks.attempt(viewer, CAMERA, "panel").need is Need.VIDEO_RIGHT
    may_see_video(engine, viewer)
    assert looks.attempt(viewer, CAMERA, "panel").open
    expire(engine, "video_right")
    assert looks.attempt(viewer, CAMERA, "panel").need is Need.VIDEO_RIGHT


def test_a_look_ends_no_later_than_the_right(looks: Looks, engine: Engine) -> None:
    viewer = settled(engine)
    may_see_video(engine, viewer, lasts=timedelta(minutes=4))
    until = looks.state(viewer, CAMERA, "incident", "").until
    assert until is not None
    with engine.connect() as connection:
        ends = connection.scalar(text("SELECT valid_until FROM video_right"))
    assert until == ends


def test_a_right_reaches_as_far_as_its_areas(looks: Looks, engine: Engine) -> None:
    viewer = settled(engine)
    may_see_video(engine, viewer, areas=[2])
    assert looks.needed(viewer, CAMERA).need is Need.VIDEO_RIGHT
    assert looks.needed(viewer, FAR).need is Need.PURPOSE


@pytest.mark.parametrize("scope", [Scope(areas=frozenset({2})), Scope(domains=frozenset({"lighting"}))])
def test_what_lies_outside_the_scope_is_not_there(looks: Looks, engine: Engine, scope: Scope) -> None:
    viewer = settled(engine, scope=scope)
    may_see_video(engine, viewer)
    for act in (
        lambda: looks.needed(viewer, CAMERA),
        lambda: looks.state(viewer, CAMERA, "incident", ""),
        lambda: looks.look(viewer, CAMERA, "panel"),
    ):
        with pytest.raises(NotFound):
            act()
    assert looks.open_among(viewer, [CAMERA, METER], "export") == frozenset()


def test_a_door_takes_a_purpose_and_a_shared_screen_sees_neither(looks: Looks, engine: Engine) -> None:
    viewer, wall = settled(engine, role=Role.OPERATOR), settled(engine, "Mur", Role.WALL)
    may_see_video(engine, wall)
    assert looks.state(viewer, DOOR, "safety", "").open
    for asset in (CAMERA, DOOR):
        assert looks.needed(wall, asset).need is Need.PERSON
        with pytest.raises(Refused):
            looks.state(wall, asset, "incident", "")


@pytest.mark.parametrize(
    ("asset", "purpose", "reference", "field", "reason"),
    [
        (CAMERA, "curiosity", "", "purpose", "unknown_purpose"),
        (CAMERA, "", "", "purpose", "unknown_purpose"),
        (DOOR, "traffic", "", "purpose", "unknown_purpose"),
        (CAMERA, "requisition", " ", "reference", "empty"),
        (CAMERA, "incident", "x" * 121, "reference", "too_long"),
        (METER, "incident", "", "purpose", "unknown_purpose"),
    ],
)
def test_a_purpose_that_is_none_is_said_at_its_field(
    looks: Looks, engine: Engine, asset: int, purpose: str, reference: str, field: str, reason: str
) -> None:
    viewer = settled(engine)
    may_see_video(engine, viewer)
    with pytest.raises(BadField) as refused:
        looks.state(viewer, asset, purpose, reference)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert entries(engine) == []


def test_with_the_database_away_nothing_protected_is_shown(engine: Engine) -> None:
    away = Looks(open_engine("postgresql://nobody@/none?host=/nowhere"))
    viewer = settled(engine)
    for act in (lambda: away.attempt(viewer, CAMERA, "panel"), lambda: away.needed(viewer, CAMERA)):
        with pytest.raises(Unavailable):
            act()
