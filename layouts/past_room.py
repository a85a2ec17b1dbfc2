"""The control room at an instant of the past: the same room, other colours, a hand on the clock. Pure."""

from datetime import UTC, datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import live_labels as labels
from layouts.acts import needs
from layouts.components import Keys
from layouts.history_address import read_instant
from layouts.ids import Past
from layouts.notes import add_button, bookmark_parts, note_dialog
from layouts.past_alarms import list_labels
from layouts.past_components import AlarmsThen, AsOf, ChangedList, DifferenceLegend, PastTimeline
from layouts.room_parts import Parts, asset_panel, map_section, switches
from layouts.shell import brand, preferences
from layouts.symbols import icon
from layouts.takeaway import takeaway_of_instant
from layouts.vectors import PageTheme
from layouts.view import PageView, source_line
from model.texts import Words

PARTS = Parts(
    mode="past",
    map=Past.MAP,
    loupe=Past.LOUPE,
    legend=Past.LEGEND,
    domains=Past.DOMAINS,
    search=Past.SEARCH,
    area=Past.AREA,
    panel=Past.PANEL,
    head=Past.HEAD,
    body=Past.BODY,
    columns=Past.COLUMNS,
    actions=Past.ACTIONS,
    observed_property=Past.PROPERTY,
    period=Past.PERIOD,
    chart=Past.CHART,
    shield=Past.SHIELD,
)
SPEEDS = (1, 10, 60, 600, 3_600)
SPANS = (3_600, 21_600, 86_400, 604_800, 2_592_000, 34_560_000)
FIRST_SPEED, FIRST_SPAN = 60, 86_400
TABS = (
    ("list", "list", "past.tab_list"),
    ("map", "map", "past.tab_map"),
    ("changes", "past", "past.tab_changes"),
)


def page(say: Words, view: PageView) -> Component:
    """The whole page; the instant, the flags and everything chosen come from the address."""
    return html.Div(
        [
            PageTheme(theme="past", forced=True),
            _bar(say, view),
            html.Div(
                [
                    map_section(say, view, PARTS, _difference(say, view)),
                    _foot(say, view),
                    _side(say, view),
                ],
                className="room-body",
            ),
            _tabs(say),
            Keys(mode="past", labels=labels.keys_labels(say)),
            _keeping(say),
            note_dialog(say, view.areas, may_withdraw=False),
            dcc.Store(id=Past.PICKED),
            dcc.Store(id=Past.SELECTED, data=view.address.get("asset")),
            dcc.Store(id=Past.NAMED),
        ],
        id=Past.PAGE,
        className="room past-room show-map",
        **{"data-picks": Past.PICKED, "data-room": "past"},
    )


def _as_of(say: Words, view: PageView, *, full: bool = False) -> Component:
    words = labels.table(say, "past")
    return AsOf(zone=view.zone, full=full, language=say.language, labels=words)


def _bar(say: Words, view: PageView) -> Component:
    return html.Header(
        [
            brand(say, view),
            html.Div(switches(say, view, PARTS), className="top-middle"),
            _as_of(say, view, full=True),
            html.A(
                [say("past.back"), html.Kbd(say("past.escape"))],
                href="/",
                className="past-back",
                **{"data-leave": ""},
            ),
            preferences(say),
        ],
        className="top-bar past-bar",
    )


def _difference(say: Words, view: PageView) -> Component:
    words = {"difference": labels.table(say, "difference")}
    return DifferenceLegend(id=Past.DIFFERENCE, zone=view.zone, language=say.language, labels=words)


# --- under the map ------------------------------------------------------------------------------------


def read_number(text: str | None, choices: tuple[int, ...], otherwise: int) -> int:
    """The number ``text`` writes if it is one of ``choices``."""
    return int(text) if text and text.isdigit() and int(text) in choices else otherwise


def read_span(text: str | None) -> int:
    """The span (s) an address asks for, within what a timeline can show."""
    return min(max(int(text), SPANS[0]), SPANS[-1]) if text and text.isdigit() else FIRST_SPAN


def read_at(text: str | None) -> str | None:
    """``text`` if it is an instant with its zone: what the browser may take over as it is."""
    return text if read_instant(text, datetime.max.replace(tzinfo=UTC)) else None


def _foot(say: Words, view: PageView) -> Component:
    address = view.address
    words: dict[str, Any] = labels.live_labels(say) | {
        name: labels.table(say, name) for name in ("timeline", "difference", "past", "alarm_bars")
    }
    return html.Section(
        PastTimeline(
            id=Past.TIMELINE,
            at=read_at(address.get("at")),
            a=read_at(address.get("a")),
            b=read_at(address.get("b")),
            speed=read_number(address.get("speed"), SPEEDS, FIRST_SPEED),
            span=read_span(address.get("span")),
            asset=address.get("asset"),
            zone=view.zone,
            language=say.language,
            labels=words,
        ),
        className="room-foot",
        **{"aria-label": say("past.foot")},
    )


# --- side ---------------------------------------------------------------------------------------------


def _side(say: Words, view: PageView) -> Component:
    changed = labels.live_labels(say) | {"difference": labels.table(say, "difference")}
    asset = view.address.get("asset")
    return html.Aside(
        [
            AlarmsThen(
                id=Past.LIST, mode="past", selected=asset, zone=view.zone, state="loading",
                language=say.language, labels=list_labels(say),
            ),
            ChangedList(
                id=Past.CHANGED, zone=view.zone, selected=asset, language=say.language, labels=changed
            ),
            asset_panel(say, PARTS, _as_of(say, view)),
            html.P(source_line(say, view), className="phone-note"),
        ],
        className="room-side",
        **{"aria-label": say("past.side")},
    )  # fmt: skip


def _tabs(say: Words) -> Component:
    """The phone's tabs: three parts of this page; the timeline is under all of them."""
    here = [
        html.Button(
            [icon(sign, 24), html.Span(say(key))],
            type="button",
            className="tab",
            **{"data-tab": tab, "data-into": Past.PAGE},
        )
        for tab, sign, key in TABS
    ]
    return html.Nav(here, className="tabs", **{"aria-label": say("shell.pages")})


# --- what one keeps -----------------------------------------------------------------------------------


def _keeping(say: Words) -> Component:
    """The dialog of what one keeps of an instant: a bookmark, an annotation, files, the report of a night."""
    head = html.Div(
        [
            html.H2(say("keeping.title")),
            html.Button(
                icon("close", 16),
                type="button",
                className="keys-close",
                **{"data-close": "", "aria-label": say("keeping.close")},
            ),
        ],
        className="keys-head",
    )
    parts = (
        (say("keeping.bookmarks"), html.P(say("keeping.what"), className="quiet"), bookmark_parts(say)),
        (say("keeping.notes"), add_button(say)),
        (say("keeping.files"), *takeaway_of_instant(say)),
    )
    for_whom = ({}, needs("note"), needs("export"))
    sections = [
        html.Section([html.H3(title), *rest], className="keeping-part", **attributes)
        for (title, *rest), attributes in zip(parts, for_whom, strict=True)
    ]
    return html.Dialog(
        [head, *sections], className="keys keeping bookmarks", **{"aria-label": say("keeping.title")}
    )
