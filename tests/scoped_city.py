"""The demo city and its scopes, for tests of what a person may not see: the truth, and a walk of all ways."""

import base64
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import httpx
from sqlalchemy import Engine, text

from layouts.history_address import properties_of
from layouts.ids import Analysis, Correcting, History, Notes, Past, Shell
from layouts.ids import Room as Live
from layouts.pages import PAGES
from model.analysis import DOMAINS_SHOWN
from model.domains import MOVING, TYPE_ORDER
from model.roles import Role
from model.viewer import Scope
from tests.room import Room
from tests.signing_in import sign_in

Given = dict[Any, Any]
"""Values by the component that holds them."""
ROAMING = frozenset(TYPE_ORDER[code] for code in MOVING)
_ASSETS = text(
    "SELECT id, external_id, name, coalesce(street, ''), domain, asset_type, commune_id, parent_id "
    "FROM asset ORDER BY id"
)


@dataclass(frozen=True)
class Equipment:
    """One asset as the database has it."""

    id: int
    external_id: str
    name: str
    street: str
    domain: str
    asset_type: str
    commune: int
    parent: int | None


@dataclass(frozen=True)
class Truth:
    """Every asset of the city, read without any scope, and what of it one scope holds."""

    assets: tuple[Equipment, ...]
    scope: Scope

    def within(self, one: Equipment) -> bool:
        """Whether ``one`` lies in the scope, by the words of model/viewer.py and nothing of the product."""
        areas, domains = self.scope.areas, self.scope.domains
        placed = areas is None or (one.commune in areas and one.asset_type not in ROAMING)
        return placed and (domains is None or one.domain in domains)

    @cached_property
    def inside(self) -> list[Equipment]:
        """What the scope holds, by id."""
        return [one for one in self.assets if self.within(one)]

    @cached_property
    def outside(self) -> list[Equipment]:
        """Everything else."""
        return [one for one in self.assets if not self.within(one)]

    @cached_property
    def secrets(self) -> set[str]:
        """External ids, names and streets of assets outside that no asset inside bears, nor part of one's."""
        told = "\n".join(f"{one.external_id}\n{one.name}\n{one.street}" for one in self.inside)
        words = {word for one in self.outside for word in (one.external_id, one.name, one.street)}
        return {word for word in words if word and word not in told}


def read_truth(engine: Engine, scope: Scope) -> Truth:
    """What ``scope`` holds of the city in ``engine``, which sees all of it."""
    with engine.connect() as connection:
        return Truth(tuple(Equipment(*row) for row in connection.execute(_ASSETS)), scope)


@asynccontextmanager
async def as_seen(
    room: Room, engine: Engine, scope: Scope, role: Role = Role.SUPERVISOR
) -> AsyncIterator[Room]:
    """The same running control room, asked by somebody of ``scope``."""
    who = sign_in(engine, role, scope.areas, scope.domains)
    transport = httpx.ASGITransport(app=room.server, client=("127.0.0.1", 50_001))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost:8050", headers=who.headers
    ) as client:
        yield Room(room.city, room.server, client)


def leaked(truth: Truth, answers: dict[str, str]) -> dict[str, list[str]]:
    """Which of ``answers`` tell what of assets outside the scope: names, and numbers of ``asset_id``.

    What the question itself named is no news.
    """
    ids = {one.id for one in truth.outside}
    told = "\n".join(answers.values())
    suspect = [word for word in truth.secrets if word in told]
    found: dict[str, list[str]] = {}
    for way, answer in answers.items():
        said = [word for word in suspect if word in answer and word not in way and _whole(word, answer)]
        said += [f"id {number}" for number in re.findall(r'"asset_id": ?(\d+)', answer) if int(number) in ids]
        if said:
            found[way] = sorted(said)[:5]
    return found


def _whole(word: str, answer: str) -> bool:
    """Whether ``word`` stands in ``answer`` for itself, and not inside a longer one (EP-001 in EP-0012)."""
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w])(?!\.\d)", answer) is not None


def plain(body: bytes) -> str:
    """A body as readable text: JSON without its escapes, anything else as it is."""
    told = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(told), ensure_ascii=False)
    except ValueError:
        return told


