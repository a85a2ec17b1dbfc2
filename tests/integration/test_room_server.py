"""The web process on a real database: documents, routes, callbacks, and several of it in one process."""

import base64
import hashlib
import inspect
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from callbacks.wiring import doors
from layouts.pages import PAGES, Page
from model.states import Status
from tests.integration.small_city import change, keyframe
from tests.live_city import lay_out
from tests.room import Room, open_room
from tests.signing_in import made_up, signed_in

HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
TRIPPED, NO_SUPPLY, ON = 3, 10, 2
LAMPS = 5


def with_a_tripped_cabinet(engine: Engine, lamps: int = LAMPS) -> None:
    """The small city an hour after cabinet A-1 tripped and left all its lamps dark."""
    lay_out(engine, lamps)
    fed = range(101, 101 + lamps)
    with engine.begin() as connection:
        fine = dict.fromkeys([10, 11, 12, 13, *fed], (int(Status.ACTIVE), ON))
        keyframe(connection, HOUR_AGO - timedelta(hours=1), fine)
        dark = [(lamp, HOUR_AGO, int(Status.FAULT), NO_SUPPLY) for lamp in fed]
        change(connection, (10, HOUR_AGO, int(Status.FAULT), TRIPPED), *dark)


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    with_a_tripped_cabinet(engine)
    async with open_room(database_url, redis_url) as opened:
        yield opened


# --- the document ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
async def test_every_page_is_served_by_its_address(room: Room, engine: Engine, page: Page) -> None:
    answer = await room.client.get(page.path, headers=signed_in(engine, min(page.may)))
    assert answer.status_code == 200
    assert '<html lang="fr"' in answer.text
    assert 'class="skip"' in answer.text


async def test_the_document_asks_nothing_of_anybody_else(room: Room) -> None:
    document = (await room.client.get("/")).text
    assert re.findall(r'(?:src|href)="(?:https?:)?//', document) == []


async def test_the_policy_covers_every_inline_script_and_nothing_more(room: Room) -> None:
    answer = await room.client.get("/")
    policy = answer.headers["content-security-policy"]
    scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", answer.text, re.S)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts}
    assert scripts
    assert hashes <= set(policy.replace(";", " ").split())
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy


async def test_an_address_nobody_declared_is_not_found(room: Room) -> None:
    suites = ("/_dash-component-suites/os/path.py", "/_dash-component-suites/dash/dash.py")
    for path in ("/nowhere", "/_mcp", "/_reload-hash", "/docs", "/openapi.json", *suites):
        assert (await room.client.get(path)).status_code == 404, path


async def test_every_script_and_style_of_the_document_is_there(room: Room) -> None:
    document = (await room.client.get("/")).text
    for address in re.findall(r'(?:src|href)="(/[^"#]+)"', document):
        if "/vendor/" not in address:
            assert (await room.client.get(address)).status_code == 200, address


async def test_static_files_come_compressed_and_unharmed(room: Room) -> None:
    plain = await room.client.get("/assets/base.css", headers={"accept-encoding": "identity"})
    packed = await room.client.get("/assets/base.css", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text


# --- live routes -----------------------------------------------------------------------------------------


async def test_the_snapshot_names_its_geometry_and_carries_every_code(room: Room) -> None:
    snapshot = (await room.client.get("/live/snapshot")).json()
    codes = base64.b64decode(snapshot["codes"])
    assert len(codes) == snapshot["count"] == LAMPS + 4
    assert sum(code & 7 == Status.FAULT for code in codes) == LAMPS + 1
    geometry = await room.client.get(snapshot["geometry"])
    assert geometry.status_code == 200
    assert "immutable" in geometry.headers["cache-control"]
    header_length = int.from_bytes(geometry.content[:4], "little")
    assert json.loads(geometry.content[4 : 4 + header_length])["count"] == snapshot["count"]


@pytest.mark.parametrize(
    "path", ["/live/geometry/999.bin", "/map/areas/999.json", "/map/lakes/2.json", "/map/areas/x.json"]
)
async def test_another_layout_is_not_found(room: Room, path: str) -> None:
    answer = await room.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "notfound"


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
async def test_the_areas_are_geojson_in_every_encoding(room: Room, encoding: str) -> None:
    version = room.city.live.columns.version
    answer = await room.client.get(f"/map/areas/{version}.json", headers={"accept-encoding": encoding})
    (area,) = answer.json()["features"]
    assert area["properties"] == {
        "id": 1, "name": "Val", "kind": "commune", "code": "99001", "lon": 5.05, "lat": 47.35,
    }  # fmt: skip
    assert answer.headers.get("content-encoding", "identity") == encoding


async def test_health_says_what_is_away(room: Room) -> None:
    assert (await room.client.get("/healthz")).status_code == 200
    ready = await room.client.get("/readyz")
    # No device ever sent anything here: the picture is the database's, not live.
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "away": ["live"]})


