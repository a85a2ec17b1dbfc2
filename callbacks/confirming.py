"""Nothing ends without a sentence that says what will happen: asked here, and done here, for all pages."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.people import names_of, speak, viewer_of
from callbacks.people_forms import Acted, changed, code_shown, told
from callbacks.wiring import on
from layouts.ids import Confirming, Partners, People, Sessions, Shell
from layouts.people_address import number
from layouts.people_words import counted, where_text
from model.errors import NotFound, Refused, Unavailable
from model.partners import AgreementSheet
from model.people import OpenSession, Sheet
from model.roles import PEOPLE_KEEPERS
from model.texts import Words
from services.city import City


@dataclass(frozen=True)
class Asked:
    """What is asked: the sentence that says what will happen, and the words of the button that does it."""

    sentence: str
    button: str


Ask = Callable[[City, Words, int], Asked]
Do = Callable[[City, Words, int], Any]


# --- people -------------------------------------------------------------------------------------------


def _sheet_with(city: City, kind: str, wanted: int) -> Sheet:
    """The account whose grant or video right has the number ``wanted``. Raises NotFound."""
    for sheet in city.access.people.list():
        held = sheet.grants if kind == "grant" else sheet.video
        if any(one.id == wanted and one.revoked_at is None for one in held):
            return sheet
    raise NotFound(f"no {kind} {wanted}")


def _ask_code(city: City, say: Words, wanted: int) -> Asked:
    person = city.access.people.by_id(wanted)
    return Asked(say("people.ask_code", name=person.name), say("people.do_code"))


def _ask_disable(city: City, say: Words, wanted: int) -> Asked:
    sheet = city.access.people.sheet(wanted)
    sentence = counted(say, "people.ask_disable", sheet.open_sessions, name=sheet.person.name)
    return Asked(sentence, say("people.do_disable"))


def _ask_enable(city: City, say: Words, wanted: int) -> Asked:
    sheet = city.access.people.sheet(wanted)
    n = say.number(len(sheet.grants_in_force(datetime.now(UTC))))
    return Asked(say("people.ask_enable", name=sheet.person.name, n=n), say("people.do_enable"))


def _ask_revoke(city: City, say: Words, wanted: int) -> Asked:
    sheet = _sheet_with(city, "grant", wanted)
    grant = next(one for one in sheet.grants if one.id == wanted)
    held = [one for one in city.access.sessions.of(sheet.person.id) if one.role is grant.role]
    values = {
        "name": sheet.person.name, "role": say(f"role.{grant.role.value}"),
        "where": where_text(say, grant, names_of(city)), "n": say.number(len(held)),
    }  # fmt: skip
    return Asked(say("people.ask_revoke", **values), say("people.do_revoke"))


def _ask_video(city: City, say: Words, wanted: int) -> Asked:
    sheet = _sheet_with(city, "video", wanted)
    right = next(one for one in sheet.video if one.id == wanted)
    sentence = say("people.ask_video", name=sheet.person.name, authority=right.authority)
    return Asked(sentence, say("people.do_video"))


# --- sessions -----------------------------------------------------------------------------------------


def _session(city: City, wanted: int) -> OpenSession:
    found = next((one for one in city.access.sessions.all_open() if one.id == wanted), None)
    if found is None:
        raise NotFound(f"session {wanted} is over")
    return found


def _ask_session(city: City, say: Words, wanted: int) -> Asked:
    one = _session(city, wanted)
    if wanted == viewer_of(city).session_id:
        return Asked(say("people.ask_own_session"), say("people.do_session"))
    browser = one.agent or say("people.unknown_browser")
    sentence = say("people.ask_session", name=one.name, browser=browser, address=one.address)
    return Asked(sentence, say("people.do_session"))


def _ask_sessions(city: City, say: Words, wanted: int) -> Asked:
    held = city.access.sessions.of(wanted)
    if not held:
        raise NotFound(f"no session of {wanted} is open")
    sentence = counted(say, "people.ask_sessions", len(held), name=held[0].name)
    return Asked(sentence, counted(say, "people.do_sessions", len(held)))


def _end_sessions(city: City, _say: Words, wanted: int) -> None:
    for one in city.access.sessions.of(wanted):
        try:
            city.access.sessions.end(viewer_of(city), one.id)
        except NotFound:
            continue  # It ended by itself in between.


# --- partners -----------------------------------------------------------------------------------------


def _agreement_with(city: City, is_it: Callable[[AgreementSheet], bool]) -> AgreementSheet:
    found = next((sheet for sheet in city.access.partners.list() if is_it(sheet)), None)
    if found is None:
        raise NotFound("no such agreement")
    return found


def _ask_agreement(city: City, say: Words, wanted: int) -> Asked:
    sheet = _agreement_with(city, lambda one: one.agreement.id == wanted)
    keys = len(sheet.keys_in_force)
    sentence = counted(say, "partners.ask_end", keys, partner=sheet.agreement.partner)
    return Asked(sentence, say("partners.do_end"))


def _ask_api_key(city: City, say: Words, wanted: int) -> Asked:
    sheet = _agreement_with(city, lambda one: any(key.id == wanted for key in one.keys_in_force))
    label = next(key.label for key in sheet.keys if key.id == wanted)
    sentence = say("partners.ask_key", partner=sheet.agreement.partner, label=label)
    return Asked(sentence, say("partners.do_key"))


def _new_code(city: City, say: Words, wanted: int) -> Any:
    return code_shown(city, say, city.access.people.by_id(wanted))


def _done_by(do: Callable[[City], Callable[..., Any]]) -> Do:
    """What one method of a counter does: it takes the viewer and the number, and checks the viewer itself."""

    def done(city: City, _say: Words, wanted: int) -> None:
        do(city)(viewer_of(city), wanted)

    return done


ACTS: dict[str, tuple[Ask, Do]] = {
    "code": (_ask_code, _new_code),
    "disable": (_ask_disable, _done_by(lambda city: city.access.people.disable)),
    "enable": (_ask_enable, _done_by(lambda city: city.access.people.enable)),
    "revoke": (_ask_revoke, _done_by(lambda city: city.access.people.revoke)),
    "unvideo": (_ask_video, _done_by(lambda city: city.access.people.take_video)),
    "session": (_ask_session, _done_by(lambda city: city.access.sessions.end)),
    "sessions": (_ask_sessions, _end_sessions),
    "agreement": (_ask_agreement, _done_by(lambda city: city.access.partners.revoke)),
    "apikey": (_ask_api_key, _done_by(lambda city: city.access.partners.revoke_key)),
}
"""What can be confirmed: how it is asked, and what does it. Who may is checked where it is done."""


def _parts(act: str) -> tuple[tuple[Ask, Do], int] | None:
    name, _, rest = act.partition(":")
    return (ACTS[name], number(rest)) if name in ACTS else None


async def _ask(city: City, acted: Acted, language: str | None) -> Any:
    act = str((acted or {}).get("act", ""))
    known = _parts(act)
    if known is None:
        return no_update
    (ask, _do), wanted = known
    say = speak(city, language)
    try:
        asked = await asyncio.to_thread(ask, city, say, wanted)
    except (NotFound, Unavailable) as problem:
        return True, told(say, problem), say("people.do_disable"), "", {"display": "none"}, ""
    return True, asked.sentence, asked.button, act, {}, ""


async def ask_people(city: City, acted: Acted, language: str | None) -> Any:
    """What the pressed button of an account's sheet would do."""
    return await _ask(city, acted, language)


