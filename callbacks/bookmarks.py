"""Bookmarks of the past: the list, keeping the address that is shown, forgetting one."""

import asyncio
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.asking import asker
from callbacks.notes import number_of, speak
from callbacks.wiring import on
from layouts import notes as layout
from layouts.form_parts import at_fields
from layouts.history import away
from layouts.ids import Notes, Past, Shell
from layouts.pages import PAGES
from model.errors import BadField, NotFound, Refused, Unavailable
from model.roles import NOTE_KEEPERS, PAST_READERS
from services.city import City

FIELDS = ("title",)


def known_pages() -> frozenset[str]:
    """The paths a bookmark may lead to."""
    return frozenset(page.path for page in PAGES)


async def list_bookmarks(city: City, _told: Any, language: str | None) -> Any:
    """The bookmarks kept, the latest first."""
    say = speak(city, language)
    try:
        found = await asyncio.to_thread(city.notes.bookmarks, known_pages())
    except Unavailable as problem:
        return away(say, str(problem))
    return layout.bookmark_list(say, found)


async def save_bookmark(
    city: City,
    clicks: int | None,
    title: str | None,
    path: str | None,
    search: str | None,
    language: str | None,
) -> Any:
    """Keep the address that is shown under the title typed; what is wrong is said at its field."""
    if not clicks:
        return no_update
    say, address = speak(city, language), f"{path or ''}{search or ''}"
    try:
        await asyncio.to_thread(city.notes.save_bookmark, title or "", address, asker(city), known_pages())
    except BadField as bad:
        told = "" if bad.field in FIELDS else say("notes.bad_bad_address")
        return no_update, told, *at_fields(say, FIELDS, bad)
    except (Refused, Unavailable) as problem:
        return no_update, say("notes.not_saved", what=str(problem)), None
    return "", say("notes.bookmark_kept", title=(title or "").strip()), None


async def forget_bookmark(city: City, asked: dict[str, Any] | None, language: str | None) -> Any:
    """Forget the bookmark whose button was pressed; one that is gone already is gone."""
    if not asked:
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(city.notes.remove_bookmark, number_of(asked), asker(city))
    except NotFound:
        return say("notes.bookmark_gone")
    except (Refused, Unavailable) as problem:
        return say("notes.not_saved", what=str(problem))
    return say("notes.bookmark_gone")


def register(app: Dash, city: City) -> None:
    """Wire the bookmarks of the past."""
    on(
        app, city, list_bookmarks,
        Output(Past.BOOKMARKS, "children"),
        Input(Notes.BOOKMARK_TOLD, "children"), State(Shell.LANGUAGE, "data"), may=PAST_READERS,
    )  # fmt: skip
    on(
        app, city, save_bookmark,
        Output(Past.BOOKMARK_TITLE, "value"),
        Output(Notes.BOOKMARK_TOLD, "children", allow_duplicate=True),
        Output(Past.BOOKMARK_TITLE, "error"),
        Input(Past.BOOKMARK_SAVE, "n_clicks"), State(Past.BOOKMARK_TITLE, "value"),
        State(Shell.LOCATION, "pathname"),
        State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=NOTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, forget_bookmark,
        Output(Notes.BOOKMARK_TOLD, "children", allow_duplicate=True),
        Input(Notes.BOOKMARK_GONE, "data"), State(Shell.LANGUAGE, "data"),
        may=NOTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
