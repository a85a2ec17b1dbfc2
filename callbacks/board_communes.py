"""The communes beside each other, and the board of each."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State

from callbacks.board import codes_of, foot, own_figures, read_board, shown_of, speaking
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import board as layout
from layouts import board_communes as communes
from layouts.board_address import COMMUNE, COMMUNES, Shown, rest_of
from layouts.board_sharing import sharing
from layouts.board_tabs import board_away, framed
from layouts.ids import CommuneBoards, Shell
from model.datasets import KEY_FIGURES
from model.errors import Unavailable
from model.roles import BOARD_READERS
from model.texts import Words
from services.boards import CITY_BOARD
from services.city import City


async def show_communes(
    city: City, search: str | None, path: str | None, language: str | None
) -> tuple[Any, str]:
    """The board of the commune whose code ends the path; without one, all communes beside each other."""
    say, shown, code = speaking(city, language), shown_of(city, search), rest_of(path, COMMUNE)
    try:
        if code:
            body = await asyncio.to_thread(_commune, city, say, shown, code)
        else:
            body = await asyncio.to_thread(_index, city, say, shown, read_address(search))
    except Unavailable as away:
        body = board_away(say, str(away))
    return framed(say, COMMUNES, shown, body), "false"


def _index(city: City, say: Words, shown: Shown, asked: dict[str, str]) -> Any:
    board, codes = read_board(city, shown, CITY_BOARD)
    return communes.index(
        say, board, shown, codes, sort=asked.get("sort", ""), down=asked.get("dir") == "desc",
        foot=foot(city, say),
    )  # fmt: skip


def _commune(city: City, say: Words, shown: Shown, code: str) -> Any:
    area = next((area for area, own in codes_of(city).items() if own == code), None)
    if area is None:
        return communes.unknown(say, code)
    keys = tuple(kpi.key for kpi in own_figures(city) if kpi.key in CITY_BOARD and kpi.per_area)
    board, codes = read_board(city, shown, keys, area)
    whole, _ = read_board(city, shown, keys)
    out = _published(city, datetime.now(UTC))
    share = sharing(say, city.settings.public_address, code, board.area_name, published=out)
    return layout.commune_board(say, board, whole, shown, codes, sharing=share, foot=foot(city, say))


def _published(city: City, now: datetime) -> bool:
    """Whether the public panel has figures to show: a publication of them is in force."""
    held = city.publications.list()
    return any(one.dataset in KEY_FIGURES and one.in_force(now) for one in held)


def register(app: Dash, city: City) -> None:
    """Wire the communes' boards."""
    on(
        app, city, show_communes,
        Output(CommuneBoards.BODY, "children"), Output(CommuneBoards.BODY, "aria-busy"),
        Input(Shell.LOCATION, "search"), State(Shell.LOCATION, "pathname"), State(Shell.LANGUAGE, "data"),
        may=BOARD_READERS,
    )  # fmt: skip