async def ask_session(city: City, acted: Acted, language: str | None) -> Any:
    """What ending a session, or all of somebody, would do."""
    return await _ask(city, acted, language)


async def ask_partner(city: City, acted: Acted, language: str | None) -> Any:
    """What ending an agreement or a key would do."""
    return await _ask(city, acted, language)


async def confirm(city: City, clicks: int | None, act: str | None, language: str | None) -> Any:
    """Do what was asked; or say why it was not done."""
    known = _parts(act or "")
    if not clicks or known is None:
        return no_update
    (_ask_it, do), wanted = known
    say = speak(city, language)
    try:
        outcome = await asyncio.to_thread(do, city, say, wanted)
    except (NotFound, Refused, Unavailable) as problem:
        return no_update, no_update, told(say, problem), no_update, no_update
    if (act or "").startswith("code:"):
        return False, changed(), "", True, outcome
    return False, changed(), "", no_update, no_update


def register(app: Dash, city: City) -> None:
    """Wire what is asked before something ends, for each page that has it."""
    for handler, source in (
        (ask_people, People.SHEET),
        (ask_session, Sessions.LIST),
        (ask_partner, Partners.SHEET),
    ):
        on(
            app, city, handler,
            Output(Confirming.DIALOG, "opened", allow_duplicate=True),
            Output(Confirming.SENTENCE, "children", allow_duplicate=True),
            Output(Confirming.DO, "children", allow_duplicate=True),
            Output(Confirming.ACT, "data", allow_duplicate=True),
            Output(Confirming.DO, "style", allow_duplicate=True),
            Output(Confirming.TOLD, "children", allow_duplicate=True),
            Input(source, "acted"), State(Shell.LANGUAGE, "data"),
            may=PEOPLE_KEEPERS, prevent_initial_call=True,
        )  # fmt: skip
    on(
        app, city, confirm,
        Output(Confirming.DIALOG, "opened", allow_duplicate=True), Output(Confirming.DONE, "data"),
        Output(Confirming.TOLD, "children", allow_duplicate=True),
        Output(Confirming.SECRET_DIALOG, "opened", allow_duplicate=True),
        Output(Confirming.SECRET, "children", allow_duplicate=True),
        Input(Confirming.DO, "n_clicks"), State(Confirming.ACT, "data"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
