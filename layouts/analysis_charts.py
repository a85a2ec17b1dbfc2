"""Figures of the analysis pages: days, weeks of hours, hours of the day. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import plotly.graph_objects as go

from layouts.board_figures import percent
from layouts.charts import ticks
from layouts.theme import template_name
from model.analysis import ByHour, Daily, Floats, Week, over
from model.texts import Words
from model.tokens import colours

HOURS = [f"{hour:02d}" for hour in range(24)]
LOOKS: dict[str, tuple[str, str, float]] = {
    "dark_at_night": ("fault", "solid", 1.8),
    "lit_by_day": ("degradedLine", "dot", 1.8),
    "forced": ("fault", "solid", 1.8),
    "held_open": ("degradedLine", "dash", 1.8),
    "no_contact": ("comms", "dot", 1.8),
    "no_image": ("fault", "solid", 1.8),
    "jammed": ("fault", "dot", 1.8),
    "slow": ("degradedLine", "dot", 1.8),
    "congested": ("fault", "solid", 1.8),
    "heavy": ("degraded", "dash", 1.8),
    "free_flow": ("rule2", "solid", 1.8),
    "no_data": ("raise", "solid", 1.8),
    "sun_down": ("ink3", "dash", 1.2),
    "expected": ("ink3", "dash", 1.2),
    "target": ("ink3", "dot", 1.2),
    "dim_weighted": ("ink2", "dot", 1.8),
    "saturday": ("ink2", "dash", 1.4),
    "sunday": ("ink3", "dot", 1.4),
    "planning_time": ("ink3", "dash", 1.4),
    "weekend": ("ink2", "dot", 1.4),
    "degree_days": ("maint", "solid", 1.6),
}
"""Colour token, dash and width of each series; ink and solid where none is named."""

BARS = frozenset({"deviations", "consumption", "alarms"})
"""Panels whose days are bars: counts and totals of a day."""

STACKED = frozenset({"alarms"})
PARTIAL = 0.9
HALF_DAY_S = 43_200
LOW_STANDS_OUT = frozenset({"speed"})
SECOND_AXIS = frozenset({"degree_days"})


def look(name: str) -> tuple[str, str, float]:
    """Colour token, dash and width of the series ``name``."""
    return LOOKS.get(name, ("ink", "solid", 1.8))


def _noon(say: Words, daily: Daily) -> list[datetime]:
    return [datetime(d.year, d.month, d.day, 12, tzinfo=say.zone) for d in daily.days]


def _given(values: Floats) -> list[float | None]:
    return [float(v) if np.isfinite(v) else None for v in values]


def base(say: Words, figure: go.Figure, theme: str) -> go.Figure:
    """``figure`` in our template: no zooming, thin separators, one margin."""
    figure.update_layout(
        template=template_name(theme),
        dragmode=False,
        hovermode="closest",
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
    )
    if say.language == "en":
        figure.update_layout(separators=".,")
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True, nticks=6, exponentformat="none", separatethousands=True)
    return figure


def daily_figure(
    say: Words, panel: str, daily: Daily, before: Daily | None, theme: str, decimals: int, unit: str
) -> go.Figure:
    """Days as bars or lines; the period before dashed under a line, on the same places."""
    shade, figure = colours(theme), go.Figure()
    noons = _noon(say, daily)
    x = [noon.timestamp() for noon in noons]
    days = [say.day(noon, "medium") for noon in noons]
    # Of several lines the first is compared: more dashes than that and nobody sees anything.
    first = next(iter(daily.series), "")
    for name, values in daily.series.items():
        second = name in SECOND_AXIS
        hover = [
            f"{day}<br><b>{say.number(v, 1 if second else decimals)}</b> {'' if second else unit}"
            f"<br>{say('analysis.covered', coverage=percent(say, c))}"
            for day, v, c in zip(days, values.tolist(), daily.coverage.tolist(), strict=True)
        ]
        bars = panel in BARS and not second
        figure.add_trace(_bars(x, values, name, shade) if bars else _line(x, values, name, shade))
        figure.data[-1].update(
            name=say(f"analysis.series.{name}"),
            customdata=hover,
            yaxis="y2" if second else "y",
            hovertemplate="%{customdata}<extra>" + say(f"analysis.series.{name}") + "</extra>",
        )
        if before is not None and not bars and name == first:
            figure.add_trace(_before(say, x, before.series.get(name, np.empty(0)), shade))
    for start in partial_days(x, daily):
        figure.add_vrect(
            x0=start - HALF_DAY_S,
            x1=start + HALF_DAY_S,
            fillcolor=shade["raise"],
            line_width=0,
            layer="below",
        )
    values, texts = (
        ticks(say, noons[0], noons[-1]) if len(noons) > 10 else (x, [d.rsplit(" ", 1)[0] for d in days])
    )
    base(say, figure, theme).update_xaxes(
        tickvals=values, ticktext=texts, range=[x[0] - HALF_DAY_S, x[-1] + HALF_DAY_S]
    )
    figure.update_layout(barmode="stack" if panel in STACKED else "group", bargap=0.25)
    if any(name in SECOND_AXIS for name in daily.series):
        figure.update_layout(
            yaxis2={
                "overlaying": "y",
                "side": "right",
                "showgrid": False,
                "fixedrange": True,
                "rangemode": "tozero",
                "tickmode": "auto",
            }
        )
    return figure


def partial_days(x: Sequence[float], daily: Daily) -> list[float]:
    """The noons of days that were covered by less than PARTIAL: shaded, for their totals are too low."""
    return [at for at, covered in zip(x, daily.coverage.tolist(), strict=True) if covered < PARTIAL]


def _bars(x: Sequence[float], values: Floats, name: str, shade: dict[str, str]) -> go.Bar:
    marker: dict[str, Any] = {"color": shade[look(name)[0] if name in LOOKS else "rule2"]}
    if look(name)[1] != "solid":
        # Never by colour alone: the second kind is hatched.
        marker["pattern"] = {
            "shape": "/",
            "fillmode": "overlay",
            "fgcolor": shade["panel"],
            "size": 6,
            "solidity": 0.3,
        }
    return go.Bar(x=list(x), y=_given(values), marker=marker)


def _line(x: Sequence[Any], values: Floats, name: str, shade: dict[str, str]) -> go.Scatter:
    token, dash, width = look(name)
    lone = len(values) < 3
    return go.Scatter(
        x=list(x),
        y=_given(values),
        mode="lines+markers" if lone else "lines",
        connectgaps=False,
        line={"color": shade[token], "dash": dash, "width": width},
    )


def _before(say: Words, x: Sequence[Any], values: Floats, shade: dict[str, str]) -> go.Scatter:
    places = list(x)[: len(values)]
    return go.Scatter(
        x=places,
        y=_given(values[: len(places)]),
        mode="lines",
        connectgaps=False,
        hoverinfo="skip",
        line={"color": shade["ink3"], "dash": "dash", "width": 1.2},
        name=say("analysis.before"),
    )


def week_figure(say: Words, panel: str, week: Week, theme: str, decimals: int, unit: str) -> go.Figure:
    """Weekdays by hours of the day as a heat map; hours nothing was received in stay the ground.

    What stands out from the ground is the most, or for speeds the least.
    """
    shade = colours(theme)
    names = [say(f"analysis.weekday.{day}") for day in range(7)]
    hover = [
        [
            f"{names[day]}, {HOURS[hour]} h"
            f"<br><b>{say.number(float(week.values[day, hour]), decimals)}</b> {unit}"
            f"<br>{say('analysis.covered', coverage=percent(say, float(week.coverage[day, hour])))}"
            for hour in range(24)
        ]
        for day in range(7)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[_given(row) for row in week.values],
            x=HOURS,
            y=names,
            customdata=hover,
            xgap=1,
            ygap=1,
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorscale=[[0, shade["raise"]], [0.5, shade["rule2"]], [1, shade["ink"]]],
            reversescale=panel in LOW_STANDS_OUT,
            colorbar={
                "thickness": 8,
                "outlinewidth": 0,
                "len": 1,
                "tickfont": {"color": shade["ink3"], "size": 13},
            },
        )
    )
    base(say, figure, theme).update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(type="category", tickvals=HOURS[::3])
    return figure


def week_lines(week: Week) -> ByHour:
    """The hours of working days, Saturdays and Sundays, values weighed by how many there were."""
    return ByHour(
        {
            name: _weighed(week, days)
            for name, days in (
                ("working_days", slice(0, 5)),
                ("saturday", slice(5, 6)),
                ("sunday", slice(6, 7)),
            )
        }
    )


def _weighed(week: Week, days: slice) -> Floats:
    n = week.n[days].sum(axis=0)
    total = (np.nan_to_num(week.values[days]) * week.n[days]).sum(axis=0)
    return over(total, n)


def hours_figure(
    say: Words, hours: ByHour, before: ByHour | None, theme: str, decimals: int, unit: str
) -> go.Figure:
    """Lines, or parts of a whole stacked, over the hours of the day."""
    shade, figure = colours(theme), go.Figure()
    first = next(iter(hours.series), "")
    for name, values in hours.series.items():
        title = say(f"analysis.series.{name}")
        trace = (
            _bars([], values, name, shade).update(x=HOURS)
            if hours.stacked
            else _line(HOURS, values, name, shade)
        )
        hover = [
            f"{h} h<br><b>{say.number(v, decimals)}</b> {unit}"
            for h, v in zip(HOURS, values.tolist(), strict=True)
        ]
        trace.update(name=title, customdata=hover, hovertemplate="%{customdata}<extra>" + title + "</extra>")
        if before is not None and not hours.stacked and name == first and name in before.series:
            figure.add_trace(_before(say, HOURS, before.series[name], shade))
        figure.add_trace(trace)
    base(say, figure, theme).update_xaxes(
        type="category", tickvals=HOURS[::3], ticktext=[f"{h} h" for h in HOURS[::3]]
    )
    figure.update_layout(barmode="stack", bargap=0.1)
    for hour, label in enumerate(hours.labels):
        figure.add_annotation(
            x=HOURS[hour],
            y=1.0,
            yref="paper",
            yanchor="bottom",
            text=label,
            showarrow=False,
            font={"color": shade["ink2"], "size": 13},
        )
    if hours.labels:
        figure.update_layout(margin={"t": 28})
    return figure
