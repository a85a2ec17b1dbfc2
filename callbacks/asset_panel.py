"""The asset panel: the live state of what is selected, and what registry and history know of it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from callbacks.control_room import place_of, speak
from callbacks.looking import looked
from callbacks.origin import panel_picture
from callbacks.shield import shielded, unchanged
from callbacks.wiring import on
from geodata.assets import Columns
from layouts import figures, panels, protected
from layouts.ids import Look, Room, Shell
from layouts.shell import state_card
from layouts.story import Crowd, LiveState, Motion, Neighbour, Story
from model.domains import ASSET_TYPES, GUARDED, MOVING, TYPE_ORDER
from model.errors import NotFound, Unavailable
from model.observations import moment
from model.registry import AssetCard, Fact, LatestValue
from model.roles import ROOM
from model.states import ABNORMAL, CONSEQUENCE_BIT, FRESHNESS_SHIFT, Freshness, Status
from model.texts import Words
from services.city import City
from services.live import Gap

Offered = tuple[int, str, str, str]
"""A stream that can be charted: asset id, property, unit, the asset's name."""
Known = tuple[AssetCard | None, tuple[LatestValue, ...], tuple[Fact, ...]]
NOTHING_KNOWN: Known = (None, (), ())
WORST_FIRST = [
    *ABNORMAL,
    Status.MAINTENANCE,
    Status.OUT_OF_SERVICE,
    Status.UNKNOWN,
    Status.ACTIVE,
    Status.NORMAL,
]


async def show_asset(
    city: City,
    selected: str | None,
    _tick: int | None,
    _pulse: int | None,
    _stated: int | None,
    language: str | None,
    shown: str | None,
) -> tuple[Any, Any, str, Any, Any]:
    """The panel's head, body and actions for the asset the operator selected, and how its record is shielded.

    The form of a protected record stays as it is until something of it changes: it is being filled in.
    """
    say = speak(city, language)
    if not selected:
        return panels.nothing_selected(say), [], "panel-columns empty", [], unchanged("", shown)
    index = place_of(city, selected)
    if index is None:
        known = city.live.columns is not None
        missing = panels.no_such_asset(say, selected) if known else panels.nothing_selected(say)
        return missing, [], "panel-columns empty", [], unchanged("", shown)
    shield = await shielded(city, say, int(city.live.columns.ids[index]), "panel")
    story = await tell(city, index, None if shield.open else NOTHING_KNOWN)
    head, body = panels.head(say, story), shield.over(panels.body(say, story), shown)
    return head, body, "panel-columns", panels.actions(say, story, index), unchanged(shield.key, shown)


async def tell(city: City, index: int, known: Known | None = None) -> Story:
    """The story of the asset at the live ``index``; without what the database would add, while it is away.

    ``known`` is told instead of what the registry knows: nothing, of a record that may not be shown.
    """
    columns, asset_id = city.live.columns, int(city.live.columns.ids[index])
    names = await asyncio.to_thread(city.registry.area_names, columns.version)
    card, values, facts = known or await asyncio.to_thread(_read, city, asset_id)
    children = np.flatnonzero(columns.parents == index)
    return Story(
        external_id=str(columns.external_ids[index]),
        name=str(columns.names[index]),
        street=str(columns.streets[index]),
        asset_type=TYPE_ORDER[columns.types[index]],
        # Of what moves the registered place is no news, and may be somebody's yard.
        area="" if columns.types[index] in MOVING else names.get(int(columns.areas[index]), ""),
        now=time.time(),
        live=live_state(city.live, index, facts),
        crowds=crowds(city.live, children),
        consequences=int(((city.live.codes[children] & CONSEQUENCE_BIT) != 0).sum()),
        card=card,
        values=values,
        facts=facts,
        relatives=relatives(city.live, card),
        motion=motion_of(city, index, time.time()),
    )


def _read(city: City, asset_id: int) -> Known:
    registry = city.registry
    try:
        return (
            registry.card(asset_id),
            tuple(registry.latest_values(asset_id)),
            tuple(registry.recent_changes(asset_id)),
        )
    except (Unavailable, NotFound):
        return None, (), ()


