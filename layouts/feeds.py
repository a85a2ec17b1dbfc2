"""The feeds page: what every feed does, and what it could not deliver. Pure.

Its parts are redrawn in place every few seconds (``layouts.steady``); what is opened is in the address.
"""

from dash import dcc, html
from dash.development.base_component import Component

from layouts import live_labels as labels
from layouts.components import Clock, StaleBanner
from layouts.feeds_address import read_shown
from layouts.ids import Feeds
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.view import PageView
from model.texts import Words

REFRESH_MS = 5_000


def page(say: Words, view: PageView) -> Component:
    """The whole page before anything was read."""
    clock = Clock(id=Feeds.CLOCK, zone=view.zone, language=say.language, labels=labels.clock_labels(say))
    return html.Div(
        [
            top_bar(say, view, right=[clock]),
            html.H1(say("feeds.title"), className="unseen"),
            StaleBanner(
                id=Feeds.BANNER, zone=view.zone, language=say.language, labels=labels.banner_labels(say)
            ),
            Steady(id=Feeds.ALARM, tree=html.Div(className="feeds-alarm alarm-none", role="status")),
            html.Div(
                [
                    _region(Feeds.LIST, say("feeds.title"), loading(say)),
                    _region(Feeds.DETAIL, say("feeds.detail"), html.Div()),
                ],
                className="feeds-columns",
            ),
            dcc.Store(id=Feeds.ASKED),
            dcc.Store(id=Feeds.SHOWN),
            dcc.Interval(id=Feeds.TICK, interval=REFRESH_MS),
        ],
        id=Feeds.PAGE,
        className=page_class(bool(read_shown(view.address).feed)),
    )


def _region(id_: Feeds, label: str, first: Component) -> Component:
    return html.Section(
        Steady(id=id_, tree=first, className="feeds-part"), className=id_.value, **{"aria-label": label}
    )


def page_class(chosen: bool, frozen: bool = False) -> str:
    """The page's css classes: is a feed open (a phone shows it alone), are the figures old."""
    return f"feeds{' feeds-chosen' if chosen else ''}{' feeds-frozen' if frozen else ''}"


def loading(say: Words) -> Component:
    """Nothing was read yet."""
    return state_card("loading", say("feeds.loading"), "")


def away(say: Words) -> Component:
    """Nothing could be read, and nothing was before."""
    return state_card("broken", say("feeds.away"), say("feeds.away_body"))


def of_the_whole_city(say: Words) -> Component:
    """For who sees a part of the city: feeds are not divided by it."""
    return state_card("empty", say("scope.feeds"), say("scope.feeds_body"))
