"""The addresses of the API: each reads its question, finds what it is of, and answers in the asked form."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio.to_thread
import numpy as np
import numpy.typing as npt
from starlette.requests import Request
from starlette.responses import Response

from model.errors import NotFound, Unavailable
from public.answers import gone
from public.features import cursor, documents, items, pages, series, sheets
from public.features.answering import (
    GEOJSON,
    JSON,
    PAGE,
    SCHEMA,
    answer,
    away,
    encoded,
    outdated,
    unknown,
    wrong,
)
from public.features.asked import CSV, HTML, OF_ROWS, Asked, BadParameter, asked
from public.features.collection import Features
from public.features.documents import OPENAPI, text_of
from public.features.library import Library
from public.features.openapi import openapi as described
from public.features.pages import html
from public.features.references import Reference
from public.features.selection import IN_THREAD, Selection, reference_of, selected, selection
from public.features.selection import PARAMETERS as SELECTING
from public.hot import keep
from public.opened import Open
from public.site import typeface

Rows = npt.NDArray[np.int64] | None
Answer = Callable[["Api", Request], Awaitable[Response]]
Way = Callable[[Open, Request], Awaitable[Response]]


class Api:
    """The API over one open door: what each of its answers is handed."""

    def __init__(self, door: Open) -> None:
        self.door = door
        self.base = door.settings.public_address

    @property
    def library(self) -> Library:
        """The collections."""
        return self.door.library

    @property
    def language(self) -> str:
        """The language of who does not say which."""
        return self.door.settings.language

    @property
    def city(self) -> str:
        """Whose data it is; empty before anything is published."""
        return next((str(one.about.get("city", "")) for one in self.door.shelf.all()), "")

    async def page(self, request: Request, question: Asked, page: pages.Page) -> Response:
        """``page`` as HTML."""
        body, policy = html(page, question, self.base, typeface(list(self.door.shelf.all())))
        return await answer(request, body, PAGE, {"content-security-policy": policy})


class _Outdated(Exception):
    """A page of a version that is gone; where to begin again."""


def guarded(find: Answer) -> Way:
    """``find`` as a way in: whatever it refuses is answered in the standard's words, never as a failure."""

    async def way(door: Open, request: Request) -> Response:
        try:
            return await find(Api(door), request)
        except BadParameter as error:
            return wrong(str(error))
        except NotFound:
            browser = "text/html" in request.headers.get("accept", "")
            return gone(door.origins) if browser else unknown()
        except _Outdated as error:
            return outdated(str(error))
        except Unavailable:
            return away()

    way.__name__ = find.__name__
    return way


# What there is ------------------------------------------------------------------------------------


async def landing(api: Api, request: Request) -> Response:
    """``/api``"""
    question = asked(request, api.language)
    document = documents.landing(question, api.base, api.city)
    if question.form == HTML:
        return await api.page(request, question, pages.landing_page(document, question, api.base))
    return await answer(request, encoded(document), JSON)


async def conformance(api: Api, request: Request) -> Response:
    """``/api/conformance``"""
    question = asked(request, api.language)
    document = documents.conformance(question, api.base)
    if question.form == HTML:
        return await api.page(request, question, pages.conformance_page(document, question, api.base))
    return await answer(request, encoded(document), JSON)


async def openapi(api: Api, request: Request) -> Response:
    """``/api/openapi.json``"""
    question = asked(request, api.language)
    document = described(api.base, api.city, api.library.entries(), question.look.language)
    if question.form == HTML:
        return await api.page(request, question, pages.openapi_page(document, question, api.base))
    return await answer(request, encoded(document), OPENAPI)


async def collections(api: Api, request: Request) -> Response:
    """``/api/collections``"""
    question = asked(request, api.language)
    document = documents.collections(question, api.base, api.library.entries())
    if question.form == HTML:
        return await api.page(request, question, pages.collections_page(document, question, api.base))
    return await answer(request, encoded(document), JSON)


async def collection(api: Api, request: Request) -> Response:
    """``/api/collections/{name}``"""
    question = asked(request, api.language)
    entry = api.library.entry(request.path_params["name"])
    document = documents.collection(entry, question.look.language, api.base)
    if question.form == HTML:
        page = pages.collection_page(document, question, api.base, entry.about.fields)
        return await api.page(request, question, page)
    return await answer(request, encoded(document), JSON)


async def queryables(api: Api, request: Request) -> Response:
    """``/api/collections/{name}/queryables``"""
    question = asked(request, api.language)
    entry = api.library.entry(request.path_params["name"])
    document = documents.queryables(entry, question, api.base)
    if question.form == HTML:
        page = pages.queryables_page(question, api.base, entry.name, document["title"], entry.about.fields)
        return await api.page(request, question, page)
    return await answer(request, encoded(document), SCHEMA)


# What is in it ------------------------------------------------------------------------------------