class Pictured(Protocol):
    """A picture of the city, live or past: arrays of length n, as ``services.live.Hub`` gives them."""

    @property
    def columns(self) -> Columns | None:
        """The assets."""

    @property
    def records(self) -> npt.NDArray[np.void]:
        """RECORD (n)."""

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """Display codes u1 (n)."""

    @property
    def since(self) -> npt.NDArray[np.uint32]:
        """When the status last changed, u4 (n) epoch s, 0 unknown."""


def live_state(city: Pictured, index: int, facts: tuple[Fact, ...] = ()) -> LiveState:
    """The state of the asset at ``index``; ``since`` from its last change where the picture has none."""
    code, record = int(city.codes[index]), city.records[index]
    status = Status(code & 7)
    since = int(city.since[index])
    if not since and facts and facts[0].status == status:
        since = int(facts[0].at.timestamp())
    return LiveState(
        status=status,
        state=int(record["state"]),
        freshness=Freshness(code >> FRESHNESS_SHIFT & 3),
        consequence=bool(code & CONSEQUENCE_BIT),
        since=since,
        seen=int(record["time"]),
    )


def motion_of(city: City, index: int, now: float) -> Motion | None:
    """How the asset at the live ``index`` moves at ``now`` (epoch s); None where its type does not move."""
    if int(city.live.columns.types[index]) not in MOVING:
        return None
    if int(city.live.codes[index]) & 7 == Status.OUT_OF_SERVICE:
        return Motion(on_duty=False)
    at = city.live.movements.position(index)
    if at is None:
        return Motion(on_duty=True)
    speed = float(at["speed"])
    gaps = city.live.movements.gaps(now)
    return Motion(
        on_duty=True,
        line=at["line"].decode("utf-8", "replace"),
        speed=None if np.isnan(speed) else speed,
        seen=float(at["time"]),
        ahead=next((_neighbour(city, gap.ahead, gap) for gap in gaps if gap.behind == index), None),
        behind=next((_neighbour(city, gap.behind, gap) for gap in gaps if gap.ahead == index), None),
    )


def _neighbour(city: City, index: int, gap: Gap) -> Neighbour:
    columns = city.live.columns
    name, external_id = str(columns.names[index]), str(columns.external_ids[index])
    return Neighbour(external_id, name, gap.metres, gap.seconds, gap.planned)


def crowds(city: Pictured, children: Iterable[int]) -> tuple[Crowd, ...]:
    """How many of ``children`` (live indices) are in each state of their type, worst first."""
    columns, records = city.columns, city.records
    counted = Counter((TYPE_ORDER[columns.types[i]], int(records["state"][i])) for i in children)
    found = []
    for (kind, code), count in counted.items():
        declared = ASSET_TYPES[kind].by_code.get(code, ASSET_TYPES[kind].states[0])
        found.append(Crowd(kind, code, declared.status, count))
    return tuple(sorted(found, key=lambda crowd: (WORST_FIRST.index(crowd.status), -crowd.count)))


def relatives(city: Pictured, card: AssetCard | None) -> dict[int, LiveState]:
    """The states of the parent and of the named children on ``card``, by asset id."""
    if card is None or city.columns is None:
        return {}
    ids = [child.asset_id for child in card.children] + ([card.parent.asset_id] if card.parent else [])
    places = {asset_id: city.columns.index_of(asset_id) for asset_id in ids}
    return {asset_id: live_state(city, index) for asset_id, index in places.items() if index >= 0}


# --- the chart ---------------------------------------------------------------------------------------


async def offer_properties(
    city: City, selected: str | None, _shield: str | None, language: str | None
) -> tuple[Any, Any]:
    """What of the selected asset can be charted: its own streams, else those of what feeds it."""
    index = place_of(city, selected)
    if index is None:
        return [], None
    try:
        if not (await shielded(city, speak(city, language), int(city.live.columns.ids[index]), "panel")).open:
            return [], None
        offered = await asyncio.to_thread(charted, city, index, city.registry.latest_values)
    except Unavailable:
        return [], None
    data = choices(speak(city, language), offered, int(city.live.columns.ids[index]))
    return data, data[0]["value"] if data else None


