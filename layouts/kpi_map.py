"""The map for officials: a figure by commune, its classes, the same values in a table. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.area_table import AreaTable
from layouts.board_figures import percent
from layouts.board_tabs import print_button, tabs
from layouts.ids import KpiMap
from layouts.kpi_map_address import MapView
from layouts.kpi_maps import Panel, area_value, decimals_of, legend, map_graph, unit_text
from layouts.shell import state_card, top_bar
from layouts.vectors import PageTheme
from layouts.view import PageView
from model.area_maps import Per, Told
from model.kpis import Kpi
from model.texts import Words

ONE_PX, SMALL_PX = 640, 230
SMALL_COLUMNS = 4


@dataclass(frozen=True)
class Asked:
    """What is shown, settled: the figure, the month, what to divide by, and the way to show it."""

    kpi: Kpi
    month: date
    per: Per
    view: MapView
    sort: str = ""


def page(say: Words, view: PageView) -> Component:
    """The page around the map, which comes with the choices there are."""
    return html.Div(
        [
            top_bar(say, view, right=[print_button(say)]),
            html.Div(
                [
                    tabs(say, view.path),
                    _controls(say),
                    html.Div(
                        state_card("loading", say("kpi_map.loading"), ""),
                        id=KpiMap.RESULTS,
                        **{"aria-live": "polite"},
                    ),
                ],
                className="board kpi-map-page",
            ),
            dcc.Store(id=KpiMap.ADDRESS),
            dcc.Store(id=KpiMap.WRITTEN),
            PageTheme(theme="light"),
        ],
        className="board-page",
    )


def _controls(say: Words) -> Component:
    return html.Form(
        [
            _select(KpiMap.FIGURE, say("kpi_map.figure"), wide=True),
            _select(KpiMap.MONTH, say("kpi_map.month")),
            _select(KpiMap.PER, say("kpi_map.per")),
            html.Div(
                [
                    html.Div(say("kpi_map.view"), className="control-label"),
                    dmc.SegmentedControl(
                        id=KpiMap.VIEW, size="sm", value=MapView.ONE.value,
                        data=[{"value": one.value, "label": say(f"kpi_map.view_{one}")} for one in MapView],
                    ),
                ],
                className="control",
            ),
        ],
        className="kpi-controls",
        **{"aria-label": say("kpi_map.controls")},
    )  # fmt: skip


def _select(id_: str, name: str, *, wide: bool = False) -> Component:
    return dmc.Select(
        id=id_, label=name, data=[], value=None, allowDeselect=False, size="sm", searchable=wide,
        comboboxProps={"shadow": "none"}, className="control control-wide" if wide else "control",
    )  # fmt: skip


def figure_choices(say: Words, kpis: Sequence[Kpi]) -> list[dict[str, object]]:
    """Figures to choose from, by domain."""
    groups: dict[str, list[dict[str, str]]] = {}
    for kpi in kpis:
        groups.setdefault(kpi.domain, []).append({"value": kpi.key, "label": say(f"kpi.{kpi.key}.name")})
    return [{"group": say(f"domain.{domain}"), "items": items} for domain, items in groups.items()]


def month_text(say: Words, month: date) -> str:
    """The month and its year: octobre 2026."""
    return say.month(datetime(month.year, month.month, 15, 12, tzinfo=say.zone))


def month_choices(say: Words, months: Sequence[date]) -> list[dict[str, str]]:
    """Months to choose from."""
    return [{"value": f"{month:%Y-%m}", "label": month_text(say, month)} for month in months]


def per_choices(say: Words, per: Sequence[Per]) -> list[dict[str, str]]:
    """What a figure may be divided by."""
    return [{"value": one.value, "label": say(f"kpi_map.per_{one}")} for one in per]


def results(
    say: Words,
    asked: Asked,
    panels: Sequence[Panel],
    theme: str,
    *,
    scope: str = "",
    generated: bool,
    source: str,
) -> Component:
    """The map or maps, the legend, and the table of the chosen figure and month."""
    chosen = panels[0] if asked.view is not MapView.MONTHS else panels[-1]
    return html.Article(
        [
            _head(say, asked, scope),
            html.Div(
                [_drawn(say, asked, panels, theme), _table(say, asked, chosen)],
                className=f"kpi-map-columns kpi-view-{asked.view}",
            ),
            html.Footer(
                [
                    html.P(html.Strong(say("board.invented")) if generated else source),
                    html.P(say("kpi_map.foot")),
                ],
                className="board-foot",
            ),
        ]
    )


def _head(say: Words, asked: Asked, scope: str) -> Component:
    key = asked.kpi.key
    return html.Header(
        [
            html.H1(
                say("kpi_map.title", name=say(f"kpi.{key}.name"), month=month_text(say, asked.month)),
                className="board-sentence",
            ),
            html.Div(
                [
                    *([html.Strong(scope, className="board-scope")] if scope else []),
                    html.Span(say(f"kpi.{key}.sub")),
                    html.Span(say(f"kpi_map.said_{asked.view}"), className="quiet"),
                ],
                className="board-when",
            ),
        ],
        className="board-head",
    )


def _drawn(say: Words, asked: Asked, panels: Sequence[Panel], theme: str) -> Component:
    several = len(panels) > 1
    graph = map_graph(
        say, panels, theme, id_=KpiMap.GRAPH, columns=SMALL_COLUMNS if several else 1,
        row_px=SMALL_PX if several else ONE_PX,
    )  # fmt: skip
    reading = html.P(
        say("kpi_map.read_hint"), className="kpi-reading", **{"data-hint": say("kpi_map.read_hint")}
    )
    legends = (
        [_legend(say, panel) for panel in panels]
        if asked.view is MapView.FIGURES
        else [legend(say, panels[0])]
    )
    return html.Section(
        [graph, reading, html.Div(legends, className="kpi-legends")],
        className="kpi-drawn",
        **{"aria-label": say("kpi_map.map")},
    )


def _legend(say: Words, panel: Panel) -> Component:
    return html.Div([html.Div(panel.title, className="kpi-legend-of"), legend(say, panel)])


def _table(say: Words, asked: Asked, panel: Panel) -> Component:
    name = say(f"kpi.{asked.kpi.key}.name")
    return html.Section(
        AreaTable(
            id=KpiMap.TABLE,
            caption=say("kpi_map.table", name=name, month=month_text(say, asked.month)),
            heads=[
                {"key": "name", "text": say("kpi_map.commune"), "number": False},
                {"key": "value", "text": unit_text(say, asked.kpi, asked.per), "number": True},
                {"key": "coverage", "text": say("kpi_map.coverage"), "number": True},
            ],
            rows=[_row(say, panel, one) for one in panel.told],
            sort=asked.sort or "-value",
            labels={"sort": say("kpi_map.sort")},
        ),
        className="kpi-table",
    )


def _row(say: Words, panel: Panel, told: Told) -> dict[str, object]:
    known = told.coverage if told.coverage == told.coverage else None
    text = (
        say.number(told.value, decimals_of(panel)) if told.value is not None else area_value(say, panel, told)
    )
    return {
        "area": str(told.area.id),
        "cells": [told.area.name, text, "–" if known is None else percent(say, known)],
        "sort": [told.area.name, told.value, known],
        "missing": told.value is None,
    }


def away(say: Words, what: str) -> Component:
    """The map when it cannot be drawn."""
    return state_card("broken", say("kpi_map.away"), say("board.away_body", what=what))


def none(say: Words) -> Component:
    """No figure by commune lies in what this reader may see."""
    return state_card("empty", say("scope.empty"), say("scope.empty_body"))
