"""The page of the past: series as charts, or the whole city at one instant. Pure."""

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import notes_page, past_room
from layouts.correcting import correcting_dialog
from layouts.history_address import CUSTOM, PRESETS, Chosen, chosen_in, properties_of, read_chosen
from layouts.history_series import property_name
from layouts.ids import History, Look
from layouts.live_labels import live_labels
from layouts.notes import add_button, note_dialog
from layouts.room_components import Search
from layouts.scope import everywhere
from layouts.shell import state_card, top_bar
from layouts.takeaway import takeaway_links
from layouts.view import PageView
from model.domains import DOMAINS
from model.registry import AssetCard
from model.texts import Words


def page(say: Words, view: PageView) -> Component:
    """The room at an instant when the address names one (``?at=``), charts otherwise."""
    if "at" in view.address:
        return past_room.page(say, view)
    if "notes" in view.address:
        return notes_page.page(say, view, ways(say, "notes"))
    chosen = chosen_in(read_chosen(view.address), view.domains)
    return html.Div(
        [
            top_bar(say, view, right=[ways(say, "series")]),
            html.Div([_controls(say, view, chosen), _results(say)], className="history-columns"),
            dcc.Store(id=History.ADDRESS),
            dcc.Store(id=History.WRITTEN),
            dcc.Store(id=Look.STATED),
            dcc.Store(id=History.ASSET, data=chosen.asset),
            note_dialog(say, view.areas),
            correcting_dialog(say),
        ],
        className="history-page",
    )


def ways(say: Words, here: str) -> Component:
    """Between charts, the map of an instant, the report of a night, and the notes."""
    links = (
        ("series", "history.title", "/history"),
        ("map", "history.map_title", "/history?at=now"),
        ("analysis", "analysis.page", "/analysis"),
        ("report", "report.title", "/report"),
        ("notes", "notes.page", "/history?notes=1"),
    )
    return html.Nav(
        [
            dcc.Link(say(key), href=href, refresh=True, className="way here" if name == here else "way")
            for name, key, href in links
        ],
        className="ways",
        **{"aria-label": say("history.views")},
    )


def _controls(say: Words, view: PageView, chosen: Chosen) -> Component:
    return html.Form(
        [
            _labelled(say("history.find"), _find(say)),
            html.Div(id=History.CHOSEN, className="chosen-asset"),
            html.Div(
                [
                    html.P(say("history.or_type"), className="or"),
                    _labelled(say("history.type"), _types(say, view, chosen)),
                    _labelled(say("history.property"), _property(say, chosen)),
                    _labelled(say("history.area"), _areas(say, view, chosen)),
                ],
                className="by-type",
            ),
            html.Hr(),
            _labelled(say("history.period"), _period(say, chosen)),
            _labelled(say("history.from_to"), _dates(say, chosen)),
            dmc.Switch(id=History.COMPARE, label=say("history.compare"), checked=chosen.compare, size="sm"),
            html.Hr(),
            takeaway_links(say),
            add_button(say),
        ],
        className="history-controls",
        **{"aria-label": say("history.title")},
    )


def _labelled(label: str, control: Component) -> Component:
    return html.Div([html.Div(label, className="control-label"), control], className="control")


def _find(say: Words) -> Component:
    words: dict[str, Any] = {key: say(f"search.{key}") for key in ("label", "none", "away", "results")}
    words |= {"hint": say("history.find_hint"), "status": live_labels(say)["status"]}
    return Search(id=History.FIND, address="/registry/search", language=say.language, labels=words)


def _select(id_: str, label: str, data: list[Any], value: str, **more: Any) -> Component:
    return dmc.Select(
        id=id_, data=data, value=value, allowDeselect=False, size="sm",
        attributes={"input": {"aria-label": label}}, comboboxProps={"shadow": "none"}, **more,
    )  # fmt: skip


def _types(say: Words, view: PageView, chosen: Chosen) -> Component:
    groups = [
        {
            "group": say(f"domain.{domain.name}"),
            "items": [{"value": t.name, "label": say(f"type.{t.name}")} for t in domain.asset_types],
        }
        for domain in DOMAINS
        if view.shows(domain.name)
    ]
    return _select(History.TYPE, say("history.type"), groups, chosen.asset_type)


def property_choices(say: Words, asset_type: str) -> list[dict[str, str]]:
    """What can be shown of ``asset_type`` in an area."""
    return [{"value": name, "label": property_name(say, name)} for name in properties_of(asset_type)]


def _property(say: Words, chosen: Chosen) -> Component:
    data = property_choices(say, chosen.asset_type)
    return _select(History.PROPERTY, say("history.property"), data, chosen.observed_property)


def _areas(say: Words, view: PageView, chosen: Chosen) -> Component:
    data = [{"value": "0", "label": everywhere(say, view, "history.whole_city")}]
    data += [{"value": str(area.id), "label": area.name} for area in view.areas]
    return _select(History.AREA, say("history.area"), data, str(chosen.area), searchable=True)


def _period(say: Words, chosen: Chosen) -> Component:
    data = [{"value": name, "label": say(f"history.preset_{name}")} for name in (*PRESETS, CUSTOM)]
    return dmc.SegmentedControl(id=History.PERIOD, data=data, value=chosen.preset, size="sm", fullWidth=True)


def _dates(say: Words, chosen: Chosen) -> Component:
    return dmc.DatePickerInput(
        id=History.DATES,
        type="range",
        value=list(chosen.days) if chosen.days else [None, None],
        valueFormat="DD/MM/YYYY",
        size="sm",
        disabled=chosen.preset != CUSTOM,
        attributes={"input": {"aria-label": say("history.from_to")}},
        popoverProps={"shadow": "none"},
    )


def _results(say: Words) -> Component:
    return html.Div(
        state_card("loading", say("history.loading"), ""),
        id=History.RESULTS,
        className="history-results",
        **{"aria-live": "polite"},
    )


def asset_line(say: Words, card: AssetCard | None, asked: str) -> list[Component]:
    """The chosen asset by name, with the way back to a whole type; nothing when none is chosen."""
    if card is None:
        return (
            [html.Strong(say("history.unknown_asset")), html.Span(asked, className="quiet")] if asked else []
        )
    back = f"/history?series=area:0:{card.asset_type}:{properties_of(card.asset_type)[0]}"
    return [
        html.Strong(card.name),
        html.Span(
            " · ".join(p for p in (card.external_id, card.street, card.commune) if p), className="quiet"
        ),
        dcc.Link(say("history.clear"), href=back, refresh=True, className="clear"),
    ]


def away(say: Words, what: str) -> Component:
    """The history cannot answer."""
    return state_card("broken", say("history.away"), say("history.away_body", what=what))


def bad(say: Words, what: str) -> Component:
    """The question cannot be answered as asked."""
    return state_card("empty", say("history.bad"), what)


def unknown_asset(say: Words, asked: str) -> Component:
    """No asset is called so."""
    return state_card("empty", say("history.unknown_asset"), say("history.unknown_asset_body", asset=asked))
