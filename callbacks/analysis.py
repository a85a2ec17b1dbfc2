"""The analysis pages: what is chosen becomes a question, its answer panels, and an address that shows it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.looking import closed_names
from callbacks.origin import origin_of
from callbacks.wiring import in_browser, on
from layouts import analysis as layout
from layouts.analysis_address import CUSTOM, FIRST_PRESET, Shown, before, question_of, write_shown
from layouts.ids import Analysis, Shell
from model.analysis import Question, View, unnamed
from model.domains import DOMAINS
from model.errors import BadRequest, Unavailable
from model.notes import WHOLE_CITY
from model.roles import PAST_READERS
from model.texts import words
from services.city import City

DOMAINS_BY_NAME = {domain.name: domain for domain in DOMAINS}


async def allow_analysis_dates(_city: City, preset: str | None) -> bool:
    """Dates may be typed only where no preset is in force: is the field disabled?"""
    return preset != CUSTOM


def shown_of(
    domain: str,
    pick: str | None,
    area: str | None,
    preset: str | None,
    dates: list[str] | None,
    compare: bool | None,
) -> Shown:
    """The controls' values as what is shown; half-typed dates count as none."""
    whole = preset == CUSTOM and dates is not None and len(dates) == 2 and all(dates)
    days = (dates[0][:10], dates[1][:10]) if whole and dates else None
    return Shown(domain, int(area or 0), preset or FIRST_PRESET, days, bool(compare), pick or None)


async def analyse(
    city: City,
    area: str | None,
    preset: str | None,
    dates: list[str] | None,
    compare: bool | None,
    theme: str | None,
    domain: str,
    pick: str | None,
    language: str | None,
) -> tuple[Component, Any, Any]:
    """The panels of what is chosen, the address that shows the same, and the ways to the other views."""
    say = words(language or city.settings.language, city.profile.time_zone)
    shown = shown_of(domain, pick, area, preset, dates, compare)
    if shown.preset == CUSTOM and not shown.days:
        return no_update, no_update, no_update
    try:
        asked = question_of(shown, datetime.now(UTC), city.profile.zone)
        found, earlier, place = await asyncio.to_thread(_read, city, asked, shown)
        notes = await asyncio.to_thread(city.notes.between, asked.t0, asked.t1, asked.area_id or WHOLE_CITY)
    except Unavailable as gone:
        return layout.away(say, str(gone)), no_update, layout.domain_links(say, shown, city.analysis.domains)
    except BadRequest as bad:
        return layout.bad(say, str(bad)), no_update, layout.domain_links(say, shown, city.analysis.domains)
    origin = origin_of(city, say)
    body = layout.results(say, asked, found, earlier, shown, place, theme or "dark", origin, notes)
    return body, write_shown(shown), layout.domain_links(say, shown, city.analysis.domains)


def _read(city: City, asked: Question, shown: Shown) -> tuple[View, View | None, str | None]:
    found = city.analysis.view(asked)
    earlier = city.analysis.view(before(asked, city.profile.zone)) if shown.compare else None
    names = {area.id: area.name for area in city.registry.areas()} if asked.area_id else {}
    if any(kind.guarded for kind in DOMAINS_BY_NAME[asked.domain].asset_types):
        # What names single cameras or doors is their record: only those somebody may look at now.
        closed = closed_names(city, "analysis")
        found = unnamed(found, closed)
        earlier = unnamed(earlier, closed) if earlier else None
    own = ", ".join(city.registry.places() or ()) or None
    return found, earlier, names.get(asked.area_id or 0, own)


def register(app: Dash, city: City) -> None:
    """Wire the analysis pages."""
    on(
        app,
        city,
        allow_analysis_dates,
        Output(Analysis.DATES, "disabled"),
        Input(Analysis.PERIOD, "value"),
        may=PAST_READERS,
        prevent_initial_call=True,
    )
    on(
        app,
        city,
        analyse,
        Output(Analysis.RESULTS, "children"),
        Output(Analysis.ADDRESS, "data"),
        Output(Analysis.DOMAINS, "children"),
        Input(Analysis.AREA, "value"),
        Input(Analysis.PERIOD, "value"),
        Input(Analysis.DATES, "value"),
        Input(Analysis.COMPARE, "checked"),
        Input(Shell.THEME, "data"),
        State(Analysis.DOMAIN, "data"),
        State(Analysis.PICK, "data"),
        State(Shell.LANGUAGE, "data"),
        may=PAST_READERS,
    )
    in_browser(
        app,
        "vigie_history.write_address",
        Output(Analysis.WRITTEN, "data"),
        Input(Analysis.ADDRESS, "data"),
        may=PAST_READERS,
        prevent_initial_call=True,
    )
