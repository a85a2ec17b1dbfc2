"""The page of partners: agreements, their keys shown once, their use."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, html, no_update

from callbacks.people import keeps, names_of, speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed, told
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import partners as layout
from layouts.confirming import secret_shown
from layouts.ids import Confirming, Partners, Shell
from layouts.partners_sheet import agreement_sheet, nothing_chosen, unknown_agreement
from layouts.people import away
from layouts.people_address import number
from model.errors import BadField, NotFound, Refused, Unavailable
from model.partners import PartnerKind
from model.roles import PEOPLE_KEEPERS, PEOPLE_READERS
from services.city import City


async def show_partners(
    city: City, search: str | None, _done: Any, _changed: Any, language: str | None
) -> tuple[Any, ...]:
    """Every agreement, and the one the address opens."""
    say, now = speak(city, language), datetime.now(UTC)
    chosen = number(read_address(search).get("agreement"))
    try:
        sheets = await asyncio.to_thread(city.access.partners.list)
        names = await asyncio.to_thread(names_of, city)
    except Unavailable as problem:
        return away(say, str(problem)), no_update, layout.page_class(bool(chosen))
    opened = next((sheet for sheet in sheets if sheet.agreement.id == chosen), None)
    if opened is not None:
        detail = agreement_sheet(say, opened, names, now, keeps=keeps(city))
    else:
        detail = unknown_agreement(say) if chosen else nothing_chosen(say)
    rows = layout.partner_list(say, sheets, chosen, names, now, keeps=keeps(city))
    return rows, detail, layout.page_class(bool(chosen))


async def open_agreement(city: City, acted: Acted, language: str | None) -> Any:
    """The empty form of an agreement that begins today."""
    if act_of(acted, "add") is None:
        return no_update
    say = speak(city, language)
    today = say.local(datetime.now(UTC)).date().isoformat()
    filled = ("", PartnerKind.PUBLIC.value, "", "", [], [], [], layout.REFRESH_RATE, today, "")
    return True, *filled, False, "", *layout.wrong_at(say, None)


async def save_agreement(city: City, clicks: int | None, *values: Any) -> Any:
    """Write the agreement down; or say at its field what is wrong."""
    if not clicks:
        return no_update
    *typed, terms, language = values
    say, viewer = speak(city, language), viewer_of(city)

    def write() -> int:
        return city.access.partners.make(viewer, layout.agreement_draft(say, typed, bool(terms)))

    try:
        await asyncio.to_thread(write)
    except BadField as bad:
        return no_update, no_update, "", *layout.wrong_at(say, bad)
    except (Refused, Unavailable) as problem:
        return no_update, no_update, told(say, problem), *layout.wrong_at(say, None)
    return False, changed(), "", *layout.wrong_at(say, None)


async def open_key(_city: City, acted: Acted) -> Any:
    """The form of a new key."""
    return no_update if act_of(acted, "key") is None else (True, "", "", None)


async def save_key(
    city: City, clicks: int | None, label: str | None, acted: Acted, language: str | None
) -> Any:
    """Make the key and show it this once."""
    wanted = act_of(acted, "key")
    if not clicks or wanted is None:
        return no_update
    say, viewer = speak(city, language), viewer_of(city)
    try:
        key = await asyncio.to_thread(city.access.partners.make_key, viewer, wanted, label or "")
        sheets = await asyncio.to_thread(city.access.partners.list)
    except BadField as bad:
        return no_update, no_update, "", layout.what_is_wrong(say, bad), no_update, no_update
    except (Refused, NotFound, Unavailable) as problem:
        return no_update, no_update, told(say, problem), None, no_update, no_update
    partner = next(sheet.agreement.partner for sheet in sheets if sheet.agreement.id == wanted)
    title = say("partners.key_for", label=label or "", partner=partner)
    explained = [say("partners.key_once"), html.Br(), say("partners.key_use"), " ",
                 html.Code("Authorization: Bearer vgp_…")]  # fmt: skip
    return False, changed(), "", None, True, secret_shown(say, title, key, explained)


def register(app: Dash, city: City) -> None:
    """Wire the page of partners."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in layout.FORM_IDS]
    on(
        app, city, show_partners,
        Output(Partners.LIST, "tree"), Output(Partners.SHEET, "tree"), Output(Partners.PAGE, "className"),
        Input(Shell.LOCATION, "search"), Input(Confirming.DONE, "data"), Input(Partners.CHANGED, "data"),
        State(Shell.LANGUAGE, "data"), may=PEOPLE_READERS,
    )  # fmt: skip
    on(
        app, city, open_agreement,
        Output(Partners.DIALOG, "opened", allow_duplicate=True),
        *(Output(id_, "value") for id_ in layout.FORM_IDS), Output(Partners.TERMS, "checked"),
        Output(Partners.TOLD, "children", allow_duplicate=True), *errors,
        Input(Partners.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_agreement,
        Output(Partners.DIALOG, "opened", allow_duplicate=True),
        Output(Partners.CHANGED, "data", allow_duplicate=True),
        Output(Partners.TOLD, "children", allow_duplicate=True), *errors,
        Input(Partners.SAVE, "n_clicks"), *(State(id_, "value") for id_ in layout.FORM_IDS),
        State(Partners.TERMS, "checked"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, open_key,
        Output(Partners.KEY_DIALOG, "opened", allow_duplicate=True), Output(Partners.LABEL, "value"),
        Output(Partners.KEY_TOLD, "children", allow_duplicate=True),
        Output(Partners.LABEL, "error", allow_duplicate=True),
        Input(Partners.SHEET, "acted"), may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_key,
        Output(Partners.KEY_DIALOG, "opened", allow_duplicate=True),
        Output(Partners.CHANGED, "data", allow_duplicate=True),
        Output(Partners.KEY_TOLD, "children", allow_duplicate=True),
        Output(Partners.LABEL, "error", allow_duplicate=True),
        Output(Confirming.SECRET_DIALOG, "opened", allow_duplicate=True),
        Output(Confirming.SECRET, "children", allow_duplicate=True),
        Input(Partners.KEY_SAVE, "n_clicks"), State(Partners.LABEL, "value"),
        State(Partners.SHEET, "acted"), State(Shell.LANGUAGE, "data"),
        may=PEOPLE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