async def features(api: Api, request: Request) -> Response:
    """``/api/collections/{name}/items``"""
    entry = api.library.entry(request.path_params["name"])
    known = (*items.PARAMETERS, *_fields(entry.about.fields))
    question = asked(request, api.language, known, OF_ROWS)
    wanted = selection(question.given, entry.about)
    limit, reference = items.limit_of(question), reference_of(question.given, "crs")
    table, first = await _table_at(api, entry.name, question)
    rows = await _rows(table, wanted)
    page = items.page_of(table, rows, first, limit)
    if question.form == CSV:
        pieces = sheets.of_rows(table, page.rows, reference)
        return _sheet(api, request, question, table, pieces, _located(reference))
    links = items.links_of(question, api.base, table, page)
    if question.form == HTML:
        return await _items_page(api, request, question, table, page, links)
    body = items.as_geojson(links, page, items.body_of(table, page, reference))
    if api.library.is_current(table):
        keep(request, entry.name)
    return await answer(request, body, GEOJSON, _located(reference))


async def feature(api: Api, request: Request) -> Response:
    """``/api/collections/{name}/items/{identity}``"""
    question = asked(request, api.language, ("crs",))
    reference = reference_of(question.given, "crs")
    table = await api.library.features(request.path_params["name"])
    row = table.row(request.path_params["identity"])
    if row is None:
        raise NotFound("there is no such feature")
    page = items.Page(range(row, row + 1), 1, None)
    if question.form == HTML:
        (found,) = items.told(table, page)
        shown = pages.feature_page(
            question, api.base, table.name, _title(table, question), table.about.fields, found
        )
        return await api.page(request, question, shown)
    links = items.feature_links(question, api.base, table.name)
    body = items.one_feature(items.body_of(table, page, reference), links)
    return await answer(request, body, GEOJSON, _located(reference))


async def timeseries(api: Api, request: Request) -> Response:
    """``/api/collections/{name}/series``"""
    entry = api.library.entry(request.path_params["name"])
    if not series.has_series(entry.about):
        raise NotFound("there are no series of it")
    known = (*SELECTING, *series.PARAMETERS, *_fields(entry.about.fields))
    question = asked(request, api.language, known, OF_ROWS)
    wish = series.wish(question.given, entry.about)
    wanted = selection(_without(question.given, series.PARAMETERS), entry.about)
    table = await api.library.features(entry.name)
    rows = await _rows(table, wanted)
    found = await _beside(table, series.series, table, wish, rows)
    if question.form == CSV:
        pieces = sheets.of_series(table.columns[wish.value].told, wish.by, found)
        return _sheet(api, request, question, table, pieces)
    document = _series_document(question, api.base, table, wish, found)
    if question.form == HTML:
        page = pages.series_page(question, api.base, _title(table, question), document)
        return await api.page(request, question, page)
    if api.library.is_current(table):
        keep(request, entry.name)
    return await answer(request, encoded(document), JSON)


def _sheet(
    api: Api,
    request: Request,
    question: Asked,
    table: Features,
    pieces: Iterator[bytes],
    headers: dict[str, str] | None = None,
) -> Response:
    streams = api.door.streams
    return sheets.sheet(streams, request, question, table.name, table.version, pieces, headers)


def _series_document(
    question: Asked, base: str, table: Features, wish: series.Wish, found: list[Any]
) -> documents.Document:
    return {
        "collection": table.name,
        "value": wish.value,
        "unit": table.columns[wish.value].told.unit,
        "by": wish.by,
        "every": wish.every,
        "aggregate": wish.aggregate,
        "time_zone": table.about.time_zone,
        "links": documents.own_links(question, base),
        "series": [
            {"group": group, "times": times, "values": values, "counts": counts}
            for group, times, values, counts in found
        ],
    }


async def _items_page(
    api: Api,
    request: Request,
    question: Asked,
    table: Features,
    page: items.Page,
    links: list[dict[str, str]],
) -> Response:
    then = next((one["href"] for one in links if one["rel"] == "next"), "")
    shown = pages.items_page(
        question, api.base, table.name, _title(table, question), table.about.fields, items.told(table, page),
        page.matched, then,
    )  # fmt: skip
    return await api.page(request, question, shown)


async def _table_at(api: Api, name: str, question: Asked) -> tuple[Features, int]:
    """The version a question is about, and its first row: the newest, or that of the page before."""
    if "cursor" not in question.given:
        return await api.library.features(name), 0
    at = cursor.read(question.given["cursor"])
    held = api.library.older(name, at.version)
    if held is None:
        newest = await api.library.features(name)
        held = newest if newest.version == at.version else None
    if held is None:
        raise _Outdated(question.address(api.base, cursor=None))
    return held, at.row


async def _rows(table: Features, wanted: Selection) -> Rows:
    rows: Rows = await _beside(table, selected, table, wanted)
    return rows


async def _beside(table: Features, judge: Callable[..., Any], *arguments: object) -> Any:
    """``judge`` at once over a small table, in a thread over a large one."""
    if table.rows < IN_THREAD:
        return judge(*arguments)
    return await anyio.to_thread.run_sync(judge, *arguments)


def _located(reference: Reference) -> dict[str, str]:
    return {"content-crs": f"<{reference.uri}>"}


def _fields(fields: Any) -> tuple[str, ...]:
    return tuple(told.name for told in fields)


def _without(given: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in names}


def _title(table: Features, question: Asked) -> str:
    return text_of(table.about.title, question.look.language) or table.name
