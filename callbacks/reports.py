"""The archive of monthly reports: listed, downloaded, made anew; who is sent them; ended from a letter."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from fastapi import FastAPI, Request, Response

from callbacks.forms import page as html_page
from callbacks.forms import say_to, sheet_of
from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.shell import read_address
from callbacks.takeaway import taken
from callbacks.wiring import on, route
from layouts import reports as layout
from layouts.ids import Reports, Shell
from model.errors import BadField, NotFound, NotNow, Refused, Unavailable, VigieError
from model.monthly import MEDIA_TYPES
from model.report_archive import Archived, Subscriber, Wish
from model.roles import ANYBODY, BOARD_READERS, REPORT_KEEPERS
from model.texts import Words
from services.city import City
from services.reports import file_name

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'none'; base-uri 'none'"
)
"""What an archived HTML may load: its own style and typeface, and nothing else; no script runs in it."""


async def show_reports(
    city: City, search: str | None, _changed: Any, _tick: Any, language: str | None
) -> Component:
    """The month of the address, and who is sent reports for those who keep the list."""
    say = speak(city, language)
    try:
        files, wishes, some, places = await asyncio.to_thread(_read, city)
    except Unavailable as problem:
        return layout.away(say, str(problem))
    asked = _month(read_address(search).get("month", ""))
    return layout.body(say, files, asked, city.profile.title, wishes, some, places, datetime.now(UTC))


def _read(
    city: City,
) -> tuple[Sequence[Archived], Sequence[Wish], Sequence[Subscriber] | None, dict[int, str]]:
    viewer = viewer_of(city)
    keeps = viewer.role in REPORT_KEEPERS
    some = city.subscribers.list(viewer) if keeps else None
    places = dict(city.reports.places()) if keeps else {}
    return city.reports.list(viewer), city.reports.wishes(), some, places


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


# --- made anew ------------------------------------------------------------------------------------------


async def open_anew(city: City, acted: Acted, language: str | None) -> Any:
    """Ask why a report is to be made anew."""
    wanted = act_of(acted, "anew")
    if wanted is None:
        return no_update
    say = speak(city, language)
    try:
        file = await asyncio.to_thread(_file, city, wanted)
    except (NotFound, Unavailable):
        return no_update
    what = say(
        "reports.anew_what", place=file.area_name or city.profile.title,
        month=layout.month_words(say, file.month), version=file.version,
    )  # fmt: skip
    return True, {"area": file.area_id, "month": f"{file.month:%Y-%m}"}, what, "", "", None


def _file(city: City, file_id: int) -> Archived:
    found = next((one for one in city.reports.list(viewer_of(city)) if one.id == file_id), None)
    if found is None:
        raise NotFound(f"no report {file_id}")
    return found


async def save_anew(
    city: City, clicks: int | None, asked: dict[str, Any] | None, reason: str | None, language: str | None
) -> Any:
    """Write the wish down; the job makes it."""
    month = _month(str((asked or {}).get("month", "")))
    if not clicks or not asked or month is None:
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(
            city.reports.ask, viewer_of(city), int(asked.get("area", -1)), month, reason or ""
        )
    except BadField as bad:
        return no_update, no_update, "", say(f"reports.bad_{bad.reason}", **bad.values)
    except VigieError as problem:
        return no_update, no_update, told(say, problem), None
    return False, changed(), "", None


# --- who is sent them -----------------------------------------------------------------------------------


async def open_add(_city: City, acted: Acted) -> Any:
    """The empty form of a new reader."""
    if act_of(acted, "add") is None:
        return no_update
    return True, "", "", "", None, None, None, None


async def save_add(city: City, clicks: int | None, *values: Any) -> Any:
    """Put somebody on the list; or say at its field what is wrong."""
    if not clicks:
        return no_update
    *typed, language = values
    say = speak(city, language)
    try:
        await asyncio.to_thread(city.subscribers.add, viewer_of(city), layout.draft_of(typed))
    except BadField as bad:
        return no_update, no_update, "", *layout.wrong_at(say, bad)
    except (Refused, Unavailable) as problem:
        return no_update, no_update, told(say, problem), *layout.wrong_at(say, None)
    return False, changed(), "", *layout.wrong_at(say, None)


async def open_end(city: City, acted: Acted, language: str | None) -> Any:
    """Ask once more before somebody goes off the list."""
    wanted = act_of(acted, "end")
    if wanted is None:
        return no_update
    try:
        some = await asyncio.to_thread(city.subscribers.list, viewer_of(city))
    except Unavailable:
        return no_update
    name = next((one.name for one in some if one.id == wanted), "")
    return True, {"reader": wanted}, speak(city, language)("reports.end_what", name=name), ""


async def save_end(city: City, clicks: int | None, asked: dict[str, Any] | None, language: str | None) -> Any:
    """Take somebody off the list."""
    if not clicks or not asked or "reader" not in asked:
        return no_update
    try:
        await asyncio.to_thread(
            city.subscribers.end, viewer_of(city), int(asked["reader"]), datetime.now(UTC)
        )
    except NotFound:
        return False, changed(), ""
    except VigieError as problem:
        return no_update, no_update, told(speak(city, language), problem)
    return False, changed(), ""


def told(say: Words, problem: VigieError) -> str:
    """Why nothing was done, in the reader's language."""
    if isinstance(problem, NotNow):
        return say(f"reports.not_now_{problem.reason}")
    if isinstance(problem, Refused) and problem.reason == "place":
        return say("reports.refused_place")
    if isinstance(problem, NotFound):
        return say("reports.gone")
    return say("reports.not_saved", what=str(problem))


