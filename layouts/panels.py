"""The asset panel: what it is and what is wrong, what feeds it, what it last said. Pure.

A value is never printed alone: its age and how far it may be trusted stand beside it (faults.md 5).
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from layouts.ages import age
from layouts.history_address import iso
from layouts.motion import motion_rows
from layouts.panel_facts import facts_list, known_later, when
from layouts.panel_values import value_row
from layouts.shell import state_card
from layouts.state_words import place, state_label
from layouts.story import Crowd, LiveState, Story
from layouts.symbols import freshness_symbol, glyph, icon, status_symbol
from model.domains import ASSET_TYPES
from model.registry import Relative
from model.states import ABNORMAL, Freshness, Status
from model.texts import Words

CROWDS_SHOWN = 6


def asset_link(external_id: str, *children: Any, **properties: Any) -> Component:
    """A link that selects an asset here, and opens it elsewhere when the address is shared."""
    href = properties.pop("href", f"/?asset={quote(external_id)}")
    return html.A(list(children), href=href, **{"data-asset": external_id, **properties})


def linked(story: Story) -> Callable[..., Component]:
    """What makes the link to another asset, at the instant of ``story``."""
    if story.at is None:
        return asset_link
    at = iso(story.at)
    return lambda external_id, *children: asset_link(
        external_id, *children, href=f"/history?at={at}&asset={quote(external_id)}"
    )


def nothing_selected(say: Words) -> Component:
    """The panel before anything is selected: how to select."""
    return state_card("empty", say("panel.nothing"), say("panel.nothing_body"))


def no_such_asset(say: Words, external_id: str) -> Component:
    """The address names an asset this city does not have."""
    return state_card("empty", say("panel.unknown"), say("panel.unknown_body", asset=external_id))


# --- the head -----------------------------------------------------------------------------------------


def head(say: Words, story: Story) -> Component:
    """Symbol, name, what is wrong and since when: the sentence an operator reads first."""
    live = story.live
    shown = "consequence" if live.consequence else live.status
    return html.Div(
        [
            status_symbol(shown, 34, say(f"status.{live.status.key}")),
            html.Div(
                [
                    html.H2(_sentence(say, story)),
                    html.P(_whereabouts(say, story), className="panel-sub"),
                ]
            ),
            html.Button(
                icon("close", 16), type="button", className="panel-close",
                **{"data-asset": "", "aria-label": say("panel.close"), "title": say("panel.close")},
            ),
        ],
        className="panel-head",
    )  # fmt: skip


def _sentence(say: Words, story: Story) -> list[Any]:
    fact = state_label(say, story.asset_type, story.live.state)
    parts: list[Any] = [html.Strong(story.name), " ", fact[:1].lower() + fact[1:]]
    if story.consequences:
        parts.append(
            say("panel.touched", count=say.number(story.consequences), what=_what(say, story.crowds))
        )
    return parts


def _what(say: Words, crowds: Sequence[Crowd]) -> str:
    kinds = {crowd.asset_type for crowd in crowds if crowd.status in ABNORMAL}
    return say(f"types.{kinds.pop()}") if len(kinds) == 1 else say("panel.assets")


def _whereabouts(say: Words, story: Story) -> list[Any]:
    live = story.live
    parts: list[Any] = [place(story.street, story.area) or say("panel.outside"), " · "]
    if live.freshness is Freshness.NEVER:
        return [*parts, say("panel.never" if story.at is None else "past_panel.unknown")]
    status = say(f"status.{live.status.key}").lower()
    if live.since:
        parts += [
            say("panel.since", status=status, time=when(say, story, live.since)),
            " ",
            age(say, live.since, story.at),
        ]
    else:
        parts.append(status)
    if live.freshness in (Freshness.LATE, Freshness.STALE):
        parts += [
            " · ",
            freshness_symbol(live.freshness.key, 14, say("panel.last_news")),
            " ",
            age(say, live.seen),
        ]
    return [*parts, *known_later(say, story)]


def actions(say: Words, story: Story, index: int) -> list[Component]:
    """What can be done with the asset from here; ``index`` is its live index, for the map."""
    series = quote(f"asset:{story.external_id}", safe="")
    return [
        html.Button(say("panel.centre"), type="button", className="panel-action", **{"data-fly": str(index)}),
        dcc.Link(say("panel.history"), href=f"/history?series={series}", className="panel-action"),
    ]


# --- the body -----------------------------------------------------------------------------------------


def body(say: Words, story: Story) -> list[Component]:
    """Parent and children, values, last facts, the card; what the registry cannot answer is said once."""
    first = _motion(say, story) if story.motion else _tree(say, story)
    if story.card is None:
        away = state_card("broken", say("panel.registry_away"), say("panel.registry_away_body"))
        return [first, away]
    return [
        first,
        *([] if story.motion else [_values(say, story)]),
        _section("facts", say("panel.facts"), facts_list(say, story)),
        _card(say, story),
    ]


def _section(kind: str, title: str, *children: Any) -> Component:
    return html.Section([html.H3(title), *children], className=f"panel-section panel-{kind}")


def _motion(say: Words, story: Story) -> Component:
    assert story.motion is not None  # noqa: S101 - asked for only where there is one
    rows = motion_rows(say, story.motion, lambda seen: age(say, seen, story.at), linked(story))
    return _section("motion", say("motion.title"), rows)


def _tree(say: Words, story: Story) -> Component:
    rows: list[Component] = []
    if story.card and story.card.parent:
        parent = story.card.parent
        rows.append(_relative(say, story, parent, "tree-parent"))
    rows.append(_tree_row(story.asset_type, story.live, html.Strong(story.name), None, "tree-self"))
    rows += [_crowd(say, crowd) for crowd in story.crowds[:CROWDS_SHOWN]]
    tree = html.Ul(rows, className="tree")
    return _section("tree", say("panel.tree"), tree, *_named_children(say, story))


def _tree_row(asset_type: str, live: LiveState | None, name: Any, state: str | None, kind: str) -> Component:
    status = live.status if live else Status.UNKNOWN
    calm = status in (Status.NORMAL, Status.ACTIVE)
    sign = glyph(ASSET_TYPES[asset_type].glyph, 16) if calm else status_symbol(status, 16)
    return html.Li(
        [
            sign,
            html.Span(name, className="tree-name"),
            *([html.Span(state, className="tree-state", title=state)] if state else []),
        ],
        className=f"tree-row {kind} {'calm' if calm else 'wrong'}",
    )


def _relative(say: Words, story: Story, one: Relative, kind: str) -> Component:
    live = story.relatives.get(one.asset_id)
    state = state_label(say, one.asset_type, live.state) if live else say("status.unknown")
    return _tree_row(one.asset_type, live, linked(story)(one.external_id, one.name), state, kind)


def _crowd(say: Words, crowd: Crowd) -> Component:
    live = LiveState(crowd.status, crowd.state, Freshness.LIVE, False, 0, 0)
    name = f"{say.number(crowd.count)} {say(f'types.{crowd.asset_type}')}"
    return _tree_row(
        crowd.asset_type, live, name, state_label(say, crowd.asset_type, crowd.state), "tree-child"
    )


def _named_children(say: Words, story: Story) -> list[Component]:
    card = story.card
    if card is None or not card.children:
        return []
    rows = [_relative(say, story, child, "tree-child") for child in card.children]
    title = say("panel.children", count=say.number(card.children_count))
    more = card.children_count - len(rows)
    note = [html.P(say("panel.more_children", count=say.number(more)), className="quiet")] if more > 0 else []
    return [html.Details([html.Summary(title), html.Ul(rows, className="tree"), *note])]


def _values(say: Words, story: Story) -> Component:
    title = say("panel.values" if story.at is None else "past_panel.values")
    if not story.values:
        return _section("values", title, html.P(say("panel.no_values"), className="quiet"))
    rows = [value_row(say, value, story.asset_type, story.now, story.at) for value in story.values]
    return _section("values", title, html.Ul(rows, className="live-values"))


def _card(say: Words, story: Story) -> Component:
    card = story.card
    assert card is not None  # noqa: S101 - asked for only when the registry answered
    rows: list[tuple[str, str]] = [
        (say("panel.id"), card.external_id),
        (say("panel.type"), say(f"type.{card.asset_type}")),
        (say("panel.source"), card.source),
    ]
    if not ASSET_TYPES[card.asset_type].moving:
        place = f"{say.number(card.lat, 5)} N, {say.number(card.lon, 5)} E"
        rows.insert(2, (say("panel.position"), place))
    if card.installed_at:
        rows.append((say("panel.installed"), say.day(card.installed_at, "medium")))
    if card.removed_at:
        rows.append((say("panel.removed"), say.day(card.removed_at, "medium")))
    rows += [(str(name), str(value)[:200]) for name, value in card.attributes.items() if value is not None]
    pairs = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in rows]
    return html.Details(
        [html.Summary(say("panel.card")), html.Dl(pairs, className="asset-card")], className="panel-section"
    )
