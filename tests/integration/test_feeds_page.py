"""The feeds page as its browser asks for it: figures, addresses, replays, an outage."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from callbacks.feeds import selected
from callbacks.wiring import doors
from layouts.feeds_address import Shown
from layouts.ids import Feeds
from model.errors import Unavailable
from model.roles import FEED_KEEPERS, FEED_READERS, Role
from tests.live_city import lay_out
from tests.made_feeds import lay_out_feeds
from tests.room import Room, open_room
from tests.signing_in import sign_in
from tests.somebody import AUTHOR


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    lay_out(engine, 1)
    lay_out_feeds(engine, datetime.now(UTC))
    async with open_room(database_url, redis_url) as opened:
        yield opened


def words_of(node: Any) -> str:
    """All the words of a tree as the browser gets it."""
    if isinstance(node, dict):
        return words_of(node["props"].get("children"))
    if isinstance(node, list):
        return "".join(map(words_of, node))
    return "" if node is None else str(node)


async def shown(room: Room, search: str, asked: Any = None, last: str | None = None) -> dict[str, Any]:
    """The page's answer for an address."""
    answer = await room.call("show_feeds", search, 1, asked, "en", last)
    found: dict[str, Any] = answer["response"]
    return found


async def test_the_page_shows_ten_feeds_and_what_is_wrong(room: Room) -> None:
    answer = await shown(room, "")
    assert "10 feeds: 6 up to date, 4 to look at" in words_of(answer[Feeds.LIST]["tree"])
    assert "weather-poll" in words_of(answer[Feeds.ALARM]["tree"])
    assert "All feeds together" in words_of(answer[Feeds.DETAIL]["tree"])
    assert answer[Feeds.PAGE]["className"] == "feeds"


@pytest.mark.parametrize(
    ("search", "text_", "state"),
    [
        ("?feed=lighting-mqtt", "Rejected items kept (181)", "feeds feeds-chosen"),
        ("?feed=lighting-mqtt&reason=unknown_asset&page=3", "page 3 of 3", "feeds feeds-chosen"),
        ("?feed=lighting-mqtt&item=1", "What would help", "feeds feeds-chosen"),
        ("?feed=lighting-mqtt&item=999", "no longer kept", "feeds feeds-chosen"),
        ("?feed=nobody", "Unknown feed", "feeds feeds-chosen"),
        ("?feed=%3Cscript%3E", "Unknown feed", "feeds feeds-chosen"),
        ("?item=1", "All feeds together", "feeds"),
    ],
)
async def test_the_address_says_what_is_open(room: Room, search: str, text_: str, state: str) -> None:
    answer = await shown(room, search)
    assert text_ in words_of(answer[Feeds.DETAIL]["tree"])
    assert answer[Feeds.PAGE]["className"] == state


async def test_a_replay_is_asked_for_once_and_told(room: Room, engine: Engine) -> None:
    search = "?feed=lighting-mqtt&reason=malformed"
    asked = await room.call("ask_replay", {"act": "replay-reason", "n": 1}, search, "en")
    told = asked["response"][Feeds.ASKED]["data"]
    assert told["told"].startswith("3 asked for at")
    detail = (await shown(room, search, told))[Feeds.DETAIL]["tree"]
    assert told["told"] in words_of(detail)
    assert "3 wait for their replay" in words_of(detail)
    elsewhere = (await shown(room, "?feed=noise-push", told))[Feeds.DETAIL]["tree"]
    assert told["told"] not in words_of(elsewhere), "it belongs to where it was asked"
    again = await room.call("ask_replay", {"act": "replay-reason", "n": 2}, search, "en")
    assert again["response"][Feeds.ASKED]["data"]["told"].startswith("Nothing to ask for")
    with engine.connect() as connection:
        count = connection.execute(
            text("SELECT count(*) FROM dead_letter WHERE replay_asked_by = :who"), {"who": AUTHOR}
        ).scalar_one()
    assert count == 3


async def test_a_button_that_cannot_mean_anything_does_nothing(room: Room) -> None:
    for act, search in (
        ("replay-reason", "?feed=lighting-mqtt"),
        ("replay-item", "?feed=lighting-mqtt"),
        ("drop", "?feed=lighting-mqtt&reason=malformed"),
    ):
        answer = await room.call("ask_replay", {"act": act, "n": 1}, search, "en")
        assert answer.get("response", {}) == {}
    assert selected("None", Shown()) is None


async def test_an_outage_keeps_what_is_shown_and_says_of_when_it_is(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(room.city.feedbook, "overview", away)
    answer = await shown(room, "?feed=x", last="18:42:05")
    assert "of 18:42:05" in words_of(answer[Feeds.ALARM]["tree"])
    assert Feeds.LIST not in answer
    assert Feeds.DETAIL not in answer
    assert "feeds-frozen" in answer[Feeds.PAGE]["className"]
    first = await shown(room, "")
    assert "Accounts unavailable" in words_of(first[Feeds.LIST]["tree"])


async def test_figures_stay_when_only_the_letters_are_slow(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        raise Unavailable("the database did not answer within 2 s")

    monkeypatch.setattr(room.city.feedbook, "dead_letters", slow)
    monkeypatch.setattr(room.city.feedbook, "reasons", slow)
    opened = await shown(room, "?feed=lighting-mqtt")
    assert "Rejected items unavailable" in words_of(opened[Feeds.DETAIL]["tree"])
    assert "account exact" in words_of(opened[Feeds.DETAIL]["tree"])
    assert "unavailable" in words_of((await shown(room, ""))[Feeds.DETAIL]["tree"])


async def test_a_replay_that_could_not_be_asked_changes_nothing_and_says_so(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(room.city.feedbook, "ask_replay", away)
    asked = await room.call("ask_replay", {"act": "replay-item", "n": 1}, "?feed=lighting-mqtt&item=1", "en")
    assert "Nothing changed" in asked["response"][Feeds.ASKED]["data"]["told"]


async def test_an_operator_reads_and_does_not_replay(room: Room) -> None:
    declared = {door.name: door.may for door in doors(room.server)}
    assert declared["show_feeds"] == FEED_READERS
    assert declared["ask_replay"] == FEED_KEEPERS
    assert Role.OPERATOR in FEED_READERS - FEED_KEEPERS
    assert Role.STEWARD in FEED_KEEPERS
    operator = sign_in(room.city.engine, Role.OPERATOR).headers
    assert (await room.client.get("/feeds", headers=operator)).status_code == 200
    output = next(door.output for door in doors(room.server) if door.name == "ask_replay")
    asked = {"output": output, "inputs": []}
    answer = await room.client.post("/_dash-update-component", json=asked, headers=operator)
    assert answer.status_code == 403
