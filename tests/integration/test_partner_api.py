"""The partners' API in front of the real guard: what was agreed and nothing else, at once and counted."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from model.domains import DOMAINS
from model.partners import DATASETS, AgreementDraft
from model.roles import Role
from model.viewer import Viewer
from services.access import Partners
from tests.clock import began
from tests.live_city import lay_out
from tests.room import Room, open_room

pytestmark = pytest.mark.servers
ANNE = Viewer(0, "anne", "Anne", Role.ADMINISTRATOR)
PLACES = ("id", "type", "name", "area", "area_code", "status")


def lay_out_elsewhere(engine: Engine) -> None:
    """A second commune with a lamp and a camera, and a camera in the first."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO area (id, kind, code, name, geometry, source) SELECT 2, 'commune', '99002', "
                "'Mont', ST_Translate(geometry, 0.2, 0), 'test' FROM area WHERE id = 1"
            )
        )
        for number, domain, kind, commune in (
            (901, "lighting", "streetlight", 2),
            (902, "surveillance", "camera", 2),
            (903, "surveillance", "camera", 1),
        ):
            connection.execute(
                text(
                    "INSERT INTO asset (id, external_id, source, domain, asset_type, name, street, geometry, "
                    "commune_id) VALUES (:id, :ext, 'test', :domain, :kind, '=1+1', '', "
                    "ST_SetSRID(ST_MakePoint(5.05, 47.35), 4326), :commune)"
                ),
                {"id": number, "ext": f"X-{number}", "domain": domain, "kind": kind, "commune": commune},
            )
        connection.execute(text("UPDATE layout SET version = version + 1"))


@dataclass
class Asking:
    """A room with partners, asked as a program does: by key and without any cookie."""

    room: Room
    partners: Partners
    engine: Engine

    def key(self, **changes: Any) -> str:
        plain = AgreementDraft(
            "Lumière SAS", "private", "Tournées", "ops@lumiere.example", ("lighting-assets",), PLACES,
            frozenset({1}), 100, True, began() - timedelta(days=1), began() + timedelta(days=365),
        )  # fmt: skip
        return self.partners.make_key(ANNE, self.partners.make(ANNE, replace(plain, **changes)), "k")

    async def get(self, path: str, key: str = "", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.room.server, client=("127.0.0.1", 50_001))
        if key:
            headers["authorization"] = f"Bearer {key}"
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8050") as client:
            return await client.get(f"/partner/v1/{path}", headers=headers)

    async def reason(self, path: str, key: str = "", **headers: str) -> tuple[int, str]:
        answer = await self.get(path, key, **headers)
        return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
async def asking(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Asking]:
    lay_out(engine)
    lay_out_elsewhere(engine)
    async with open_room(database_url, redis_url) as room:
        yield Asking(room, Partners(engine), engine)


async def test_a_key_is_told_what_it_may(asking: Asking) -> None:
    answer = await asking.get("datasets", asking.key())
    told = answer.json()
    assert answer.status_code == 200
    assert told["area_codes"] == ["99001"]
    assert told["datasets"] == [
        {"name": "lighting-assets", "address": "/partner/v1/lighting-assets", "fields": list(PLACES)}
    ]


async def test_rows_are_of_the_agreed_areas_domains_and_fields_alone(asking: Asking) -> None:
    told = (await asking.get("lighting-assets", asking.key())).json()
    assert told["count"] == len(told["items"]) == 7
    assert {tuple(item) for item in told["items"]} == {PLACES}
    assert {item["area_code"] for item in told["items"]} == {"99001"}
    assert {item["type"] for item in told["items"]} == {"streetlight", "control_cabinet"}
    assert told["items"][0]["status"] == "unknown"
    whole = (await asking.get("lighting-assets", asking.key(areas=None))).json()
    assert {item["area_code"] for item in whole["items"]} == {"99001", "99002"}
    narrowed = (await asking.get("lighting-assets?area=99002&fields=id", asking.key(areas=None))).json()
    assert narrowed["items"] == [{"id": "X-901"}]


async def test_pages_follow_one_another_to_the_end(asking: Asking) -> None:
    key, seen, address = asking.key(), [], "lighting-assets?limit=3&fields=id"
    while address:
        told = (await asking.get(address, key)).json()
        seen += [item["id"] for item in told["items"]]
        address = (told["next"] or "").removeprefix("/partner/v1/")
    assert seen == ["A-1", "A-2", "L-1", "L-2", "L-3", "L-4", "L-5"]


