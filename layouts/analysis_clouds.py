"""Clouds of the analysis pages: points, or how many lie where, with a fitted line. Pure."""

import numpy as np
import plotly.graph_objects as go

from layouts.analysis_charts import base
from model.analysis import Cloud
from model.texts import Words
from model.tokens import colours


def cloud_figure(say: Words, cloud: Cloud, theme: str) -> go.Figure:
    """Points, or how many lie where, with the fitted line."""
    shade = colours(theme)
    figure = go.Figure(_dense(say, cloud, shade) if cloud.dense else _points(say, cloud, shade))
    if cloud.fit is not None and len(cloud.x):
        ends = np.array([float(cloud.x.min()), float(cloud.x.max())])
        slope, intercept, _ = cloud.fit
        figure.add_trace(
            go.Scatter(
                x=ends,
                y=intercept + slope * ends,
                mode="lines",
                hoverinfo="skip",
                line={"color": shade["maint"], "width": 1.8},
            )
        )
    base(say, figure, theme).update_xaxes(
        title={"text": say(f"analysis.axis.{cloud.x_name}"), "font": {"color": shade["ink2"]}},
        showgrid=True,
        rangemode="tozero",
    )
    figure.update_yaxes(
        title={"text": say(f"analysis.axis.{cloud.y_name}"), "font": {"color": shade["ink2"]}},
        rangemode="tozero",
    )
    return figure


def _points(say: Words, cloud: Cloud, shade: dict[str, str]) -> go.Scatter:
    hover = [
        f"{say(f'analysis.axis.{cloud.x_name}')} <b>{say.number(x, 2)}</b>"
        f"<br>{say(f'analysis.axis.{cloud.y_name}')} <b>{say.number(y, 0)}</b>"
        for x, y in zip(cloud.x.tolist(), cloud.y.tolist(), strict=True)
    ]
    return go.Scatter(
        x=cloud.x,
        y=cloud.y,
        mode="markers",
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        marker={"color": shade["ink2"], "size": 5, "opacity": 0.6},
    )


def _dense(say: Words, cloud: Cloud, shade: dict[str, str]) -> go.Heatmap:
    """Counts in 48 by 32 cells, shaded by their logarithm so that the rare does not vanish."""
    count, x, y = np.histogram2d(cloud.x, cloud.y, bins=(48, 32))
    hover = [[say("analysis.points", n=say.number(n)) for n in row] for row in count.T.tolist()]
    return go.Heatmap(
        z=[[float(np.log10(n)) if n else None for n in row] for row in count.T],
        x=(x[:-1] + x[1:]) / 2,
        y=(y[:-1] + y[1:]) / 2,
        customdata=hover,
        showscale=False,
        hoverongaps=False,
        hovertemplate="%{x:.2f} · %{y:.0f}<br>%{customdata}<extra></extra>",
        colorscale=[[0, shade["rule"]], [0.5, shade["rule2"]], [1, shade["ink"]]],
    )
