"""The readings of one raw series: as they were sent, as they count, and the way to correct one. Pure."""

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from layouts.acts import needs
from model.notes import Correction, Reading
from model.observations import Quality, doubts_of, quality_of
from model.series import Series
from model.texts import Words

ROWS = 200
HEADS = ("time", "value", "sent", "said_of_it", "correct")


def told_value(say: Words, value: float | None, series: Series) -> str:
    """A value with its unit, or that the reading says nothing."""
    if value is None:
        return say("notes.says_nothing")
    return f"{say.number(value, series.decimals)} {series.unit}".strip()


def sent_text(say: Words, reading: Reading, series: Series) -> str:
    """A reading as it was sent: value, what came over the wire, why it is in doubt."""
    parts = [told_value(say, reading.sent, series)]
    if reading.raw is not None:
        number = say.number(reading.raw, 0 if reading.raw.is_integer() else 2)
        parts.append(say("panel.sent_as", value=number, unit=reading.raw_unit or "").strip())
    return " · ".join([*parts, *doubts(say, reading.quality)])


def doubts(say: Words, stored: int) -> list[str]:
    """Why a reading was not simply good, in words."""
    quality = quality_of(stored)
    said = [] if quality is Quality.GOOD else [say(f"quality.{quality.name.lower()}")]
    return said + [say(f"doubt.{str(doubt.name).lower()}") for doubt in doubts_of(stored)]


def signed(say: Words, correction: Correction) -> str:
    """Who corrected, when, and why."""
    return say(
        "notes.corrected_by",
        author=correction.author,
        made=say.instant(correction.made_at),
        reason=correction.reason,
    )


# --- in the chart ---------------------------------------------------------------------------------------


def mark_corrected(
    figure: go.Figure, say: Words, readings: Sequence[Reading], series: Series, colour: str
) -> None:
    """Corrected points: a hollow ring with a dot where the value was replaced, a crossed one where it says
    nothing (on the zero line, for it has no height any more). What was sent stands in the tooltip."""
    corrected = [reading for reading in readings if reading.correction]
    if not corrected:
        return
    figure.add_trace(
        go.Scatter(
            x=[reading.at.timestamp() for reading in corrected],
            y=[reading.value if reading.value is not None else 0 for reading in corrected],
            mode="markers",
            name=say("notes.corrected"),
            marker={
                "symbol": [
                    "circle-x-open" if reading.value is None else "circle-open-dot" for reading in corrected
                ],
                "size": 11,
                "color": colour,
                "line": {"width": 1.8, "color": colour},
            },
            customdata=[escape(_tip(say, reading, series), quote=False) for reading in corrected],
            hovertemplate=f"%{{customdata}}<extra>{say('notes.corrected')}</extra>",
            cliponaxis=False,
        )
    )


def _tip(say: Words, reading: Reading, series: Series) -> str:
    assert reading.correction is not None  # noqa: S101 - only corrected readings are told
    return say(
        "notes.corrected_tip",
        at=say.instant_seconds(reading.at),
        value=told_value(say, reading.value, series),
        sent=told_value(say, reading.sent, series),
        by=reading.correction.author,
        reason=reading.correction.reason[:120],
    )


# --- the table ------------------------------------------------------------------------------------------


def readings_table(
    say: Words, series: Series, readings: Sequence[Reading], *, unfolded: bool = False
) -> Component:
    """The newest 200 readings, newest first: value, as sent, its correction, and the way to correct it."""
    shown = list(readings)[-ROWS:][::-1]
    heads = html.Thead(html.Tr([html.Th(say(f"notes.head_{name}"), scope="col") for name in HEADS]))
    cut = (
        say("notes.readings_cut", shown=ROWS, n=say.number(len(readings)))
        if len(readings) > len(shown)
        else ""
    )
    corrected = sum(1 for reading in readings if reading.correction)
    title = say("notes.table")
    if corrected:
        key = "notes.table_one_corrected" if corrected == 1 else "notes.table_corrected"
        title = say(key, n=say.number(corrected))
    return html.Details(
        [
            html.Summary(title),
            html.P(cut, className="quiet") if cut else None,
            html.Table(
                [heads, html.Tbody([_row(say, series, reading) for reading in shown])],
                className="values readings",
            ),
        ],
        open=unfolded,
        className="chart-table",
    )


def stream_key(series: Series) -> str:
    """What a button says it is of: asset and property."""
    return f"{series.asked.asset_id}:{series.asked.observed_property}"


def _row(say: Words, series: Series, reading: Reading) -> Component:
    when = say.instant_seconds(reading.at)
    correction = reading.correction
    said: list[Any] = []
    if correction:
        said = [html.Span(signed(say, correction)), _withdraw(say, series, correction, when)]
    return html.Tr(
        [
            html.Th(when, scope="row"),
            html.Td(
                told_value(say, reading.value, series), className="corrected-value" if correction else None
            ),
            html.Td(sent_text(say, reading, series), className="as-sent"),
            html.Td(html.Div(said, className="said-of-it")),
            html.Td(_correct(say, series, reading, when)),
        ],
        className="corrected" if correction else None,
    )


def _correct(say: Words, series: Series, reading: Reading, when: str) -> Component:
    return html.Button(
        say("notes.correct"),
        type="button",
        className="note-withdraw",
        **{
            **needs("correct"),
            "data-correct": reading.at.isoformat(),
            "data-of": stream_key(series),
            "aria-label": say("notes.correct_this", at=when),
        },
    )


def _withdraw(say: Words, series: Series, correction: Correction, when: str) -> Component:
    return html.Button(
        say("notes.withdraw"),
        type="button",
        className="note-withdraw",
        **{
            **needs("correct"),
            "data-withdraw-correction": str(correction.id),
            "data-of": stream_key(series),
            "data-title": when,
            "aria-label": say("notes.withdraw_correction_this", at=when),
        },
    )
