"""Composed boards, to others: who sees one, and proposing one for publication."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.composed import named, said
from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, changed
from callbacks.wiring import on
from layouts import composed_forms as forms
from layouts.ids import Composing, Shell
from model.composed import Composed
from model.errors import BadField, NotFound, Refused, Unavailable
from model.roles import BOARD_COMPOSERS, BOARD_READERS
from services.city import City
from services.composing import Wish
from services.publishing.register import licence_of

# --- who sees it ------------------------------------------------------------------------------------------


async def open_share(city: City, acted: Acted, language: str | None) -> tuple[Any, ...]:
    """Who sees the board now, and who can be named."""
    act = named(acted, "share")
    if act is None:
        return (no_update,) * 8
    say, viewer = speak(city, language), viewer_of(city)
    try:
        board = await asyncio.to_thread(city.compositions.open, viewer, act[1])
        people = await asyncio.to_thread(_nameable, city, viewer.person_id)
    except (NotFound, Unavailable) as problem:
        return True, None, no_update, [], [], None, False, said(say, problem)
    audience = board.audience
    chosen = [str(one) for one in audience.people]
    return True, board.id, audience.sees.value, people, chosen, audience.role or None, audience.edits, ""


def _nameable(city: City, own: int) -> list[dict[str, str]]:
    """Everybody who reads boards, by name; no address, no telephone number."""
    now = datetime.now(UTC)
    found = [
        (sheet.person.name, sheet.person.id)
        for sheet in city.access.people.list()
        if sheet.person.id != own and any(one.role in BOARD_READERS for one in sheet.grants_in_force(now))
    ]
    return [{"value": str(number), "label": name} for name, number in sorted(found)]


async def save_share(
    city: City, clicks: int | None, board: int | None, sees: str | None, people: list[str] | None,
    role: str | None, edits: bool | None, language: str | None,
) -> tuple[Any, ...]:  # fmt: skip
    """Say who sees it."""
    if not clicks or not isinstance(board, int):
        return (no_update,) * 3
    say = speak(city, language)
    try:
        audience = forms.audience_of(sees, people, role, edits)
        await asyncio.to_thread(city.compositions.share, viewer_of(city), board, audience)
    except (BadField, NotFound, Refused, Unavailable) as problem:
        return no_update, no_update, said(say, problem)
    return False, changed(), ""


# --- to the public ----------------------------------------------------------------------------------------


async def open_propose(city: City, acted: Acted, language: str | None) -> tuple[Any, ...]:
    """The form of a proposal, with the name it had before where there was one."""
    act = named(acted, "propose")
    if act is None:
        return (no_update,) * 6
    say, viewer = speak(city, language), viewer_of(city)
    try:
        board = await asyncio.to_thread(city.compositions.open, viewer, act[1])
    except (NotFound, Unavailable) as problem:
        return True, None, "", [], None, said(say, problem)
    return True, board.id, _name_of(board), list(city.publications.licences), licence_of(city.profile), ""


def _name_of(board: Composed) -> str:
    return board.proposed[-1][0].removeprefix("board-") if board.proposed else ""


async def save_propose(
    city: City, clicks: int | None, board: int | None, name: str | None, licence: str | None, why: str | None,
    language: str | None,
) -> tuple[Any, ...]:  # fmt: skip
    """Propose it; or say what cannot leave, and where it stands."""
    if not clicks or not isinstance(board, int):
        return (no_update,) * 3
    say = speak(city, language)
    try:
        _, found = await asyncio.to_thread(
            city.compositions.propose, viewer_of(city), board, Wish(name or "", licence or "", why or "")
        )
    except (BadField, NotFound, Refused, Unavailable) as problem:
        return no_update, no_update, said(say, problem)
    return False, changed(), say("composed.proposed_with", n=len(found)) if found else ""


def register(app: Dash, city: City) -> None:
    """Wire both dialogs."""
    language = State(Shell.LANGUAGE, "data")
    on(
        app, city, open_share,
        Output(Composing.SHARE_DIALOG, "opened", allow_duplicate=True), Output(Composing.SHARED, "data"),
        Output(Composing.SEES, "value"), Output(Composing.PEOPLE, "data"), Output(Composing.PEOPLE, "value"),
        Output(Composing.ROLE, "value"), Output(Composing.EDITS, "checked"),
        Output(Composing.SHARE_TOLD, "children", allow_duplicate=True),
        Input(Composing.ACTS, "acted"), language, may=BOARD_COMPOSERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app,
        city,
        save_share,
        Output(Composing.SHARE_DIALOG, "opened", allow_duplicate=True),
        Output(Composing.CHANGED, "data", allow_duplicate=True),
        Output(Composing.SHARE_TOLD, "children", allow_duplicate=True),
        Input(Composing.SHARE_SAVE, "n_clicks"),
        State(Composing.SHARED, "data"),
        State(Composing.SEES, "value"),
        State(Composing.PEOPLE, "value"),
        State(Composing.ROLE, "value"),
        State(Composing.EDITS, "checked"),
        language,
        may=BOARD_COMPOSERS,
        prevent_initial_call=True,
    )
    on(
        app,
        city,
        open_propose,
        Output(Composing.PROPOSE_DIALOG, "opened", allow_duplicate=True),
        Output(Composing.PROPOSED, "data"),
        Output(Composing.NAME, "value"),
        Output(Composing.LICENCE, "data"),
        Output(Composing.LICENCE, "value"),
        Output(Composing.PROPOSE_TOLD, "children", allow_duplicate=True),
        Input(Composing.ACTS, "acted"),
        language,
        may=BOARD_COMPOSERS,
        prevent_initial_call=True,
    )
    on(
        app,
        city,
        save_propose,
        Output(Composing.PROPOSE_DIALOG, "opened", allow_duplicate=True),
        Output(Composing.CHANGED, "data", allow_duplicate=True),
        Output(Composing.PROPOSE_TOLD, "children", allow_duplicate=True),
        Input(Composing.PROPOSE_SAVE, "n_clicks"),
        State(Composing.PROPOSED, "data"),
        State(Composing.NAME, "value"),
        State(Composing.LICENCE, "value"),
        State(Composing.WHY, "value"),
        language,
        may=BOARD_COMPOSERS,
        prevent_initial_call=True,
    )
