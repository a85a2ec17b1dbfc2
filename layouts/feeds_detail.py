"""One feed opened: its hour, its account, why items were refused. All feeds together when none is. Pure."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.ages import age
from layouts.feeds_address import PATH, Shown
from layouts.feeds_chart import hour_chart
from layouts.feeds_list import account, fresh_bar, how
from layouts.feeds_words import (
    feed_sign,
    length_text,
    rate_text,
    reason_word,
    skew_text,
    standing_detail,
    standing_word,
)
from layouts.shell import state_card
from layouts.symbols import icon
from model.feeds import SILENT_LEAST_S, SKEW_S, FeedAccount, Overview, Recent
from model.letters import Reason
from model.texts import Words


def feed_detail(say: Words, overview: Overview, feed: FeedAccount, letters: Component) -> Component:
    """Everything of ``feed``; ``letters`` is what it could not deliver."""
    patience = feed.status.patience_s if feed.status else SILENT_LEAST_S
    return html.Div(
        [
            _head(say, feed),
            html.Dl(
                [part for name, text in facts(say, feed) for part in _fact(name, text)], className="facts"
            ),
            html.P(account(say, feed.today, feed.today.difference), className="detail-account"),
            hour_chart(say, feed.hour, overview.now, patience),
            letters,
        ],
        className="detail",
    )


def _head(say: Words, feed: FeedAccount) -> Component:
    state = [html.Span(standing_word(say, feed), className="standing"), " · "]
    return html.Header(
        [
            html.A("←", href=PATH, className="detail-back", **{"aria-label": say("feeds.back")}),
            feed_sign(feed, 30),
            html.Div(
                [
                    html.H2(feed.name),
                    html.P([*state, *standing_detail(say, feed)], className="detail-state"),
                    html.P(how(say, feed), className="quiet"),
                ]
            ),
            html.A(icon("close", 16, say("feeds.close")), href=PATH, className="panel-close"),
        ],
        className="detail-head",
    )


def facts(say: Words, feed: FeedAccount) -> list[tuple[str, Any]]:
    """What the last minutes come to, in words beside their numbers."""
    lag = feed.recent if feed.told else Recent()
    number, unit = rate_text(say, lag.rate) if feed.told else (say.number(None), "")
    status = feed.status
    found: list[tuple[str, Any]] = [
        (say("feeds.rate_now"), f"{number} {unit}".strip()),
        (say("feeds.lag_mean"), length_text(say, lag.lag_mean)),
        (say("feeds.lag_max"), length_text(say, lag.lag_max)),
    ]
    if status is None:
        return found
    if status.last_phenomenon_time:
        found.append((say("feeds.last_measured"), age(say, status.last_phenomenon_time.timestamp())))
    if feed.told:
        wrong = status.skew_s is not None and abs(status.skew_s) >= SKEW_S
        skew = skew_text(say, status.skew_s)
        found.append((say("feeds.clock"), html.Span(skew, className="wrong-text") if wrong else skew))
        found.append((say("feeds.streams"), fresh_bar(say, status.fresh) if status.fresh.known else "–"))
    return found


def _fact(name: str, text: Any) -> list[Component]:
    return [html.Div([html.Dt(name), html.Dd(text)])]


# --- no feed, or none of that name --------------------------------------------------------------------


def all_feeds(say: Words, overview: Overview, reasons: Sequence[Reason] | None) -> Component:
    """All feeds together; ``reasons`` None while they cannot be read."""
    if not overview.feeds:
        return html.Div()
    return html.Div(
        [
            html.Header(
                html.Div([html.H2(say("feeds.all")), html.P(say("feeds.choose"), className="quiet")]),
                className="detail-head",
            ),
            hour_chart(say, overview.hour, overview.now),
            html.Section(
                [html.H3(say("feeds.reasons_all")), _reasons(say, reasons)], className="reasons-part"
            ),
        ],
        className="detail",
    )


def _reasons(say: Words, reasons: Sequence[Reason] | None) -> Component:
    if reasons is None:
        return state_card("broken", say("feeds.letters_away"), say("feeds.letters_away_body"))
    if not reasons:
        return html.P(say("feeds.no_rejects"), className="quiet")
    heads = [
        html.Th(say(f"feeds.{name}"), scope="col", className="words" if name == "feed" else None)
        for name in ("reason", "feed", "ever", "last_seen")
    ]
    rows = [
        html.Tr(
            [
                html.Th(
                    html.A(reason_word(say, one.reason), href=Shown(one.feed, one.reason).href), scope="row"
                ),
                html.Td(one.feed, className="words"),
                html.Td(say.number(one.count)),
                html.Td(age(say, one.last_seen.timestamp())),
            ],
            key=f"{one.feed} {one.reason}",
        )
        for one in reasons
    ]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="reasons")


def unknown_feed(say: Words, name: str) -> Component:
    """The address names a feed nobody ever heard of."""
    way = html.A(say("feeds.back"), href=PATH, className="button")
    return state_card("empty", say("feeds.unknown"), say("feeds.unknown_body", feed=name), way)
