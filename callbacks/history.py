"""The past as charts: what is chosen becomes series, charts, a file."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from callbacks.looking import look, looked
from callbacks.origin import origin_of
from callbacks.wiring import in_browser, on
from layouts import history as layout
from layouts import protected
from layouts.history_address import CUSTOM, Chosen, period_of, properties_of, write_chosen
from layouts.history_series import Told, adds_up, charts, property_name
from layouts.ids import History, Look, Notes, Shell
from layouts.readings import stream_key
from model.domains import ASSET_TYPES
from model.errors import BadRequest, NotFound, Unavailable
from model.looks import Standing
from model.notes import READINGS_MOST, WHOLE_CITY
from model.registry import AssetCard
from model.roles import PAST_READERS
from model.series import Series
from model.texts import Words, words
from services.city import City

AREA_HOURS_UP_TO = timedelta(days=14)
RAW_MOST = 3_000
"""Readings of a raw series looked at for corrections: two days of one a minute."""


def speak(city: City, language: str | None) -> Words:
    """The words of ``language``, or of the city's first, in the city's zone."""
    return words(language or city.settings.language, city.profile.time_zone)


async def pick_asset(_city: City, picked: dict[str, Any] | None) -> Any:
    """The asset found by search becomes the one shown."""
    return picked["asset"] if picked else no_update


async def offer_type_properties(
    city: City, asset_type: str, current: str | None, language: str | None
) -> tuple[list[dict[str, str]], str]:
    """What can be shown of the chosen type; the property stays where the new type has it too."""
    names = properties_of(asset_type)
    data = layout.property_choices(speak(city, language), asset_type)
    return data, current if current in names else names[0]


async def allow_dates(_city: City, preset: str | None) -> bool:
    """Dates may be typed only where no preset is in force: is the field disabled?"""
    return preset != CUSTOM


def chosen_of(
    asset: str | None,
    asset_type: str,
    observed_property: str,
    area: str | None,
    preset: str | None,
    dates: list[str] | None,
    compare: bool | None,
) -> Chosen:
    """The controls' values as one choice; half-typed dates count as none."""
    whole = dates is not None and len(dates) == 2 and all(dates)
    days = (dates[0][:10], dates[1][:10]) if whole and preset == CUSTOM and dates else None
    return Chosen(
        asset or None, int(area or 0), asset_type, observed_property, preset or "7d", days, bool(compare)
    )


async def draw(
    city: City,
    asset: str | None,
    asset_type: str,
    observed_property: str,
    area: str | None,
    preset: str | None,
    dates: list[str] | None,
    compare: bool | None,
    noted: dict[str, Any] | None,
    theme: str | None,
    _stated: int | None,
    language: str | None,
) -> tuple[Component, list[Component], Any]:
    """The charts of what is chosen, the chosen asset's line, and the address that shows the same."""
    say = speak(city, language)
    if observed_property not in properties_of(asset_type):
        return no_update, no_update, no_update
    chosen = chosen_of(asset, asset_type, observed_property, area, preset, dates, compare)
    if chosen.preset == CUSTOM and not chosen.days:
        return no_update, no_update, no_update
    try:
        standing = await _standing(city, chosen)
        if standing is not None and not standing.open:
            return protected.protected(say, standing), [], write_chosen(chosen)
        told, card = await asyncio.to_thread(tell, city, say, chosen, datetime.now(UTC))
    except NotFound:
        return layout.unknown_asset(say, asset or ""), layout.asset_line(say, None, asset or ""), no_update
    except Unavailable as away:
        return layout.away(say, str(away)), [], no_update
    except BadRequest as bad:
        return layout.bad(say, str(bad)), [], no_update
    told = [replace(one, unfolded=stream_key(one.series) == (noted or {}).get("of")) for one in told]
    body = charts(say, told, theme or "dark", origin_of(city, say))
    if standing is not None:
        body = html.Div([protected.shown_for(say, standing), body])
    return body, layout.asset_line(say, card, asset or ""), write_chosen(chosen)


async def _standing(city: City, chosen: Chosen) -> Standing | None:
    """How who asks stands to the record of the chosen asset; None: not protected, or no asset."""
    if chosen.asset is None:
        return None
    asset_id = await asyncio.to_thread(city.registry.asset_id_of, chosen.asset)
    return await looked(city, asset_id, "series", period=chosen.preset, days=chosen.days)


