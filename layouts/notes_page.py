"""Everything people added to the memory: annotations and corrections, by kind and period. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.correcting import corrections_list, withdraw_correction_dialog
from layouts.history_address import PRESETS
from layouts.ids import Notes
from layouts.note_marks import note_text
from layouts.notes import add_button, note_dialog
from layouts.shell import state_card, top_bar
from layouts.view import PageView
from model.notes import Annotation, CorrectedReading, NoteKind
from model.texts import Words

ALL, CORRECTED = "all", "corrections"
FIRST_PERIOD = "13m"
AHEAD = timedelta(days=731)
"""Announced works are shown though they have not begun."""


@dataclass(frozen=True)
class Listed:
    """What the list shows: one kind of notes, corrections, or all; a period; what was withdrawn too."""

    kind: str = ALL
    preset: str = FIRST_PERIOD
    gone: bool = False

    def period(self, now: datetime) -> tuple[datetime, datetime]:
        """From when to when, announced works included."""
        return now - PRESETS[self.preset], now + AHEAD


def read_listed(address: Mapping[str, str]) -> Listed:
    """What ``address`` asks for; anything it gets wrong is as if it were not there."""
    kind, preset = address.get("kind", ALL), address.get("p", FIRST_PERIOD)
    known = kind in (ALL, CORRECTED, *NoteKind)
    return Listed(kind if known else ALL, preset if preset in PRESETS else FIRST_PERIOD, "gone" in address)


def write_listed(listed: Listed) -> str:
    """The query of the address that shows ``listed``."""
    return f"?notes=1&kind={listed.kind}&p={listed.preset}{'&gone=1' if listed.gone else ''}"


def page(say: Words, view: PageView, ways: Component) -> Component:
    """The page: filters at the left, the list at the right."""
    listed = read_listed(view.address)
    return html.Div(
        [
            top_bar(say, view, right=[ways]),
            html.Div([_controls(say, listed), _results(say)], className="history-columns"),
            note_dialog(say, view.areas),
            withdraw_correction_dialog(say),
            dcc.Store(id=Notes.LIST_ADDRESS),
            dcc.Store(id=Notes.LIST_WRITTEN),
        ],
        className="history-page notes-page",
    )


def _controls(say: Words, listed: Listed) -> Component:
    kinds = [(ALL, "notes.all_kinds"), *((k.value, f"notes.kind_{k.value}") for k in NoteKind)]
    kinds.append((CORRECTED, "notes.corrections"))
    data = [{"value": value, "label": say(key)} for value, key in kinds]
    periods = [{"value": name, "label": say(f"history.preset_{name}")} for name in PRESETS]
    return html.Form(
        [
            dmc.Select(
                id=Notes.LIST_KIND, label=say("notes.kind"), data=data, value=listed.kind, size="sm",
                allowDeselect=False, comboboxProps={"shadow": "none"},
            ),
            html.Div(
                [
                    html.Div(say("history.period"), className="control-label"),
                    dmc.SegmentedControl(
                        id=Notes.LIST_PERIOD, data=periods, value=listed.preset, size="sm", fullWidth=True
                    ),
                ]
            ),
            dmc.Switch(id=Notes.LIST_GONE, label=say("notes.with_withdrawn"), checked=listed.gone, size="sm"),
            html.Hr(),
            add_button(say),
        ],
        className="history-controls",
        **{"aria-label": say("notes.page")},
    )  # fmt: skip


def _results(say: Words) -> Component:
    return html.Div(
        state_card("loading", say("history.loading"), ""),
        id=Notes.LIST,
        className="history-results notes-results",
        **{"aria-live": "polite"},
    )


def notes_found(
    say: Words, listed: Listed, notes: Sequence[Annotation], corrected: Sequence[CorrectedReading]
) -> Component:
    """Annotations, the latest first, then corrections; one sentence where there is neither."""
    if not notes and not corrected:
        return state_card("empty", say("notes.none"), say("notes.none_body"))
    parts: list[Any] = []
    if notes:
        rows = [html.Li(note_text(say, note, may_withdraw=True)) for note in notes]
        parts += [
            html.H2(say("notes.page_count", n=say.number(len(notes)))),
            html.Ol(rows, className="notes"),
        ]
    if corrected:
        parts += [
            html.H2(say("notes.corrections_count", n=say.number(len(corrected)))),
            corrections_list(say, corrected),
        ]
    return html.Div(parts, className="notes-found")
