"""The page of publications: the register, a proposal, and approving, refusing and revoking one."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.people import names_of, speak, viewer_of
from callbacks.people_forms import Acted, changed
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import publications as layout
from layouts import publications_forms as forms
from layouts.ids import Publications, Shell
from layouts.people import away
from layouts.publications_sheet import dataset_sheet, nothing_chosen, unknown_dataset
from layouts.publications_words import columns_text, grain_text
from model.datasets import BY_NAME
from model.errors import BadField, NotFound, NotNow, Refused, Unavailable, VigieError
from model.publications import Finding, HeldBack, Publication, Version
from model.roles import (
    PUBLICATION_PROPOSERS,
    PUBLICATION_READERS,
    PUBLICATION_REVOKERS,
    Role,
)
from model.texts import Words
from services.city import City
from services.publishing.register import licence_of

HIDDEN, SHOWN = {"display": "none"}, {"display": "block"}
ACTS = ("approve", "clear", "refuse", "revoke")


def told(say: Words, problem: VigieError) -> str:
    """Why nothing was done, in the reader's language."""
    if isinstance(problem, Refused) and say.has(key := f"publications.refused_{problem.reason}"):
        return say(key, **(problem.values if isinstance(problem, NotNow) else {}))
    if isinstance(problem, NotFound):
        return say("publications.gone")
    return say("publications.not_saved", what=str(problem))


async def show_publications(
    city: City, search: str | None, _changed: Any, language: str | None
) -> tuple[Any, ...]:
    """Every dataset of the register, and the one the address opens."""
    say, now = speak(city, language), datetime.now(UTC)
    chosen = str(read_address(search).get("dataset") or "")
    state = layout.page_class(bool(chosen))
    try:
        held = await asyncio.to_thread(city.publications.list)
        stopped = await asyncio.to_thread(city.publications.held_back)
        names = await asyncio.to_thread(names_of, city)
    except Unavailable as problem:
        return away(say, str(problem)), no_update, state
    judged = _judged(city, held, stopped, now)
    rows = layout.register_list(say, held, judged, chosen, now)
    dataset = BY_NAME.get(chosen)
    if dataset is None:
        return rows, unknown_dataset(say) if chosen else nothing_chosen(say), state
    own = [one for one in held if one.dataset == chosen]
    return rows, dataset_sheet(say, dataset, own, judged, viewer_of(city), names, now), state


def _judged(
    city: City, held: Sequence[Publication], stopped: Mapping[str, HeldBack], now: datetime
) -> dict[tuple[str, int], tuple[Finding, ...]]:
    """What the linter has against each version that waits, and the publisher against each in force."""
    waiting = [version for one in held if (version := one.waiting(now))]
    judged = {(one.draft.name, one.number): city.publications.lint(one.draft, now) for one in waiting}
    return judged | {(name, one.version): one.findings for name, one in stopped.items()}


# --- proposing --------------------------------------------------------------------------------------------


def _act(acted: Acted, *names: str) -> list[str] | None:
    """The parts of the pressed button's act when it begins with one of ``names``."""
    parts = str((acted or {}).get("act", "")).split(":")
    return parts if parts[0] in names else None


async def open_proposal(city: City, acted: Acted, language: str | None) -> Any:
    """The form of a dataset's next publication, filled with the last one or with all that may be open."""
    parts = _act(acted, "propose")
    dataset = BY_NAME.get(parts[1]) if parts and len(parts) == 2 else None
    if dataset is None:
        return no_update
    say = speak(city, language)
    try:
        held = await asyncio.to_thread(city.publications.list)
    except Unavailable:
        held = []
    own = [one for one in held if one.dataset == dataset.name]
    filled = forms.filled_for(dataset, own, licence_of(city.profile))
    title, delay, cadence = forms.hints_of(say, dataset)
    return (
        True, *filled, forms.choices_of(say, dataset), list(city.publications.licences), title, delay,
        cadence, "", "", *forms.wrong_at(say, None),
    )  # fmt: skip


async def save_proposal(city: City, clicks: int | None, *values: Any) -> Any:
    """Write the proposal down; or say what speaks against it, and at which field."""
    if not clicks:
        return no_update
    *typed, acted, language = values
    say, viewer = speak(city, language), viewer_of(city)
    parts = _act(acted, "propose") or []

    def write() -> tuple[Finding, ...]:
        draft = forms.draft_of(say, parts[1] if len(parts) == 2 else "", typed)
        found = city.publications.lint(draft)
        if not found:
            city.publications.propose(viewer, draft)
        return found

    clean = forms.wrong_at(say, None)
    try:
        found = await asyncio.to_thread(write)
    except BadField as bad:
        return no_update, no_update, "", "", *forms.wrong_at(say, bad)
    except (Refused, Unavailable) as problem:
        return no_update, no_update, "", told(say, problem), *clean
    if found:
        return no_update, no_update, forms.findings_list(say, found), "", *clean
    return False, changed(), "", "", *clean


# --- deciding ---------------------------------------------------------------------------------------------


def _version(city: City, name: str, number: str) -> Version:
    held = next((one for one in city.publications.list() if one.name == name), None)
    found = next((one for one in held.versions if str(one.number) == number), None) if held else None
    if found is None:
        raise NotFound(f"no version {number} of {name}")
    return found


