"""The series a night concerned, as small drawings for paper: line, gaps left open, the night shaded. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
from dash import html
from dash.development.base_component import Component

from layouts.charts import gaps, runs
from layouts.history_series import property_name
from layouts.vectors import Shape, Vector
from model.observations import moment
from model.report import Concerned, NightReport
from model.series import Series
from model.takeaway import percent
from model.texts import Words
from model.tokens import colours

PAPER = colours("light")
WIDTH, HEIGHT = 480.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 8.0, 10.0, 22.0
TICKS = 5

Place = Callable[[float], float]


def series_part(say: Words, report: NightReport) -> Component:
    """The series concerned, two abreast, each with what was read and how complete it is."""
    drawn = [_figure(say, report, one) for one in report.series]
    body = html.Div(drawn, className="report-series") if drawn else html.P(say("report.no_series"))
    return html.Section([html.H2(say("report.series")), body], className="report-part")


def _figure(say: Words, report: NightReport, one: Concerned) -> Component:
    series = one.series
    kind = say(f"type.{one.asset_type}")
    where = one.name or say("history.in_city", type=kind)
    name = property_name(say, one.observed_property)
    told = series.values[np.isfinite(series.values)]
    label = say(
        "report.chart_label", name=name, where=where, least=say.number(float(told.min()), series.decimals),
        most=say.number(float(told.max()), series.decimals), unit=series.unit,
    )  # fmt: skip
    source = (
        f"{say(f'history.source_{series.source}')} · "
        f"{say('history.coverage', coverage=percent(say, series.coverage))}"
    )
    return html.Figure(
        [
            html.Figcaption([html.Strong(f"{name} ({series.unit})"), html.Span(where)]),
            Vector(
                box=[WIDTH, HEIGHT],
                shapes=small_chart(say, series, report.a, report.b),
                label=label,
                className="report-chart",
            ),
            html.P(source, className="report-quiet"),
        ]
    )


def small_chart(say: Words, series: Series, a: datetime, b: datetime) -> list[Shape]:
    """The line of ``series`` with A and B marked; what is missing is hatched lightly and left open."""
    t0, t1 = series.asked.t0.timestamp(), series.asked.t1.timestamp()
    finite = series.values[np.isfinite(series.values)]
    low, high = min(0.0, float(finite.min())), float(finite.max())
    high = high if high > low else low + 1.0

    def x(time: float) -> float:
        return round(LEFT + (time - t0) / (t1 - t0) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    floor = HEIGHT - BOTTOM
    shapes: list[Shape] = [
        _box(x(a.timestamp()), x(b.timestamp()), floor, PAPER["land"]),
        *(_box(x(start), x(min(end, t1)), floor, PAPER["rule"]) for start, end in gaps(series)),
    ]
    for value in (low, high):
        shapes.append(_line(LEFT, WIDTH - RIGHT, y(value), y(value), PAPER["rule2"], 0.7))
        shapes.append(_text(say.number(value, series.decimals), LEFT - 5, y(value) + 4, "end"))
    shapes += _ticks(say, t0, t1, x, floor)
    for name, instant in (("A", a), ("B", b)):
        at = x(instant.timestamp())
        shapes += [_line(at, at, TOP, floor, PAPER["ink3"], 0.8), _text(name, at + 3, TOP + 9, "start")]
    return [*shapes, *_runs(series, x, y)]


def _box(x0: float, x1: float, floor: float, fill: str) -> Shape:
    return {
        "tag": "rect",
        "x": x0,
        "y": TOP,
        "width": max(0.0, round(x1 - x0, 1)),
        "height": floor - TOP,
        "fill": fill,
    }


def _line(x0: float, x1: float, y0: float, y1: float, stroke: str, width: float) -> Shape:
    return {"tag": "line", "x1": x0, "x2": x1, "y1": y0, "y2": y1, "stroke": stroke, "strokeWidth": width}


def _text(text: str, x: float, y: float, anchor: str) -> Shape:
    return {
        "tag": "text", "text": text, "x": x, "y": y, "textAnchor": anchor, "fontSize": 11,
        "fill": PAPER["ink2"],
    }  # fmt: skip


def _ticks(say: Words, t0: float, t1: float, x: Place, floor: float) -> list[Shape]:
    shapes: list[Shape] = []
    for at in hours(say, t0, t1):
        place = x(at)
        shapes.append(_line(place, place, floor, floor + 4, PAPER["rule2"], 0.8))
        shapes.append(_text(say.time(moment(at)), place, floor + 16, "middle"))
    return shapes


def hours(say: Words, t0: float, t1: float) -> Sequence[float]:
    """Whole local hours to label between ``t0`` and ``t1``, about ``TICKS`` of them."""
    length = t1 - t0
    step = next((h for h in (1, 2, 3, 6, 12, 24, 48) if length / 3600 / h <= TICKS), 168)
    at = say.local(moment(t0)).replace(minute=0, second=0, microsecond=0)
    found = []
    while at.timestamp() < t1:
        if at.timestamp() >= t0 and at.hour % min(step, 24) == 0:
            found.append(at.timestamp())
        at = say.local(moment(at.timestamp()) + timedelta(hours=1))
    return found[:: max(1, len(found) // (TICKS + 1) + (len(found) > TICKS + 1))]


def _runs(series: Series, x: Place, y: Place) -> list[Shape]:
    shapes: list[Shape] = []
    for run in runs(np.isfinite(series.values)):
        points = [
            (x(t), y(v)) for t, v in zip(series.times[run].tolist(), series.values[run].tolist(), strict=True)
        ]
        if len(points) == 1:
            shapes.append(
                {"tag": "circle", "cx": points[0][0], "cy": points[0][1], "r": 1.8, "fill": PAPER["ink"]}
            )
        else:
            line = "M" + "L".join(f"{a:g} {b:g}" for a, b in points)
            shapes.append(
                {"tag": "path", "d": line, "fill": "none", "stroke": PAPER["ink"], "strokeWidth": 1.6}
            )
    return shapes
