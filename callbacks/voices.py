"""The desk of citizens' letters: the queue, one letter, and what is done about it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import voices as layout
from layouts.ids import Shell, Voices
from layouts.people_address import number
from layouts.voices_sheet import letter_sheet, nothing_chosen, unknown_letter
from model.errors import BadField, NotFound, NotNow, Refused, Unavailable, VigieError
from model.roles import VOICE_KEEPERS
from model.texts import Words
from services.city import City


async def show_voices(
    city: City, search: str | None, _changed: Any, _tick: int | None, language: str | None
) -> tuple[Any, ...]:
    """The letters of her domains, and the one the address opens."""
    say, now = speak(city, language), datetime.now(UTC)
    chosen = number(read_address(search).get("letter"))
    try:
        letters = await asyncio.to_thread(city.voices.list, viewer_of(city))
    except Unavailable as problem:
        return layout.away(say, str(problem)), no_update, layout.page_class(bool(chosen))
    opened = next((one for one in letters if one.id == chosen), None)
    if opened is not None:
        detail = letter_sheet(say, opened, layout.clock(say, opened, now), now)
    else:
        detail = unknown_letter(say) if chosen else nothing_chosen(say)
    return layout.letter_list(say, letters, chosen, now), detail, layout.page_class(bool(chosen))


async def open_letter_act(city: City, acted: Acted, language: str | None) -> Any:
    """Publish at once; open the dialog of whatever else was pressed."""
    say = speak(city, language)
    name = str((acted or {}).get("act", "")).partition(":")[0]
    letter_id = act_of(acted, "publish", *layout.DIALOGS)
    if not letter_id:
        return no_update
    try:
        if name == "publish":
            await asyncio.to_thread(city.voices.publish, viewer_of(city), letter_id)
            return (*(no_update,) * 9, "", changed())
        letters = await asyncio.to_thread(city.voices.list, viewer_of(city))
    except (Refused, NotFound, Unavailable):
        # The letter that is read now says how it stands, or that nothing can be read.
        return (*(no_update,) * 9, "", changed())
    letter = next((one for one in letters if one.id == letter_id), None)
    if letter is None:
        return no_update
    return (*layout.opened(say, name, letter), {"button": name, "letter": letter_id}, "", no_update)


async def save_letter_act(
    city: City,
    clicks: int | None,
    act: dict[str, Any] | None,
    reason: str | None,
    written: str | None,
    language: str | None,
) -> Any:
    """Do what the dialog is open for; or say at its field what is wrong."""
    if not clicks or not act:
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(_done, city, act, reason or "", written or "")
    except BadField as bad:
        wrong = say(f"voices.bad_{bad.reason}", **{n: say.number(float(v)) for n, v in bad.values.items()})
        at = [wrong if bad.field == field else None for field in ("reason", "words")]
        return no_update, no_update, "", *at
    except VigieError as problem:
        return no_update, no_update, told(say, problem), None, None
    return False, changed(), "", None, None


def _done(city: City, act: dict[str, Any], reason: str, written: str) -> None:
    viewer, desk, letter = viewer_of(city), city.voices, int(act["letter"])
    match act["button"]:
        case "hide":
            desk.hide(viewer, letter, reason)
        case "answer":
            desk.answer(viewer, letter, written)
        case "refuse":
            desk.refuse(viewer, letter, reason, written)
        case "extend":
            desk.extend(viewer, letter, written)


def told(say: Words, problem: VigieError) -> str:
    """Why nothing was done, in the reader's language."""
    if isinstance(problem, NotNow):
        return say(f"voices.not_now_{problem.reason}")
    if isinstance(problem, NotFound):
        return say("voices.gone")
    return say("voices.not_saved", what=str(problem))


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_voices,
        Output(Voices.LIST, "tree"), Output(Voices.SHEET, "tree"), Output(Voices.PAGE, "className"),
        Input(Shell.LOCATION, "search"), Input(Voices.CHANGED, "data"), Input(Voices.TICK, "n_intervals"),
        State(Shell.LANGUAGE, "data"), may=VOICE_KEEPERS,
    )  # fmt: skip
    on(
        app, city, open_letter_act,
        Output(Voices.DIALOG, "opened", allow_duplicate=True), Output(Voices.DIALOG, "title"),
        Output(Voices.TELL, "children"), Output(Voices.REASON, "data"), Output(Voices.REASON, "value"),
        Output(Voices.REASON, "style"), Output(Voices.WORDS, "value"), Output(Voices.WORDS, "style"),
        Output(Voices.ACT, "data"), Output(Voices.TOLD, "children", allow_duplicate=True),
        Output(Voices.CHANGED, "data", allow_duplicate=True),
        Input(Voices.SHEET, "acted"), State(Shell.LANGUAGE, "data"),
        may=VOICE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_letter_act,
        Output(Voices.DIALOG, "opened", allow_duplicate=True),
        Output(Voices.CHANGED, "data", allow_duplicate=True),
        Output(Voices.TOLD, "children", allow_duplicate=True),
        Output(Voices.REASON, "error"), Output(Voices.WORDS, "error"),
        Input(Voices.SAVE, "n_clicks"), State(Voices.ACT, "data"), State(Voices.REASON, "value"),
        State(Voices.WORDS, "value"), State(Shell.LANGUAGE, "data"),
        may=VOICE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