async def ask_decision(city: City, acted: Acted, language: str | None) -> Any:
    """What the pressed button would do, in one sentence; and a reason where everybody may read one."""
    parts = _act(acted, *ACTS)
    if parts is None or len(parts) != 3:
        return no_update
    say = speak(city, language)
    try:
        version = await asyncio.to_thread(_version, city, parts[1], parts[2])
    except (NotFound, Unavailable) as problem:
        return True, told(say, problem), "", None, HIDDEN, "", None, "", HIDDEN
    reason = SHOWN if parts[0] in ("refuse", "revoke") else HIDDEN
    button = say(f"publications.{parts[0]}")
    return True, _sentence(say, parts[0], version), button, parts, reason, "", None, "", {}


def _sentence(say: Words, what: str, version: Version) -> str:
    draft = version.draft
    if what == "approve" and Role.DPO in version.waits_for:
        what = "approve_first"
    return say(
        f"publications.ask_{what}", name=draft.name, n=version.number, licence=draft.licence,
        columns=columns_text(say, draft.columns), grain=grain_text(say, draft.grain),
    )  # fmt: skip


async def decide(city: City, clicks: int | None, act: Any, why: str | None, language: str | None) -> Any:
    """Do what was asked; or say why it was not done."""
    if not clicks or not (isinstance(act, list) and len(act) == 3 and act[0] in ACTS):
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(_do, city, [str(part) for part in act], why or "")
    except BadField as bad:
        return no_update, no_update, "", forms.what_is_wrong(say, bad)
    except (NotFound, Refused, Unavailable) as problem:
        return no_update, no_update, told(say, problem), None
    return False, changed(), "", None


def _do(city: City, act: Sequence[str], why: str) -> None:
    what, name, number = act
    viewer, register = viewer_of(city), city.publications
    if what == "revoke":
        register.revoke(viewer, name, why)
        return
    version = _version(city, name, number)
    if what == "refuse":
        register.refuse(viewer, name, version.number, why)
    else:
        register.approve(viewer, name, version.number)


def register(app: Dash, city: City) -> None:
    """Wire the page of publications."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in forms.FORM_IDS]
    on(
        app, city, show_publications,
        Output(Publications.LIST, "tree"), Output(Publications.SHEET, "tree"),
        Output(Publications.PAGE, "className"),
        Input(Shell.LOCATION, "search"), Input(Publications.CHANGED, "data"),
        State(Shell.LANGUAGE, "data"), may=PUBLICATION_READERS,
    )  # fmt: skip
    on(
        app, city, open_proposal,
        Output(Publications.DIALOG, "opened", allow_duplicate=True),
        *(Output(id_, "value") for id_ in forms.FORM_IDS),
        Output(Publications.COLUMNS, "data"), Output(Publications.LICENCE, "data"),
        Output(Publications.OF, "children"), Output(Publications.DELAY, "description"),
        Output(Publications.CADENCE, "description"),
        Output(Publications.AGAINST, "children", allow_duplicate=True),
        Output(Publications.TOLD, "children", allow_duplicate=True), *errors,
        Input(Publications.SHEET, "acted"), State(Shell.LANGUAGE, "data"),
        may=PUBLICATION_PROPOSERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_proposal,
        Output(Publications.DIALOG, "opened", allow_duplicate=True),
        Output(Publications.CHANGED, "data", allow_duplicate=True),
        Output(Publications.AGAINST, "children", allow_duplicate=True),
        Output(Publications.TOLD, "children", allow_duplicate=True), *errors,
        Input(Publications.SAVE, "n_clicks"), *(State(id_, "value") for id_ in forms.FORM_IDS),
        State(Publications.SHEET, "acted"), State(Shell.LANGUAGE, "data"),
        may=PUBLICATION_PROPOSERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, ask_decision,
        Output(Publications.DECIDE_DIALOG, "opened", allow_duplicate=True),
        Output(Publications.DECIDE_SENTENCE, "children"), Output(Publications.DECIDE_DO, "children"),
        Output(Publications.DECIDE_ACT, "data"), Output(Publications.DECIDE_REASON, "style"),
        Output(Publications.DECIDE_WHY, "value"),
        Output(Publications.DECIDE_WHY, "error", allow_duplicate=True),
        Output(Publications.DECIDE_TOLD, "children", allow_duplicate=True),
        Output(Publications.DECIDE_DO, "style"),
        Input(Publications.SHEET, "acted"), State(Shell.LANGUAGE, "data"),
        may=PUBLICATION_REVOKERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, decide,
        Output(Publications.DECIDE_DIALOG, "opened", allow_duplicate=True),
        Output(Publications.CHANGED, "data", allow_duplicate=True),
        Output(Publications.DECIDE_TOLD, "children", allow_duplicate=True),
        Output(Publications.DECIDE_WHY, "error", allow_duplicate=True),
        Input(Publications.DECIDE_DO, "n_clicks"), State(Publications.DECIDE_ACT, "data"),
        State(Publications.DECIDE_WHY, "value"), State(Shell.LANGUAGE, "data"),
        may=PUBLICATION_REVOKERS, prevent_initial_call=True,
    )  # fmt: skip
