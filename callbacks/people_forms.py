"""The dialogs of the page of people: an account made or changed, a right or a video right given."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.people import speak, viewer_of
from callbacks.wiring import on
from layouts import people_forms as layout
from layouts.confirming import secret_shown
from layouts.ids import Confirming, People, Shell
from layouts.people_address import number
from layouts.people_forms import at_fields
from model.errors import BadField, NotFound, Refused, Unavailable, VigieError
from model.people import TEMPLATES, Kind, Person, PersonDraft
from model.roles import PEOPLE_KEEPERS, Role
from model.texts import Words
from services.city import City

Acted = dict[str, Any] | None
CODE_PATH = "/signin/code"
"""Where a code is typed, by a person and at a wall's own browser alike."""


def act_of(acted: Acted, *names: str) -> int | None:
    """The number of the pressed button when its act is one of ``names`` (0 without one); else None."""
    name, _, rest = str((acted or {}).get("act", "")).partition(":")
    return number(rest) if name in names else None


def told(say: Words, problem: VigieError) -> str:
    """Why nothing was written, in the reader's language."""
    if isinstance(problem, Refused) and problem.reason:
        return say(f"people.refused_{problem.reason}")
    if isinstance(problem, NotFound):
        return say("people.gone")
    return say("people.not_saved", what=str(problem))


def changed() -> dict[str, float]:
    """What tells the page to read again."""
    return {"n": datetime.now(UTC).timestamp()}


# --- opening ------------------------------------------------------------------------------------------


async def open_person(city: City, acted: Acted, language: str | None) -> Any:
    """The empty form of a new person, filled by the most usual template."""
    if act_of(acted, "add") is None:
        return no_update
    say = speak(city, language)
    role, domains, until = layout.filled_by(say, TEMPLATES[0], datetime.now(UTC))
    nothing = at_fields(say, layout.PERSON_FIELDS, None)
    return True, TEMPLATES[0].name, "", "", "", role, [], domains, until, "", "", *nothing


async def fill_template(city: City, name: str | None, language: str | None) -> Any:
    """Role, domains and end of the usual person chosen."""
    template = next((one for one in TEMPLATES if one.name == name), None)
    if template is None:
        return no_update
    return layout.filled_by(speak(city, language), template, datetime.now(UTC))


async def open_change(city: City, acted: Acted, language: str | None) -> Any:
    """The form with what the account holds now."""
    wanted = act_of(acted, "change")
    if wanted is None:
        return no_update
    say = speak(city, language)
    try:
        person = await asyncio.to_thread(city.access.people.by_id, wanted)
    except (NotFound, Unavailable):
        return no_update
    nothing = at_fields(say, layout.CHANGE_FIELDS, None)
    return True, person.name, person.email, person.login, "", *nothing


async def open_grant(city: City, acted: Acted, language: str | None) -> Any:
    """The empty form of another right."""
    if act_of(acted, "grant") is None:
        return no_update
    nothing = at_fields(speak(city, language), layout.GRANT_FIELDS, None)
    return True, Role.OPERATOR.value, [], [], "", "", "", "", *nothing


async def open_video(city: City, acted: Acted, language: str | None) -> Any:
    """The empty form of a video right, decided today."""
    if act_of(acted, "video") is None:
        return no_update
    say = speak(city, language)
    today = say.local(datetime.now(UTC)).date().isoformat()
    return True, "", today, [], "", "", *at_fields(say, layout.VIDEO_FIELDS, None)


# --- saving -------------------------------------------------------------------------------------------


