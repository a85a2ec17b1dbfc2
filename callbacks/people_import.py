"""A pasted list of people: checked line by line first, then added whole, each with a code to hand over."""

import asyncio
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed, told
from callbacks.wiring import on
from layouts import people_import as layout
from layouts.ids import People, Shell
from layouts.people_words import counted
from model.errors import BadField, NotFound, Refused, Unavailable
from model.people import Kind, ListedLine
from model.roles import PEOPLE_KEEPERS
from model.texts import Words
from services.city import City


async def open_import(city: City, acted: Acted, language: str | None) -> Any:
    """The dialog, empty."""
    if act_of(acted, "import") is None:
        return no_update
    return True, "", None, speak(city, language)("people.import_save_none"), True


def _read(city: City, text: str | None) -> tuple[list[ListedLine], dict[int, str]]:
    names = {area.id: area.name for area in city.registry.areas()}
    zone = city.profile.zone
    return list(city.access.people.read_list(text or "", names, zone)), names


async def check_list(city: City, clicks: int | None, text: str | None, language: str | None) -> Any:
    """What every line says; the button that adds them opens only when all are right."""
    if not clicks:
        return no_update
    say = speak(city, language)
    try:
        lines, names = await asyncio.to_thread(_read, city, text)
    except Unavailable as problem:
        return told(say, problem), say("people.import_save_none"), True
    wrong = any(line.problem for line in lines)
    save = say("people.import_save_none")
    if lines and not wrong:
        save = counted(say, "people.import_save", len(lines))
    return layout.preview(say, lines, names), save, wrong or not lines


async def forget_check(city: City, _text: str | None, language: str | None) -> Any:
    """A list that was changed wants to be checked again."""
    return speak(city, language)("people.import_save_none"), True


async def save_list(city: City, clicks: int | None, text: str | None, language: str | None) -> Any:
    """Add everybody of the list in one step, and show their codes; or show again what is wrong."""
    if not clicks:
        return no_update
    say = speak(city, language)
    try:
        shown, added = await asyncio.to_thread(_add, city, say, text)
    except (BadField, Refused, NotFound, Unavailable) as problem:
        return told(say, problem), no_update, True
    return shown, changed() if added else no_update, True


def _add(city: City, say: Words, text: str | None) -> tuple[Any, bool]:
    lines, names = _read(city, text)
    newcomers = [line.newcomer for line in lines if line.newcomer is not None]
    if len(newcomers) < len(lines) or not lines:
        return layout.preview(say, lines, names), False
    viewer = viewer_of(city)
    made = city.access.people.make_all(viewer, [(one.person, one.grant) for one in newcomers])
    codes = []
    for person_id, one in zip(made, newcomers, strict=True):
        purpose = "device" if one.person.kind == Kind.DEVICE else "password"
        code = city.access.codes.make(viewer, person_id, purpose)
        codes.append((one.person.name, one.person.login, code))
    return layout.codes_shown(say, codes), True


def register(app: Dash, city: City) -> None:
    """Wire the import."""
    on(
        app, city, open_import,
        Output(People.IMPORT_DIALOG, "opened"), Output(People.IMPORT_LIST, "value"),
        Output(People.IMPORT_PREVIEW, "children", allow_duplicate=True),
        Output(People.IMPORT_SAVE, "children", allow_duplicate=True),
        Output(People.IMPORT_SAVE, "disabled", allow_duplicate=True),
        Input(People.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, check_list,
        Output(People.IMPORT_PREVIEW, "children", allow_duplicate=True),
        Output(People.IMPORT_SAVE, "children", allow_duplicate=True),
        Output(People.IMPORT_SAVE, "disabled", allow_duplicate=True),
        Input(People.IMPORT_CHECK, "n_clicks"), State(People.IMPORT_LIST, "value"),
        State(Shell.LANGUAGE, "data"), may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, forget_check,
        Output(People.IMPORT_SAVE, "children", allow_duplicate=True),
        Output(People.IMPORT_SAVE, "disabled", allow_duplicate=True),
        Input(People.IMPORT_LIST, "value"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_list,
        Output(People.IMPORT_PREVIEW, "children", allow_duplicate=True),
        Output(People.CHANGED, "data", allow_duplicate=True),
        Output(People.IMPORT_SAVE, "disabled", allow_duplicate=True),
        Input(People.IMPORT_SAVE, "n_clicks"), State(People.IMPORT_LIST, "value"),
        State(Shell.LANGUAGE, "data"), may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