# --- routes ---------------------------------------------------------------------------------------------


async def report_file(city: City, request: Request) -> Response:
    """One archived file, as it was made."""
    asked = str(request.path_params["file"])
    if not asked.isdigit() or len(asked) > 12:
        raise NotFound("no such report")
    file, body = await asyncio.to_thread(city.reports.read, viewer_of(city), int(asked))
    await taken(city, "monthly", {"file": asked}, format=file.format, bytes=file.size)
    name = file_name(city.profile.name, file.month, file.area_id, file.language, file.version, file.format)
    shown = "attachment" if file.format == "pptx" else "inline"
    headers = {
        "content-disposition": f'{shown}; filename="{name}"', "cache-control": "private, no-store",
        "etag": f'"{file.sha256[:32]}"',
    }  # fmt: skip
    if file.format == "html":
        headers["content-security-policy"] = POLICY
    return Response(body, media_type=MEDIA_TYPES[file.format], headers=headers)


async def ask_end(city: City, request: Request) -> Response:
    """The page a letter's last line leads to; looking at it ends nothing, for mail scanners look too."""
    say, sheet = say_to(city, request), sheet_of(city, request)
    try:
        on_list = await asyncio.to_thread(city.subscribers.known, str(request.path_params["token"]))
    except NotFound:
        return html_page(layout.unknown_end(say, sheet), 404)
    return html_page(layout.end_page(say, sheet, on_list=on_list))


async def end_mine(city: City, request: Request) -> Response:
    """End it, as the reader asked."""
    say, sheet = say_to(city, request), sheet_of(city, request)
    try:
        token = str(request.path_params["token"])
        await asyncio.to_thread(city.subscribers.end_by, token, datetime.now(UTC))
    except NotFound:
        return html_page(layout.unknown_end(say, sheet), 404)
    return html_page(layout.end_page(say, sheet, on_list=False))


def routes(server: FastAPI, city: City) -> None:
    """Declare the files, and the way off the list."""
    route(server, city, "/boards/reports/file/{file}", report_file, may=BOARD_READERS)
    route(server, city, "/boards/reports/end/{token}", ask_end, may=ANYBODY)
    route(server, city, "/boards/reports/end/{token}", end_mine, may=ANYBODY, method="POST")


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in layout.FIELD_IDS]
    on(
        app, city, show_reports, Output(Reports.LIST, "tree"),
        Input(Shell.LOCATION, "search"), Input(Reports.CHANGED, "data"), Input(Reports.TICK, "n_intervals"),
        State(Shell.LANGUAGE, "data"), may=BOARD_READERS,
    )  # fmt: skip
    on(
        app, city, open_anew,
        Output(Reports.ANEW_DIALOG, "opened", allow_duplicate=True),
        Output(Reports.ASKED, "data", allow_duplicate=True), Output(Reports.ANEW_WHAT, "children"),
        Output(Reports.REASON, "value"), Output(Reports.ANEW_TOLD, "children", allow_duplicate=True),
        Output(Reports.REASON, "error", allow_duplicate=True),
        Input(Reports.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=REPORT_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_anew,
        Output(Reports.ANEW_DIALOG, "opened", allow_duplicate=True),
        Output(Reports.CHANGED, "data", allow_duplicate=True),
        Output(Reports.ANEW_TOLD, "children", allow_duplicate=True),
        Output(Reports.REASON, "error", allow_duplicate=True),
        Input(Reports.ANEW, "n_clicks"), State(Reports.ASKED, "data"), State(Reports.REASON, "value"),
        State(Shell.LANGUAGE, "data"), may=REPORT_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, open_add,
        Output(Reports.ADD_DIALOG, "opened", allow_duplicate=True),
        Output(Reports.NAME, "value"), Output(Reports.EMAIL, "value"),
        Output(Reports.ADD_TOLD, "children", allow_duplicate=True), *errors,
        Input(Reports.LIST, "acted"), may=REPORT_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_add,
        Output(Reports.ADD_DIALOG, "opened", allow_duplicate=True),
        Output(Reports.CHANGED, "data", allow_duplicate=True),
        Output(Reports.ADD_TOLD, "children", allow_duplicate=True), *errors,
        Input(Reports.ADD, "n_clicks"), *(State(id_, "value") for id_ in layout.FIELD_IDS),
        State(Shell.LANGUAGE, "data"), may=REPORT_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, open_end,
        Output(Reports.END_DIALOG, "opened", allow_duplicate=True),
        Output(Reports.ASKED, "data", allow_duplicate=True), Output(Reports.END_WHAT, "children"),
        Output(Reports.END_TOLD, "children", allow_duplicate=True),
        Input(Reports.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=REPORT_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_end,
        Output(Reports.END_DIALOG, "opened", allow_duplicate=True),
        Output(Reports.CHANGED, "data", allow_duplicate=True),
        Output(Reports.END_TOLD, "children", allow_duplicate=True),
        Input(Reports.END, "n_clicks"), State(Reports.ASKED, "data"), State(Shell.LANGUAGE, "data"),
        may=REPORT_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
