"""The control room: the map first, what needs somebody beside it, the last day under it. Pure."""

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import live_labels as labels
from layouts.alarm_list import alarm_list
from layouts.alarm_panel import alarm_sheet
from layouts.components import Clock, Keys, Pulse, StaleBanner, Ticker
from layouts.ids import Room
from layouts.room_components import DayStrip
from layouts.room_parts import Parts, asset_panel, map_section, switches
from layouts.shell import top_bar
from layouts.symbols import icon
from layouts.view import PageView
from model.texts import Words

PARTS = Parts(
    mode="live",
    map=Room.MAP,
    loupe=Room.LOUPE,
    legend=Room.LEGEND,
    domains=Room.DOMAINS,
    search=Room.SEARCH,
    area=Room.AREA,
    panel=Room.PANEL,
    head=Room.HEAD,
    body=Room.BODY,
    columns=Room.COLUMNS,
    actions=Room.ACTIONS,
    observed_property=Room.PROPERTY,
    period=Room.PERIOD,
    chart=Room.CHART,
    shield=Room.SHIELD,
)
REFRESH_MS = 10_000
STRIP_REFRESH_MS = 60_000
TABS = (("list", "list", "nav.list"), ("map", "map", "nav.map"))
WAYS = (
    ("/history", "past", "nav.past"),
    ("/analysis", "analysis", "analysis.page"),
    ("/boards/city", "board", "nav.board"),
    ("/feeds", "feeds", "nav.feeds"),
)


def page(say: Words, view: PageView) -> Component:
    """The whole page; what it shows first comes from the address, so that a link shows the same."""
    return html.Div(
        [
            top_bar(say, view, [switches(say, view, PARTS)], [_clock(say, view)]),
            StaleBanner(
                id=Room.BANNER, zone=view.zone, language=say.language, labels=labels.banner_labels(say)
            ),
            html.Div(
                [map_section(say, view, PARTS), _foot(say, view), _side(say, view)], className="room-body"
            ),
            _tabs(say),
            Keys(labels=labels.keys_labels(say)),
            *([html.P(say("shell.generated"), className="phone-note")] if view.generated else []),
            *_memory(view),
        ],
        id=Room.PAGE,
        className="room show-list",
        **{"data-picks": Room.PICKED, "data-room": "room"},
    )


def _memory(view: PageView) -> list[Component]:
    """What the page remembers between callbacks: what is selected, and when to ask again."""
    return [
        Pulse(id=Room.PULSE),
        dcc.Store(id=Room.PICKED),
        dcc.Store(id=Room.SELECTED, data=view.address.get("asset")),
        dcc.Store(id=Room.NAMED),
        dcc.Store(id=Room.ALARM),
        dcc.Store(id=Room.ALARM_ACT),
        dcc.Interval(id=Room.TICK, interval=REFRESH_MS),
        dcc.Interval(id=Room.MINUTE, interval=STRIP_REFRESH_MS),
    ]


# --- top bar ------------------------------------------------------------------------------------------


def _clock(say: Words, view: PageView) -> Component:
    return Clock(id=Room.CLOCK, zone=view.zone, language=say.language, labels=labels.clock_labels(say))


# --- under the map ------------------------------------------------------------------------------------


def _foot(say: Words, view: PageView) -> Component:
    keys = ("title", "how", "now", "loading", "away", "empty", "sunrise", "sunset", "step", "go", "changes")
    words: dict[str, Any] = {key: say(f"strip.{key}") for key in keys} | labels.table(say, "alarm_bars")
    return html.Section(
        [
            DayStrip(
                id=Room.STRIP, zone=view.zone, state="loading", href="/history?at={at}",
                language=say.language, labels=words,
            ),
            Ticker(
                id=Room.TICKER, zone=view.zone, rows=5,
                language=say.language, labels=labels.ticker_labels(say),
            ),
        ],
        className="room-foot",
        **{"aria-label": say("room.foot")},
    )  # fmt: skip


# --- side ---------------------------------------------------------------------------------------------


def _side(say: Words, view: PageView) -> Component:
    return html.Aside(
        [
            alarm_list(say, view),
            asset_panel(say, PARTS, alarm_sheet(say, view)),
        ],
        className="room-side",
        **{"aria-label": say("room.side")},
    )


# --- phone --------------------------------------------------------------------------------------------


def _tabs(say: Words) -> Component:
    """The phone's tabs: two parts of this page, then the other pages."""
    here = [
        html.Button(
            [icon(sign, 24), html.Span(say(key))],
            type="button",
            className="tab",
            **{"data-tab": tab, "data-into": Room.PAGE},
        )
        for tab, sign, key in TABS
    ]
    there = [
        dcc.Link([icon(sign, 24), html.Span(say(key))], href=href, className="tab")
        for href, sign, key in WAYS
    ]
    return html.Nav([*here, *there], className="tabs", **{"aria-label": say("shell.pages")})
