"""The boards: read in a thread, shown or honestly not shown."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State

from callbacks.origin import scope_words
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import board as layout
from layouts.board_address import CITY, Shown, read_shown
from layouts.board_tabs import board_away, framed, keys_in, section_at
from layouts.ids import CityBoard, Shell
from model.errors import Unavailable
from model.kpis import Kpi, KpiBoard, Period
from model.promises import PromiseState
from model.roles import BOARD_READERS
from model.texts import Words, words
from model.viewer import WHOLE_CITY
from services.boards import CITY_BOARD, KPIS
from services.city import City


def speaking(city: City, language: str | None) -> Words:
    """The words of ``language`` in the city's zone."""
    return words(language or city.settings.language, city.profile.time_zone)


def shown_of(city: City, search: str | None) -> Shown:
    """The period the address asks for, never later than what is complete."""
    now = datetime.now(UTC)
    return read_shown(read_address(search), city.boards.last_month(now), city.boards.last_day(now))


def own_figures(city: City) -> tuple[Kpi, ...]:
    """The figures of the domains one sees."""
    return tuple(kpi for kpi in KPIS if city.scope.domains is None or kpi.domain in city.scope.domains)


def codes_of(city: City) -> dict[int, str]:
    """The code of each commune one sees, by its id. Blocks; Unavailable."""
    return {area.id: area.code for area in city.registry.areas() if area.kind == city.profile.area_kind}


def read_board(
    city: City, shown: Shown, keys: tuple[str, ...], area: int | None = None
) -> tuple[KpiBoard, dict[int, str]]:
    """The figures ``keys`` over the period shown, and where each commune's own board is. Blocks."""
    own = {kpi.key for kpi in own_figures(city)}
    board = city.boards.board(shown.period, shown.start, area, [key for key in keys if key in own])
    return board, codes_of(city)


def first_promise(city: City, shown: Shown) -> PromiseState | None:
    """The first promise the city made, beside the month it is told up to, for who sees the whole city.
    Blocks; Unavailable."""
    now = datetime.now(UTC)
    newest = shown.period is Period.MONTH and shown.start == city.boards.last_month(now)
    if not newest or city.scope != WHOLE_CITY:
        return None
    return next(iter(city.promises.states(now)), None)


def foot(city: City, say: Words) -> list[Any]:
    """Whose data these are."""
    return layout.foot_parts(say, generated=city.profile.generated, attribution=city.profile.attribution)


async def show_board(
    city: City, search: str | None, path: str | None, language: str | None
) -> tuple[Any, str]:
    """The city's board of the period in the address, the last complete month by default, or the part of the
    catalogue the path names; and that it is no longer busy."""
    say, shown, at = speaking(city, language), shown_of(city, search), (path or CITY).rstrip("/")
    section = section_at(at)
    keys = keys_in(section, KPIS) if section else CITY_BOARD
    try:
        board, codes = await asyncio.to_thread(read_board, city, shown, keys)
        scope = await asyncio.to_thread(scope_words, city, say)
        promise = None if section else await asyncio.to_thread(first_promise, city, shown)
    except Unavailable as away:
        return framed(say, at, shown, board_away(say, str(away))), "false"
    title = say(f"page.board_{section.name}") if section else ""
    body = layout.city_board(
        say, board, shown, codes, path=section.path if section else CITY, title=title, foot=foot(city, say),
        scope=scope, promise=promise,
    )  # fmt: skip
    return framed(say, at, shown, body), "false"


def register(app: Dash, city: City) -> None:
    """Wire the city's boards."""
    on(
        app, city, show_board,
        Output(CityBoard.BODY, "children"), Output(CityBoard.BODY, "aria-busy"),
        Input(Shell.LOCATION, "search"), State(Shell.LOCATION, "pathname"), State(Shell.LANGUAGE, "data"),
        may=BOARD_READERS,
    )  # fmt: skip
