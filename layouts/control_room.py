"""The control room: the map first, what needs somebody beside it, the last day under it. Pure."""

from collections.abc import Iterable
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import live_labels as labels
from layouts.attention import attention_labels
from layouts.components import (
    CityMap,
    Clock,
    DomainSwitches,
    Keys,
    Legend,
    Loupe,
    Pulse,
    StaleBanner,
    Ticker,
)
from layouts.figures import PERIODS
from layouts.ids import Room
from layouts.panels import nothing_selected
from layouts.room_components import AttentionList, DayStrip, Search
from layouts.shell import state_card, top_bar
from layouts.symbols import icon
from layouts.view import PageView, source_line
from model.domains import DOMAINS
from model.texts import Words

REFRESH_MS = 10_000
STRIP_REFRESH_MS = 60_000
TABS = (("list", "list", "nav.list"), ("map", "map", "nav.map"))
WAYS = (
    ("/history", "past", "nav.past"),
    ("/boards/city", "board", "nav.board"),
    ("/feeds", "feeds", "nav.feeds"),
)


def page(say: Words, view: PageView) -> Component:
    """The whole page; what it shows first comes from the address, so that a link shows the same."""
    return html.Div(
        [
            top_bar(say, view, [_switches(say, view)], [_clock(say, view)]),
            StaleBanner(
                id=Room.BANNER, zone=view.zone, language=say.language, labels=labels.banner_labels(say)
            ),
            html.Div([_map(say, view), _foot(say, view), _side(say, view)], className="room-body"),
            _tabs(say),
            Keys(labels=labels.keys_labels(say)),
            *([html.P(say("shell.generated"), className="phone-note")] if view.generated else []),
            *_memory(view),
        ],
        id=Room.PAGE,
        className="room show-list",
        **{"data-picks": Room.PICKED},
    )


def _memory(view: PageView) -> list[Component]:
    """What the page remembers between callbacks: what is selected, and when to ask again."""
    return [
        Pulse(id=Room.PULSE),
        dcc.Store(id=Room.PICKED),
        dcc.Store(id=Room.SELECTED, data=view.address.get("asset")),
        dcc.Store(id=Room.NAMED),
        dcc.Interval(id=Room.TICK, interval=REFRESH_MS),
        dcc.Interval(id=Room.MINUTE, interval=STRIP_REFRESH_MS),
    ]


# --- top bar ------------------------------------------------------------------------------------------


def _switches(say: Words, view: PageView) -> Component:
    return DomainSwitches(
        id=Room.DOMAINS,
        domains=chosen_domains(view.address.get("domains")),
        area=chosen_area(view),
        language=say.language,
        labels=labels.switch_labels(say),
    )


def _clock(say: Words, view: PageView) -> Component:
    return Clock(id=Room.CLOCK, zone=view.zone, language=say.language, labels=labels.clock_labels(say))


def chosen_domains(text: str | None) -> list[str] | None:
    """The domains an address asks for, known ones only; None for all."""
    return _known(text, [domain.name for domain in DOMAINS])


def chosen_statuses(text: str | None) -> list[str] | None:
    """The display classes an address asks for, known ones only; None for all."""
    return _known(text, labels.CLASSES)


def _known(text: str | None, names: Iterable[str]) -> list[str] | None:
    wanted = (text or "").split(",")
    return [name for name in names if name in wanted] or None


def chosen_area(view: PageView) -> int | None:
    """The area an address asks for, if the city has it."""
    text = view.address.get("area", "")
    return next((area.id for area in view.areas if str(area.id) == text), None)


# --- map ----------------------------------------------------------------------------------------------


def _map(say: Words, view: PageView) -> Component:
    return html.Section(
        [
            CityMap(
                id=Room.MAP,
                theme=view.theme,
                zone=view.zone,
                bounds=list(view.bounds),
                tiles=view.tiles,
                attribution=source_line(say, view),
                domains=chosen_domains(view.address.get("domains")),
                statuses=chosen_statuses(view.address.get("statuses")),
                area=chosen_area(view),
                language=say.language,
                labels=labels.map_labels(say),
            ),
            html.Div([_search(say), _areas(say, view), _legend(say, view)], className="map-left"),
            Loupe(
                id=Room.LOUPE,
                theme=view.theme,
                title=say("loupe.title"),
                language=say.language,
                labels=labels.loupe_labels(say),
            ),
        ],
        className="room-map",
        **{"aria-label": say("room.map")},
    )


def _search(say: Words) -> Component:
    words = {key: say(f"search.{key}") for key in ("label", "hint", "none", "away", "results")}
    words |= {"status": labels.live_labels(say)["status"]}
    return Search(id=Room.SEARCH, address="/registry/search", language=say.language, labels=words)


def _areas(say: Words, view: PageView) -> Component:
    area = chosen_area(view)
    return dmc.Select(
        id=Room.AREA,
        data=[{"value": str(choice.id), "label": choice.name} for choice in view.areas],
        value=str(area) if area is not None else None,
        placeholder=say("room.whole_city"),
        searchable=True,
        clearable=True,
        nothingFoundMessage=say("search.none"),
        className="area-select",
        size="sm",
        attributes={"input": {"aria-label": say("room.area")}},
        comboboxProps={"shadow": "none"},
    )


def _legend(say: Words, view: PageView) -> Component:
    return Legend(
        id=Room.LEGEND,
        statuses=chosen_statuses(view.address.get("statuses")),
        language=say.language,
        labels=labels.legend_labels(say),
    )


# --- under the map ------------------------------------------------------------------------------------


def _foot(say: Words, view: PageView) -> Component:
    keys = ("title", "how", "now", "loading", "away", "empty", "sunrise", "sunset", "step", "go", "fault")
    words: dict[str, Any] = {key: say(f"strip.{key}") for key in (*keys, "degraded", "comms_lost", "other")}
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
            AttentionList(
                id=Room.LIST,
                rows=[],
                total=0,
                counts={},
                selected=view.address.get("asset"),
                zone=view.zone,
                state="loading",
                language=say.language,
                labels=attention_labels(say),
            ),
            _panel(say),
        ],
        className="room-side",
        **{"aria-label": say("room.side")},
    )


def _panel(say: Words) -> Component:
    return html.Section(
        [
            html.Div(nothing_selected(say), id=Room.HEAD),
            html.Div(
                [html.Div(id=Room.BODY, className="panel-body"), _chart_column(say)],
                id=Room.COLUMNS,
                className="panel-columns empty",
            ),
            html.Div(id=Room.ACTIONS, className="panel-actions"),
        ],
        id=Room.PANEL,
        className="panel",
        **{"aria-label": say("room.panel"), "aria-live": "off"},
    )


def _chart_column(say: Words) -> Component:
    choices = [{"value": key, "label": say(f"panel.period_{key}")} for key in PERIODS]
    return html.Div(
        [
            html.Div(
                [
                    dmc.Select(
                        id=Room.PROPERTY, data=[], value=None, allowDeselect=False, size="sm",
                        className="property-select",
                        attributes={"input": {"aria-label": say("panel.property")}},
                        comboboxProps={"shadow": "none"},
                    ),
                    dmc.SegmentedControl(
                        id=Room.PERIOD, data=choices, value="day", size="xs", className="period",
                    ),
                ],
                className="chart-head",
            ),
            html.Div(state_card("loading", say("panel.loading"), ""), id=Room.CHART, className="chart"),
        ],
        className="panel-chart",
    )  # fmt: skip


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
