"""Replays on a real database: they open, hold every frame, and show a fault where and when it was."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageColor
from sqlalchemy import Engine

from callbacks.takeaway import moment_of
from model.states import Status
from model.texts import words
from model.tokens import colours
from services.takeaway import replay as made_replay
from services.takeaway.canvas import Canvas, Text
from services.takeaway.ground import read_lines
from services.takeaway.reel import MOST_FRAMES, codes_by_frame, pace
from tests.clock import began
from tests.integration.small_city import change, keyframe
from tests.live_city import lay_out
from tests.room import Room, open_room

pytestmark = pytest.mark.servers
FAULT, FINE = int(Status.FAULT), int(Status.ACTIVE)
JUNCTION = 12


def a() -> datetime:
    """A: five hours before the test."""
    return began() - timedelta(hours=5)


def after(hours: float) -> datetime:
    return a() + timedelta(hours=hours)


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    """A junction in fault from the second to the third hour; another for a minute in the first."""
    lay_out(engine, 5)
    with engine.begin() as connection:
        keyframe(connection, after(-1), dict.fromkeys([10, 11, 12, 13, *range(101, 106)], (FINE, 2)))
        change(
            connection,
            (JUNCTION, after(2), FAULT, 4), (JUNCTION, after(3), FINE, 2),
            (11, after(0.61), FAULT, 3), (11, after(0.62), FINE, 2),
        )  # fmt: skip
    async with open_room(database_url, redis_url) as opened:
        yield opened


def canvas(room: Room) -> Canvas:
    """The canvas the replay draws on, for where an asset is."""
    moment, bounds = moment_of(room.city, a()), room.city.profile.bounds
    density = room.city.history.change_density(a(), after(4), 60)
    box = (bounds.west, bounds.south, bounds.east, bounds.north)
    lines = read_lines(room.city.engine, "commune")
    return Canvas(words("en"), moment, lines, box, density, Text("", "", ()), "past")


def reds(picture: Image.Image, at: tuple[int, int]) -> int:
    """Pixels in the fault's own colour within the symbol around ``at``."""
    x, y = at
    cut = np.asarray(picture.convert("RGB"))[y - 7 : y + 8, x - 7 : x + 8]
    red = ImageColor.getrgb(colours("past")["fault"])
    return int((np.abs(cut.astype(int) - red).max(axis=2) < 40).sum())


@pytest.mark.parametrize("kind", ["webp", "gif"])
async def test_a_replay_opens_and_shows_the_fault_where_and_when_it_was(room: Room, kind: str) -> None:
    asked = {"t0": a().isoformat(), "t1": after(4).isoformat(), "speed": "3600", "kind": kind, "lang": "en"}
    answer = await room.client.get("/history/replay", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"image/{kind}"
    assert answer.headers["content-disposition"].endswith(f'.{kind}"')
    found = Image.open(BytesIO(answer.content))
    assert (found.n_frames, found.size) == (41, (960, 800))
    where = canvas(room).place_of(moment_of(room.city, a()).columns.index_of(JUNCTION))
    shown = []
    for frame in range(found.n_frames):
        found.seek(frame)
        shown.append(reds(found, where) > 40)
    # Ten frames an hour: in fault from the frame of the second hour to the one before the third.
    assert [frame for frame, there in enumerate(shown) if there] == list(range(20, 30))


async def test_what_came_and_went_between_two_frames_is_still_shown(room: Room) -> None:
    columns = moment_of(room.city, a()).columns
    played = room.city.history.played(columns, a(), after(4))
    codes = list(codes_by_frame(played, pace(a(), after(4), 3600).instants))
    cabinet = columns.index_of(11)
    assert [frame for frame, code in enumerate(codes) if code[cabinet] & 7 == FAULT] == [7]
    assert (codes[-1] == played.after()).all()


async def test_what_nobody_recorded_is_unknown(room: Room) -> None:
    """The keyframe is an hour before A: seven hours after it nothing is known any more."""
    columns = moment_of(room.city, a()).columns
    played = room.city.history.played(columns, after(-3), after(4.9))
    codes = list(codes_by_frame(played, [after(-3), after(-1), after(4.9)]))
    assert [bool((code & 7 == Status.UNKNOWN).all()) for code in codes] == [True, False, False]


def test_a_replay_is_bounded_in_frames_and_pace() -> None:
    long = pace(a(), after(48), 60)
    assert len(long.instants) == MOST_FRAMES
    assert (long.instants[0], long.instants[-1]) == (a(), after(48))
    assert pace(a(), after(4), 3600).each_ms == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed": "1"},
        {"speed": "fast"},
        {"kind": "mp4"},
        {"t1": "2020-01-01T00:00:00Z"},
        {"t0": "2020-01-01T00:00:00Z"},
    ],
)
async def test_what_cannot_be_replayed_is_said(room: Room, wrong: dict[str, str]) -> None:
    asked = {"t0": a().isoformat(), "t1": after(4).isoformat(), "lang": "en"} | wrong
    answer = await room.client.get("/history/replay", params=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "badrequest")
    assert "⟦" not in answer.text


async def test_a_replay_that_takes_too_long_is_given_up_in_words(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(made_replay.__globals__, "DEADLINE_S", -1.0)
    asked = {"t0": a().isoformat(), "t1": after(4).isoformat(), "lang": "fr"}
    answer = await room.client.get("/history/replay", params=asked)
    assert answer.status_code == 503
    assert "vitesse" in answer.json()["error"]["message"]
