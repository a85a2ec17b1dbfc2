"""Every feed in one table: how it does, how much it brings, how fresh it is. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.ages import age
from layouts.feeds_address import Shown
from layouts.feeds_chart import spark
from layouts.feeds_words import (
    counted,
    feed_sign,
    length_text,
    rate_text,
    sign,
    skew_text,
    standing_detail,
    standing_word,
)
from layouts.shell import state_card
from layouts.symbols import freshness_symbol, icon
from model.feeds import SILENT_LEAST_S, SKEW_S, FeedAccount, Fresh, Overview, Recent, Standing, Tally, worst
from model.texts import Words

HEADS = ("feed", "state", "last", "rate", "lag", "sparkline", "today", "fresh", "spool")


def feed_list(say: Words, overview: Overview, shown: Shown) -> Component:
    """The sentence, the sums, and a row for each feed; how to get a feed when there is none."""
    if not overview.feeds:
        return state_card("empty", say("feeds.none"), say("feeds.none_body"))
    head = html.Tr([html.Th(say(f"feeds.{name}"), scope="col", className=f"col-{name}") for name in HEADS])
    rows = [feed_row(say, overview, feed, shown) for feed in overview.feeds]
    return html.Div(
        [
            _summary(say, overview),
            html.Table(
                [html.Caption(say("feeds.caption"), className="unseen"), html.Thead(head), html.Tbody(rows)],
                className="feeds-table",
            ),
            _key(say),
        ]
    )


def _key(say: Words) -> Component:
    """What the letters of the freshness mean, and over how long rate and lag are taken."""
    letters = [
        html.Span(
            [
                freshness_symbol(name, 14),
                say(f"feeds.letter_{name}"),
                " ",
                say(f"freshness.{name}"),
            ]
        )
        for name, _ in Fresh()
    ]
    recent = html.Span(say("feeds.key_recent"))
    return html.P([html.Span(say("feeds.key_fresh")), *letters, recent], className="feeds-key")


# --- the sums -----------------------------------------------------------------------------------------


def _summary(say: Words, overview: Overview) -> Component:
    number, unit = rate_text(say, overview.rate) if told(overview) else (say.number(None), "")
    return html.Header(
        [
            html.H2(sentence(say, overview)),
            html.P(
                [
                    counted(number, unit),
                    html.Span(say("feeds.since_midnight"), className="quiet"),
                    account(say, overview.today, overview.difference),
                ],
                className="feeds-sums",
            ),
        ],
        className="feeds-head",
    )


def told(overview: Overview) -> bool:
    """Whether anybody keeps the account of any feed now."""
    return any(feed.told for feed in overview.feeds)


def sentence(say: Words, overview: Overview) -> str:
    """How many feeds there are, how many are well and how many want somebody, in one line."""
    feeds = overview.sources
    wrong = sum(worst(feed) is not None for feed in feeds)
    starting = sum(worst(feed) is None and feed.standing is Standing.STARTING for feed in feeds)
    well = len(feeds) - wrong - starting
    if well == len(feeds):
        return say("feeds.all_well" if well > 1 else "feeds.one_well", n=say.number(well))
    counts = (("well", well), ("wrong", wrong), ("starting", starting))
    parts = [say(f"feeds.count_{name}", n=say.number(count)) for name, count in counts if count]
    return say("feeds.of_all", n=say.number(len(feeds)), parts=", ".join(parts))


def account(say: Words, tally: Tally, difference: int) -> Component:
    """received = stored + duplicate + dead in numbers, and whether it holds or what ``difference`` is."""
    terms: list[Any] = [counted(say.number(tally.received), say("feeds.received_word")), " = "]
    terms += [counted(say.number(tally.stored), say("feeds.stored_word")), " + "]
    terms += [counted(say.number(tally.duplicate), say("feeds.duplicate_word")), " + "]
    terms.append(counted(say.number(tally.dead), say("feeds.dead_word"), "some" if tally.dead else ""))
    return html.Span([*terms, " ", _check(say, difference)], className="account")


def _check(say: Words, difference: int) -> Component:
    if difference:
        text = say("feeds.unbalanced", n=say.number(difference, signed=True))
        return html.Strong([sign(Standing.REFUSED, 16), text], className="account-wrong")
    return html.Span([icon("tick", 14), say("feeds.balanced")], className="account-right")


# --- a row --------------------------------------------------------------------------------------------


def feed_row(say: Words, overview: Overview, feed: FeedAccount, shown: Shown) -> Component:
    """One feed. What its status cannot tell of now is a dash, never the last thing it said."""
    cells = [
        html.Th(_name(say, feed, shown), scope="row", className="col-feed"),
        html.Td(_state(say, feed), className="col-state"),
        html.Td(_last(say, feed), className="col-last", **_label(say, "last")),
        html.Td(_rate(say, feed), className="col-rate", **_label(say, "rate")),
        html.Td(_lag(say, feed), className="col-lag", **_label(say, "lag")),
        html.Td(_hour(say, overview, feed), className="col-sparkline"),
        html.Td(_today(say, feed.today), className="col-today", **_label(say, "today")),
        html.Td(_fresh(say, feed), className="col-fresh", **_label(say, "fresh")),
        html.Td(_spool(say, feed), className="col-spool", **_label(say, "spool")),
    ]
    names = ["feed", f"feed-{feed.standing.value}"]
    names += ["feed-wrong"] if worst(feed) else []
    names += ["chosen"] if feed.name == shown.feed else []
    link = {"data-go": Shown(feed.name).href}
    return html.Tr(cells, key=feed.name, className=" ".join(names), **link)


def _label(say: Words, name: str) -> dict[str, str]:
    """The column's name, for the phone, where there are no columns."""
    return {"data-label": say(f"feeds.{name}")}