async def save_person(
    city: City,
    clicks: int | None,
    name: str | None,
    email: str | None,
    login: str | None,
    role: str | None,
    areas: list[str] | None,
    domains: list[str] | None,
    until: str | None,
    reason: str | None,
    usual: str | None,
    language: str | None,
) -> Any:
    """Add the account with its right, and show the code to hand over; or say at its field what is wrong."""
    if not clicks:
        return no_update
    say, viewer = speak(city, language), viewer_of(city)

    def write() -> Person:
        draft = layout.person_draft(name, email, login, role)
        grant = layout.grant_draft(say, role, areas, domains, None, until, reason)
        layout.fits_template(usual, grant)
        return city.access.people.by_id(city.access.people.make(viewer, draft, grant))

    made = await _written(say, write, layout.PERSON_FIELDS)
    if not isinstance(made, Person):
        return *made, no_update, no_update
    shown = await asyncio.to_thread(code_shown, city, say, made)
    return False, changed(), "", *at_fields(say, layout.PERSON_FIELDS, None), True, shown


async def save_change(
    city: City,
    clicks: int | None,
    name: str | None,
    email: str | None,
    login: str | None,
    acted: Acted,
    language: str | None,
) -> Any:
    """Give the account its new name, e-mail and login."""
    wanted = act_of(acted, "change")
    if not clicks or wanted is None:
        return no_update
    say, viewer = speak(city, language), viewer_of(city)
    draft = PersonDraft(name or "", login or "", email or "")
    write = lambda: city.access.people.change(viewer, wanted, draft)  # noqa: E731
    return await _saved(say, write, layout.CHANGE_FIELDS)


async def save_grant(
    city: City,
    clicks: int | None,
    role: str | None,
    areas: list[str] | None,
    domains: list[str] | None,
    begins: str | None,
    until: str | None,
    reason: str | None,
    acted: Acted,
    language: str | None,
) -> Any:
    """Give the right that was typed."""
    wanted = act_of(acted, "grant")
    if not clicks or wanted is None:
        return no_update
    say, viewer = speak(city, language), viewer_of(city)

    def write() -> int:
        draft = layout.grant_draft(say, role, areas, domains, begins, until, reason)
        return city.access.people.grant(viewer, wanted, draft)

    return await _saved(say, write, layout.GRANT_FIELDS)


async def save_video(
    city: City,
    clicks: int | None,
    authority: str | None,
    decided: str | None,
    areas: list[str] | None,
    until: str | None,
    acted: Acted,
    language: str | None,
) -> Any:
    """Write down the video right that was typed."""
    wanted = act_of(acted, "video")
    if not clicks or wanted is None:
        return no_update
    say, viewer = speak(city, language), viewer_of(city)

    def write() -> int:
        draft = layout.video_draft(say, authority, decided, areas, until)
        return city.access.people.give_video(viewer, wanted, draft)

    return await _saved(say, write, layout.VIDEO_FIELDS)


async def _saved(say: Words, write: Callable[[], Any], fields: Sequence[str]) -> tuple[Any, ...]:
    """What the dialog of ``fields`` is told after ``write``: closed, or what is wrong where."""
    outcome = await _written(say, write, fields)
    if isinstance(outcome, tuple):
        return outcome
    return False, changed(), "", *at_fields(say, fields, None)


async def _written(say: Words, write: Callable[[], Any], fields: Sequence[str]) -> Any:
    """What ``write`` returns; or, as a tuple, what the dialog is told when it wrote nothing."""
    try:
        return await asyncio.to_thread(write)
    except BadField as bad:
        return no_update, no_update, "", *at_fields(say, fields, bad)
    except (Refused, NotFound, Unavailable) as problem:
        return no_update, no_update, told(say, problem), *at_fields(say, fields, None)


def code_shown(city: City, say: Words, person: Person) -> Component:
    """A new code of ``person`` to hand over, or why there is none. Blocks."""
    purpose = "device" if person.kind is Kind.DEVICE else "password"
    try:
        code = city.access.codes.make(viewer_of(city), person.id, purpose)
    except (Refused, NotFound, Unavailable) as problem:
        return secret_shown(say, person.name, "–", [say("people.code_failed", what=str(problem))])
    address = f"{(city.settings.url or '').rstrip('/')}{CODE_PATH}"
    title = say("people.code_for", name=person.name, login=person.login)
    explained = say(f"people.code_{person.kind.value}", address=address)
    return secret_shown(say, title, code, [explained])