def stamp(at: datetime) -> str:
    """An instant as an address has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Walk:
    """Every way in that tells of the city, for examples of what lies inside and outside the scope."""

    now: datetime
    examples: tuple[Equipment, ...]
    areas: tuple[int, ...]

    def addresses(self) -> list[str]:
        """What is asked by GET."""
        t0, t1 = stamp(self.now - timedelta(hours=6)), stamp(self.now)
        long = stamp(self.now - timedelta(days=30))
        exports = [f"at={t0}", f"a={t0}&b={t1}", f"a={t0}&b={t1}&what=changes"]
        series = [f"asset:{one.external_id}&p=7d" for one in self.examples]
        series += [f"area:{area}:streetlight:fault_share&p=30d" for area in (0, *self.areas)]
        return [
            "/live/snapshot",
            "/alarms/list.json",
            "/alarms/marks.json",
            f"/history/state?at={t0}",
            f"/history/changes?t0={t0}&t1={t1}",
            f"/history/difference?a={t0}&b={t1}",
            *(f"/history/density?t0={first}&t1={t1}&steps=200" for first in (t0, long)),
            *(f"/history/export?{what}&format={kind}" for what in exports for kind in ("csv", "geojson")),
            *(f"/history/export?series={what}&format=csv" for what in series),
            *(f"/registry/search?q={word}" for one in self.examples for word in (one.external_id, one.name)),
            *(f"/registry/search?q={one.street}&at={t0}" for one in self.examples),
        ]

    def callbacks(self) -> Iterable[tuple[str, Given]]:
        """What is asked by callbacks: the handler, and the values of what it takes in."""
        at = stamp(self.now - timedelta(hours=6))
        yield from ((name, {}) for name in ("show_day", "show_board", "show_report"))
        yield from (("show_feeds", {}), ("list_bookmarks", {}))
        yield "list_notes", {Notes.LIST_KIND: "all", Notes.LIST_PERIOD: "13m"}
        yield "list_alarms", {Past.TIMELINE: at}
        for page in PAGES:
            yield "show_page", {Shell.LOCATION: page.path}
        yield "show_communes", {Shell.LOCATION: "/boards/communes"}
        yield "show_figure", {Shell.LOCATION: "/boards/figure/failure_rate"}
        for area in self.areas:
            yield "list_alarms", {Past.TIMELINE: at, Past.AREA: str(area)}
        for domain in DOMAINS_SHOWN:
            for area in ("0", *map(str, self.areas)):
                yield "analyse", {Analysis.AREA: area, Analysis.PERIOD: "7d", Analysis.DOMAIN: domain}
        for kind in ("streetlight", "meter"):
            for area in ("0", *map(str, self.areas)):
                yield "draw", _series(kind, properties_of(kind)[0], area)
        for one in self.examples:
            yield from self.of(one)

    def of(self, one: Equipment) -> Iterable[tuple[str, Given]]:
        """What is asked of one asset."""
        at = stamp(self.now - timedelta(hours=6))
        name = properties_of(one.asset_type)[-1]
        meant = {"of": f"{one.id}:{name}", "at": at}
        here, then = {Live.SELECTED: one.external_id}, {Past.SELECTED: one.external_id, Past.TIMELINE: at}
        yield from ((handler, here) for handler in ("show_selection", "show_asset", "offer_properties"))
        yield from ((handler, then) for handler in ("show_past_asset", "offer_past_properties"))
        yield "show_chart", {Live.PROPERTY: f"{one.id}:{name}", Live.PERIOD: "day"}
        yield "show_past_chart", {Past.PROPERTY: f"{one.id}:{name}", Past.PERIOD: "day", Past.TIMELINE: at}
        yield "draw", _series(one.asset_type, name, "0") | {History.ASSET: one.external_id}
        yield "open_note", {Notes.ADD: 1, Shell.LOCATION: f"?series=asset:{one.external_id}"}
        yield "show_meant", {Correcting.T0: at, Correcting.T1: stamp(self.now), Correcting.ASKED: meant}
        if one.asset_type == "detector":
            yield "analyse", {
                Analysis.AREA: "0", Analysis.PERIOD: "7d", Analysis.DOMAIN: "traffic",
                Analysis.PICK: one.external_id,
            }  # fmt: skip

    async def answers(self, eyes: Room) -> dict[str, str]:
        """Everything told to ``eyes``, by the way it was asked; a refusal is an answer, a crash is not."""
        told: dict[str, str] = {}
        for address in self.addresses():
            answer = await eyes.client.get(address)
            assert answer.status_code < 500, (address, answer.text)
            told[address] = plain(answer.content)
        for handler, values in self.callbacks():
            told[f"{handler}{values}"] = json.dumps(await ask(eyes, handler, values), ensure_ascii=False)
        return told


def _series(kind: str, name: str, area: str) -> Given:
    return {History.TYPE: kind, History.PROPERTY: name, History.AREA: area, History.PERIOD: "7d"}


async def ask(eyes: Room, handler: str, given: Given) -> dict[str, Any]:
    """The answer of the callback ``handler`` with the values ``given`` by component; what is not given is
    empty, so that a callback may take in more than the test knows of."""
    values = {Shell.LANGUAGE: "fr", Shell.THEME: "dark"} | given
    entry = next(
        one for one in eyes.dash.callback_map.values()
        if "callback" in one and one["callback"].__name__ == handler
    )  # fmt: skip
    return await eyes.call(
        handler, *(values.get(place["id"]) for place in (*entry["inputs"], *entry["state"]))
    )


def codes_in(document: dict[str, Any]) -> bytes:
    """The display codes of a snapshot or of a past state."""
    return base64.b64decode(document["codes"])