async def test_metrics_count_what_the_process_does(room: Room) -> None:
    await room.call("show_day", 0, 1)
    answer = await room.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    told = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in answer.text.splitlines()
            if not line.startswith("#")}  # fmt: skip
    assert told["vigie_assets"] == LAMPS + 4
    assert told["vigie_database_up"] == 1
    assert (told['vigie_source{source="live"}'], told['vigie_source{source="database"}']) == (0, 1)
    assert told['vigie_callback_seconds_count{callback="show_day"}'] == 1
    assert told["process_resident_memory_bytes"] > 0


async def test_search_finds_by_id_and_says_what_it_is_doing(room: Room) -> None:
    found = (await room.client.get("/registry/search", params={"q": "a-1", "lang": "en"})).json()
    assert [(row["external_id"], row["kind"], row["status"]) for row in found] == [
        ("A-1", "Control cabinet", "fault")
    ]
    lamps = (await room.client.get("/registry/search", params={"q": "l-"})).json()
    assert {row["status"] for row in lamps} == {"consequence"}


# --- callbacks -------------------------------------------------------------------------------------------


async def test_the_page_of_the_room_holds_what_the_address_asks_for(room: Room) -> None:
    answer = await room.call("show_page", "/", "en", "?asset=A-1&domains=lighting,nonsense&area=1", "light")
    page = json.dumps(answer["response"]["page"]["children"])
    assert '"data": "A-1"' in page
    assert '"domains": ["lighting"]' in page
    assert '"area": 1' in page
    assert "Valmont-sur-Arce" in answer["response"]["title"]["data"]


async def test_a_click_on_the_map_selects_by_index_of_its_own_layout(room: Room) -> None:
    version = room.city.live.columns.version
    picked = await room.call("asset_pointed_at", {"index": 0, "version": version, "n": 1})
    assert json.dumps({"asset": "A-1"}) in json.dumps(picked)
    for wrong in ({"index": 0, "version": version - 1}, {"index": 10_000, "version": version}, None):
        assert '"asset"' not in json.dumps(await room.call("asset_pointed_at", wrong))


async def test_the_panel_tells_the_story_of_a_tripped_cabinet(room: Room) -> None:
    answer = (await room.call("show_asset", "A-1", 0, 0, None, "en", ""))["response"]
    head, body = json.dumps(answer["room-head"]), json.dumps(answer["room-body"])
    assert "main breaker tripped" in head
    assert "5 lamps affected" in head
    assert "Without supply" in body
    assert 'data-asset": "L-1"' in body


async def test_an_asset_the_city_has_not_got_is_said_so(room: Room) -> None:
    answer = (await room.call("show_asset", "Z-9", 0, 0, None, "en", ""))["response"]
    assert "Unknown asset" in json.dumps(answer["room-head"])


async def test_the_last_day_counts_what_changed_and_what_was_raised(room: Room) -> None:
    strip = (await room.call("show_day", 0, 1))["response"]["room-strip"]
    assert sum(strip["changes"]) >= LAMPS + 1
    assert len(strip["times"]) == len(strip["changes"]) == 24 * 6
    assert sum(map(sum, strip["alarms"]["counts"])) == 0, "no engine ran in this city"
    assert strip["state"] == "ready"


