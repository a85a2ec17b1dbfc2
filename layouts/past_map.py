"""The whole city at one instant: map, timeline, and what was wrong. Unmistakably the past. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import live_labels as labels
from layouts.board_figures import amount
from layouts.components import CityMap, DomainSwitches, Legend, VigieComponent
from layouts.history_address import read_instant
from layouts.ids import Past
from layouts.shell import brand, preferences, state_card
from layouts.symbols import glyph, priority_symbol
from layouts.vectors import PageTheme
from layouts.view import PageView, source_line
from model.domains import ASSET_TYPES
from model.series import Density
from model.texts import Words

SHOWN = 30
WORDS = (
    "state", "back", "escape", "choose", "instant", "minus_hour", "minus_ten", "plus_ten", "plus_hour",
    "timeline", "slider", "up", "down", "no_density",
)  # fmt: skip


class PastTimeline(VigieComponent):
    """The instant shown and every way to choose another: date and time, steps, a slider over the days.

    ``at`` *in, out*: the instant, ISO 8601 UTC; ``t0``, ``t1`` the ends of the slider, epoch seconds;
    ``zone`` the city's; ``times``, ``step`` and ``fault``, ``degraded``, ``comms_lost``, ``other`` the
    density of changes (empty: not known). Escape leads back to ``live``. It keeps ``?at=`` in the address.
    """

    _type = "PastTimeline"
    PROPS = (
        "at", "t0", "t1", "zone", "times", "step", "fault", "degraded", "comms_lost", "other", "live",
    )  # fmt: skip


@dataclass(frozen=True)
class Wrong:
    """One thing that was wrong at the instant: what and where, since when (None: before what is on
    record), how many others it explained, and how urgent it was (1 to 4)."""

    name: str
    where: str
    asset_type: str
    fact: str
    external_id: str
    since: datetime | None
    consequences: int
    priority: int


def page(say: Words, view: PageView) -> Component:
    """The frame of the past; its list and density come by callback."""
    return html.Div(
        [
            PageTheme(theme="past", forced=True),
            _bar(say, view),
            html.Div([_map(say, view), _side(say)], className="past-columns"),
        ],
        className="past-page",
    )


def _bar(say: Words, view: PageView) -> Component:
    switches = DomainSwitches(
        id=Past.DOMAINS, mode="past", language=say.language, labels=labels.switch_labels(say)
    )
    return html.Header(
        [
            brand(say, view),
            html.Div([switches], className="top-middle"),
            html.Span(say("past.state"), className="past-word"),
            html.Div(id=Past.SOURCE, className="past-as-of", **{"aria-live": "polite"}),
            dcc.Link(say("history.title"), href="/history", refresh=True, className="way"),
            dcc.Link([say("past.back"), html.Kbd(say("past.escape"))], href="/", className="past-back"),
            preferences(say),
        ],
        className="top-bar past-bar",
    )


def _map(say: Words, view: PageView) -> Component:
    asked = view.address.get("at", "")
    at = asked if read_instant(asked, datetime.max.replace(tzinfo=UTC)) else ""
    return html.Div(
        [
            html.Div(
                [
                    CityMap(
                        id=Past.MAP, mode="past", theme="past", zone=view.zone, at=at or None,
                        bounds=list(view.bounds), tiles=view.tiles, attribution=source_line(say, view),
                        language=say.language, labels=labels.map_labels(say),
                    ),
                    Legend(
                        id=Past.LEGEND, mode="past", language=say.language, labels=labels.legend_labels(say)
                    ),
                ],
                className="past-map",
            ),
            PastTimeline(
                id=Past.TIMELINE, at=at, zone=view.zone, live="/", times=[], language=say.language,
                labels={name: say(f"past.{name}") for name in WORDS},
            ),
        ],
        className="past-left",
    )  # fmt: skip


def _side(say: Words) -> Component:
    return html.Aside(
        state_card("loading", say("past.list_loading"), ""),
        id=Past.LIST,
        className="past-side",
        **{"aria-live": "polite"},
    )


def as_of(say: Words, at: datetime) -> list[Component]:
    """The instant in words, for the bar."""
    return [
        html.Span(say.day(at, "full"), className="past-day"),
        html.Strong(say.time(at, seconds=True), className="past-time"),
    ]


def wrong_list(say: Words, at: datetime, rows: Sequence[Wrong], total: int, known: float) -> list[Component]:
    """What was wrong at ``at``, causes first; that nothing was known where nothing was received."""
    if not known:
        return [_list_head(say, at), state_card("empty", say("status.unknown"), say("past.unknown"))]
    share = amount(say, say.number(100 * known, 1), "%")
    head = [_list_head(say, at), html.P(say("past.known", share=share), className="past-known")]
    if not rows:
        return [*head, state_card("empty", say("past.calm"), say("past.calm_body"))]
    more = (
        [html.P(say("past.more", n=say.number(total - len(rows))), className="past-more")]
        if total > len(rows)
        else []
    )
    return [*head, _table(say, at, rows), *more]


def _list_head(say: Words, at: datetime) -> Component:
    return html.Header(
        [
            html.H2(say("past.wrong", at=say.time(at))),
            html.Span(say("past.read_only"), className="quiet"),
        ],
        className="past-list-head",
    )


def _table(say: Words, at: datetime, rows: Sequence[Wrong]) -> Component:
    heads = [html.Th("", scope="col"), html.Th("", scope="col"), html.Th(say("past.thing"), scope="col")]
    heads += [
        html.Th(say(f"past.{name}"), scope="col", className="number") for name in ("since", "consequences")
    ]
    return html.Table(
        [html.Thead(html.Tr(heads)), html.Tbody([_row(say, at, row) for row in rows])], className="past-list"
    )


def _since(say: Words, at: datetime, since: datetime | None) -> list[Component]:
    """Since when, and how long that was at the instant shown; a day where it was not the same day."""
    if since is None:
        return [html.Div(say("past.since_before"))]
    same_day = say.local(at).date() == say.local(since).date()
    return [
        html.Div(say.time(since) if same_day else say.day(since, "short")),
        html.Div(say.age((at - since).total_seconds()), className="quiet"),
    ]


def _row(say: Words, at: datetime, row: Wrong) -> Component:
    kind = ASSET_TYPES[row.asset_type]
    return html.Tr(
        [
            html.Td(priority_symbol(row.priority, 20, say(f"attention.priority_{row.priority}"))),
            html.Td(glyph(kind.glyph, 18, say(f"type.{row.asset_type}"))),
            html.Td(
                [
                    html.Div(
                        [
                            dcc.Link(
                                row.name,
                                href=f"/history?series=asset:{row.external_id}",
                                refresh=True,
                                className="thing",
                            ),
                            html.Span(row.where, className="quiet"),
                        ],
                        className="past-what",
                    ),
                    html.Div(row.fact),
                ]
            ),
            html.Td(_since(say, at, row.since), className="number"),
            html.Td(say.number(row.consequences) if row.consequences else "–", className="number cons"),
        ]
    )


def density_properties(density: Density) -> dict[str, Any]:
    """``PastTimeline``'s properties of a density of changes."""
    return {
        "times": density.times.tolist(),
        "step": density.step_s,
        **{n: getattr(density, n).tolist() for n in ("fault", "degraded", "comms_lost", "other")},
    }


def iso(at: datetime) -> str:
    """An instant as the address carries it: whole seconds, UTC."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
