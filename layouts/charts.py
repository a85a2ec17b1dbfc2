"""Charts of the past: one series, its extremes, the week before it, and its gaps. Pure.

The axis is seconds since 1970 with labels in the city's time, so that a day of 25 hours is 25 hours wide
and no line runs back on itself.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from layouts.note_marks import mark_notes
from layouts.readings import mark_corrected
from layouts.theme import template_name
from model.notes import Annotation, Reading
from model.observations import moment
from model.series import Series
from model.texts import Words
from model.tokens import colours

Floats = npt.NDArray[np.float64]
TICKS = 9
STEPS = (timedelta(hours=3), timedelta(days=1), timedelta(days=3), timedelta(days=7))
MOST_GAPS = 60


def series_figure(
    say: Words,
    series: Series,
    before: Series | None,
    theme: str,
    notes: Sequence[Annotation] = (),
    readings: Sequence[Reading] = (),
) -> go.Figure:
    """The line of ``series`` over its band, ``before`` dashed under it; gaps are shaded and left open.

    ``notes`` stand behind it as bands with their titles above; corrected ``readings`` are marked.
    """
    shade = colours(theme)
    figure = go.Figure()
    for start, end in list(gaps(series))[:MOST_GAPS]:
        figure.add_vrect(x0=start, x1=end, fillcolor=shade["raise"], line_width=0, layer="below")
    if np.isfinite(series.low).any():
        figure.add_trace(_band(say, series, shade["rule"]))
    if before is not None and not before.empty:
        figure.add_trace(
            _line(say, before, "week_before", {"color": shade["ink3"], "width": 1.2, "dash": "dash"})
        )
    figure.add_trace(_line(say, series, "this", {"color": shade["ink"], "width": 1.8}))
    mark_corrected(figure, say, readings, series, shade["ink"])
    above = mark_notes(figure, notes, (series.asked.t0, series.asked.t1), theme)
    values, texts = ticks(say, series.asked.t0, series.asked.t1)
    figure.update_layout(
        template=template_name(theme), hovermode="x", dragmode=False,
        margin={"l": 8, "r": 16, "t": 8 + above, "b": 8},
    )  # fmt: skip
    figure.update_xaxes(
        range=[series.asked.t0.timestamp(), series.asked.t1.timestamp()],
        tickvals=values, ticktext=texts, fixedrange=True, showgrid=True,
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", nticks=6, fixedrange=True)
    return figure


def _line(say: Words, series: Series, name: str, line: dict[str, object]) -> go.Scatter:
    lone = lone_points(series.values)
    hover = f"%{{customdata}}<br><b>%{{y:.{series.decimals}f}}</b> {series.unit}"
    return go.Scatter(
        x=series.times, y=[v if np.isfinite(v) else None for v in series.values],
        mode="lines+markers" if lone.any() else "lines",
        marker={"size": np.where(lone, 5, 0).tolist(), "color": line["color"]},
        line=line, connectgaps=False, name=say(f"history.{name}"),
        customdata=[when_text(say, series, at) for at in range(len(series))],
        hovertemplate=f"{hover}<extra>{say(f'history.{name}')}</extra>",
    )  # fmt: skip


def when_text(say: Words, series: Series, at: int) -> str:
    """When point ``at`` is of, in the city's time: a day for daily values, else an instant."""
    when = moment(float(series.times[at]))
    return say.day(when, "medium") if series.source == "day" else say.instant(when)


def lone_points(values: Floats) -> npt.NDArray[np.bool_]:
    """Values with a gap on either side: a line would not show them."""
    told = np.isfinite(values)
    padded = np.concatenate([[False], told, [False]])
    alone: npt.NDArray[np.bool_] = told & ~padded[:-2] & ~padded[2:]
    return alone


def _band(say: Words, series: Series, fill: str) -> go.Scatter:
    """The extremes as closed outlines, one for each stretch without a gap."""
    x: list[float | None] = []
    y: list[float | None] = []
    for run in runs(np.isfinite(series.low) & np.isfinite(series.high)):
        times, low, high = series.times[run], series.low[run], series.high[run]
        x += [*times, *times[::-1], None]
        y += [*low, *high[::-1], None]
    return go.Scatter(
        x=x, y=y, fill="toself", fillcolor=fill, mode="lines", line={"width": 0}, hoverinfo="skip",
        name=say("history.band"),
    )  # fmt: skip


def runs(told: npt.NDArray[np.bool_]) -> Iterator[slice]:
    """The stretches of ``told`` that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], told.astype("i1"), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield slice(int(start), int(end))


def gaps(series: Series) -> Iterator[tuple[float, float]]:
    """Each stretch of missing values: from the last value before it to the first after it, epoch seconds."""
    if series.empty:
        return
    edges = [*series.times, series.asked.t1.timestamp()]
    for run in runs(~np.isfinite(series.values)):
        start = edges[run.start] if series.source != "raw" else edges[max(0, run.start - 1)]
        yield float(start), float(edges[run.stop])


def ticks(say: Words, t0: datetime, t1: datetime) -> tuple[list[float], list[str]]:
    """Where the axis is labelled, epoch seconds, and what stands there in the city's time."""
    length = t1 - t0
    if length > timedelta(days=92):
        moments = list(_months(say.local(t0), say.local(t1)))
        return [m.timestamp() for m in moments], [_month(say, m) for m in moments]
    step = next((s for s in STEPS if length / s <= TICKS), STEPS[-1])
    moments = list(_walls(say.local(t0), say.local(t1), step))
    return [m.timestamp() for m in moments], [_label(say, m, step) for m in moments]


def _walls(t0: datetime, t1: datetime, step: timedelta) -> Iterator[datetime]:
    """Wall-clock instants every ``step`` from a local midnight; arithmetic on local times keeps the wall."""
    at = t0.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    while at < t1:
        if at >= t0:
            yield at
        at += step


def _months(t0: datetime, t1: datetime) -> Iterator[datetime]:
    year, month = t0.year, t0.month
    while (at := datetime(year, month, 1, tzinfo=t0.tzinfo)) < t1:
        if at >= t0:
            yield at
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _label(say: Words, at: datetime, step: timedelta) -> str:
    if step < timedelta(days=1) and at.hour:
        return say.time(at)
    return say.day(at, "medium").rsplit(" ", 1)[0]


def _month(say: Words, at: datetime) -> str:
    words = say.day(at, "medium").split(" ")
    return f"{words[1]}<br>{words[2]}" if at.month == 1 else words[1]