async def test_a_failing_callback_is_told_with_a_number_to_quote(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await room.call("show_chart", "no number:power", "day", 0, "", "dark", "fr")
    told = json.dumps(answer["sideUpdate"]["toasts"], ensure_ascii=False)
    reference = re.search(r"callback failed, reference (\w{6})", caplog.text)
    assert reference
    assert reference[1] in told
    assert "Traceback" not in told


async def test_a_malformed_callback_is_refused(room: Room) -> None:
    sent = await room.client.post(
        "/_dash-update-component", content=b"{", headers={"content-type": "application/json"}
    )
    assert sent.status_code == 400
    wanted = room.request("show_asset", "A-1", 0, 0, None, "en", "") | {"output": "somebody.else"}
    assert (await room.client.post("/_dash-update-component", json=wanted)).status_code == 404


# --- facts of the process --------------------------------------------------------------------------------


async def test_every_callback_is_async_and_every_door_says_for_whom(room: Room) -> None:
    known = {door.name for door in doors(room.server)}
    for output, entry in room.dash.callback_map.items():
        if "callback" in entry:
            handler = entry["callback"]
            assert inspect.iscoroutinefunction(handler), output
            assert handler.__name__ in known, output
    declared = {name.split(" ", 1)[1] for name in known if " " in name}
    own = {
        r.path for r in room.server.routes if r.path.startswith(("/live", "/map", "/registry", "/history"))
    }
    assert own <= declared | {page.path for page in PAGES}


async def test_two_rooms_in_one_process_each_show_their_own_city(
    servers: object, redis_url: str, engine: Engine, database_url: str
) -> None:
    from geodata.database import open_engine

    other_url = servers.fresh_database()  # type: ignore[attr-defined]
    other = open_engine(other_url)
    with_a_tripped_cabinet(engine)
    with_a_tripped_cabinet(other, lamps=2)
    async with (
        open_room(database_url, redis_url) as first,
        open_room(other_url, redis_url, "rennes") as second,
    ):
        for room, lamps in ((first, LAMPS), (second, 2), (first, LAMPS)):
            assert (await room.client.get("/")).status_code == 200
            assert (await room.client.get("/live/snapshot")).json()["count"] == lamps + 4
        titles = [
            (await room.call("show_page", "/", "fr", "", "dark"))["response"]["title"]["data"]
            for room in (first, second)
        ]
    other.dispose()
    assert titles[0] != titles[1]


async def test_without_a_database_the_screen_still_comes_and_says_so(redis_url: str) -> None:
    """For those who were signed in: nobody else can be known while it is away."""
    nowhere = "postgresql://vigie@/nowhere?host=/nonexistent"
    async with open_room(nowhere, redis_url, known=made_up()) as room:
        assert (await room.client.get("/")).status_code == 200
        page = await room.call("show_page", "/", "fr", "", "dark")
        assert "room-map" in json.dumps(page)
        assert (await room.client.get("/alarms/list.json")).status_code == 503
        assert (await room.client.get("/alarms/marks.json")).status_code == 503
        assert (await room.call("show_day", 0, 1))["response"]["room-strip"]["state"] == "away"
        assert (await room.client.get("/live/snapshot")).status_code == 503
        ready = (await room.client.get("/readyz")).json()
        assert ready == {"ready": False, "away": ["database", "assets", "live"]}


async def test_the_search_index_is_used(engine: Engine) -> None:
    """A search that reads the whole table is slow in a large city: the planner must take the index."""
    from services.registry.finding import _HAYSTACK

    lay_out(engine)
    with engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        plan = connection.execute(
            text(f"EXPLAIN SELECT 1 FROM asset a WHERE {_HAYSTACK} LIKE '%cabinet%'")
        ).scalars()
        assert "asset_search" in "\n".join(plan)
