"""The asset panel at an instant of the past: as it was then, with nothing that came after."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from geodata.tables import correction, datastream, rollup_hour, state_change
from model.errors import BadRequest
from model.registry import LatestValue
from model.states import Status
from services.history import History, roll_up_dirty
from services.history.archive.archive import Archive
from tests.integration.past_city import GAP, T0, past_city
from tests.integration.small_city import observe
from tests.room import Room, open_room

pytestmark = pytest.mark.servers
CABINET, METER = "A-1", "M-1"
AT = T0 + timedelta(hours=5)
POWER, ENERGY = 901, 902


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    """The city of the time machine, its meter measured every quarter of an hour, and tripping at 4:30."""
    past_city(engine, 7)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM state_change WHERE asset_id = 10"))
        named = {"asset_id": 13, "period_s": 900}
        connection.execute(insert(datastream).values(id=POWER, observed_property="power", unit="kW", **named))
        connection.execute(
            insert(datastream).values(id=ENERGY, observed_property="energy", unit="kWh", **named)
        )
        quarters = [T0 + timedelta(minutes=15 * n) for n in range(60)]
        observe(connection, POWER, [(at, float(n)) for n, at in enumerate(quarters)])
        connection.execute(text("UPDATE observation SET received_at = phenomenon_time + interval '1 minute'"))
        # The keyframe of that very instant knew nothing of the trip: it is not there.
        connection.execute(text("DELETE FROM state_keyframe WHERE at = :at"), {"at": AT})
        trips = [(10, AT - timedelta(minutes=30), 4, 3), (10, AT + timedelta(minutes=10), 1, 1)]
        keys = ("asset_id", "phenomenon_time", "status", "state")
        connection.execute(
            insert(state_change),
            [dict(zip(keys, row, strict=True)) | {"received_at": row[1]} for row in trips],
        )
    async with open_room(database_url, redis_url) as opened:
        yield opened


async def _panel(room: Room, asset: str, at: datetime) -> dict[str, str]:
    answer = (await room.call("show_past_asset", asset, at.isoformat(), None, "en", ""))["response"]
    return {
        name: json.dumps(answer[f"past-{name}"], ensure_ascii=False) for name in ("head", "body", "actions")
    }


# --- values ----------------------------------------------------------------------------------------------


async def test_values_are_the_newest_not_after_the_instant(room: Room) -> None:
    found = room.city.history.values_at(13, AT)
    assert [(v.observed_property, v.value, v.at, v.previous) for v in found] == [
        ("power", 20.0, AT, 19.0),
        ("energy", None, None, None),
    ]
    just_before = room.city.history.values_at(13, AT - timedelta(microseconds=1))
    assert just_before[0].value == 19.0
    assert room.city.history.values_at(13, T0 - timedelta(days=1))[0].value is None


async def test_a_corrected_reading_is_shown_as_corrected(room: Room, engine: Engine) -> None:
    with engine.begin() as connection:
        row = {"datastream_id": POWER, "phenomenon_time": AT, "author": "A. Test", "reason": "moved"}
        connection.execute(insert(correction).values(**row, result=7.5))
    found = room.city.history.values_at(13, AT)[0]
    assert (found.value, found.previous, found.quality) == (7.5, 19.0, 0)


async def test_a_naive_instant_is_refused(room: Room) -> None:
    with pytest.raises(BadRequest):
        room.city.history.values_at(13, datetime(2025, 11, 3))  # noqa: DTZ001


# --- the panel -------------------------------------------------------------------------------------------


async def test_the_panel_tells_the_asset_as_it_was(room: Room) -> None:
    shown = await _panel(room, CABINET, AT)
    assert "ain breaker tripped" in shown["head"]
    assert "30 min" in shown["head"]
    later = await _panel(room, CABINET, AT + timedelta(minutes=20))
    assert "ain breaker tripped" not in later["head"]
    assert f"/history?at={AT.isoformat().replace('+00:00', 'Z')}&asset=L-" in shown["body"]


async def test_nothing_later_than_the_instant_is_told(room: Room) -> None:
    shown = await _panel(room, METER, AT)
    assert '"20.0"' in shown["body"]
    assert '"21.0"' not in shown["body"]
    facts = room.city.history.facts_at(10, AT)
    assert facts[0].at == AT - timedelta(minutes=30)
    assert all(fact.at <= AT for fact in facts)


async def test_children_are_in_the_states_of_then(room: Room, engine: Engine) -> None:
    story = _story(room, 10, AT)
    state = room.city.history.state_at(AT)
    then = dict(zip(state.asset_ids.tolist(), state.records["status"].tolist(), strict=True))
    assert sum(crowd.count for crowd in story.crowds) == 24
    for asset_id, live in story.relatives.items():
        assert live.status == then.get(asset_id, Status.UNKNOWN)
    assert story.live.since == int((AT - timedelta(minutes=30)).timestamp())
    assert story.consequences > 0


def _story(room: Room, asset_id: int, at: datetime) -> Any:
    from callbacks.past_panel import tell_past

    return tell_past(room.city, room.city.live.columns.index_of(asset_id), at)


async def test_where_nothing_was_received_the_panel_says_unknown(room: Room) -> None:
    shown = await _panel(room, CABINET, GAP[1] - timedelta(minutes=1))
    assert "nothing was received at this instant" in shown["head"]
    assert "tripped" not in shown["head"]


async def test_what_was_known_only_later_says_since_when(room: Room, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE state_change SET received_at = phenomenon_time + interval '3 hours' "
                "WHERE asset_id = 10"
            )
        )
        connection.execute(
            text("UPDATE observation SET received_at = :r WHERE phenomenon_time = :at"),
            {"at": AT, "r": AT + timedelta(hours=2)},
        )
    cabinet, meter = await _panel(room, CABINET, AT), await _panel(room, METER, AT)
    assert cabinet["head"].count("known only since") == 1
    assert cabinet["body"].count("known only since") == 1
    assert "known only since" in meter["body"]


# --- the chart -------------------------------------------------------------------------------------------


async def test_the_chart_of_a_day_ends_at_the_instant(room: Room) -> None:
    chart = (await room.call("show_past_chart", "13:power", "day", AT.isoformat(), None, "", "dark", "en"))[
        "response"
    ]
    shown = json.dumps(chart["past-chart"])
    assert "to 19.0 kW, last value 19.0 kW" in shown
    series = room.city.history.series_until(13, "power", timedelta(hours=24), AT)
    assert series.times.max() < AT.timestamp()


async def test_a_chart_by_hours_leaves_out_the_hour_under_way(room: Room, engine: Engine) -> None:
    hour = AT.replace(minute=0)
    with engine.begin() as connection:
        figures = {"datastream_id": POWER, "n": 4, "sum": 4.0, "min": 1.0, "max": 1.0, "coverage": 1.0}
        connection.execute(
            insert(rollup_hour),
            [figures | {"bucket": hour + timedelta(hours=n)} for n in range(-48, 3)],
        )
    series = room.city.history.series_until(13, "power", timedelta(days=30), AT + timedelta(minutes=20))
    assert series.source == "hour"
    assert series.times.max() == (hour - timedelta(hours=1)).timestamp()


async def test_what_had_not_been_sent_yet_is_not_offered(room: Room) -> None:
    offered = await room.call("offer_past_properties", METER, AT.isoformat(), "", None, "en")
    assert [c["value"] for c in offered["response"]["past-property"]["data"]] == ["13:power"]
    early = await room.call(
        "offer_past_properties", METER, (T0 - timedelta(days=2)).isoformat(), "", None, "en"
    )
    assert early["response"]["past-property"] == {"data": [], "value": None}


async def test_a_chosen_property_stays_chosen_while_the_instant_moves(room: Room) -> None:
    moved = await room.call("offer_past_properties", METER, AT.isoformat(), "", "13:power", "en")
    assert "value" not in moved["response"]["past-property"]


# --- search ----------------------------------------------------------------------------------------------


async def test_a_search_in_the_past_shows_what_was_wrong_then(room: Room) -> None:
    for at, status in (
        (AT, "fault"),
        (AT + timedelta(minutes=11), "normal"),
        (T0 - timedelta(days=3), "unknown"),
    ):
        answer = await room.client.get("/registry/search", params={"q": CABINET, "at": at.isoformat()})
        assert answer.json()[0]["status"] == status, at
    answer = await room.client.get("/registry/search", params={"q": CABINET, "at": "2025-10-25"})
    assert answer.status_code == 400


# --- archived days ---------------------------------------------------------------------------------------


async def test_values_of_an_archived_day_are_those_it_was_archived_with(
    room: Room, engine: Engine, tmp_path: Path
) -> None:
    history = History(engine, room.city.profile.zone, tmp_path)
    instants = [AT, T0 + timedelta(hours=13), T0 + timedelta(hours=11, minutes=1)]
    before = [history.values_at(13, at) for at in instants]
    while roll_up_dirty(engine, room.city.profile.zone, 2_000):
        pass
    archive = Archive(engine, tmp_path)
    for day in (T0.date(), T0.date() + timedelta(days=1)):
        assert archive.archive(day)
        after = [history.values_at(13, at) for at in instants]
        for then, now in zip(before, after, strict=True):
            assert _told(then) == _told(now)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM observation")) == 0


def _told(found: list[LatestValue]) -> list[tuple[object, ...]]:
    return [(v.observed_property, v.value, v.at, v.previous) for v in found]
