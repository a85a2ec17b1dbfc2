"""The city board: read in a thread, shown or honestly not shown."""

import asyncio
from datetime import UTC, date, datetime

from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks.origin import scope_words
from callbacks.shell import read_address
from callbacks.wiring import in_browser, on
from layouts import board as layout
from layouts.ids import CityBoard, Shell
from model.errors import Unavailable
from model.kpis import Period
from model.roles import BOARD_READERS
from model.texts import words
from services.boards import CITY_BOARD
from services.city import City


def asked_day(search: str | None, last: date) -> date:
    """The day the address asks for, at most ``last``; ``last`` when it asks for none or for nonsense."""
    try:
        return min(date.fromisoformat(read_address(search).get("day", "")), last)
    except ValueError:
        return last


async def show_board(city: City, search: str | None, language: str | None) -> tuple[Component, str]:
    """The board of the day in the address, yesterday by default, and that it is no longer busy."""
    say = words(language or city.settings.language, city.profile.time_zone)
    last = city.boards.last_day(datetime.now(UTC))
    try:
        board = await asyncio.to_thread(
            city.boards.board, Period.DAY, asked_day(search, last), keys=CITY_BOARD
        )
        scope = await asyncio.to_thread(scope_words, city, say)
    except Unavailable as away:
        return layout.board_away(say, str(away)), "false"
    profile = city.profile
    body = layout.board_body(
        say, board, last_day=last, generated=profile.generated, attribution=profile.attribution,
        scope=scope,
    )  # fmt: skip
    return body, "false"


def register(app: Dash, city: City) -> None:
    """Wire the board."""
    on(
        app, city, show_board,
        Output(CityBoard.BODY, "children"), Output(CityBoard.BODY, "aria-busy"),
        Input(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"), may=BOARD_READERS,
    )  # fmt: skip
    in_browser(
        app, "vigie_board.print",
        Output(CityBoard.PRINTED, "data"), Input(CityBoard.PRINT, "n_clicks"), may=BOARD_READERS,
    )  # fmt: skip
