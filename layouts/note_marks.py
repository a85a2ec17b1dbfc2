"""Annotations in a chart: bands with their titles above, and the same as a list under it. Pure.

Titles stand in lanes above the plot, numbered as in the list; where three lanes are full the number alone
stands, and where even that has no room the band. The list has them all, for eyes, keyboard and readers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from layouts.acts import needs
from model.notes import Annotation
from model.observations import moment
from model.texts import Words
from model.tokens import colours

LANES, LANE_PX = 3, 20
TITLE_CUT = 30
LETTER = 0.0072
"""The share of the axis a letter takes: figures do not know how wide they will be; on a phone css leaves the
numbers alone (``assets/history/notes.css``)."""
OPEN_UP_TO = 4
MOST_BANDS = 60

Place = Callable[[float], Any]
Lanes = list[list[tuple[float, float]]]
Shown = tuple[int, Annotation, float, float]


def in_order(notes: Sequence[Annotation]) -> list[Annotation]:
    """Annotations as they are numbered: by their beginning."""
    return sorted(notes, key=lambda note: (note.t0, note.id))


@dataclass(frozen=True)
class _Mark:
    """Where one note stands above the plot: its lane, its title (empty: no room for it), and on which side
    of the band's edge ``at`` it is written."""

    number: int
    at: float
    lane: int
    title: str
    right: bool


def mark_notes(
    figure: go.Figure,
    notes: Sequence[Annotation],
    ends: tuple[datetime, datetime],
    theme: str,
    place: Place = float,
    lift: int = 0,
    letter: float = LETTER,
) -> int:
    """Draw ``notes`` into ``figure``, whose axis shows ``ends``; the pixels needed above the plot.

    ``place`` makes an axis value of epoch seconds; ``lift`` is room above the plot that is taken already;
    ``letter`` the share of the axis a letter takes.
    """
    shade, axis = colours(theme), (ends[0].timestamp(), ends[1].timestamp())
    shown = [
        (number, note, max(axis[0], note.t0.timestamp()), min(axis[1], note.t1.timestamp()))
        for number, note in enumerate(in_order(notes), 1)
        if note.t0 <= ends[1] and note.t1 >= ends[0]
    ][-MOST_BANDS:]
    for _, _, start, end in shown:
        _band(figure, place(start), place(max(start, end)), shade)
    marks = _marks(shown, axis, letter * max(1.0, axis[1] - axis[0]))
    for mark in marks:
        _write(figure, mark, place(mark.at), lift + mark.lane * LANE_PX, shade)
    return lift + LANE_PX * max((mark.lane + 1 for mark in marks), default=0)


def with_notes(figure: go.Figure, notes: Sequence[Annotation], theme: str) -> go.Figure:
    """``figure``, whose axis is seconds since 1970 with its range, with ``notes`` and the room they need."""
    t0, t1 = (moment(float(end)) for end in figure.layout.xaxis.range)
    above = mark_notes(figure, notes, (t0, t1), theme)
    return figure.update_layout(margin={"t": figure.layout.margin.t + above})


def _band(figure: go.Figure, x0: Any, x1: Any, shade: dict[str, str]) -> None:
    edge = {"color": shade["ink3"], "width": 1, "dash": "dot"}
    figure.add_shape(
        type="rect", x0=x0, x1=x1, y0=0, y1=1, yref="paper", fillcolor=shade["rule"], opacity=0.55,
        line=edge, layer="below",
    )  # fmt: skip


def _write(figure: go.Figure, mark: _Mark, x: Any, up: int, shade: dict[str, str]) -> None:
    """Number, title, and the line that leads from the band up to them. Two texts, so that a phone may leave
    the titles out."""
    number = f"<b>{mark.number}</b>"
    anchor, side = ("right", -1) if mark.right else ("left", 1)
    aside = 8 * len(str(mark.number)) + 4
    for text, shift in ((number, 0), (escape(mark.title, quote=False), side * aside)):
        if text:
            figure.add_annotation(
                x=x, y=1, yref="paper", yanchor="bottom", yshift=up, xanchor=anchor, xshift=shift,
                showarrow=False, text=text, font={"color": shade["ink2"], "size": 13}, borderpad=0,
            )  # fmt: skip
    if up:
        figure.add_shape(
            type="line", x0=x, x1=x, y0=0, y1=up + 2, ysizemode="pixel", yanchor=1, yref="paper",
            line={"color": shade["ink3"], "width": 1, "dash": "dot"},
        )  # fmt: skip