def _two(first: Any, second: Any) -> list[Component]:
    return [html.Div(first, className="cell-first"), html.Div(second, className="cell-second")]


def _name(say: Words, feed: FeedAccount, shown: Shown) -> list[Component]:
    here = {"aria-current": "true"} if feed.name == shown.feed else {}
    link = html.A(feed.name, href=Shown(feed.name).href, className="feed-link", **here)
    return _two(link, html.Span(how(say, feed, brief=True), title=how(say, feed)))


def how(say: Words, feed: FeedAccount, *, brief: bool = False) -> str:
    """By what adapter and transport it comes, and how often; ``brief`` says each thing once, in a row."""
    status = feed.status
    if status is None:
        return say("feeds.ours_from" if feed.ours else "feeds.undeclared")
    period = say.age(status.period_s) if status.period_s else ""
    period = period if brief or not period else say("feeds.every", period=period)
    parts = (status.adapter, status.transport, period)
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _state(say: Words, feed: FeedAccount) -> list[Component]:
    detail = feed.status.detail if feed.status else ""
    second = html.Span([*standing_detail(say, feed), *_skew(say, feed)], title=detail or None)
    return _two([feed_sign(feed, 18), html.Span(standing_word(say, feed), className="standing")], second)


def _skew(say: Words, feed: FeedAccount) -> list[Any]:
    """The source's clock, where it is wrong enough to matter."""
    skew = feed.status.skew_s if feed.status and feed.told else None
    if skew is None or abs(skew) < SKEW_S:
        return []
    return [" · ", html.Span(skew_text(say, skew), className="wrong-text")]


def _last(say: Words, feed: FeedAccount) -> list[Component]:
    status = feed.status
    if status is None or status.last_received_at is None:
        return _two(say("feeds.never"), "")
    seen = status.last_phenomenon_time
    measured = [say("feeds.measured"), " ", age(say, seen.timestamp())] if seen else ""
    return _two(age(say, status.last_received_at.timestamp()), measured)


def _rate(say: Words, feed: FeedAccount) -> list[Component]:
    if not feed.told:
        return _two(say.number(None), "")
    number, unit = rate_text(say, feed.recent.rate)
    return _two([html.Strong(number), " ", html.Span(unit, className="unit")], "")


def _lag(say: Words, feed: FeedAccount) -> list[Component]:
    recent = feed.recent if feed.told else Recent()
    worst = "" if recent.lag_max is None else say("feeds.at_most", length=length_text(say, recent.lag_max))
    return _two(html.Strong(length_text(say, recent.lag_mean)), worst)


def _hour(say: Words, overview: Overview, feed: FeedAccount) -> Component:
    return spark(say, feed.hour, overview.now, feed.status.patience_s if feed.status else SILENT_LEAST_S)


def _today(say: Words, tally: Tally) -> list[Component]:
    """What came since midnight; of duplicates and rejects only what there is, so that zeros do not shout."""
    parts: list[Any] = []
    if tally.dead:
        parts.append(html.Span(say("feeds.rejects", n=say.number(tally.dead)), className="wrong-text"))
    if tally.duplicate:
        parts.append(say("feeds.duplicates", n=say.number(tally.duplicate)))
    if tally.difference:
        parts.insert(0, _check(say, tally.difference))
    joined = [part for one in parts for part in (" · ", one)][1:]
    return _two([html.Strong(say.number(tally.received)), _mark(say, tally)], joined)


def _mark(say: Words, tally: Tally) -> Component:
    if tally.difference:
        return sign(
            Standing.REFUSED, 16, say("feeds.unbalanced", n=say.number(tally.difference, signed=True))
        )
    return icon("tick", 14, say("feeds.balanced"))


def _fresh(say: Words, feed: FeedAccount) -> Component | list[Component]:
    if not feed.told or feed.status is None or not feed.status.fresh.known:
        return _two(say.number(None), "")
    return fresh_bar(say, feed.status.fresh)


def fresh_bar(say: Words, fresh: Fresh) -> Component:
    """Datastreams by freshness: a bar, and each share with its shape, its letter and its number."""
    bar = [
        html.Span(style={"flexGrow": count}, className=f"share share-{name}")
        for name, count in fresh
        if count
    ]
    items = [
        html.Li(
            [
                freshness_symbol(name, 14),
                html.Abbr(say(f"feeds.letter_{name}"), title=say(f"freshness.{name}")),
                html.Strong(say.number(count)),
            ],
            className=f"fresh-{name}",
        )
        for name, count in fresh
        if count
    ]
    return html.Div(
        [html.Div(bar, className="shares", **{"aria-hidden": "true"}), html.Ul(items)], className="freshness"
    )


def _spool(say: Words, feed: FeedAccount) -> list[Component]:
    if not feed.told or feed.status is None:
        return _two(say.number(None), "")
    spooled, dropped = feed.status.spooled, feed.status.dropped
    waiting = html.Strong(say.number(spooled), className="wrong-text") if spooled else say.number(0)
    lost = html.Span(say("feeds.dropped", n=say.number(dropped)), className="lost-text") if dropped else ""
    return _two(waiting, lost)