def choices(say: Words, offered: Iterable[Offered], own: int) -> list[dict[str, str]]:
    """``offered`` as a select takes it; of streams that are not the asset's ``own`` it says whose."""
    data = []
    for asset_id, name, unit, whose in offered:
        parts = (
            say(f"property.{name}"),
            f", {unit}" if unit else "",
            "" if asset_id == own else f" · {whose}",
        )
        label = "".join(parts)
        data.append({"value": f"{asset_id}:{name}", "label": label})
    return data


def charted(city: City, index: int, values_of: Callable[[int], Sequence[LatestValue]]) -> list[Offered]:
    """The streams to offer, the type's main property first, by what ``values_of`` says of an asset id.

    An asset without a stream of its own is told by what feeds it, or by the first of what it commands; of
    others a protected record is never offered.
    """
    columns = city.live.columns
    parent, children = int(columns.parents[index]), np.flatnonzero(columns.parents == index)[:1]
    for place in (index, *([parent] if parent >= 0 else []), *children.tolist()):
        if place != index and int(columns.types[place]) in GUARDED:
            continue
        main = ASSET_TYPES[TYPE_ORDER[columns.types[place]]].main
        values = [v for v in values_of(int(columns.ids[place])) if v.value is not None]
        if values:
            values.sort(key=lambda value: value.observed_property != main)
            name = str(columns.names[place])
            return [(int(columns.ids[place]), value.observed_property, value.unit, name) for value in values]
    return []


async def show_chart(
    city: City,
    chosen: str | None,
    period: str,
    _minute: int | None,
    shield: str | None,
    theme: str | None,
    language: str | None,
) -> Component:
    """The chosen property over the last 24 hours or 30 days."""
    say = speak(city, language)
    if not chosen and shield:
        return protected.chart_closed(say)
    if not chosen:
        return html.Div(
            state_card("empty", say("panel.no_stream"), say("panel.no_stream_body")), className="no-stream"
        )
    asset, _, name = chosen.partition(":")
    span = figures.PERIODS.get(period, timedelta(hours=24))
    t1 = moment(time.time())
    try:
        standing = await looked(city, int(asset), "series", property=name, hours=span / timedelta(hours=1))
        if standing is not None and not standing.open:
            return protected.chart_closed(say)
        series = await asyncio.to_thread(city.history.series, int(asset), name, t1 - span, t1)
        facts = await asyncio.to_thread(city.registry.recent_changes, int(asset), 30)
        notes = await asyncio.to_thread(city.notes.between, t1 - span, t1, None, int(asset))
    except Unavailable:
        return state_card("broken", say("panel.history_away"), say("panel.history_away_body"))
    return figures.chart(say, series, theme or "dark", facts, notes, panel_picture(city, say, series))


def register(app: Dash, city: City) -> None:
    """Wire the asset panel."""
    on(
        app, city, show_asset,
        Output(Room.HEAD, "children"), Output(Room.BODY, "children"),
        Output(Room.COLUMNS, "className"), Output(Room.ACTIONS, "children"), Output(Room.SHIELD, "data"),
        Input(Room.SELECTED, "data"), Input(Room.TICK, "n_intervals"), Input(Room.PULSE, "attention"),
        Input(Look.STATED, "data"), State(Shell.LANGUAGE, "data"), State(Room.SHIELD, "data"), may=ROOM,
    )  # fmt: skip
    on(
        app, city, offer_properties,
        Output(Room.PROPERTY, "data"), Output(Room.PROPERTY, "value"),
        Input(Room.SELECTED, "data"), Input(Room.SHIELD, "data"), State(Shell.LANGUAGE, "data"), may=ROOM,
    )  # fmt: skip
    on(
        app, city, show_chart,
        Output(Room.CHART, "children"),
        Input(Room.PROPERTY, "value"), Input(Room.PERIOD, "value"), Input(Room.MINUTE, "n_intervals"),
        Input(Room.SHIELD, "data"), Input(Shell.THEME, "data"), State(Shell.LANGUAGE, "data"), may=ROOM,
    )  # fmt: skip
