"""The analysis pages: one view a domain, each with its panels; the address is the view. Pure."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis_address import CUSTOM, PRESETS, Shown, address_of, read_shown, shown_in
from layouts.analysis_panel import panel_section
from layouts.history import ways
from layouts.ids import Analysis
from layouts.scope import everywhere
from layouts.shell import state_card, top_bar
from layouts.symbols import glyph
from layouts.view import PageView
from model.analysis import DOMAINS_SHOWN, Panel, Question, View, panels_of
from model.domains import DOMAINS
from model.notes import Annotation
from model.takeaway import Origin
from model.texts import Words

CLOSE_UP = "fundamental"
"""The panel that shows one asset when one is picked."""


def page(say: Words, view: PageView) -> Component:
    """The page around the panels, which come when they are computed."""
    domains = tuple(name for name in DOMAINS_SHOWN if view.shows(name))
    shown = shown_in(read_shown(view.address), domains)
    return html.Div(
        [
            top_bar(say, view, right=[ways(say, "analysis")]),
            html.Div(
                [
                    _domains(say, shown, domains),
                    _controls(say, view, shown),
                    html.Div(
                        state_card("loading", say("analysis.loading"), say("analysis.loading_body")),
                        id=Analysis.RESULTS,
                        className="analysis-results",
                        **{"aria-live": "polite"},
                    ),
                ],
                className="analysis-columns",
            ),
            dcc.Store(id=Analysis.DOMAIN, data=shown.domain),
            dcc.Store(id=Analysis.PICK, data=shown.pick),
            dcc.Store(id=Analysis.ADDRESS),
            dcc.Store(id=Analysis.WRITTEN),
        ],
        className="history-page analysis-page",
    )


def _domains(say: Words, shown: Shown, domains: Sequence[str]) -> Component:
    return html.Nav(
        domain_links(say, shown, domains),
        id=Analysis.DOMAINS,
        className="analysis-domains",
        **{"aria-label": say("analysis.domains")},
    )


def domain_links(say: Words, shown: Shown, domains: Sequence[str]) -> list[Component]:
    """The views of ``domains`` as links: the address of each keeps the area and the period chosen now."""
    signs = {domain.name: domain.glyph for domain in DOMAINS}
    return [
        dcc.Link(
            [glyph(signs[name], 20), html.Span(say(f"domain.{name}"))],
            href=address_of(shown, domain=name, pick=None),
            refresh=True,
            className="analysis-domain here" if name == shown.domain else "analysis-domain",
        )
        for name in domains
    ]


def _labelled(label: str, control: Component) -> Component:
    return html.Div([html.Div(label, className="control-label"), control], className="control")


def _controls(say: Words, view: PageView, shown: Shown) -> Component:
    areas = [{"value": "0", "label": everywhere(say, view, "history.whole_city")}]
    areas += [{"value": str(area.id), "label": area.name} for area in view.areas]
    presets = [{"value": name, "label": say(f"analysis.preset_{name}")} for name in (*PRESETS, CUSTOM)]
    parts: list[Any] = [
        _labelled(
            say("history.area"),
            dmc.Select(
                id=Analysis.AREA,
                data=areas,
                value=str(shown.area),
                searchable=True,
                allowDeselect=False,
                size="sm",
                attributes={"input": {"aria-label": say("history.area")}},
                comboboxProps={"shadow": "none"},
            ),
        ),
        _labelled(
            say("history.period"),
            dmc.SegmentedControl(
                id=Analysis.PERIOD, data=presets, value=shown.preset, size="sm", fullWidth=True
            ),
        ),
        _labelled(
            say("history.from_to"),
            dmc.DatePickerInput(
                id=Analysis.DATES,
                type="range",
                value=list(shown.days) if shown.days else [None, None],
                valueFormat="DD/MM/YYYY",
                size="sm",
                disabled=shown.preset != CUSTOM,
                attributes={"input": {"aria-label": say("history.from_to")}},
                popoverProps={"shadow": "none"},
            ),
        ),
        dmc.Switch(id=Analysis.COMPARE, label=say("analysis.compare"), checked=shown.compare, size="sm"),
    ]
    return html.Form(parts, className="analysis-controls", **{"aria-label": say("analysis.controls")})


def results(
    say: Words,
    asked: Question,
    found: View,
    before: View | None,
    shown: Shown,
    place: str | None,
    theme: str,
    origin: Origin | None = None,
    notes: Sequence[Annotation] = (),
) -> Component:
    """Every panel of the view, in the order of its domain; pictures of its charts say their ``origin``, and
    ``notes`` are those of its place and time."""
    where = place or say("history.whole_city")
    earlier = before or {}
    return html.Div(
        [
            *_picked(say, asked, shown),
            *(
                panel_section(
                    say, panel, found[panel.key], earlier.get(panel.key), shown, where, theme, origin, notes
                )
                for panel in _ordered(asked)
                if panel.key in found
            ),
        ],
        className="charts",
    )


def _ordered(asked: Question) -> list[Panel]:
    """The panels of the view; the one that looks at the picked asset comes first."""
    panels = panels_of(asked.domain)
    return sorted(panels, key=lambda panel: not (asked.pick and panel.key == CLOSE_UP))


def _picked(say: Words, asked: Question, shown: Shown) -> list[Component]:
    if not asked.pick:
        return []
    back = dcc.Link(say("analysis.unpick"), href=address_of(shown, pick=None), refresh=True)
    return [html.P([say("analysis.picked", asset=asked.pick), " ", back], className="quiet")]


def away(say: Words, what: str) -> Component:
    """The memory cannot answer."""
    return state_card("broken", say("history.away"), say("history.away_body", what=what))


def bad(say: Words, what: str) -> Component:
    """The question cannot be answered as asked."""
    return state_card("empty", say("history.bad"), what)
