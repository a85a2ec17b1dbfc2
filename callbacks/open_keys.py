"""Keys to ask open data more often, below the register of datasets: listed, handed out once, ended."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import Dash, Input, Output, State, html, no_update

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.people_forms import told as refused
from callbacks.wiring import on
from layouts import open_keys as layout
from layouts.confirming import secret_shown
from layouts.ids import OpenKeys, Shell
from model.errors import BadField, NotFound, Refused, Unavailable, VigieError
from model.open_keys import RATE_USUAL
from model.roles import OPEN_KEY_KEEPERS, OPEN_KEY_READERS
from model.texts import Words
from services.city import City

USUAL = timedelta(days=365)


def told(say: Words, problem: VigieError) -> str:
    """Why nothing was done, in the reader's language."""
    if isinstance(problem, Refused):
        return say("open_keys.refused")
    return refused(say, problem)


async def show_open_keys(city: City, _changed: Any, language: str | None) -> Any:
    """Every key, never the key itself."""
    say, now = speak(city, language), datetime.now(UTC)
    try:
        keys = await asyncio.to_thread(city.access.open_keys.list)
    except Unavailable as problem:
        return layout.keys_away(say, str(problem))
    return layout.key_list(say, keys, now, keeps=viewer_of(city).role in OPEN_KEY_KEEPERS)


async def open_open_key(city: City, acted: Acted, language: str | None) -> Any:
    """The empty form of a key for a year."""
    if act_of(acted, "openkey") is None:
        return no_update
    say = speak(city, language)
    until = say.local(datetime.now(UTC) + USUAL).date().isoformat()
    return True, "", "", str(RATE_USUAL), until, "", *layout.wrong_at(say, None)


async def save_open_key(city: City, clicks: int | None, *values: Any) -> Any:
    """Make the key and show it this once; or say at its field what is wrong."""
    if not clicks:
        return no_update
    *typed, language = values
    say, viewer = speak(city, language), viewer_of(city)

    def write() -> str:
        return city.access.open_keys.make(viewer, layout.key_draft(say, typed))

    clean = layout.wrong_at(say, None)
    try:
        key = await asyncio.to_thread(write)
    except BadField as bad:
        return no_update, no_update, "", no_update, no_update, *layout.wrong_at(say, bad)
    except (Refused, Unavailable) as problem:
        return no_update, no_update, told(say, problem), no_update, no_update, *clean
    explained = [say("partners.key_once"), html.Br(), say("partners.key_use"), " ",
                 html.Code("Authorization: Bearer vgo_…")]  # fmt: skip
    title = say("open_keys.key_for", holder=str(typed[0]).strip())
    shown = secret_shown(say, title, key, explained, OpenKeys.SECRET_DIALOG)
    return False, changed(), "", True, shown, *clean


async def ask_open_key(city: City, acted: Acted, language: str | None) -> Any:
    """What ending a key would do, in one sentence."""
    wanted = act_of(acted, "endkey")
    if wanted is None:
        return no_update
    say = speak(city, language)
    try:
        key = await asyncio.to_thread(city.access.open_keys.one, wanted)
    except (NotFound, Unavailable) as problem:
        return True, told(say, problem), None, ""
    return True, say("open_keys.ask_end", holder=key.holder, prefix=key.prefix), wanted, ""


async def end_open_key(city: City, clicks: int | None, wanted: Any, language: str | None) -> Any:
    """End the key; or say why it was not."""
    if not clicks or not isinstance(wanted, int):
        return no_update
    say, viewer = speak(city, language), viewer_of(city)
    try:
        await asyncio.to_thread(city.access.open_keys.revoke, viewer, wanted)
    except (NotFound, Refused, Unavailable) as problem:
        return no_update, no_update, told(say, problem)
    return False, changed(), ""


def register(app: Dash, city: City) -> None:
    """Wire the keys of open data."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in layout.FORM_IDS]
    on(
        app, city, show_open_keys, Output(OpenKeys.LIST, "tree"),
        Input(OpenKeys.CHANGED, "data"), State(Shell.LANGUAGE, "data"), may=OPEN_KEY_READERS,
    )  # fmt: skip
    on(
        app, city, open_open_key,
        Output(OpenKeys.DIALOG, "opened", allow_duplicate=True),
        *(Output(id_, "value") for id_ in layout.FORM_IDS),
        Output(OpenKeys.TOLD, "children", allow_duplicate=True), *errors,
        Input(OpenKeys.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=OPEN_KEY_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_open_key,
        Output(OpenKeys.DIALOG, "opened", allow_duplicate=True),
        Output(OpenKeys.CHANGED, "data", allow_duplicate=True),
        Output(OpenKeys.TOLD, "children", allow_duplicate=True),
        Output(OpenKeys.SECRET_DIALOG, "opened"), Output(OpenKeys.SECRET, "children"), *errors,
        Input(OpenKeys.SAVE, "n_clicks"), *(State(id_, "value") for id_ in layout.FORM_IDS),
        State(Shell.LANGUAGE, "data"), may=OPEN_KEY_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, ask_open_key,
        Output(OpenKeys.END_DIALOG, "opened", allow_duplicate=True),
        Output(OpenKeys.END_SENTENCE, "children"), Output(OpenKeys.END_ACT, "data"),
        Output(OpenKeys.END_TOLD, "children", allow_duplicate=True),
        Input(OpenKeys.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=OPEN_KEY_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, end_open_key,
        Output(OpenKeys.END_DIALOG, "opened", allow_duplicate=True),
        Output(OpenKeys.CHANGED, "data", allow_duplicate=True),
        Output(OpenKeys.END_TOLD, "children", allow_duplicate=True),
        Input(OpenKeys.END_DO, "n_clicks"), State(OpenKeys.END_ACT, "data"),
        State(Shell.LANGUAGE, "data"), may=OPEN_KEY_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
