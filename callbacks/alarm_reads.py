"""Alarms over HTTP, to read: the list, one alarm, its dossier, what is hidden, the view one left.

Every answer is of now; none takes an instant. Documented in docs/alarm-desk.md.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.alarm_documents import dossier_document, hidden_document, list_document, sheet_document
from callbacks.asking import asker
from callbacks.kept_answers import Answer, answer_of, respond
from callbacks.wiring import route
from model.alarms import AlarmList, ListQuery
from model.domains import DOMAINS
from model.errors import BadField
from model.roles import ALARM_HANDLERS, ALARM_READERS
from model.texts import Words, words
from services.city import City

HANDLINGS = frozenset({"unacknowledged", "acknowledged", "returned", "mine"})
FRESH = "private, no-cache"
PACKED_MOST = 64


class Packed:
    """Lists as bytes, packed once however many consoles ask: the desk hands all of them the same list."""

    def __init__(self) -> None:
        self._packed: OrderedDict[Hashable, tuple[AlarmList, Answer]] = OrderedDict()

    def answer(self, key: Hashable, found: AlarmList, say: Words, layout: int) -> Answer:
        """``found`` in the language of ``say``; blocks for some milliseconds where it was not packed yet."""
        kept = self._packed.get(key)
        if kept is None or kept[0] is not found:
            raw = msgspec.json.encode(list_document(say, found, layout))
            kept = self._packed[key] = (found, answer_of(raw, "application/json"))
        self._packed.move_to_end(key)
        while len(self._packed) > PACKED_MOST:
            self._packed.popitem(last=False)
        return kept[1]


def speaking(city: City, request: Request) -> Words:
    """The words of ``?lang=``, else of the city's first language."""
    asked = request.query_params.get("lang") or city.settings.language
    return words(asked, city.profile.time_zone)


def query_of(asked: Mapping[str, str]) -> ListQuery:
    """What of the list an address asks for. BadField names what it cannot say."""
    return ListQuery(
        domains=_names(asked, "domains", [domain.name for domain in DOMAINS]),
        priorities=_priorities(asked),
        area=_whole(asked, "area", None),
        handling=_names(asked, "handling", HANDLINGS),
        text=asked.get("text", "")[:80],
        offset=_whole(asked, "offset", 0) or 0,
        limit=_whole(asked, "limit", 200) or 0,
    )


def _names(asked: Mapping[str, str], field: str, known: Collection[str]) -> frozenset[str] | None:
    if field not in asked:
        return None
    names = frozenset(filter(None, asked[field].split(",")))
    if not names <= set(known):
        raise BadField(field, "unknown")
    return names


def _priorities(asked: Mapping[str, str]) -> frozenset[int] | None:
    names = _names(asked, "priorities", ("1", "2", "3", "4"))
    return None if names is None else frozenset(int(name) for name in names)


def _whole(asked: Mapping[str, str], field: str, otherwise: int | None) -> int | None:
    told = asked.get(field, "")
    if not told:
        return otherwise
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise BadField(field, "not_a_number")
    return int(told)


def alarm_number(request: Request) -> int:
    """The alarm an address names; BadField when it is none."""
    told = str(request.path_params["alarm"])
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise BadField("alarm", "not_a_number")
    return int(told)


def layout_of(city: City) -> int:
    """The layout version live indices are of; 0 while nothing is laid out."""
    return city.live.columns.version if city.live.columns else 0


async def alarm_list(city: City, request: Request) -> Response:
    """``GET /alarms/list.json``: the list now, at most 200 rows a page, counts over the whole set."""
    query, say, viewer = query_of(request.query_params), speaking(city, request), asker(city)
    layout = layout_of(city)
    packed: Packed = request.app.state.alarm_lists

    def make() -> Answer:
        found = city.alarms.listed(query, viewer)
        mine = viewer.person_id if query.handling and "mine" in query.handling else 0
        return packed.answer((city.scope, query, mine, say.language, layout), found, say, layout)

    return respond(request, await asyncio.to_thread(make), FRESH)


async def alarm_hidden(city: City, request: Request) -> Response:
    """``GET /alarms/hidden.json``: what is hidden now, oldest first."""
    say = speaking(city, request)
    rows = await asyncio.to_thread(city.alarms.hidden)
    return fresh({"rows": [hidden_document(say, row) for row in rows]})


async def alarm_sheet(city: City, request: Request) -> Response:
    """``GET /alarms/{alarm}.json``: one alarm whole, with its thread."""
    sheet = await asyncio.to_thread(city.alarms.sheet, alarm_number(request))
    return fresh(sheet_document(speaking(city, request), sheet, layout_of(city)))


async def alarm_dossier(city: City, request: Request) -> Response:
    """``GET /alarms/{alarm}/dossier.json``: what lies near it in place and time, most telling first.

    ``?radius=`` metres (200), ``?span=`` seconds (1800). Of equipment whose record the law protects only what
    who asks may see now, and that she looked is on record.
    """
    asked, viewer = request.query_params, asker(city)
    number = alarm_number(request)
    radius, span = float(_whole(asked, "radius", 200) or 0), float(_whole(asked, "span", 1800) or 0)
    found = await asyncio.to_thread(
        city.alarms.dossier, number, radius, span,
        lambda ids: city.access.looks.open_among(viewer, ids, "dossier"),
    )  # fmt: skip
    return fresh(dossier_document(speaking(city, request), found, layout_of(city)))


async def alarm_people(city: City, request: Request) -> Response:
    """``GET /alarms/{alarm}/people.json``: who the alarm may be given to."""
    found = await asyncio.to_thread(city.alarms.assignable, alarm_number(request))
    return fresh({"people": [{"id": one.id, "name": one.name, "role": one.role} for one in found]})


async def alarm_view(city: City, request: Request) -> Response:
    """``GET /alarms/view.json``: the filters one left the list with."""
    return fresh({"view": await asyncio.to_thread(city.alarms.view_of, asker(city))})


def fresh(content: Mapping[str, Any]) -> Response:
    """``content`` as JSON that is kept nowhere."""
    return JSONResponse(dict(content), headers={"cache-control": "no-store"})


def routes(server: FastAPI, city: City) -> None:
    """Declare the doors; those with a fixed name before those that take a number."""
    server.state.alarm_lists = Packed()
    route(server, city, "/alarms/list.json", alarm_list, may=ALARM_READERS)
    route(server, city, "/alarms/hidden.json", alarm_hidden, may=ALARM_READERS)
    route(server, city, "/alarms/view.json", alarm_view, may=ALARM_READERS)
    route(server, city, "/alarms/{alarm}.json", alarm_sheet, may=ALARM_READERS)
    route(server, city, "/alarms/{alarm}/dossier.json", alarm_dossier, may=ALARM_READERS)
    route(server, city, "/alarms/{alarm}/people.json", alarm_people, may=ALARM_HANDLERS)
