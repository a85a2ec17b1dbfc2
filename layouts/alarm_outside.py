"""The page of alarms told outside the room: routes and how they do, channels, dialogs. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.alarm_pages import alarm_ways
from layouts.ids import Outside
from layouts.people_forms import several_field
from layouts.people_words import Names, area_choices, areas_text, domain_choices, domains_text, plus_button
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import freshness_symbol
from layouts.view import AreaChoice, PageView
from model.alarm_routes import MOMENTS, Channel, Route, RouteDraft
from model.errors import BadField
from model.texts import Words

TICK_MS = 4_000
NAME_MOST = 60
PRIORITIES = ("1", "2", "3", "4")
FIELDS = ("name", "channel", "moments", "priorities", "domains", "classes", "areas")
FIELD_IDS = (
    Outside.NAME, Outside.CHANNEL, Outside.MOMENTS, Outside.PRIORITIES, Outside.DOMAINS, Outside.CLASSES,
    Outside.AREAS,
)  # fmt: skip
HEADS = ("route", "channel", "what", "state", "acts")


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    return html.Div(
        [
            top_bar(say, view),
            alarm_ways(say, view),
            html.H1(say("page.outside"), className="unseen"),
            html.Section(
                Steady(
                    id=Outside.LIST, tree=state_card("loading", say("outside.loading"), ""),
                    className="people-part",
                ),
                className="outside-list", **{"aria-label": say("page.outside")},
            ),
            dcc.Interval(id=Outside.TICK, interval=TICK_MS),
            dcc.Store(id=Outside.CHANGED),
            dcc.Store(id=Outside.ROUTE),
            _dialog(say, view.areas),
            _remove_dialog(say),
        ],
        id=Outside.PAGE,
        className="manage outside",
    )  # fmt: skip


def away(say: Words, why: str) -> Component:
    """What stands there while the database does not answer."""
    return state_card("broken", say("outside.away"), why)


def not_whole(say: Words) -> Component:
    """What somebody of a part of the city is told."""
    return state_card("refused", say("outside.whole_city"), say("outside.whole_city_body"))


# --- the list -------------------------------------------------------------------------------------------


def outside(
    say: Words, routes: Sequence[Route], channels: Sequence[Channel], names: Names, now: datetime
) -> Component:
    """The routes, then the channels; with no channel, how to make one."""
    return html.Div(
        [_head(say, routes, channels), _routes(say, routes, names, now), _channels(say, channels)]
    )


def _head(say: Words, routes: Sequence[Route], channels: Sequence[Channel]) -> Component:
    running = sum(route.draft.enabled for route in routes)
    usable = any(not channel.fault for channel in channels)
    return html.Header(
        [
            html.Div(
                [html.H2(say("outside.title")), html.P(say("outside.count", n=running), className="quiet")]
            ),
            html.Div([plus_button(say("outside.add"), "add", primary=True)], className="people-doing")
            if usable
            else html.P(say("outside.no_channel"), className="quiet"),
        ],
        className="people-head",
    )


def _routes(say: Words, routes: Sequence[Route], names: Names, now: datetime) -> Component:
    if not routes:
        return state_card("empty", say("outside.none"), say("outside.none_body"))
    heads = [html.Th(say(f"outside.head_{name}"), scope="col") for name in HEADS]
    return html.Table(
        [
            html.Caption(say("outside.caption"), className="unseen"),
            html.Thead(html.Tr(heads)),
            html.Tbody([_row(say, route, names, now) for route in routes]),
        ],
        className="people-table outside-table",
    )


def _row(say: Words, route: Route, names: Names, now: datetime) -> Component:
    draft = route.draft
    standing = "on" if draft.enabled else "off"
    return html.Tr(
        [
            html.Th(
                [
                    html.Div(draft.name, className="cell-first"),
                    html.Div(say(f"outside.{standing}"), className="cell-second"),
                ],
                scope="row",
            ),
            _cell(say, "channel", [draft.channel]),
            _cell(say, "what", what_is_told(say, draft, names)),
            _cell(say, "state", how_it_does(say, route, now)),
            _cell(say, "acts", [_acts(say, route)]),
        ],
        key=str(route.id),
        className="account",
    )


def _cell(say: Words, name: str, lines: Sequence[Any]) -> Component:
    shown = [html.Div(line, className="cell-line") for line in lines]
    return html.Td(shown, className=f"col-{name}", **{"data-label": say(f"outside.head_{name}")})


def what_is_told(say: Words, draft: RouteDraft, names: Names) -> list[str]:
    """Which alarms a route tells of, in a line each: when, how urgent, of what, where."""
    moments = ", ".join(say(f"outside.moment_{one}") for one in MOMENTS if one in draft.moments)
    priorities = ", ".join(say(f"outward.priority_{one}") for one in sorted(draft.priorities))
    lines = [moments, priorities, domains_text(say, draft.domains)]
    if draft.classes is not None:
        lines.append(", ".join(class_name(say, key) for key in sorted(draft.classes)))
    return [*lines, areas_text(say, draft.areas, names)]


def class_name(say: Words, key: str) -> str:
    """An alarm class in words; one of the city's own by its key."""
    text = f"alarm.rule.{key}"
    return say(text) if say.has(text) else key


