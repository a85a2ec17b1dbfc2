"""The queue of reviews on a page: what is proposed is tried once a keeper of rules looks at it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.shell import read_address
from callbacks.wiring import on
from geodata.assets import read_columns
from layouts import alarm_reviews as layout
from layouts.ids import AlarmReviewsPage, Shell
from model.alarm_review import Review
from model.errors import BadField, NotFound, Unavailable, VigieError
from model.roles import RULE_KEEPERS, RULE_READERS
from services.alarms import Reviews, side_by_side
from services.city import City


def keeps_rules(city: City) -> bool:
    """Whether who looks decides reviews: she keeps rules, of the whole city."""
    return viewer_of(city).role in RULE_KEEPERS and city.scope.whole


async def show_alarm_reviews(
    city: City, search: str | None, _closed: Any, language: str | None
) -> tuple[Any, Any]:
    """The queue with the review of ``?rule=``, else the first; and which it is, whether it is to be tried."""
    return await _drawn(city, search, language, tries=True)


async def _drawn(city: City, search: str | None, language: str | None, *, tries: bool) -> tuple[Any, Any]:
    """The page, and what of it is to be tried; nothing where it just was (not ``tries``)."""
    say, key, now = speak(city, language), read_address(search).get("rule"), datetime.now(UTC)
    try:
        found = await asyncio.to_thread(Reviews(city.engine).open, now)
    except Unavailable as problem:
        return layout.away(say, str(problem)), None
    shown = _chosen(found, key)
    keeps = keeps_rules(city)
    trying = tries and keeps and shown is not None and shown.due(now)
    told = {"rule": shown.key, "try": trying} if shown else None
    return layout.reviews(say, found, shown, chosen=bool(key), keeps=keeps, trying=trying), told


def _chosen(found: Any, key: str | None) -> Review | None:
    if not key:
        return found[0] if found else None
    return next((one for one in found if one.key == key), None)


async def try_review(
    city: City, shown: dict[str, Any] | None, search: str | None, language: str | None
) -> Any:
    """Try what the review shown proposes beside the version in force, and show what came of it."""
    if not shown or not shown.get("try"):
        return no_update, ""
    told = ""
    try:
        await asyncio.to_thread(_worked_out, city, str(shown.get("rule")))
    except VigieError as problem:
        told = speak(city, language)("alarm_book.not_tried", what=str(problem))
    # Drawn from here and not by a round through the queue: a browser follows no circle of callbacks.
    tree, _ = await _drawn(city, search, language, tries=False)
    return tree, told


def _worked_out(city: City, key: str) -> None:
    # Nobody presses a button again here: before the live layout was read the database has it.
    now, columns = datetime.now(UTC), city.hub.columns
    columns = read_columns(city.engine) if columns is None else columns
    trying = side_by_side(city.engine, city.history, columns, city.profile, now)
    Reviews(city.engine).work_out(viewer_of(city), key, trying, now)


async def open_close_review(_city: City, acted: Acted) -> Any:
    """Ask why the rule stays as it is."""
    return no_update if act_of(acted, "close") is None else (True, "", "", None)


async def close_review(
    city: City, clicks: int | None, why: str | None, shown: dict[str, Any] | None, language: str | None
) -> Any:
    """Close the review shown, and go back to the queue."""
    if not clicks or not shown:
        return no_update
    say, reviews = speak(city, language), Reviews(city.engine)
    try:
        await asyncio.to_thread(
            reviews.close, viewer_of(city), str(shown.get("rule")), why or "", datetime.now(UTC)
        )
    except BadField as bad:
        return no_update, no_update, no_update, "", layout.wrong_why(say, bad)
    except NotFound:
        return no_update, no_update, no_update, say("alarm_reviews.gone_body"), None
    except VigieError as problem:
        return no_update, no_update, no_update, say("alarm_book.not_done", what=str(problem)), None
    return False, changed(), "", "", None


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    language = State(Shell.LANGUAGE, "data")
    on(
        app, city, show_alarm_reviews,
        Output(AlarmReviewsPage.BODY, "tree"), Output(AlarmReviewsPage.SHOWN, "data"),
        Input(Shell.LOCATION, "search"), Input(AlarmReviewsPage.CLOSED, "data"), language, may=RULE_READERS,
    )  # fmt: skip
    on(
        app, city, try_review,
        Output(AlarmReviewsPage.BODY, "tree", allow_duplicate=True),
        Output(AlarmReviewsPage.TOLD, "children"),
        Input(AlarmReviewsPage.SHOWN, "data"), State(Shell.LOCATION, "search"), language,
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, open_close_review,
        Output(AlarmReviewsPage.CLOSE_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmReviewsPage.CLOSE_WHY, "value"),
        Output(AlarmReviewsPage.CLOSE_TOLD, "children", allow_duplicate=True),
        Output(AlarmReviewsPage.CLOSE_WHY, "error", allow_duplicate=True),
        Input(AlarmReviewsPage.BODY, "acted"), may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, close_review,
        Output(AlarmReviewsPage.CLOSE_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmReviewsPage.CLOSED, "data", allow_duplicate=True),
        Output(Shell.LOCATION, "search", allow_duplicate=True),
        Output(AlarmReviewsPage.CLOSE_TOLD, "children", allow_duplicate=True),
        Output(AlarmReviewsPage.CLOSE_WHY, "error", allow_duplicate=True),
        Input(AlarmReviewsPage.CLOSE, "n_clicks"), State(AlarmReviewsPage.CLOSE_WHY, "value"),
        State(AlarmReviewsPage.SHOWN, "data"), language, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