# --- wiring -------------------------------------------------------------------------------------------


def _errors(ids: Sequence[str]) -> list[Output]:
    return [Output(id_, "error", allow_duplicate=True) for id_ in ids]


def _opening(app: Dash, city: City, handler: Any, dialog: str, told_: str, ids: Sequence[str]) -> None:
    """Wire a dialog that a button of the sheet opens, its fields filled in the order of ``ids``."""
    on(
        app, city, handler,
        Output(dialog, "opened", allow_duplicate=True),
        *(Output(id_, "value", allow_duplicate=True) for id_ in ids),
        Output(told_, "children", allow_duplicate=True), *_errors(ids),
        Input(People.SHEET, "acted"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip


def _saving(
    app: Dash, city: City, handler: Any, dialog: str, save: str, told_: str, ids: Sequence[str]
) -> None:
    """Wire the button of a dialog that was opened from the sheet."""
    on(
        app, city, handler,
        Output(dialog, "opened", allow_duplicate=True),
        Output(People.CHANGED, "data", allow_duplicate=True),
        Output(told_, "children", allow_duplicate=True), *_errors(ids),
        Input(save, "n_clicks"), *(State(id_, "value") for id_ in ids), State(People.SHEET, "acted"),
        State(Shell.LANGUAGE, "data"), may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip


def register(app: Dash, city: City) -> None:
    """Wire the dialogs."""
    on(
        app, city, open_person,
        Output(People.PERSON_DIALOG, "opened", allow_duplicate=True),
        Output(People.TEMPLATE, "value"),
        *(Output(id_, "value", allow_duplicate=True) for id_ in layout.PERSON_IDS),
        Output(People.PERSON_TOLD, "children", allow_duplicate=True), *_errors(layout.PERSON_IDS),
        Input(People.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, fill_template,
        Output(People.NEW_ROLE, "value", allow_duplicate=True),
        Output(People.NEW_DOMAINS, "value", allow_duplicate=True),
        Output(People.NEW_UNTIL, "value", allow_duplicate=True),
        Input(People.TEMPLATE, "value"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_person,
        Output(People.PERSON_DIALOG, "opened", allow_duplicate=True),
        Output(People.CHANGED, "data", allow_duplicate=True),
        Output(People.PERSON_TOLD, "children", allow_duplicate=True), *_errors(layout.PERSON_IDS),
        Output(Confirming.SECRET_DIALOG, "opened", allow_duplicate=True),
        Output(Confirming.SECRET, "children", allow_duplicate=True),
        Input(People.PERSON_SAVE, "n_clicks"), *(State(id_, "value") for id_ in layout.PERSON_IDS),
        State(People.TEMPLATE, "value"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    _opening(app, city, open_change, People.CHANGE_DIALOG, People.CHANGE_TOLD, layout.CHANGE_IDS)
    _opening(app, city, open_grant, People.GRANT_DIALOG, People.GRANT_TOLD, layout.GRANT_IDS)
    _opening(app, city, open_video, People.VIDEO_DIALOG, People.VIDEO_TOLD, layout.VIDEO_IDS)
    for handler, dialog, save, told_, ids in (
        (save_change, People.CHANGE_DIALOG, People.CHANGE_SAVE, People.CHANGE_TOLD, layout.CHANGE_IDS),
        (save_grant, People.GRANT_DIALOG, People.GRANT_SAVE, People.GRANT_TOLD, layout.GRANT_IDS),
        (save_video, People.VIDEO_DIALOG, People.VIDEO_SAVE, People.VIDEO_TOLD, layout.VIDEO_IDS),
    ):
        _saving(app, city, handler, dialog, save, told_, ids)
