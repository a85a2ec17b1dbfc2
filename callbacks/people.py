"""The page of people: its list and one account, by filters and address; who may what; privileged accounts."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from fastapi import FastAPI

from callbacks.shell import read_address
from callbacks.wiring import doors, in_browser, on
from layouts import people as layout
from layouts.ids import Confirming, People, Shell
from layouts.pages import PAGES
from layouts.people_address import PRIVILEGED, found, number, shown_of, view_of
from layouts.people_list import people_list, privileged_table
from layouts.people_rights import Declared, rights_matrix
from layouts.people_sheet import nobody_chosen, person_sheet, unknown_account
from model.errors import NotFound, Refused, Unavailable
from model.people import PRIVILEGED as PRIVILEGED_ROLES
from model.people import Sheet
from model.roles import AUDITORS, PEOPLE_KEEPERS, PEOPLE_READERS
from model.texts import Words, words
from model.viewer import Viewer
from services.city import City


def speak(city: City, language: str | None) -> Words:
    """The words of ``language``, or of the city's first, in the city's zone."""
    return words(language or city.settings.language, city.profile.time_zone)


def viewer_of(city: City) -> Viewer:
    """Who works with ``city``. Raises Refused for nobody."""
    if city.viewer is None:
        raise Refused("nobody is signed in")
    return city.viewer


def keeps(city: City) -> bool:
    """Whether who looks may change people, grants, sessions and agreements."""
    return viewer_of(city).role in PEOPLE_KEEPERS


def names_of(city: City) -> dict[int, str]:
    """The names of the city's areas by id; none while the database is away. Blocks."""
    try:
        return {area.id: area.name for area in city.registry.areas()}
    except Unavailable:
        return {}


async def show_people(
    city: City,
    search: str | None,
    q: str | None,
    role: str | None,
    area: str | None,
    domain: str | None,
    state: str | None,
    _done: Any,
    _changed: Any,
    _tick: int | None,
    language: str | None,
) -> tuple[Any, ...]:
    """The list under the filters, the account of the address, the page's state, and its address."""
    say, now = speak(city, language), datetime.now(UTC)
    shown = shown_of(number(read_address(search).get("person")), q, role, area, domain, state)
    state_class = layout.page_class(bool(shown.person))
    try:
        everybody = await asyncio.to_thread(city.access.people.list)
        names = await asyncio.to_thread(names_of, city)
        sheet = await asyncio.to_thread(_sheet, city, say, shown, names, now)
    except Unavailable as problem:
        return layout.away(say, str(problem)), no_update, state_class, no_update
    rows = people_list(say, everybody, found(list(everybody), shown, now), shown, names, now, keeps(city))
    return rows, sheet, state_class, shown.query or "?"


def _sheet(city: City, say: Words, shown: Any, names: dict[int, str], now: datetime) -> Any:
    if not shown.person:
        return nobody_chosen(say)
    try:
        sheet = city.access.people.sheet(shown.person)
    except NotFound:
        return unknown_account(say, shown)
    sessions = city.access.sessions.of(shown.person)
    audits = viewer_of(city).role in AUDITORS
    return person_sheet(say, sheet, sessions, shown, names, now, keeps=keeps(city), audits=audits)


# --- who may what, and who is privileged ----------------------------------------------------------------


def declared_on(server: FastAPI, say: Words) -> tuple[list[Declared], list[Declared]]:
    """Every page by its title, and every other door of ``server`` by its name."""
    pages = [Declared(say(page.title), page.may) for page in PAGES]
    others = {door.name: door for door in doors(server) if door.kind != "page" and door.may}
    return pages, [Declared(name, others[name].may) for name in sorted(others)]


def privileged(sheets: Sequence[Sheet], now: datetime) -> list[Sheet]:
    """The open accounts that hold a privileged role at ``now``."""
    return [
        sheet
        for sheet in sheets
        if sheet.person.disabled_at is None
        and any(grant.role in PRIVILEGED_ROLES for grant in sheet.grants_in_force(now))
    ]


def register(app: Dash, city: City) -> None:
    """Wire the page of people."""

    async def show_rights(city: City, search: str | None, language: str | None) -> Any:
        """The matrix of doors by role, or the inventory of privileged accounts."""
        say, now = speak(city, language), datetime.now(UTC)
        if view_of(read_address(search)) != PRIVILEGED:
            return rights_matrix(say, *declared_on(app.server, say))
        try:
            everybody = await asyncio.to_thread(city.access.people.list)
            names = await asyncio.to_thread(names_of, city)
        except Unavailable as problem:
            return layout.away(say, str(problem))
        return privileged_table(say, privileged(everybody, now), names, now)

    on(
        app, city, show_people,
        Output(People.LIST, "tree"), Output(People.SHEET, "tree"), Output(People.PAGE, "className"),
        Output(People.ADDRESS, "data"),
        Input(Shell.LOCATION, "search"), Input(People.SEARCH, "value"), Input(People.ROLE, "value"),
        Input(People.AREA, "value"), Input(People.DOMAIN, "value"), Input(People.STATE, "value"),
        Input(Confirming.DONE, "data"), Input(People.CHANGED, "data"), Input(People.TICK, "n_intervals"),
        State(Shell.LANGUAGE, "data"), may=PEOPLE_READERS,
    )  # fmt: skip
    in_browser(
        app, "vigie_people.filtered",
        Output(People.WRITTEN, "data"), Input(People.ADDRESS, "data"),
        may=PEOPLE_READERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, show_rights,
        Output(People.RIGHTS, "tree"),
        Input(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"), may=PEOPLE_READERS,
    )  # fmt: skip