def how_it_does(say: Words, route: Route, now: datetime) -> list[Any]:
    """What was told, what waits, what failed, and what became of the last test."""
    lines: list[Any] = [say("outside.sent", n=say.number(route.sent))]
    if route.last_sent_at:
        lines.append(say("outside.last", age=say.age((now - route.last_sent_at).total_seconds())))
    if route.waiting:
        lines.append(_marked("late", say("outside.waiting", n=route.waiting, why=why(say, route.last_error))))
    if route.given_up:
        lines.append(_marked("stale", say("outside.given_up", n=route.given_up)))
    if route.tested_at:
        lines.append(_test(say, route))
    return lines


def _test(say: Words, route: Route) -> Component:
    if route.test_sent_at:
        return _marked("live", say("outside.test_sent", at=say.instant_seconds(route.test_sent_at)))
    if route.test_error:
        return _marked("stale", say("outside.test_failed", why=why(say, route.test_error)))
    return _marked("late", say("outside.test_waiting"))


def why(say: Words, code: str) -> str:
    """Why something was not told, in words; ``code`` may carry a detail after a colon."""
    name, _, detail = code.partition(":")
    return say(f"outside.why_{name}", detail=detail) if name else "–"


def _marked(sign: str, text: str) -> Component:
    return html.Span([freshness_symbol(sign), text], className="standing-mark")


def _acts(say: Words, route: Route) -> Component:
    return html.Div(
        [
            html.Button(
                say(f"outside.{name}"), type="button", className="button",
                **{
                    "data-act": f"{name}:{route.id}",
                    "aria-label": say(f"outside.{name}_of", name=route.draft.name),
                },
            )
            for name in ("test", "change", "remove")
        ],
        className="outside-acts",
    )  # fmt: skip


def _channels(say: Words, channels: Sequence[Channel]) -> Component:
    if not channels:
        return html.Section(
            [html.H2(say("outside.channels")), html.P(say("outside.channels_none")),
             html.Pre(html.Code("VIGIE_CHANNELS=\"duty=mailtos://…\""))],
            className="outside-channels",
        )  # fmt: skip
    rows = [
        html.Li(
            [
                freshness_symbol("stale" if one.fault else "live"),
                html.Strong(one.name),
                f" · {say(f'outside.kind_{one.kind}')}",
                f" · {one.place}" if one.place else "",
                html.Span(f" · {why(say, one.fault)}", className="quiet") if one.fault else "",
            ],
            key=one.name,
        )
        for one in channels
    ]
    return html.Section(
        [
            html.H2(say("outside.channels")),
            html.P(say("outside.channels_how"), className="quiet"),
            html.Ul(rows),
        ],
        className="outside-channels",
    )


# --- dialogs --------------------------------------------------------------------------------------------


