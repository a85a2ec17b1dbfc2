"""The audit page: its search, the state of the chain, its file."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from callbacks.asking import asker
from callbacks.shell import read_address
from callbacks.wiring import in_browser, on, route
from layouts import audit as layout
from layouts import audit_entries
from layouts.audit_address import CUSTOM, query_of, read_after, read_search, search_of, write_search
from layouts.ids import Audit, Shell
from model.auditing import FIELDS, Entry
from model.errors import BadRequest, Refused, Unavailable
from model.roles import AUDITORS, ROOM
from model.texts import Words, words
from services.city import City
from services.takeaway import safe_cell

COLUMNS = (
    "book", "number", "at_utc", "at_local", "actor", "role", "address", "action", "outcome", "kind", "object",
    "asset", "purpose", "details", "hash",
)  # fmt: skip


def speak(city: City, language: str | None) -> Words:
    """The words of ``language``, or of the city's first, in the city's zone."""
    return words(language or city.settings.language, city.profile.time_zone)


async def allow_audit_dates(_city: City, period: str | None) -> tuple[bool, bool]:
    """Dates may be typed only where no period is chosen by name: are the fields disabled?"""
    return period != CUSTOM, period != CUSTOM


async def search_audit(
    city: City,
    clicks: int | None,
    asset_sent: int | None,
    actor_sent: int | None,
    text_sent: int | None,
    period: str | None,
    first: str | None,
    last: str | None,
    actor: str | None,
    role: str | None,
    action: str | None,
    asset: str | None,
    book: str | None,
    purpose: str | None,
    outcome: str | None,
    text: str | None,
    address: str | None,
    language: str | None,
) -> tuple[Any, Any]:
    """What the form looks for, and the address that shows the same. The reading is on record by then."""
    say = speak(city, language)
    values = (actor, role, action, asset, book, purpose, outcome, text)
    search = search_of(period, first, last, {n: v or "" for n, v in zip(FIELDS, values, strict=True)})
    # A page of older entries is an address; a new search begins with the newest.
    begun = any((clicks, asset_sent, actor_sent, text_sent))
    after = None if begun else read_after(read_address(address).get("after"))
    written = write_search(search, after)
    viewer = asker(city)
    try:
        query = query_of(search, datetime.now(UTC), say.zone)
        found = await asyncio.to_thread(city.access.audit.search, viewer, query, after)
    except BadRequest:
        return layout.bad(say), written
    except Refused:
        return layout.refused(say), written
    except Unavailable as away:
        return layout.away(say, str(away)), written
    shown = audit_entries.found_entries(say, search, query, found, after is not None, viewer.role in ROOM)
    return shown, written


async def show_chain(city: City, clicks: int | None, language: str | None) -> tuple[Any, str]:
    """How far the books are verified; verified now when the button was pressed."""
    say, viewer, told = speak(city, language), asker(city), ""
    try:
        if clicks:
            verdict = await asyncio.to_thread(city.access.audit.verify, viewer)
            count = sum(book.count for book in verdict.books)
            told = say("audit.verified", n=say.number(count)) if verdict.sound else say("audit.verified_not")
        state = await asyncio.to_thread(city.access.audit.state, viewer)
    except (Refused, Unavailable):
        return [], say("audit.away")
    return audit_entries.chain(say, state), told


async def audit_file(city: City, request: Request) -> Response:
    """``GET /audit/export?<the page's own query>``: all entries found as CSV, on record first."""
    asked = dict(request.query_params)
    say = speak(city, asked.get("lang"))
    try:
        query = query_of(read_search(asked), datetime.now(UTC), say.zone)
    except BadRequest:
        raise BadRequest(say("audit.bad_dates")) from None
    entries = await asyncio.to_thread(city.access.audit.export, asker(city), query)
    name = f"vigie-audit-{city.profile.name}-{datetime.now(say.zone):%Y%m%d-%H%M}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(lines(say, entries), media_type="text/csv; charset=utf-8", headers=headers)


def lines(say: Words, entries: tuple[Entry, ...]) -> Iterator[str]:
    """The entries as CSV with a byte order mark; what a spreadsheet would take for a formula is text."""
    yield "\ufeff" + _line(COLUMNS)
    for entry in entries:
        details = json.dumps(dict(entry.details), ensure_ascii=False)
        yield _line(
            (
                entry.book, str(entry.number), entry.at.astimezone(UTC).isoformat(),
                say.local(entry.at).isoformat(), entry.actor, entry.role, entry.address, entry.action,
                entry.outcome, entry.kind, entry.object, entry.asset_name, entry.purpose, details,
                entry.hash.hex(),
            )
        )  # fmt: skip


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(safe_cell(cell) for cell in cells)
    return out.getvalue()


def routes(server: FastAPI, city: City) -> None:
    """Declare the file's route."""
    route(server, city, "/audit/export", audit_file, may=AUDITORS)


def register(app: Dash, city: City) -> None:
    """Wire the audit page."""
    typed = (Audit.ASSET, Audit.ACTOR, Audit.TEXT)
    fields = (
        Audit.ACTOR, Audit.ROLE, Audit.ACTION, Audit.ASSET, Audit.BOOK, Audit.PURPOSE, Audit.OUTCOME,
        Audit.TEXT,
    )  # fmt: skip
    on(
        app, city, allow_audit_dates,
        Output(Audit.FROM, "disabled"), Output(Audit.TO, "disabled"),
        Input(Audit.PERIOD, "value"), may=AUDITORS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, search_audit,
        Output(Audit.RESULTS, "children"), Output(Audit.ADDRESS, "data"),
        Input(Audit.SEARCH, "n_clicks"), *(Input(id_, "n_submit") for id_ in typed),
        State(Audit.PERIOD, "value"), State(Audit.FROM, "value"), State(Audit.TO, "value"),
        *(State(id_, "value") for id_ in fields),
        State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"), may=AUDITORS,
    )  # fmt: skip
    on(
        app, city, show_chain,
        Output(Audit.CHAIN, "children"), Output(Audit.TOLD, "children"),
        Input(Audit.VERIFY, "n_clicks"), State(Shell.LANGUAGE, "data"), may=AUDITORS,
        running=[(Output(Audit.VERIFY, "disabled"), True, False)],
    )  # fmt: skip
    in_browser(
        app, "vigie_history.write_address",
        Output(Audit.WRITTEN, "data"), Input(Audit.ADDRESS, "data"), may=AUDITORS, prevent_initial_call=True,
    )  # fmt: skip
