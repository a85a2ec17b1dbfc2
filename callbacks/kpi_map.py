"""The map for officials: what is chosen, the map of it, and an address that shows the same."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.origin import origin_of, scope_words
from callbacks.people import speak
from callbacks.shell import read_address
from callbacks.wiring import in_browser, on
from layouts import kpi_map as layout
from layouts.ids import KpiMap, Shell
from layouts.kpi_map_address import (
    MONTHS_SHOWN,
    MapView,
    Shown,
    month_before,
    read_month,
    read_shown,
    six_of,
    write_shown,
)
from layouts.kpi_maps import Panel, alike, panel_of
from model.area_maps import MapArea, Per, dividing, told
from model.errors import Unavailable
from model.kpis import Kpi, Period
from model.roles import BOARD_READERS
from model.texts import Words
from services.boards import KPI_BY_KEY, KPIS
from services.city import City

MONTHS_CHOSEN = 24


def mapped(city: City) -> list[Kpi]:
    """The figures there are by area, of the domains the viewer may see."""
    domains = city.scope.domains
    return [kpi for kpi in KPIS if kpi.per_area and (domains is None or kpi.domain in domains)]


def settled(city: City, shown: Shown, kpis: Sequence[Kpi]) -> layout.Asked:
    """``shown`` as far as it can be: a figure there is, a month that is over, a division with a meaning."""
    kpi = next((one for one in kpis if one.key == shown.kpi), kpis[0])
    last = city.boards.last_month(datetime.now(UTC))
    first = month_before(last, MONTHS_CHOSEN - 1)
    month = min(max(shown.month or last, first), last)
    per = shown.per if shown.per in dividing(kpi) else Per.ITSELF
    return layout.Asked(kpi, month, per, shown.view, shown.sort)


async def open_kpi_map(city: City, language: str | None, search: str | None) -> tuple[Any, ...]:
    """The choices there are, set to what the address asks for."""
    say, kpis = speak(city, language), mapped(city)
    if not kpis:
        return [], None, [], None, MapView.ONE.value
    asked = settled(city, read_shown(read_address(search)), kpis)
    last = city.boards.last_month(datetime.now(UTC))
    months = [month_before(last, back) for back in range(MONTHS_CHOSEN)]
    return (
        layout.figure_choices(say, kpis),
        asked.kpi.key,
        layout.month_choices(say, months),
        f"{asked.month:%Y-%m}",
        asked.view.value,
    )


async def offer_per(
    city: City, figure: str | None, chosen: str | None, search: str | None, language: str | None
) -> tuple[Any, ...]:
    """What the chosen figure may be divided by; what was chosen stays where it still means something."""
    kpi = KPI_BY_KEY.get(figure or "")
    if kpi is None:
        return [], None
    wanted = chosen or read_shown(read_address(search)).per
    per = dividing(kpi)
    return layout.per_choices(speak(city, language), per), wanted if wanted in per else Per.ITSELF.value


async def show_kpi_map(
    city: City,
    figure: str | None,
    month: str | None,
    per: str | None,
    view: str | None,
    theme: str | None,
    address: str | None,
    search: str | None,
    language: str | None,
) -> tuple[Any, ...]:
    """The maps of what is chosen, and the address that shows the same."""
    say, kpis = speak(city, language), mapped(city)
    if not kpis:
        return layout.none(say), no_update
    if not figure or not per:
        return no_update, no_update
    order = read_shown(read_address(address or search)).sort
    shown = replace(
        read_shown({"kpi": figure, "per": per, "view": view or "", "sort": order}),
        month=read_month(month or ""),
    )
    asked = settled(city, shown, kpis)
    written = write_shown(Shown(asked.kpi.key, asked.month, asked.per, asked.view, asked.sort))
    try:
        body = await asyncio.to_thread(_drawn, city, say, asked, [one.key for one in kpis], theme or "light")
    except Unavailable as away:
        return layout.away(say, str(away)), written
    return body, written


def _drawn(city: City, say: Words, asked: layout.Asked, keys: Sequence[str], theme: str) -> Component:
    panels = _panels(city, say, asked, keys, city.area_maps.areas())
    origin = origin_of(city, say)
    return layout.results(
        say, asked, panels, theme, scope=scope_words(city, say), generated=city.profile.generated,
        source=origin.source,
    )  # fmt: skip


def _panels(
    city: City, say: Words, asked: layout.Asked, keys: Sequence[str], areas: Sequence[MapArea]
) -> list[Panel]:
    if asked.view is MapView.FIGURES:
        figures = [KPI_BY_KEY[key] for key in six_of(keys, asked.kpi.key)]
        return [_panel(city, asked, kpi, say(f"kpi.{kpi.key}.short"), areas) for kpi in figures]
    if asked.view is MapView.ONE:
        return [_panel(city, asked, asked.kpi, layout.month_text(say, asked.month), areas)]
    return _months(city, say, asked, areas)


def _panel(city: City, asked: layout.Asked, kpi: Kpi, title: str, areas: Sequence[MapArea]) -> Panel:
    per = asked.per if kpi.key == asked.kpi.key else Per.ITSELF
    table = city.boards.table(kpi.key, Period.MONTH, asked.month, asked.month)
    return panel_of(title, kpi, per, told(areas, table, 0, per, points_of(city, kpi, per, asked.month)))


def _months(city: City, say: Words, asked: layout.Asked, areas: Sequence[MapArea]) -> list[Panel]:
    first = month_before(asked.month, MONTHS_SHOWN - 1)
    table = city.boards.table(asked.kpi.key, Period.MONTH, first, asked.month)
    points = points_of(city, asked.kpi, asked.per, asked.month)
    panels = [
        panel_of(
            layout.month_text(say, start), asked.kpi, asked.per, told(areas, table, at, asked.per, points)
        )
        for at, start in enumerate(table.starts)
    ]
    return alike(panels)


def points_of(city: City, kpi: Kpi, per: Per, month: date) -> dict[int, int]:
    """How many points of ``kpi`` each area had at the end of ``month``; asked only where it is divided by."""
    if per is not Per.POINT:
        return {}
    types = {asset_type for asset_type, observed in kpi.sources if observed}
    return city.area_maps.points(types, month_before(month, -1) - timedelta(days=1))


def register(app: Dash, city: City) -> None:
    """Wire the map."""
    on(
        app, city, open_kpi_map,
        Output(KpiMap.FIGURE, "data"), Output(KpiMap.FIGURE, "value"),
        Output(KpiMap.MONTH, "data"), Output(KpiMap.MONTH, "value"),
        Output(KpiMap.VIEW, "value"),
        Input(Shell.LANGUAGE, "data"), State(Shell.LOCATION, "search"), may=BOARD_READERS,
    )  # fmt: skip
    on(
        app, city, offer_per,
        Output(KpiMap.PER, "data"), Output(KpiMap.PER, "value"),
        Input(KpiMap.FIGURE, "value"), State(KpiMap.PER, "value"), State(Shell.LOCATION, "search"),
        State(Shell.LANGUAGE, "data"), may=BOARD_READERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, show_kpi_map,
        Output(KpiMap.RESULTS, "children"), Output(KpiMap.ADDRESS, "data"),
        Input(KpiMap.FIGURE, "value"), Input(KpiMap.MONTH, "value"), Input(KpiMap.PER, "value"),
        Input(KpiMap.VIEW, "value"), Input(Shell.THEME, "data"),
        State(KpiMap.ADDRESS, "data"), State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=BOARD_READERS, prevent_initial_call=True,
    )  # fmt: skip
    in_browser(
        app, "vigie_history.write_address",
        Output(KpiMap.WRITTEN, "data"), Input(KpiMap.ADDRESS, "data"),
        may=BOARD_READERS, prevent_initial_call=True,
    )  # fmt: skip
    in_browser(
        app, "vigie_map.sorted",
        Output(KpiMap.ADDRESS, "data", allow_duplicate=True),
        Input(KpiMap.TABLE, "sort"), State(KpiMap.ADDRESS, "data"),
        may=BOARD_READERS, prevent_initial_call=True,
    )  # fmt: skip
