"""The page of promises: read in a thread, and written by those who keep them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.wiring import on
from layouts import promise_forms as forms
from layouts import promises as layout
from layouts.ids import PromisesPage, Shell
from model.errors import BadField, NotFound, Refused, Unavailable
from model.promises import Commitment, PromiseState
from model.roles import BOARD_READERS, PAST_READERS, PROMISE_KEEPERS
from services.city import City


async def show_promises(city: City, _search: str | None, _changed: Any, language: str | None) -> Component:
    """Every promise with what the data says of it."""
    say, role = speak(city, language), viewer_of(city).role
    try:
        states, versions = await asyncio.to_thread(_read, city)
    except Unavailable as problem:
        return layout.away(say, str(problem))
    return layout.body(
        say, states, versions, past=role in PAST_READERS, keeps=role in PROMISE_KEEPERS,
        generated=city.profile.generated,
    )  # fmt: skip


def _read(city: City) -> tuple[tuple[PromiseState, ...], dict[str, tuple[Commitment, ...]]]:
    states = city.promises.states(datetime.now(UTC))
    keys = [state.commitment.draft.key for state in states]
    return states, {key: city.promises.versions(key) for key in keys}


async def open_promise(city: City, acted: Acted, language: str | None) -> Any:
    """The dialog: empty for a new promise, else with what its newest version says."""
    wanted = act_of(acted, "promise")
    if wanted is None:
        return no_update
    say = speak(city, language)
    try:
        states, _ = await asyncio.to_thread(_read, city)
    except Unavailable:
        return no_update
    one = next((state.commitment for state in states if state.commitment.id == wanted), None)
    if one is None and wanted:
        return no_update
    opened = {"new": one is None}
    return True, opened, bool(one), *forms.filled(say, one), "", *forms.wrong_at(say, None)


async def save_promise(city: City, clicks: int | None, opened: dict[str, bool] | None, *typed: Any) -> Any:
    """Write what was typed as the next version; or say at its field what cannot be taken."""
    if not clicks:
        return no_update
    *values, language = typed
    say = speak(city, language)
    try:
        draft = forms.draft_of(values)
        new = bool((opened or {}).get("new"))
        await asyncio.to_thread(city.promises.write, viewer_of(city), draft, new=new)
    except BadField as bad:
        return no_update, no_update, "", *forms.wrong_at(say, bad)
    except (Refused, NotFound, Unavailable) as problem:
        told = say("promises.not_saved", what=str(problem))
        return no_update, no_update, told, *forms.wrong_at(say, None)
    return False, changed(), "", *forms.wrong_at(say, None)


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    values = [Output(id_, "value") for id_ in forms.IDS]
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in forms.IDS]
    on(
        app, city, show_promises, Output(PromisesPage.BODY, "tree"),
        Input(Shell.LOCATION, "search"), Input(PromisesPage.CHANGED, "data"),
        State(Shell.LANGUAGE, "data"), may=BOARD_READERS,
    )  # fmt: skip
    on(
        app, city, open_promise,
        Output(PromisesPage.DIALOG, "opened", allow_duplicate=True), Output(PromisesPage.FORM, "data"),
        Output(PromisesPage.KEY, "disabled"),
        *values, Output(PromisesPage.TOLD, "children", allow_duplicate=True), *errors,
        Input(PromisesPage.BODY, "acted"), State(Shell.LANGUAGE, "data"),
        may=PROMISE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_promise,
        Output(PromisesPage.DIALOG, "opened", allow_duplicate=True),
        Output(PromisesPage.CHANGED, "data"),
        Output(PromisesPage.TOLD, "children", allow_duplicate=True), *errors,
        Input(PromisesPage.SAVE, "n_clicks"), State(PromisesPage.FORM, "data"),
        *(State(id_, "value") for id_ in forms.IDS), State(Shell.LANGUAGE, "data"),
        may=PROMISE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