def _marks(shown: Sequence[Shown], axis: tuple[float, float], letter: float) -> list[_Mark]:
    """A lane for each note from the right to the left: so no line to a title crosses another title.

    Near the right end a title is written to the left, where no other note begins below it.
    """
    lanes: Lanes = [[] for _ in range(LANES)]
    starts = [start for _, _, start, _ in shown]
    found: list[_Mark] = []
    for number, note, start, end in reversed(shown):
        for text in (_cut(note.title), ""):
            taken = (len(str(number)) + 1 + len(text)) * letter
            right = start + taken > axis[1]
            at = max(start, end) if right else start
            span = (at - taken, at) if right else (at, at + taken)
            crossed = right and text and any(span[0] < other < at and other != start for other in starts)
            lane = None if crossed else _free(lanes, found, span, at)
            if lane is not None:
                lanes[lane].append(span)
                found.append(_Mark(number, at, lane, text, right))
                break
    return found


def _cut(title: str) -> str:
    return title if len(title) <= TITLE_CUT else title[: TITLE_CUT - 1] + "…"


def _free(lanes: Lanes, placed: Sequence[_Mark], span: tuple[float, float], at: float) -> int | None:
    """The lowest lane with room for ``span``, where neither its line nor another's crosses a title."""
    for lane, others in enumerate(lanes):
        full = any(span[1] > a and span[0] < b for a, b in others)
        under = any(mark.lane > lane and span[0] < mark.at < span[1] for mark in placed)
        over = any(a < at < b for lower in lanes[:lane] for a, b in lower)
        if not (full or under or over):
            return lane
    return None


# --- the list -----------------------------------------------------------------------------------------


def notes_list(say: Words, notes: Sequence[Annotation], *, may_withdraw: bool = True) -> list[Component]:
    """The notes of a chart as a list, numbered as in it; nothing where there are none.

    Few are unfolded, where they may be withdrawn too; a panel has no room for more than their number.
    """
    if not notes:
        return []
    count = len(notes)
    title = say("notes.one_here") if count == 1 else say("notes.here", n=say.number(count))
    rows = [_row(say, note, number, may_withdraw) for number, note in enumerate(in_order(notes), 1)]
    return [
        html.Details(
            [html.Summary(title), html.Ol(rows, className="notes")],
            open=may_withdraw and count <= OPEN_UP_TO,
            className="chart-notes",
        )
    ]


def _row(say: Words, note: Annotation, number: int, may_withdraw: bool) -> Component:
    return html.Li(
        [html.Span(str(number), className="note-number"), note_text(say, note, may_withdraw=may_withdraw)]
    )


def note_text(say: Words, note: Annotation, *, may_withdraw: bool) -> Component:
    """One annotation in words: kind, title, when, where, what, by whom, and the way to withdraw it."""
    body = [html.P(note.body, className="note-body")] if note.body else []
    return html.Div(
        [
            html.Div(
                [
                    html.Span(say(f"notes.kind_{note.kind}"), className=f"note-kind note-{note.kind}"),
                    html.Strong(note.title),
                    html.Span(period(say, note.t0, note.t1), className="note-when"),
                    html.Span(where(say, note), className="note-where"),
                ],
                className="note-head",
            ),
            *body,
            html.Div([_signed(say, note), *_withdraw(say, note, may_withdraw)], className="note-by"),
        ],
        className="note gone" if note.withdrawn_at else "note",
    )


def period(say: Words, t0: datetime, t1: datetime) -> str:
    """From when to when, the day said once where it is the same."""
    if t1 == t0:
        return say.instant(t0)
    same = say.local(t0).date() == say.local(t1).date()
    return say("notes.from_to", t0=say.instant(t0), t1=say.time(t1) if same else say.instant(t1))


def where(say: Words, note: Annotation) -> Any:
    """The place of an annotation; an asset's name leads to its charts."""
    if note.asset_key:
        return dcc.Link(note.asset or note.asset_key, href=series_address(note.asset_key), refresh=True)
    return note.area or say("history.whole_city")


def series_address(external_id: str) -> str:
    """Where the charts of an asset are."""
    return f"/history?series={quote(f'asset:{external_id}')}"


def _signed(say: Words, note: Annotation) -> Component:
    text = say("notes.signed", author=note.author, made=say.instant(note.made_at))
    if note.withdrawn_at:
        at = say.instant(note.withdrawn_at)
        text += " " + say("notes.withdrawn", by=note.withdrawn_by or "", at=at)
    return html.Span(text)


def _withdraw(say: Words, note: Annotation, may_withdraw: bool) -> list[Component]:
    if note.withdrawn_at or not may_withdraw:
        return []
    label = say("notes.withdraw_this", title=note.title)
    return [
        html.Button(
            say("notes.withdraw"), type="button", className="note-withdraw",
            **needs("note"),
            **{"data-withdraw-note": str(note.id), "data-title": note.title, "aria-label": label},
        )
    ]  # fmt: skip