def _dialog(say: Words, areas: Sequence[AreaChoice]) -> Component:
    moments = [{"value": str(one), "label": say(f"outside.moment_{one}")} for one in MOMENTS]
    priorities = [{"value": one, "label": say(f"outward.priority_{one}")} for one in PRIORITIES]
    parts: list[Any] = [
        html.Div(
            [
                form.text_field(Outside.NAME, say("outside.name"), NAME_MOST, **{"data-autofocus": True}),
                form.select_field(Outside.CHANNEL, say("outside.head_channel"), [], None),
            ],
            className="dialog-pair",
        ),
        several_field(Outside.MOMENTS, say("outside.moments"), moments, say("outside.moments_hint"), ""),
        several_field(
            Outside.PRIORITIES, say("outside.priorities"), priorities, say("outside.priorities_hint"), ""
        ),
        several_field(
            Outside.DOMAINS, say("people.domains"), domain_choices(say), say("outside.all_hint"),
            say("people.all_domains"),
        ),
        several_field(
            Outside.CLASSES, say("outside.classes"), [], say("outside.all_hint"), say("outside.all_classes")
        ),
        several_field(
            Outside.AREAS, say("people.areas"), area_choices(areas), say("outside.all_hint"),
            say("people.whole_city"),
        ),
        dmc.Checkbox(id=Outside.ENABLED, label=say("outside.enabled"), checked=True, size="sm"),
        form.ends(say, Outside.DIALOG, Outside.SAVE, say("outside.save"), Outside.TOLD),
    ]  # fmt: skip
    return form.dialog(say, Outside.DIALOG, say("outside.dialog"), parts)


def _remove_dialog(say: Words) -> Component:
    parts = [
        html.P(id=Outside.REMOVE_WHAT),
        form.ends(say, Outside.REMOVE_DIALOG, Outside.REMOVE, say("outside.remove"), Outside.REMOVE_TOLD),
    ]
    return form.dialog(say, Outside.REMOVE_DIALOG, say("outside.remove_title"), parts, size="md")


def channel_choices(channels: Sequence[Channel]) -> list[dict[str, Any]]:
    """The channels as a choice; one that cannot be used cannot be chosen."""
    return [{"value": one.name, "label": one.name, "disabled": bool(one.fault)} for one in channels]


def class_choices(say: Words, classes: Sequence[str]) -> list[dict[str, str]]:
    """The alarm classes as a choice, by their words."""
    named = [{"value": key, "label": class_name(say, key)} for key in classes]
    return sorted(named, key=lambda one: one["label"])


def filled(route: Route | None, channels: Sequence[Channel]) -> tuple[Any, ...]:
    """What the fields hold when the dialog opens, in the order of ``FIELD_IDS``; whether it is enabled."""
    if route is None:
        first = next((one.name for one in channels if not one.fault), None)
        return "", first, ["raised", "escalated"], ["1"], [], [], [], True
    draft = route.draft
    areas = [str(one) for one in sorted(draft.areas or ())]
    return (
        draft.name, draft.channel, sorted(draft.moments), [str(one) for one in sorted(draft.priorities)],
        sorted(draft.domains or ()), sorted(draft.classes or ()), areas, draft.enabled,
    )  # fmt: skip


def draft_of(values: Sequence[Any], *, enabled: bool) -> RouteDraft:
    """What was typed, in the order of ``FIELD_IDS``; nothing chosen of domains, classes and areas is all."""
    name, channel, moments, priorities, domains, classes, areas = values
    return RouteDraft(
        name or "", channel or "", frozenset(map(str, moments or ())), _numbers("priorities", priorities),
        frozenset(map(str, domains)) if domains else None, frozenset(map(str, classes)) if classes else None,
        _numbers("areas", areas) if areas else None, enabled,
    )  # fmt: skip


def _numbers(field: str, texts: Sequence[Any] | None) -> frozenset[int]:
    if not all(str(one).isdigit() and len(str(one)) < 10 for one in texts or ()):
        raise BadField(field, "unknown", which="")
    return frozenset(int(one) for one in texts or ())


def wrong_at(say: Words, error: BadField | None) -> list[str | None]:
    """What stands at each field of the dialog."""
    return [
        say(f"outside.bad_{error.reason}", **error.values) if error and error.field == name else None
        for name in FIELDS
    ]
