"""Which page is shown, in whose language: the callbacks around every page."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from callbacks.map_data import tiles_for
from callbacks.wiring import in_browser, on
from layouts import shell
from layouts.acts import acts_of
from layouts.ids import Shell
from layouts.pages import PAGES, home_of, page_at
from layouts.view import AreaChoice, PageView
from model.errors import Unavailable
from model.people import Grant
from model.roles import STAFF
from model.texts import words
from services.city import City

MARGIN = 0.15
"""Of a scope's extent, on each side of it on the map."""


def read_address(search: str | None) -> dict[str, str]:
    """The query of an address (``?asset=EP-0255``) as names and values; of a repeated name the first."""
    return {name: values[0] for name, values in parse_qs((search or "").lstrip("?")).items()}


async def area_choices(city: City) -> tuple[AreaChoice, ...]:
    """The city's areas by name; none while the database is away, and the page says so elsewhere."""
    try:
        found = await asyncio.to_thread(city.registry.areas)
    except Unavailable:
        return ()
    return tuple(AreaChoice(area.id, area.name, area.kind) for area in found)


def _around(city: City) -> tuple[float, float, float, float] | None:
    """Where the equipment of a scope of some areas lies, with a margin; None for the whole city."""
    columns = city.live.columns
    if city.scope.areas is None or columns is None or not len(columns):
        return None
    west, east = float(columns.lon.min()), float(columns.lon.max())
    south, north = float(columns.lat.min()), float(columns.lat.max())
    wide, high = max(east - west, 0.005) * MARGIN, max(north - south, 0.005) * MARGIN
    return west - wide, south - high, east + wide, north + high


async def page_view(city: City, path: str, search: str | None, theme: str | None) -> PageView:
    """What the page at ``path`` is told of ``city``."""
    profile, bounds, columns = city.profile, city.profile.bounds, city.live.columns
    return PageView(
        title=profile.title,
        zone=profile.time_zone,
        bounds=_around(city) or (bounds.west, bounds.south, bounds.east, bounds.north),
        generated=profile.generated,
        attribution=profile.attribution,
        licence=profile.licence,
        area_kind=profile.area_kind,
        areas=await area_choices(city),
        tiles=tiles_for(city),
        theme=theme or "dark",
        path=path,
        address=read_address(search),
        viewer=city.viewer,
        grants=await grants_held(city),
        open_pages=frozenset(page.path for page in PAGES if city.viewer and city.viewer.role in page.may),
        places=await asyncio.to_thread(city.registry.places),
        domains=city.scope.domains,
        empty=not city.scope.whole and columns is not None and not len(columns),
    )


async def grants_held(city: City) -> tuple[Grant, ...]:
    """All the viewer holds; none while the database is away, when she could not change anyway."""
    if city.viewer is None:
        return ()
    try:
        held = city.access.people.grants_of
        return tuple(await asyncio.to_thread(held, city.viewer.person_id, datetime.now(UTC)))
    except Unavailable:
        return ()


async def show_page(
    city: City, path: str | None, language: str | None, search: str | None, theme: str | None
) -> tuple[Component, str]:
    """The page at ``path`` in ``language``, and its title."""
    say = words(language or city.settings.language, city.profile.time_zone)
    page = page_at(path)
    view = await page_view(city, page.path if page else "", search, theme)
    if page is None:
        return shell.not_found(say, view), f"{say('shell.not_found')} · Vigie"
    if city.viewer is None or city.viewer.role not in page.may:
        home = home_of(city.viewer.role) if city.viewer else "/"
        return shell.refused(say, view, home), f"{say('access.refused')} · Vigie"
    built = html.Div(page.build(say, view), className="page-of", **{"data-may": acts_of(city.viewer.role)})
    return built, f"{say(page.title)} · {view.title} · Vigie"


def register(app: Dash, city: City) -> None:
    """Wire the shell."""
    in_browser(
        app, "vigie_shell.preferred",
        Output(Shell.LANGUAGE, "data"), Output(Shell.THEME, "data"),
        Input(Shell.LOCATION, "pathname"), may=STAFF,
    )  # fmt: skip
    in_browser(
        app,
        "vigie_shell.scheme",
        Output(Shell.PROVIDER, "forceColorScheme"),
        Input(Shell.THEME, "data"),
        may=STAFF,
    )
    in_browser(
        app, "vigie_shell.title", Output(Shell.TITLE, "clear_data"), Input(Shell.TITLE, "data"), may=STAFF
    )
    on(
        app, city, show_page,
        Output(Shell.PAGE, "children"), Output(Shell.TITLE, "data"),
        Input(Shell.LOCATION, "pathname"), Input(Shell.LANGUAGE, "data"),
        State(Shell.LOCATION, "search"), State(Shell.THEME, "data"), may=STAFF,
    )  # fmt: skip
