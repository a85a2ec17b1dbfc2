"""Charts of the asset panel: a series in, a Plotly figure out. Pure; gaps stay gaps."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np
import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from layouts.ids import Room
from layouts.note_marks import mark_notes, notes_list
from layouts.shell import state_card
from layouts.takeaway import Picture, picture_buttons
from layouts.theme import GRAPH_CONFIG, plotly_template
from model.notes import Annotation
from model.observations import moment
from model.registry import Fact
from model.series import Series
from model.states import ABNORMAL
from model.texts import Words
from model.tokens import colours

PERIODS = {"day": timedelta(hours=24), "month": timedelta(days=30)}
"""The periods of the asset panel by their key; the labels are ``panel.period_<key>``."""

MARKS_MOST = 12
LETTER = 0.024
"""The share of the panel's axis a letter takes."""
FACT_PX = 16
"""Above the plot, for the time of the newest fact."""


def local_times(say: Words, seconds: Iterable[float]) -> list[str]:
    """Instants as Plotly takes them, on the city's wall clock: it knows no zones."""
    return [say.local(moment(s)).strftime("%Y-%m-%dT%H:%M:%S") for s in seconds]


def series_figure(
    say: Words,
    series: Series,
    theme: str,
    facts: Iterable[Fact] = (),
    notes: Sequence[Annotation] = (),
) -> go.Figure:
    """The line of ``series``, the band between its extremes where it has them, and what went wrong when.

    ``notes`` stand behind it as bands, their titles above.
    """
    shade = colours(theme)
    times = local_times(say, series.times)
    figure = go.Figure()
    if np.isfinite(series.low).any():
        _add_band(figure, times, series, shade["raise"])
    figure.add_trace(
        go.Scatter(
            x=times,
            y=_gaps(series.values),
            mode="lines",
            line={"color": shade["ink"], "width": 1.6},
            connectgaps=False,
            hovertemplate=f"%{{y:.{series.decimals}f}} {series.unit}<extra></extra>",
        )
    )
    _mark(figure, say, series, facts, shade["fault"])
    ends = local_times(say, (series.asked.t0.timestamp(), series.asked.t1.timestamp()))
    above = mark_notes(
        figure,
        notes,
        (series.asked.t0, series.asked.t1),
        theme,
        lambda s: local_times(say, (s,))[0],
        FACT_PX,
        LETTER,
    )
    figure.update_layout(
        template=plotly_template(theme), xaxis_range=ends, margin={"l": 4, "r": 4, "t": above, "b": 4}
    )
    figure.update_xaxes(tickformatstops=_tick_formats(say))
    figure.update_yaxes(rangemode="tozero", nticks=5)
    return figure


def _gaps(values: "np.typing.NDArray[np.float64]") -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in values]


def _add_band(figure: go.Figure, times: list[str], series: Series, fill: str) -> None:
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "connectgaps": False}
    figure.add_trace(go.Scatter(x=times, y=_gaps(series.low), **edge))
    figure.add_trace(go.Scatter(x=times, y=_gaps(series.high), fill="tonexty", fillcolor=fill, **edge))


def _mark(figure: go.Figure, say: Words, series: Series, facts: Iterable[Fact], colour: str) -> None:
    """A line where the asset went into an abnormal state, within the period; the newest is dated."""
    t0, t1 = series.asked.t0, series.asked.t1
    wrong = [fact.at for fact in facts if fact.status in ABNORMAL and t0 <= fact.at < t1][:MARKS_MOST]
    for place, at in enumerate(wrong):
        x = local_times(say, (at.timestamp(),))[0]
        figure.add_shape(
            type="line",
            x0=x,
            x1=x,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": colour, "width": 1.4 if place else 2.2},
        )
        if place == 0:
            late = (at - t0) > (t1 - t0) / 2
            figure.add_annotation(
                x=x,
                y=1,
                yref="paper",
                yanchor="bottom",
                xanchor="right" if late else "left",
                showarrow=False,
                text=say.time(at),
                font={"color": colour},
            )


def _tick_formats(say: Words) -> list[dict[str, object]]:
    day = "%d/%m" if say.language == "fr" else "%d %b"
    hour = "%H h" if say.language == "fr" else "%H:%M"
    return [
        {"dtickrange": [None, 3_600_000], "value": "%H:%M"},
        {"dtickrange": [3_600_000, 86_400_000], "value": hour},
        {"dtickrange": [86_400_000, None], "value": day},
    ]


def chart(
    say: Words,
    series: Series,
    theme: str,
    facts: Iterable[Fact] = (),
    notes: Sequence[Annotation] = (),
    picture: Picture | None = None,
) -> Component:
    """The chart of the asset panel with its notes under it, or words where there is nothing to draw.

    With a ``picture`` to be made of it, the buttons that make it.
    """
    label = say(f"property.{series.asked.observed_property}")
    if series.empty:
        return state_card("empty", say("panel.no_series"), say("panel.no_series_body", what=label.lower()))
    graph = dcc.Graph(
        id=Room.GRAPH,
        figure=series_figure(say, series, theme, facts, notes),
        config=GRAPH_CONFIG,
        className="panel-graph",
    )
    drawn = html.Div(graph, role="img", className="panel-figure", **{"aria-label": sentence(say, series)})
    under = [picture_buttons(say, picture)] if picture else []
    under += notes_list(say, notes, may_withdraw=False) if notes else []
    return html.Div([drawn, *under], className="panel-noted") if under else drawn


def sentence(say: Words, series: Series) -> str:
    """What the chart shows, in one sentence: least, most, last value, and how complete it is."""
    seen = series.values[np.isfinite(series.values)]
    decimals = series.decimals
    return say(
        "panel.chart_sentence",
        what=say(f"property.{series.asked.observed_property}"),
        low=say.number(float(seen.min()), decimals),
        high=say.number(float(seen.max()), decimals),
        last=say.number(float(seen[-1]), decimals),
        unit=series.unit,
        coverage=say.number(100 * series.coverage),
    )
