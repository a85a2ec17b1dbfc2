"""Annotations: the dialog that adds one, the one that withdraws, the list of all."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.asking import asker
from callbacks.looking import closed_names
from callbacks.shell import area_choices, read_address
from callbacks.wiring import in_browser, on
from layouts import history as history_layout
from layouts import notes as layout
from layouts import notes_page
from layouts.form_parts import at_fields
from layouts.ids import Notes, Shell
from model.errors import BadField, NotFound, Refused, Unavailable
from model.notes import Annotation, CorrectedReading
from model.registry import AssetCard
from model.roles import NOTE_KEEPERS, PAST_READERS
from model.texts import Words, words
from services.city import City


def speak(city: City, language: str | None) -> Words:
    """The words of ``language``, or of the city's first, in the city's zone."""
    return words(language or city.settings.language, city.profile.time_zone)


def changed(now: datetime, of: Any = None) -> dict[str, Any]:
    """What pages are told when the city's memory was added to: ask again, and keep the table ``of`` open."""
    return {"n": now.timestamp(), "of": of}


async def open_note(city: City, clicks: int | None, search: str | None, language: str | None) -> Any:
    """The dialog, filled with the period and place the page's address shows."""
    if not clicks:
        return no_update
    say, address = speak(city, language), read_address(search)
    start = layout.begun(address, datetime.now(UTC), say)
    areas, card = await area_choices(city), await _card(city, start.asset)
    t0, t1, exact = layout.opened_with(say, start)
    place = f"asset:{card.asset_id}" if card else f"area:{start.area}" if start.area else layout.CITY
    offered = layout.places(say, areas, card)
    if place not in {one["value"] for one in offered}:
        place = layout.CITY
    return True, "", "", t0, t1, offered, place, exact, "", *at_fields(say, layout.FIELDS, None)


async def _card(city: City, external_id: str | None) -> AssetCard | None:
    """The asset the page shows; None for none, and while the registry cannot say."""
    if not external_id:
        return None
    try:
        return await asyncio.to_thread(lambda: city.registry.card(city.registry.asset_id_of(external_id)))
    except (NotFound, Unavailable):
        return None


async def save_note(
    city: City,
    clicks: int | None,
    kind: str | None,
    title: str | None,
    body: str | None,
    t0: str | None,
    t1: str | None,
    place: str | None,
    exact: dict[str, str] | None,
    language: str | None,
) -> Any:
    """Write what was typed; or say at its field what cannot be taken. What was typed stays until it is."""
    if not clicks:
        return no_update
    say = speak(city, language)
    try:
        draft = layout.draft_of(say, kind, title, body, (t0, t1), place, exact or {})
        await asyncio.to_thread(city.notes.annotate, draft, asker(city))
    except BadField as bad:
        return no_update, no_update, "", *at_fields(say, layout.FIELDS, bad)
    except (Refused, Unavailable) as problem:
        told = say("notes.not_saved", what=str(problem))
        return no_update, no_update, told, *at_fields(say, layout.FIELDS, None)
    return False, changed(datetime.now(UTC)), "", *at_fields(say, layout.FIELDS, None)


async def ask_withdraw_note(city: City, asked: dict[str, Any] | None, language: str | None) -> Any:
    """The dialog that asks once more before an annotation goes out of force."""
    if not asked:
        return no_update
    say = speak(city, language)
    return True, say("notes.withdraw_what", title=str(asked.get("title"))), ""


async def withdraw_note(
    city: City, clicks: int | None, asked: dict[str, Any] | None, language: str | None
) -> Any:
    """Take the annotation out of force; it stays on record with her name."""
    if not clicks or not asked:
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(city.notes.withdraw, number_of(asked), asker(city))
    except NotFound:
        return False, changed(datetime.now(UTC)), ""
    except (Refused, Unavailable) as problem:
        return no_update, no_update, say("notes.not_saved", what=str(problem))
    return False, changed(datetime.now(UTC)), ""


def number_of(asked: dict[str, Any]) -> int:
    """The id of what a pressed button stands for; 0, which is nothing's, where it is none."""
    text = str(asked.get("id"))
    return int(text) if text.isdigit() and len(text) < 19 else 0


