"""The pages of the past and the board over HTTP: routes and callbacks as a browser asks them."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, text

from geodata.tables import area_hour, rollup_hour
from model.roles import Role
from model.states import CONSEQUENCE_BIT, FRESHNESS_SHIFT, Freshness, Status
from services.boards import CITY_BOARD, KPI_BY_KEY, KPIS, keep_kpis_once
from tests.alarms_made_up import add_alarm, add_group, add_rule
from tests.integration.small_city import add_streams, area_days_follow
from tests.integration.test_room_server import HOUR_AGO, LAMPS, with_a_tripped_cabinet
from tests.room import Room, open_room
from tests.signing_in import signed_in

pytestmark = pytest.mark.servers
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    """The small city an hour after its cabinet tripped, with two weeks of hourly figures."""
    with_a_tripped_cabinet(engine)
    # The hour under way and the next are filled too: the clock may strike while a test runs.
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in range(-1, 24 * 15)]
    figures = {"n": 5, "sum": 20.0, "min": 1.0, "max": 9.0, "coverage": 1.0}
    with engine.begin() as connection:
        add_streams(connection, (10, "power", 900), (13, "energy", 900))
        rows = [{"area_id": 1, "bucket": hour, **figures} for hour in hours]
        for kind, name in (("streetlight", "fault_share"), ("detector", "flow")):
            named = [row | {"asset_type": kind, "observed_property": name} for row in rows]
            connection.execute(insert(area_hour), named)
        connection.execute(
            insert(rollup_hour), [{"datastream_id": 1, "bucket": hour, **figures} for hour in hours]
        )
    area_days_follow(engine)
    async with open_room(database_url, redis_url) as opened:
        yield opened


async def _state(room: Room, at: datetime) -> tuple[dict[str, object], bytes]:
    answer = await room.client.get("/history/state", params={"at": at.isoformat()})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found, base64.b64decode(found["codes"])


# --- the route -------------------------------------------------------------------------------------------


async def test_the_state_of_an_instant_speaks_the_language_of_the_live_snapshot(room: Room) -> None:
    live = (await room.client.get("/live/snapshot")).json()
    found, codes = await _state(room, HOUR_AGO + timedelta(minutes=1))
    assert set(live) <= set(found)
    assert (found["version"], found["count"], found["geometry"]) == (
        live["version"],
        live["count"],
        live["geometry"],
    )
    assert sum(code & 7 == Status.FAULT for code in codes) == LAMPS + 1
    assert sum(bool(code & CONSEQUENCE_BIT) for code in codes) == LAMPS
    assert found["known"] == 1.0


async def test_a_minute_before_the_trip_all_was_well(room: Room) -> None:
    _, codes = await _state(room, HOUR_AGO - timedelta(minutes=1))
    assert {code & 7 for code in codes} == {Status.ACTIVE}


async def test_before_anything_was_received_all_is_unknown_and_never_seen(room: Room) -> None:
    found, codes = await _state(room, HOUR_AGO - timedelta(days=3))
    assert set(codes) == {Status.UNKNOWN | Freshness.NEVER << FRESHNESS_SHIFT}
    assert found["known"] == 0


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-01T20:00:00"])
async def test_an_instant_without_its_zone_is_refused(room: Room, at: str) -> None:
    answer = await room.client.get("/history/state", params={"at": at})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "badrequest")


# --- the map's page --------------------------------------------------------------------------------------


async def test_the_list_of_an_instant_shows_causes_and_who_knew_of_them(room: Room, engine: Engine) -> None:
    acknowledged = HOUR_AGO + timedelta(minutes=9)
    with engine.begin() as connection:
        for key in ("control_cabinet.breaker_tripped", "streetlight.no_supply"):
            add_rule(connection, key, HOUR_AGO - timedelta(days=1), priority=1)
        trip, _ = add_group(
            connection, "control_cabinet.breaker_tripped", 10, "streetlight.no_supply", [101, 102], HOUR_AGO
        )
        connection.execute(
            text("UPDATE alarm SET acknowledged_at = :at, acknowledged_by = 'Ada Test' WHERE id = :id"),
            {"at": acknowledged, "id": trip},
        )
    told = {}
    for minutes in (-1, 5, 20):
        at = (HOUR_AGO + timedelta(minutes=minutes)).isoformat()
        answer = await room.call("list_alarms", at, None, None, None, None, None, "fr")
        told[minutes] = answer["response"]["past-list"]
    assert [found["state"] for found in told.values()] == ["ready"] * 3
    assert told[-1]["rows"] == [] and told[5]["at"] == (HOUR_AGO + timedelta(minutes=5)).timestamp()
    (before,), (after,) = told[5]["found"]["rows"], told[20]["found"]["rows"]
    assert (before["asset"], before["title"], before["consequences"]) == (
        "A-1", "Disjoncteur général déclenché", 2
    )  # fmt: skip
    assert (before["acknowledged"], after["acknowledged_by"]) == (None, "Ada Test")
    assert not told[5]["found"]["was_watched"], "no engine watched this city"
    for filters in ((["traffic"], None), (None, "2")):
        at = (HOUR_AGO + timedelta(minutes=9)).isoformat()
        answer = await room.call("list_alarms", at, None, None, *filters, None, "en")
        assert answer["response"]["past-list"]["found"]["rows"] == []


async def test_the_timeline_has_alarms_by_priority_in_ten_minutes(room: Room, engine: Engine) -> None:
    with engine.begin() as connection:
        add_rule(connection, "streetlight.no_supply", HOUR_AGO - timedelta(days=1), priority=2)
        for asset in (101, 102, 103):
            add_alarm(connection, "streetlight.no_supply", HOUR_AGO, asset=asset)
    for span, step in ((timedelta(hours=6), 600), (timedelta(days=30), 10_800)):
        t0, t1 = (at.isoformat() for at in (HOUR_AGO - span, HOUR_AGO + timedelta(minutes=20)))
        answer = await room.client.get("/history/density", params={"t0": t0, "t1": t1, "steps": "300"})
        alarms = answer.json()["alarms"]
        assert (alarms["counts"], alarms["threshold"]) == ([[0, 3, 0, 0]], 10)
        assert alarms["step"] == step and 0 <= HOUR_AGO.timestamp() - alarms["times"][0] < step


async def test_a_selection_is_marked_wherever_the_room_of_the_past_shows_it(room: Room) -> None:
    found = (await room.call("show_past_selection", "A-1"))["response"]
    index = found["past-map"]["selected"]
    assert found["past-loupe"]["selected"] == index
    assert (
        found["past-named"]["data"] == [[index, "Armoire A-1"]] or found["past-named"]["data"][0][0] == index
    )
    assert {found[part]["selected"] for part in ("past-list", "past-changed")} == {"A-1"}
    assert found["past-timeline"]["asset"] == "A-1"


# --- charts ------------------------------------------------------------------------------------------------


def _choice(
    asset: str | None, kind: str = "detector", name: str = "flow", preset: str = "7d"
) -> list[object]:
    return [asset, kind, name, "0", preset, None]


async def test_a_type_in_the_city_is_drawn_and_its_address_written(room: Room) -> None:
    answer = (await room.call("draw", *_choice(None), True, None, "light", None, "en"))["response"]
    shown = json.dumps(answer["history-results"])
    assert "hourly values" in shown
    assert "Week before" in shown
    assert answer["history-address"]["data"] == "?series=area:0:detector:flow&p=7d&compare=1"


async def test_an_asset_shows_every_series_it_has(room: Room) -> None:
    answer = (await room.call("draw", *_choice("A-1"), False, None, "dark", None, "en"))["response"]
    assert "Detector" not in json.dumps(answer["history-results"])
    assert json.dumps(answer["history-results"]).count('"history-chart"') == 1
    assert "A-1" in json.dumps(answer["history-chosen"])


async def test_an_unknown_asset_and_an_impossible_period_are_said(room: Room) -> None:
    answer = (await room.call("draw", *_choice("Z-9"), False, None, "dark", None, "en"))["response"]
    assert "No asset has the id Z-9" in json.dumps(answer["history-results"])
    future = [None, "detector", "flow", "0", "custom", ["2099-01-01", "2099-01-02"]]
    answer = (await room.call("draw", *future, False, None, "dark", None, "en"))["response"]
    assert "has not begun" in json.dumps(answer["history-results"])


async def test_a_new_type_offers_its_own_properties(room: Room) -> None:
    answer = (await room.call("offer_type_properties", "meter", "flow", "en"))["response"]["history-property"]
    assert answer["value"] == "fault_share"
    assert [choice["value"] for choice in answer["data"]] == ["fault_share", "power", "energy", "voltage"]


# --- the board ---------------------------------------------------------------------------------------------


@pytest.fixture
async def computed(room: Room, engine: Engine) -> Room:
    """The city with the key figures of its lighting and traffic computed."""
    kept = tuple(KPI_BY_KEY[key] for key in ("failure_rate", "traffic_flow"))
    await asyncio.to_thread(keep_kpis_once, engine, room.city.profile, datetime.now(UTC), kept)
    return room


async def board(room: Room, search: str = "", path: str = "/boards/city") -> str:
    """The board at ``path`` as it is drawn."""
    answer = (await room.call("show_board", search, path, "en"))["response"]["board-body"]
    assert answer["aria-busy"] == "false"
    return json.dumps(answer["children"])


async def test_the_board_shows_its_figures_and_withholds_what_it_cannot_tell(computed: Room) -> None:
    yesterday = datetime.now(PARIS).date() - timedelta(days=1)
    shown = await board(computed, f"?day={yesterday}")
    assert shown.count('"figure-name"') == len(CITY_BOARD)
    assert "400.00" in shown
    assert "nothing was received" in shown
    lighting = await board(computed, path="/boards/lighting")
    assert lighting.count('"figure-name"') == sum(kpi.domain == "lighting" for kpi in KPIS)


async def test_a_period_to_come_is_the_last_whole_one(room: Room) -> None:
    today = datetime.now(PARIS).date()
    last = today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    assert f"day={today - timedelta(days=2)}" in await board(room, "?day=2099-01-01")
    for asked in ("?month=2099-01", "?day=nonsense", f"?month={today:%Y-%m}"):
        assert f"month={before:%Y-%m}" in await board(room, asked)


async def test_the_communes_stand_beside_each_other_and_each_has_its_board(computed: Room) -> None:
    yesterday = datetime.now(PARIS).date() - timedelta(days=1)

    async def communes(search: str, path: str) -> str:
        answer = (await computed.call("show_communes", search, path, "en"))["response"]["communes-body"]
        return json.dumps(answer["children"])

    asked = f"?day={yesterday}"
    index = await communes(asked, "/boards/communes")
    code, name = next((area.code, area.name) for area in computed.city.registry.areas())
    assert f"/boards/commune/{code}?day={yesterday}" in index
    own = await communes(asked, f"/boards/commune/{code}")
    assert name in own
    assert "400.00" in own
    assert "not published" in own
    assert "Unknown commune" in await communes("", "/boards/commune/nowhere")


async def test_a_figure_opens_its_question_and_leads_on_only_who_may(computed: Room, engine: Engine) -> None:
    yesterday = datetime.now(PARIS).date() - timedelta(days=1)

    async def figure(search: str, path: str) -> str:
        answer = (await computed.call("show_figure", search, path, "en"))["response"]["figure-body"]
        return json.dumps(answer["children"])

    asked = f"?day={yesterday}"
    opened = await figure(asked, "/boards/figure/failure_rate")
    assert "SELECT" in opened
    assert "/history?series=area:0:streetlight:fault_share" in opened
    assert "Unknown figure" in await figure("", "/boards/figure/nothing")
    assert "Unknown commune" in await figure("?area=nowhere", "/boards/figure/failure_rate")
    everything = await figure("", "/boards/figure")
    assert all(f"/boards/figure/{key}" in everything for key in KPI_BY_KEY)
    official = signed_in(engine, Role.OFFICIAL)
    body = computed.request("show_figure", asked, "/boards/figure/failure_rate", "en")
    answer = await computed.client.post("/_dash-update-component", json=body, headers=official)
    assert answer.status_code == 200
    assert "SELECT" in answer.text
    assert "/history" not in answer.text


async def test_with_the_database_away_nothing_looks_like_a_quiet_day(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.city.engine.dispose()
    from geodata.database import open_engine

    away = open_engine("postgresql://nobody@/none?host=/nowhere")
    for part in (room.city.history, room.city.boards, room.city.registry):
        monkeypatch.setattr(part, "_engine", away)
    assert "The board is unavailable" in await board(room)
    charts = (await room.call("draw", *_choice(None), False, None, "dark", None, "en"))["response"]
    assert "History is unavailable" in json.dumps(charts["history-results"])
    answer = await room.client.get("/history/state", params={"at": HOUR_AGO.isoformat()})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