async def test_csv_is_safe_for_spreadsheets_and_names_its_next_page(asking: Asking) -> None:
    answer = await asking.get("lighting-assets?format=csv&limit=1&area=99002", asking.key(areas=None))
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == list(PLACES)
    assert rows[1][2] == "'=1+1"
    first = await asking.get("lighting-assets?format=csv&limit=1", asking.key())
    assert 'rel="next"' in first.headers["link"]


async def test_everything_beyond_is_403_with_its_reason_counted_and_audited(asking: Asking) -> None:
    key = asking.key()
    assert await asking.reason("traffic-state", key) == (403, "dataset_not_agreed")
    assert await asking.reason("cameras", key) == (403, "dataset_not_agreed")
    assert await asking.reason("lighting-assets?fields=id,longitude", key) == (403, "field_not_agreed")
    assert await asking.reason("lighting-assets?area=99002", key) == (403, "area_not_agreed")
    (sheet,) = asking.partners.list()
    assert {use.dataset: use.refused for use in sheet.uses} == {
        "lighting-assets": 2, "traffic-state": 1, "other": 1,
    }  # fmt: skip
    with asking.engine.connect() as connection:
        question = "SELECT details ->> 'reason', address FROM audit_entry WHERE action = 'key_refused'"
        told = connection.execute(text(question)).all()
    assert len(told) == 4
    assert {row[1] for row in told} == {"127.0.0.1"}


async def test_nothing_of_persons_or_images_can_ever_be_named(asking: Asking) -> None:
    key = asking.key(datasets=tuple(one.name for one in DATASETS), areas=None)
    for one in DATASETS:
        told = (await asking.get(f"{one.name}?limit=10000", key)).text
        assert "X-902" not in told
        assert "X-903" not in told
    for domain in DOMAINS:
        for kind in domain.asset_types:
            assert (await asking.get(kind.name, key)).status_code == 403


async def test_without_a_key_of_ours_nobody_comes_in(asking: Asking) -> None:
    key, cookies = asking.key(), dict(asking.room.client.headers)
    assert await asking.reason("datasets") == (401, "unknown_key")
    assert await asking.reason("datasets", "vgp_" + "A" * 43) == (401, "unknown_key")
    assert await asking.reason("datasets", cookie=cookies["cookie"]) == (401, "unknown_key"), "a cookie"
    assert await asking.reason("datasets", authorization=f"Basic {key}") == (401, "unknown_key")
    assert await asking.reason("nothing/there", key) == (404, "not_found")


async def test_a_key_opens_no_other_door(asking: Asking) -> None:
    transport = httpx.ASGITransport(app=asking.room.server, client=("127.0.0.1", 50_001))
    headers = {"authorization": f"Bearer {asking.key()}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8050") as client:
        for path in (
            "/live/snapshot",
            "/registry/search?q=a",
            "/history/export?at=now",
            "/_dash-dependencies",
        ):
            assert (await client.get(path, headers=headers)).status_code == 401, path


async def test_guessing_keys_does_not_fill_the_audit(asking: Asking) -> None:
    for _ in range(40):
        await asking.get("datasets", "vgp_" + "B" * 43)
    with asking.engine.connect() as connection:
        question = "SELECT count(*) FROM audit_entry WHERE action = 'key_refused'"
        assert connection.execute(text(question)).scalar_one() == 30


async def test_an_end_is_felt_by_the_next_question(asking: Asking) -> None:
    key = asking.key()
    assert (await asking.get("datasets", key)).status_code == 200
    number = asking.partners.opened(key)[0].id
    asking.partners.revoke_key(ANNE, number)
    assert await asking.reason("datasets", key) == (403, "key_revoked")
    later = asking.key(valid_from=began() + timedelta(days=1))
    assert await asking.reason("datasets", later) == (403, "agreement_not_begun")


async def test_the_rate_is_that_of_the_agreement_over_all_its_keys(asking: Asking) -> None:
    key = asking.key(rate_per_minute=3)
    second = asking.partners.make_key(ANNE, asking.partners.opened(key)[1].id, "b")
    found = [(await asking.get("datasets", one)).status_code for one in (key, second, key, second, key)]
    assert found == [200, 200, 200, 429, 429]
    answer = await asking.get("datasets", key)
    assert answer.headers["retry-after"] == "60"
    assert answer.json()["error"]["code"] == "rate_exceeded"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=10001", "limit=x", "after=-1", "area=00000", "sort=name", "after=" + "9" * 30],
)
async def test_a_question_that_makes_no_sense_is_400(asking: Asking, query: str) -> None:
    answer = await asking.get(f"lighting-assets?{query}", asking.key())
    assert answer.status_code == 400, answer.text