def tell(city: City, say: Words, chosen: Chosen, now: datetime) -> tuple[list[Told], AssetCard | None]:
    """The series of ``chosen``, with their names, and the card of the asset if it is one. Blocks.

    Raises PurposeNeeded or Refused for a protected record that may not be shown.
    """
    t0, t1 = period_of(chosen, now, city.profile.zone)
    if chosen.asset is None:
        told_area = _area_series(city, say, chosen, t0, t1)
        return [replace(told_area, notes=city.notes.between(t0, t1, chosen.area or WHOLE_CITY))], None
    asset_id = city.registry.asset_id_of(chosen.asset)
    look(city, asset_id, "series", period=chosen.preset, days=chosen.days)
    card = city.registry.card(asset_id)
    names = ASSET_TYPES[card.asset_type].by_property
    told = [
        _told(city, say, chosen, card.name, card.asset_type, city.history.series(card.asset_id, name, t0, t1))
        for name in names
    ]
    notes = city.notes.between(t0, t1, asset=card.asset_id)
    return [_with_readings(city, replace(one, notes=notes)) for one in told], card


def _with_readings(city: City, told: Told) -> Told:
    """A raw series with what it was made from; of any, how many of its readings are corrected. Blocks."""
    asked = told.series.asked
    if asked.asset_id is None or told.series.empty:
        return told
    asset, name = asked.asset_id, asked.observed_property
    made = city.corrections.history(asked.t0, asked.t1, asset, name, withdrawn=False, most=READINGS_MOST)
    raw = told.series.source == "raw"
    readings = city.corrections.readings(asset, name, asked.t0, asked.t1, RAW_MOST) if raw else None
    return replace(told, readings=readings, corrected=len(made))


def _area_series(city: City, say: Words, chosen: Chosen, t0: datetime, t1: datetime) -> Told:
    kind = say(f"type.{chosen.asset_type}")
    place = {area.id: area.name for area in city.registry.areas()}.get(chosen.area)
    place = place or ", ".join(city.registry.places() or ())
    where = say("history.in_area", type=kind, area=place) if place else say("history.in_city", type=kind)
    series = city.history.area_series(
        chosen.area or None, chosen.asset_type, chosen.observed_property, t0, t1,
        "hour" if t1 - t0 <= AREA_HOURS_UP_TO else "day",
    )  # fmt: skip
    return _told(city, say, chosen, where, chosen.asset_type, series)


def _told(city: City, say: Words, chosen: Chosen, where: str, asset_type: str, series: Series) -> Told:
    name = series.asked.observed_property
    before = city.history.previous(series) if chosen.compare and not series.empty else None
    return Told(property_name(say, name), where, series, before, adds_up(asset_type, name))


def register(app: Dash, city: City) -> None:
    """Wire the charts of the past."""
    choice = [
        (History.ASSET, "data"), (History.TYPE, "value"), (History.PROPERTY, "value"),
        (History.AREA, "value"), (History.PERIOD, "value"), (History.DATES, "value"),
    ]  # fmt: skip
    on(
        app, city, pick_asset,
        Output(History.ASSET, "data"), Input(History.FIND, "picked"), may=PAST_READERS,
        prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, offer_type_properties,
        Output(History.PROPERTY, "data"), Output(History.PROPERTY, "value"),
        Input(History.TYPE, "value"), State(History.PROPERTY, "value"), State(Shell.LANGUAGE, "data"),
        may=PAST_READERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, allow_dates,
        Output(History.DATES, "disabled"), Input(History.PERIOD, "value"),
        may=PAST_READERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, draw,
        Output(History.RESULTS, "children"), Output(History.CHOSEN, "children"),
        Output(History.ADDRESS, "data"),
        *(Input(*part) for part in choice), Input(History.COMPARE, "checked"),
        Input(Notes.CHANGED, "data"), Input(Shell.THEME, "data"), Input(Look.STATED, "data"),
        State(Shell.LANGUAGE, "data"), may=PAST_READERS,
    )  # fmt: skip
    in_browser(
        app, "vigie_history.write_address",
        Output(History.WRITTEN, "data"), Input(History.ADDRESS, "data"), may=PAST_READERS,
        prevent_initial_call=True,
    )  # fmt: skip
