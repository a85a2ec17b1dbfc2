"""The parts a control room is made of, live or past: the same components under ids of their own. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import live_labels as labels
from layouts.components import CityMap, DomainSwitches, Legend, Loupe
from layouts.figures import PERIODS
from layouts.ids import Look
from layouts.panels import nothing_selected
from layouts.room_components import Search
from layouts.scope import everywhere
from layouts.shell import state_card
from layouts.view import PageView, source_line
from model.domains import DOMAINS
from model.texts import Words


@dataclass(frozen=True)
class Parts:
    """The ids of one room's parts, and its ``mode``: ``live`` or ``past``, which store they draw."""

    mode: str
    map: str
    loupe: str
    legend: str
    domains: str
    search: str
    area: str
    panel: str
    head: str
    body: str
    columns: str
    actions: str
    observed_property: str
    period: str
    chart: str
    shield: str


# --- what an address asks for -------------------------------------------------------------------------


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


# --- the parts ----------------------------------------------------------------------------------------


def switches(say: Words, view: PageView, parts: Parts) -> Component:
    """The domains across the top bar."""
    return DomainSwitches(
        id=parts.domains,
        mode=parts.mode,
        domains=chosen_domains(view.address.get("domains")),
        area=chosen_area(view),
        language=say.language,
        labels=labels.switch_labels(say),
    )


def map_section(say: Words, view: PageView, parts: Parts, *more: Component) -> Component:
    """The map with search, areas and legend over its left, the loupe, and ``more`` under the legend."""
    return html.Section(
        [
            _city_map(say, view, parts),
            html.Div(
                [_search(say, parts), _areas(say, view, parts), _legend(say, view, parts), *more],
                className="map-left",
            ),
            Loupe(
                id=parts.loupe,
                mode=parts.mode,
                theme=_theme(view, parts),
                title=say("loupe.title"),
                zone=view.zone,
                language=say.language,
                labels=labels.loupe_labels(say),
            ),
        ],
        className="room-map",
        **{"aria-label": say("room.map" if parts.mode == "live" else "map.name_past")},
    )


def _map_labels(say: Words, view: PageView) -> dict[str, Any]:
    """The map's words; a scope that holds nothing says so, and not that the city has nothing."""
    words = labels.map_labels(say)
    if view.empty:
        words["map"] = words["map"] | {"empty": say("scope.empty"), "empty_detail": say("scope.empty_body")}
    return words


def _theme(view: PageView, parts: Parts) -> str:
    return view.theme if parts.mode == "live" else "past"


def _city_map(say: Words, view: PageView, parts: Parts) -> Component:
    return CityMap(
        id=parts.map,
        mode=parts.mode,
        theme=_theme(view, parts),
        zone=view.zone,
        bounds=list(view.bounds),
        part=view.places is not None and not view.empty,
        tiles=view.tiles,
        attribution=source_line(say, view),
        domains=chosen_domains(view.address.get("domains")),
        statuses=chosen_statuses(view.address.get("statuses")),
        area=chosen_area(view),
        language=say.language,
        labels=_map_labels(say, view),
    )


def _search(say: Words, parts: Parts) -> Component:
    words = {key: say(f"search.{key}") for key in ("label", "hint", "none", "away", "results")}
    words |= {"status": labels.live_labels(say)["status"]}
    return Search(
        id=parts.search, mode=parts.mode, address="/registry/search", language=say.language, labels=words
    )


def _areas(say: Words, view: PageView, parts: Parts) -> Component:
    area = chosen_area(view)
    return dmc.Select(
        id=parts.area,
        data=[{"value": str(choice.id), "label": choice.name} for choice in view.areas],
        value=str(area) if area is not None else None,
        placeholder=everywhere(say, view, "room.whole_city"),
        searchable=True,
        clearable=True,
        nothingFoundMessage=say("search.none"),
        className="area-select",
        size="sm",
        attributes={"input": {"aria-label": say("room.area")}},
        comboboxProps={"shadow": "none"},
    )


def _legend(say: Words, view: PageView, parts: Parts) -> Component:
    return Legend(
        id=parts.legend,
        mode=parts.mode,
        zone=view.zone,
        statuses=chosen_statuses(view.address.get("statuses")),
        language=say.language,
        labels=labels.legend_labels(say),
    )


def asset_panel(say: Words, parts: Parts, *above: Component) -> Component:
    """The selected asset: head, body, chart, actions, each filled by callbacks; ``above`` stands on top."""
    return html.Section(
        [
            *above,
            html.Div(nothing_selected(say), id=parts.head),
            html.Div(
                [html.Div(id=parts.body, className="panel-body"), _chart_column(say, parts)],
                id=parts.columns,
                className="panel-columns empty",
            ),
            html.Div(id=parts.actions, className="panel-actions"),
            dcc.Store(id=parts.shield, data=""),
            dcc.Store(id=Look.STATED),
        ],
        id=parts.panel,
        className="panel",
        **{"aria-label": say("room.panel"), "aria-live": "off"},
    )


def _chart_column(say: Words, parts: Parts) -> Component:
    choices = [{"value": key, "label": say(f"panel.period_{key}")} for key in PERIODS]
    return html.Div(
        [
            html.Div(
                [
                    dmc.Select(
                        id=parts.observed_property, data=[], value=None, allowDeselect=False, size="sm",
                        className="property-select",
                        attributes={"input": {"aria-label": say("panel.property")}},
                        comboboxProps={"shadow": "none"},
                    ),
                    dmc.SegmentedControl(
                        id=parts.period, data=choices, value="day", size="xs", className="period",
                    ),
                ],
                className="chart-head",
            ),
            html.Div(state_card("loading", say("panel.loading"), ""), id=parts.chart, className="chart"),
        ],
        className="panel-chart",
    )  # fmt: skip
