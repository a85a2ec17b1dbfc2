"""Correcting readings and withdrawing corrections, from the tables and lists that show them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.asking import asker
from callbacks.looking import look
from callbacks.notes import changed, number_of, speak
from callbacks.wiring import on
from layouts import correcting as layout
from layouts.form_parts import at_fields, field_text, read_field, what_is_wrong
from layouts.ids import Correcting, Notes, Shell
from model.errors import BadField, NotFound, Refused, Unavailable
from model.notes import CorrectionDraft, Reading
from model.roles import CORRECTORS
from model.series import Asked, empty_series
from model.texts import Words
from services.city import City
from services.history import property_of

WITHIN = timedelta(microseconds=999_999)
"""Fields hold whole seconds: a reading within the last second named is meant too."""

Meant = tuple[int, str]


async def open_correction(city: City, asked: dict[str, Any] | None, language: str | None) -> Any:
    """The dialog for the reading whose button was pressed; it can be widened to a stretch in it."""
    at = _instant((asked or {}).get("at"))
    if at is None:
        return no_update
    say = speak(city, language)
    text = field_text(say, at)
    return True, text, text, "", False, False, "", "", layout.HIDDEN, *at_fields(say, layout.FIELDS, None)


def _instant(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None


def meant(asked: Mapping[str, Any] | None) -> Meant:
    """The asset and property a pressed button stands for. Raises BadField for what it cannot mean."""
    number, _, name = str((asked or {}).get("of", "")).partition(":")
    if not number.isdigit() or len(number) > 18 or not name:
        raise BadField("t0", "no_reading")
    return int(number), name


def stretch(
    say: Words, asked: Mapping[str, Any], t0: str | None, t1: str | None
) -> tuple[datetime, datetime]:
    """The first and last instant the fields name; the reading asked for is exactly meant by its own text."""
    at = _instant(asked.get("at"))
    exact = {field_text(say, at): at.astimezone(UTC).isoformat()} if at else {}
    first, last = read_field(say, "t0", t0, exact), read_field(say, "t1", t1, exact)
    return first, last if last.microsecond else last + WITHIN


async def show_meant(
    city: City, t0: str | None, t1: str | None, asked: dict[str, Any] | None, language: str | None
) -> Any:
    """The readings from the first to the last instant, as they were sent."""
    if not asked:
        return no_update
    say = speak(city, language)
    try:
        asset, name = meant(asked)
        first, last = stretch(say, asked, t0, t1)
        await asyncio.to_thread(look, city, asset, "readings", property=name)
        found = await asyncio.to_thread(city.corrections.readings, asset, name, first, last)
        kind = (await asyncio.to_thread(city.registry.card, asset)).asset_type
    except BadField as bad:
        return [what_is_wrong(say, bad)]
    except (NotFound, Refused):
        return [say("notes.bad_no_reading")]
    except Unavailable as away:
        return [say("history.away_body", what=str(away))]
    return _meant(say, kind, asset, name, found)


def _meant(say: Words, kind: str, asset: int, name: str, found: tuple[Reading, ...]) -> Any:
    declared = property_of(kind, name)
    now = datetime.now(UTC)
    series = empty_series(Asked(name, now, now, asset_id=asset), declared.unit, declared.decimals)
    return layout.readings_meant(say, say(f"property.{name}"), series, found)


async def save_correction(
    city: City,
    clicks: int | None,
    t0: str | None,
    t1: str | None,
    result: str | None,
    reason: str | None,
    nothing: bool | None,
    confirmed: bool | None,
    asked: dict[str, Any] | None,
    language: str | None,
) -> Any:
    """Put the correction in force; or say at its field what cannot be taken."""
    if not clicks or not asked:
        return no_update
    say = speak(city, language)
    try:
        asset, name = meant(asked)
        first, last = stretch(say, asked, t0, t1)
        value = layout.read_value(result, bool(nothing))
        draft = CorrectionDraft(asset, name, first, last, value, reason or "", bool(confirmed))
        await asyncio.to_thread(look, city, asset, "readings", property=name)
        await asyncio.to_thread(city.corrections.correct, draft, asker(city))
    except BadField as bad:
        box = layout.SEEN if bad.reason == "out_of_range" or confirmed else layout.HIDDEN
        return no_update, no_update, "", box, *at_fields(say, layout.FIELDS, bad)
    except (NotFound, Refused, Unavailable) as problem:
        told = say("notes.not_saved", what=str(problem))
        return no_update, no_update, told, no_update, *at_fields(say, layout.FIELDS, None)
    return (
        False,
        changed(datetime.now(UTC), asked.get("of")),
        "",
        layout.HIDDEN,
        *at_fields(say, layout.FIELDS, None),
    )


async def ask_withdraw_correction(city: City, asked: dict[str, Any] | None, language: str | None) -> Any:
    """The dialog that asks once more before a correction goes out of force."""
    if not asked:
        return no_update
    what = speak(city, language)("notes.withdraw_correction_what", at=str(asked.get("title")))
    return True, what, ""


async def withdraw_correction(
    city: City, clicks: int | None, asked: dict[str, Any] | None, language: str | None
) -> Any:
    """Take the correction out of force: the reading counts again as it was sent."""
    if not clicks or not asked:
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(city.corrections.withdraw, number_of(asked), asker(city))
    except NotFound:
        return False, changed(datetime.now(UTC), asked.get("of")), ""
    except (Refused, Unavailable) as problem:
        return no_update, no_update, say("notes.not_saved", what=str(problem))
    return False, changed(datetime.now(UTC), asked.get("of")), ""


def register(app: Dash, city: City) -> None:
    """Wire corrections."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in layout.FIELD_IDS]
    on(
        app, city, open_correction,
        Output(Correcting.DIALOG, "opened", allow_duplicate=True),
        Output(Correcting.T0, "value"), Output(Correcting.T1, "value"), Output(Correcting.RESULT, "value"),
        Output(Correcting.NOTHING, "checked"), Output(Correcting.CONFIRM, "checked"),
        Output(Correcting.REASON, "value"), Output(Correcting.TOLD, "children", allow_duplicate=True),
        Output(Correcting.CONFIRM, "style", allow_duplicate=True),
        *errors,
        Input(Correcting.ASKED, "data"), State(Shell.LANGUAGE, "data"),
        may=CORRECTORS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, show_meant,
        Output(Correcting.READINGS, "children"),
        Input(Correcting.T0, "value"), Input(Correcting.T1, "value"),
        Input(Correcting.ASKED, "data"), State(Shell.LANGUAGE, "data"),
        may=CORRECTORS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_correction,
        Output(Correcting.DIALOG, "opened", allow_duplicate=True),
        Output(Notes.CHANGED, "data", allow_duplicate=True),
        Output(Correcting.TOLD, "children", allow_duplicate=True),
        Output(Correcting.CONFIRM, "style", allow_duplicate=True), *errors,
        Input(Correcting.SAVE, "n_clicks"), *(State(id_, "value") for id_ in layout.FIELD_IDS),
        State(Correcting.NOTHING, "checked"), State(Correcting.CONFIRM, "checked"),
        State(Correcting.ASKED, "data"), State(Shell.LANGUAGE, "data"),
        may=CORRECTORS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, ask_withdraw_correction,
        Output(Correcting.WITHDRAW_DIALOG, "opened", allow_duplicate=True),
        Output(Correcting.WITHDRAW_WHAT, "children"),
        Output(Correcting.WITHDRAW_TOLD, "children", allow_duplicate=True),
        Input(Correcting.WITHDRAWING, "data"), State(Shell.LANGUAGE, "data"),
        may=CORRECTORS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, withdraw_correction,
        Output(Correcting.WITHDRAW_DIALOG, "opened", allow_duplicate=True),
        Output(Notes.CHANGED, "data", allow_duplicate=True),
        Output(Correcting.WITHDRAW_TOLD, "children", allow_duplicate=True),
        Input(Correcting.WITHDRAW_SAVE, "n_clicks"), State(Correcting.WITHDRAWING, "data"),
        State(Shell.LANGUAGE, "data"),
        may=CORRECTORS, prevent_initial_call=True,
    )  # fmt: skip
