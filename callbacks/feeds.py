"""The feeds page: its figures every few seconds, what is opened by the address, asking for replays."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from callbacks.asking import asker
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import feeds as layout
from layouts import feeds_detail, feeds_letters
from layouts.feeds_address import Shown, read_shown
from layouts.feeds_alarm import alarm, database_away
from layouts.feeds_list import feed_list
from layouts.ids import Feeds, Shell
from model.errors import BadRequest, NotFound, Refused, Unavailable
from model.feeds import Overview
from model.letters import Selection
from model.roles import FEED_KEEPERS, FEED_READERS
from model.texts import Words, words
from services.city import City


def speak(city: City, language: str | None) -> Words:
    """The words of ``language``, or of the city's first, in the city's zone."""
    return words(language or city.settings.language, city.profile.time_zone)


async def show_feeds(
    city: City,
    search: str | None,
    _tick: int | None,
    asked: dict[str, Any] | None,
    language: str | None,
    last: str | None,
) -> tuple[Any, ...]:
    """Alarm line, list, detail, the page's state, and when its figures are of."""
    say, shown, now = speak(city, language), read_shown(read_address(search)), datetime.now(UTC)
    if not city.scope.whole:
        # A feed brings the whole city, and so do its counts: the database shows none of them in a scope.
        nothing = html.Div(className="feeds-alarm alarm-none", role="status")
        return nothing, layout.of_the_whole_city(say), html.Div(), layout.page_class(False), ""
    try:
        overview = await asyncio.to_thread(city.feedbook.overview, now)
    except Unavailable:
        return _frozen(say, shown, last)
    detail = await asyncio.to_thread(detail_of, city, say, overview, shown, told_here(asked, shown))
    chosen = layout.page_class(bool(shown.feed))
    of = say.time(now, seconds=True)
    return alarm(say, overview), feed_list(say, overview, shown), detail, chosen, of


def _frozen(say: Words, shown: Shown, last: str | None) -> tuple[Any, ...]:
    """The database is away: what is on screen stays, and says of when it is."""
    state = layout.page_class(bool(shown.feed), frozen=True)
    rows = no_update if last else layout.away(say)
    return database_away(say, last or ""), rows, no_update, state, no_update


def told_here(asked: dict[str, Any] | None, shown: Shown) -> str:
    """What became of the last replay asked for, if it was asked for on what is shown now."""
    here = asked is not None and asked.get("feed") == shown.feed and asked.get("reason") == shown.reason
    return str(asked["told"]) if asked and here else ""


def detail_of(city: City, say: Words, overview: Overview, shown: Shown, told: str) -> Component:
    """The right side: the feed of the address with its letters, or all feeds. Blocks."""
    if not shown.feed:
        return feeds_detail.all_feeds(say, overview, _all_reasons(city))
    feed = overview.named(shown.feed)
    if feed is None:
        return feeds_detail.unknown_feed(say, shown.feed)
    return feeds_detail.feed_detail(say, overview, feed, _letters(city, say, shown, told))


def _all_reasons(city: City) -> Any:
    try:
        return city.feedbook.reasons()
    except Unavailable:
        return None


def _letters(city: City, say: Words, shown: Shown, told: str) -> Component:
    try:
        letters = city.feedbook.dead_letters(shown.feed, shown.reason, shown.page)
        read = city.feedbook.letter(shown.item) if shown.item else None
    except Unavailable:
        return feeds_letters.letters_away(say)
    except NotFound:
        return feeds_letters.letters_part(say, letters, shown, None, told, gone=True)
    return feeds_letters.letters_part(say, letters, shown, read, told)


async def ask_replay(
    city: City, acted: dict[str, Any] | None, search: str | None, language: str | None
) -> Any:
    """Ask for what the pressed button stands for; the ingest does it, and the list then shows the outcome."""
    shown = read_shown(read_address(search))
    selection = selected(str((acted or {}).get("act")), shown)
    if selection is None:
        return no_update
    say, now = speak(city, language), datetime.now(UTC)
    try:
        count = await asyncio.to_thread(city.feedbook.ask_replay, selection, asker(city), now)
    except (Unavailable, BadRequest, Refused) as error:
        told = say("feeds.not_asked", what=str(error))
    else:
        told = _told(say, count, now)
    return {"feed": shown.feed, "reason": shown.reason, "told": told}


def _told(say: Words, count: int, now: datetime) -> str:
    if not count:
        return say("feeds.asked_none")
    return say("feeds.asked_for", n=say.number(count), time=say.time(now, seconds=True))


def selected(act: str, shown: Shown) -> Selection | None:
    """What the button ``act`` asks to replay of what is ``shown``; None for what it cannot mean."""
    if act == feeds_letters.ACT_ONE and shown.item:
        return Selection(ids=(shown.item,))
    if act == feeds_letters.ACT_REASON and shown.feed and shown.reason:
        return Selection(feed=shown.feed, reason=shown.reason)
    return None


def register(app: Dash, city: City) -> None:
    """Wire the feeds page."""
    on(
        app, city, show_feeds,
        Output(Feeds.ALARM, "tree"), Output(Feeds.LIST, "tree"), Output(Feeds.DETAIL, "tree"),
        Output(Feeds.PAGE, "className"), Output(Feeds.SHOWN, "data"),
        Input(Shell.LOCATION, "search"), Input(Feeds.TICK, "n_intervals"), Input(Feeds.ASKED, "data"),
        State(Shell.LANGUAGE, "data"), State(Feeds.SHOWN, "data"), may=FEED_READERS,
    )  # fmt: skip
    on(
        app, city, ask_replay,
        Output(Feeds.ASKED, "data"), Input(Feeds.DETAIL, "acted"),
        State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=FEED_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
