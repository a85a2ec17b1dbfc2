"""The line above the feeds when something wants somebody: gravest first, each feed a link. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.ages import age
from layouts.feeds_address import Shown
from layouts.feeds_words import sign
from layouts.symbols import freshness_symbol
from model.feeds import Concern, FeedAccount, Overview, Trouble, concerns
from model.texts import Words

NAMED = 4
"""Feeds named of one trouble; the rest are a number."""
GRAVE = (Trouble.INGEST, Trouble.UNBALANCED, Trouble.DROPPED, Trouble.REFUSED)
"""Troubles that lose something, or will: the line is then in the colour of a fault."""


def alarm(say: Words, overview: Overview) -> Component:
    """What is wrong, or nothing at all. The region is always there, so that what appears in it is heard."""
    found = concerns(overview)
    grave = any(concern.trouble in GRAVE for concern in found)
    rows = [_concern(say, overview, concern) for concern in found]
    kind = "grave" if grave else "some" if found else "none"
    return html.Div(html.Ul(rows) if rows else None, className=f"feeds-alarm alarm-{kind}", role="status")


def _concern(say: Words, overview: Overview, concern: Concern) -> Component:
    trouble = concern.trouble
    since = overview.ingest_away
    if trouble is Trouble.INGEST and since:
        # The seconds run on; a screen reader is told the trouble, not each second of it.
        running = html.Span(age(say, since.timestamp()), **{"aria-hidden": "true"})
        body: list[Any] = [running, " · ", say("feeds.ingest_body", time=say.time(since, seconds=True))]
    else:
        body = _named(say, concern)
    title = html.Strong(say(f"feeds.trouble_{trouble.value}"))
    return html.Li([sign(trouble, 18), title, html.Span(body)], key=trouble.value)


def _named(say: Words, concern: Concern) -> list[Any]:
    parts: list[Any] = []
    for feed in concern.feeds[:NAMED]:
        figure = _figure(say, concern.trouble, feed)
        parts += [", "] if parts else []
        parts += [html.A(feed.name, href=Shown(feed.name).href), " ", *figure]
    more = len(concern.feeds) - NAMED
    return [*parts, say("feeds.more", n=say.number(more))] if more > 0 else parts


def _figure(say: Words, trouble: Trouble, feed: FeedAccount) -> list[Any]:
    status = feed.status
    if trouble is Trouble.UNBALANCED:
        return [say.number(feed.today.difference, signed=True)]
    if trouble is Trouble.REJECTING:
        recent = feed.recent.tally
        return [say("feeds.of_these", dead=say.number(recent.dead), received=say.number(recent.received))]
    if status is None:
        return []
    counts = {Trouble.DROPPED: status.dropped, Trouble.SPOOLING: status.spooled}
    if trouble in counts:
        return [say.number(counts[trouble])]
    since = {Trouble.SILENT: status.heard, Trouble.UNTOLD: status.updated_at}.get(trouble, status.state_since)
    return [html.Span(age(say, since.timestamp()), **{"aria-hidden": "true"})]


def database_away(say: Words, last: str) -> Component:
    """The accounts cannot be read: what is shown below is as of ``last`` (empty: nothing is)."""
    body = [say("feeds.no_answer"), *([" ", say("feeds.frozen", time=last)] if last else [])]
    row = html.Li(
        [freshness_symbol("stale", 18), html.Strong(say("feeds.away")), html.Span(body)], key="away"
    )
    return html.Div(html.Ul([row]), className="feeds-alarm alarm-away", role="status")