async def list_notes(
    city: City,
    kind: str | None,
    preset: str | None,
    gone: bool | None,
    _changed: dict[str, float] | None,
    language: str | None,
) -> tuple[Component, Any]:
    """Everything people added, by kind and period, and the address that shows the same."""
    say = speak(city, language)
    address = {"kind": kind or "", "p": preset or "", **({"gone": "1"} if gone else {})}
    listed = notes_page.read_listed(address)
    try:
        notes, corrected = await asyncio.to_thread(_listed, city, listed)
    except Unavailable as away:
        return history_layout.away(say, str(away)), no_update
    return notes_page.notes_found(say, listed, notes, corrected), notes_page.write_listed(listed)


def _listed(
    city: City, listed: notes_page.Listed
) -> tuple[tuple[Annotation, ...], tuple[CorrectedReading, ...]]:
    t0, t1 = listed.period(datetime.now(UTC))
    notes: tuple[Annotation, ...] = ()
    corrected: tuple[CorrectedReading, ...] = ()
    if listed.kind != notes_page.CORRECTED:
        found = city.notes.between(t0, t1, withdrawn=listed.gone)
        notes = tuple(note for note in found if listed.kind in (notes_page.ALL, note.kind))
    if listed.kind in (notes_page.ALL, notes_page.CORRECTED):
        closed = closed_names(city, "corrections")
        made = city.corrections.history(t0, t1, withdrawn=listed.gone)
        corrected = tuple(one for one in made if one.asset_key not in closed)
    return notes, corrected


def register(app: Dash, city: City) -> None:
    """Wire annotations."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in layout.FIELD_IDS]
    on(
        app, city, open_note,
        Output(Notes.DIALOG, "opened", allow_duplicate=True),
        Output(Notes.TITLE, "value"), Output(Notes.BODY, "value"),
        Output(Notes.T0, "value"), Output(Notes.T1, "value"),
        Output(Notes.PLACE, "data"), Output(Notes.PLACE, "value"), Output(Notes.PREFILLED, "data"),
        Output(Notes.TOLD, "children", allow_duplicate=True), *errors,
        Input(Notes.ADD, "n_clicks"), State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=NOTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_note,
        Output(Notes.DIALOG, "opened", allow_duplicate=True),
        Output(Notes.CHANGED, "data", allow_duplicate=True),
        Output(Notes.TOLD, "children", allow_duplicate=True), *errors,
        Input(Notes.SAVE, "n_clicks"), *(State(id_, "value") for id_ in layout.FIELD_IDS),
        State(Notes.PREFILLED, "data"), State(Shell.LANGUAGE, "data"),
        may=NOTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, ask_withdraw_note,
        Output(Notes.WITHDRAW_DIALOG, "opened", allow_duplicate=True),
        Output(Notes.WITHDRAW_WHAT, "children"),
        Output(Notes.WITHDRAW_TOLD, "children", allow_duplicate=True),
        Input(Notes.WITHDRAWING, "data"), State(Shell.LANGUAGE, "data"),
        may=NOTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, withdraw_note,
        Output(Notes.WITHDRAW_DIALOG, "opened", allow_duplicate=True),
        Output(Notes.CHANGED, "data", allow_duplicate=True),
        Output(Notes.WITHDRAW_TOLD, "children", allow_duplicate=True),
        Input(Notes.WITHDRAW_SAVE, "n_clicks"), State(Notes.WITHDRAWING, "data"),
        State(Shell.LANGUAGE, "data"),
        may=NOTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, list_notes,
        Output(Notes.LIST, "children"), Output(Notes.LIST_ADDRESS, "data"),
        Input(Notes.LIST_KIND, "value"), Input(Notes.LIST_PERIOD, "value"),
        Input(Notes.LIST_GONE, "checked"), Input(Notes.CHANGED, "data"), State(Shell.LANGUAGE, "data"),
        may=PAST_READERS,
    )  # fmt: skip
    in_browser(
        app, "vigie_history.write_address",
        Output(Notes.LIST_WRITTEN, "data"), Input(Notes.LIST_ADDRESS, "data"),
        may=PAST_READERS, prevent_initial_call=True,
    )  # fmt: skip
