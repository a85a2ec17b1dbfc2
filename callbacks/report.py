"""The report of a night: as a page from the address, and as PDF. ``?t0=&t1=``; else the last night."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, State
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.origin import origin_of, scope_words
from callbacks.shell import read_address
from callbacks.takeaway import ends_of, moment_of, taken
from callbacks.wiring import on, route
from layouts import report as layout
from layouts.ids import Report, Shell
from layouts.report_paper import document
from model.errors import BadRequest, Unavailable, http_status
from model.report import NightReport
from model.roles import ALARM_READERS, EXPORTERS, PAST_READERS
from model.takeaway import Label, address, file_name
from model.texts import Words, words
from services.city import City
from services.settings import ROOT
from services.takeaway import (
    PAPER_DEADLINE_S,
    NightAsked,
    PaperTooLong,
    can_make_pdf,
    night_after,
    night_before,
    night_report,
    pdf_of,
)

FURTHEST = timedelta(days=7)
LONGEST_NAME = 80
STYLE = ROOT / "assets" / "report" / "report.css"

Address = Mapping[str, str]


def asked_ends(city: City, say: Words, asked: Address, now: datetime) -> tuple[datetime, datetime]:
    """The two instants of the address; the last night's sunset and sunrise where it names neither."""
    if not asked.get("t0") and not asked.get("t1"):
        return night_before(*_middle(city), now)
    return ends_of(say, {"a": asked.get("t0", ""), "b": asked.get("t1", "")}, now, FURTHEST)


def _middle(city: City) -> tuple[float, float]:
    bounds = city.profile.bounds
    return (bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2


def report_of(city: City, say: Words, asked: Address, now: datetime) -> NightReport:
    """The report the address asks for. Blocks. BadRequest says what to ask instead; Unavailable."""
    a, b = asked_ends(city, say, asked, now)
    zone, bounds = city.profile.zone, city.profile.bounds
    before, after = moment_of(city, a), moment_of(city, b)
    night = (a, b) == night_before(*_middle(city), b + timedelta(minutes=1))
    place = ", ".join(filter(None, [city.profile.title, scope_words(city, say)]))
    kept = {name: asked[name] for name in ("t0", "t1") if name in asked}
    label = Label(
        origin_of(city, say), say("report.night" if night else "report.between"), place,
        a.astimezone(zone), b.astimezone(zone), now.astimezone(zone), coverage=None,
        read=say("takeaway.read_changes"), question=address("/report", kept),
        made_by=city.viewer.name[:LONGEST_NAME] if city.viewer else "",
    )  # fmt: skip
    box = (bounds.west, bounds.south, bounds.east, bounds.north)
    seen = city.viewer is not None and city.viewer.role in ALARM_READERS
    kind = city.profile.area_kind
    question = NightAsked(city.engine, city.history, kind, box, a, b, before, after, now, alarms=seen)
    return night_report(question, label)


def nights_near(city: City, report: NightReport, now: datetime) -> list[tuple[str, str]]:
    """Addresses of the night before the report's, of the last one, and of the next where it is over."""
    place = _middle(city)
    earlier, later = night_before(*place, report.a), night_after(*place, report.b)
    near = [
        ("report.night_before", _night(*earlier)),
        ("report.last_night", "/report"),
    ]
    if later and later[1] <= now:
        near.append(("report.night_after", _night(*later)))
    return near


def _night(a: datetime, b: datetime) -> str:
    return f"/report?{urlencode({'t0': _iso(a), 't1': _iso(b)}, safe=':')}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


async def show_report(city: City, search: str | None, language: str | None) -> Any:
    """The sheet of the address, or in words why there is none."""
    say = words(language or city.settings.language, city.profile.time_zone)
    now = datetime.now(UTC)
    try:
        report = await asyncio.to_thread(report_of, city, say, read_address(search), now)
    except Unavailable as away:
        return layout.away(say, str(away))
    except BadRequest as bad:
        return layout.bad(say, str(bad))
    pdf = f"/report.pdf?{urlencode(_pdf_address(say, report), safe=':')}"
    return layout.body(say, report, nights_near(city, report, now), pdf=pdf, can_pdf=can_make_pdf())


def _pdf_address(say: Words, report: NightReport) -> dict[str, str]:
    return {"t0": _iso(report.a), "t1": _iso(report.b), "lang": say.language}


async def report_pdf(city: City, request: Request) -> Response:
    """The same sheet as PDF; a sentence where this server cannot make one, and the page still prints."""
    asked = dict(request.query_params)
    say = words(asked.get("lang") or city.settings.language, city.profile.time_zone)
    report = await asyncio.to_thread(report_of, city, say, asked, datetime.now(UTC))
    try:
        pdf = await asyncio.to_thread(pdf_of, document(say, report, style()))
    except PaperTooLong as late:
        return _refused(late, say("report.pdf_too_long", s=f"{PAPER_DEADLINE_S:g}"))
    except Unavailable as away:
        return _refused(away, say("report.no_pdf_now", what=str(away)))
    await taken(city, "report", asked, format="pdf", bytes=len(pdf))
    name = file_name(report.label, say("report.title"), "pdf")
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _refused(problem: Unavailable, message: str) -> Response:
    body = {"error": {"code": type(problem).__name__.lower(), "message": message}}
    return JSONResponse(body, status_code=http_status(problem), headers={"retry-after": "2"})


@cache
def style() -> str:
    """The sheet's css, the same file the page loads."""
    return STYLE.read_text(encoding="utf-8")


def routes(server: FastAPI, city: City) -> None:
    """Declare the PDF's route."""
    route(server, city, "/report.pdf", report_pdf, may=EXPORTERS)


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_report,
        Output(Report.BODY, "children"),
        Input(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"), may=PAST_READERS,
    )  # fmt: skip
