"""Correcting readings: the dialog, the readings it is about, the list of corrections made. Pure."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.acts import needs
from layouts.ids import Correcting
from layouts.note_marks import series_address
from layouts.readings import sent_text, signed
from model.errors import BadField
from model.notes import REASON_MOST, CorrectedReading, Reading
from model.series import Series
from model.texts import Words

FIELDS = ("t0", "t1", "result", "reason")
FIELD_IDS = (Correcting.T0, Correcting.T1, Correcting.RESULT, Correcting.REASON)
SHOWN = 6
HIDDEN, SEEN = {"display": "none"}, {"display": "block"}
"""Whether the box that confirms an unlikely value is there: only once one was refused."""


def correcting_dialog(say: Words) -> Component:
    """The dialogs in which readings are corrected and corrections withdrawn; once on a page."""
    parts = [
        html.Div(
            [
                form.instant_field(Correcting.T0, say("notes.first_reading"), 1),
                form.instant_field(Correcting.T1, say("notes.last_reading"), 1),
            ],
            className="dialog-pair",
        ),
        html.Div(id=Correcting.READINGS, className="as-sent-list", **{"aria-live": "polite"}),
        dmc.Checkbox(id=Correcting.NOTHING, label=say("notes.nothing_right"), checked=False, size="sm"),
        dmc.TextInput(
            id=Correcting.RESULT,
            label=say("notes.right_value"),
            value="",
            size="sm",
            inputProps={"inputMode": "decimal", "maxLength": 24},
            className="right-value",
        ),
        dmc.Checkbox(
            id=Correcting.CONFIRM, label=say("notes.confirm_range"), checked=False, size="sm", style=HIDDEN
        ),
        form.area_field(Correcting.REASON, say("notes.reason"), REASON_MOST),
        form.ends(say, Correcting.DIALOG, Correcting.SAVE, say("notes.correct"), Correcting.TOLD),
    ]
    return html.Div(
        [
            dcc.Store(id=Correcting.ASKED),
            form.dialog(say, Correcting.DIALOG, say("notes.correct_title"), parts),
            withdraw_correction_dialog(say),
        ]
    )  # fmt: skip


def withdraw_correction_dialog(say: Words) -> Component:
    """The dialog in which a correction is withdrawn."""
    parts = [
        html.P(id=Correcting.WITHDRAW_WHAT),
        form.ends(
            say,
            Correcting.WITHDRAW_DIALOG,
            Correcting.WITHDRAW_SAVE,
            say("notes.withdraw"),
            Correcting.WITHDRAW_TOLD,
        ),
    ]
    return html.Div(
        [
            dcc.Store(id=Correcting.WITHDRAWING),
            form.dialog(say, Correcting.WITHDRAW_DIALOG, say("notes.withdraw_title"), parts, size="md"),
        ]
    )


def read_value(text: str | None, nothing: bool) -> float | None:
    """The value typed, a comma or a point before its decimals; None when the reading says nothing.

    Raises BadField for anything else.
    """
    if nothing:
        return None
    plain = "".join((text or "").split()).replace("\u2212", "-").replace(",", ".")
    if not plain:
        raise BadField("result", "empty")
    try:
        return float(plain) if "_" not in plain else float("nan")
    except ValueError:
        raise BadField("result", "no_number") from None


def readings_meant(say: Words, name: str, series: Series, readings: Sequence[Reading]) -> list[Any]:
    """The readings the dialog is about, as sent; the first and last of many."""
    if not readings:
        return [html.P(say("notes.bad_no_reading"), className="wrong-text")]
    count = len(readings)
    head = say("notes.one_reading", name=name) if count == 1 else say(
        "notes.readings_of", n=say.number(count), name=name
    )  # fmt: skip
    shown = list(readings) if count <= SHOWN else [*readings[: SHOWN - 1], None, readings[-1]]
    return [html.P(head, className="as-sent-head"), html.Ul([_meant(say, series, one) for one in shown])]


def _meant(say: Words, series: Series, reading: Reading | None) -> Component:
    if reading is None:
        return html.Li("…")
    already = [html.Span(signed(say, reading.correction), className="quiet")] if reading.correction else []
    return html.Li(
        [
            html.Time(say.instant_seconds(reading.at)),
            html.Span(sent_text(say, reading, series)),
            *already,
        ]
    )


def corrections_list(say: Words, corrected: Sequence[CorrectedReading]) -> Component:
    """Corrections made, the latest first: of what, from what to what, by whom and why; also those gone."""
    return html.Ol([_corrected(say, one) for one in corrected], className="notes corrections")


def _corrected(say: Words, one: CorrectedReading) -> Component:
    correction = one.correction
    when = say.instant_seconds(correction.at)
    change = say(
        "notes.change",
        sent=_amount(say, one.sent, one.unit) if one.sent is not None else "–",
        value=_amount(say, correction.result, one.unit),
    )
    text = say("notes.signed", author=correction.author, made=say.instant(correction.made_at))
    buttons: list[Any] = []
    if correction.withdrawn_at:
        by, at = correction.withdrawn_by or "", say.instant(correction.withdrawn_at)
        text += " " + say("notes.withdrawn", by=by, at=at)
    else:
        buttons = [
            html.Button(
                say("notes.withdraw"), type="button", className="note-withdraw",
                **{
                    **needs("correct"),
                    "data-withdraw-correction": str(correction.id),
                    "data-title": when,
                    "aria-label": say("notes.withdraw_correction_this", at=when),
                },
            )
        ]  # fmt: skip
    asset = dcc.Link(one.asset, href=series_address(one.asset_key), refresh=True)
    return html.Li(
        html.Div(
            [
                html.Div(
                    [
                        html.Span(say("notes.correction"), className="note-kind"),
                        html.Strong(say(f"property.{one.observed_property}")),
                        html.Span(when, className="note-when"),
                        html.Span(asset, className="note-where"),
                    ],
                    className="note-head",
                ),
                html.P([change, " · ", correction.reason], className="note-body"),
                html.Div([html.Span(text), *buttons], className="note-by"),
            ],
            className="note gone" if correction.withdrawn_at else "note",
        )
    )


def _amount(say: Words, value: float | None, unit: str) -> str:
    if value is None:
        return say("notes.says_nothing")
    return f"{say.number(value, 0 if float(value).is_integer() else 2)} {unit}".strip()
