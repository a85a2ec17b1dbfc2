"""A figure opened: its definition, the question asked of the database, and every day of the answer."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from dash import Dash, Input, Output, State

from callbacks.board import codes_of, own_figures, shown_of, speaking
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import board_communes as communes
from layouts import board_truth as layout
from layouts.board_address import FIGURE, Shown, rest_of
from layouts.board_tabs import board_away, framed, section_of
from layouts.ids import FigureTruth, Shell
from layouts.pages import page_at
from model.errors import Unavailable
from model.kpis import Kpi
from model.roles import BOARD_READERS
from model.texts import Words
from services.city import City


async def show_figure(
    city: City, search: str | None, path: str | None, language: str | None
) -> tuple[Any, str]:
    """The figure whose key ends the path, over the period and the commune of the query; without a key, every
    figure there is."""
    say, shown, key = speaking(city, language), shown_of(city, search), rest_of(path, FIGURE)
    own = own_figures(city)
    kpi = next((one for one in own if one.key == key), None)
    if kpi is None:
        body = layout.unknown(say, key, shown) if key else layout.catalogue(say, own, shown)
        return framed(say, FIGURE, shown, body), "false"
    code = read_address(search).get("area", "")
    try:
        body = await asyncio.to_thread(_figure, city, say, shown, kpi, code)
    except Unavailable as away:
        body = board_away(say, str(away))
    return framed(say, section_of(kpi).path, shown, body), "false"


def _figure(city: City, say: Words, shown: Shown, kpi: Kpi, code: str) -> Any:
    codes = codes_of(city)
    area = next((area for area, own in codes.items() if code and own == code), None)
    if code and area is None:
        return communes.unknown(say, code)
    truth = city.boards.truth(kpi.key, shown.period, shown.start, area)
    if not may_open(city, truth.observations):
        truth = replace(truth, observations=None)
    place = next((one.name for one in city.registry.areas() if one.id == area), "")
    register = may_open(city, "/publications")
    return layout.figure(say, truth, shown, codes, code=code, place=place, register=register)


def may_open(city: City, address: str | None) -> bool:
    """Whether the page at ``address`` is for who looks: no way is offered that would be refused."""
    page = page_at(urlsplit(address).path) if address else None
    return page is not None and city.viewer is not None and city.viewer.role in page.may


def register(app: Dash, city: City) -> None:
    """Wire the page of a figure."""
    on(
        app, city, show_figure,
        Output(FigureTruth.BODY, "children"), Output(FigureTruth.BODY, "aria-busy"),
        Input(Shell.LOCATION, "search"), State(Shell.LOCATION, "pathname"), State(Shell.LANGUAGE, "data"),
        may=BOARD_READERS,
    )  # fmt: skip
