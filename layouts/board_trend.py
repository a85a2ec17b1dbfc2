"""One figure over time, large: its steps with axis and target, and the days beneath with their gaps. Pure.

Drawn as vectors, sharp on paper; every value stands in the tables beside.
"""

from collections.abc import Sequence
from itertools import pairwise

from layouts.board_figures import name_of, short_period, target_text, unit
from layouts.vectors import Shape, Vector
from model.kpis import KpiResult, Period, TruthDay
from model.texts import Words

WIDTH, HEIGHT = 840, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 32
DAYS_HEIGHT = 84
LABELS = 7


def trend_chart(say: Words, result: KpiResult, period: Period) -> Vector:
    """The steps of ``result`` as a line with dots, its target dashed; a step without a value is a hatched
    gap."""
    values = [step.value for step in result.trend]
    told = [value for value in values if value is not None]
    low, high = _range([*told, *([result.target.value] if result.target else [])])
    shapes = _axis(say, result, low, high)
    shapes += _gaps(values)
    if result.target is not None:
        shapes += _target(say, result, low, high)
    shapes += _line(values, low, high)
    shapes += _steps(say, result, period)
    label = say(
        "truth.chart", name=name_of(say, result.kpi), n=say.number(len(values)),
        gaps=say.number(len(values) - len(told)),
    )  # fmt: skip
    return Vector(box=[WIDTH, HEIGHT], shapes=shapes, label=label, className="truth-chart")


def _range(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or abs(high) * 0.05 or 1.0
    # A quantity that is never negative is not drawn as if it could be.
    return (max(0.0, low - room) if low >= 0 else low - room), high + room


def _x(at: int, count: int) -> float:
    wide = WIDTH - LEFT - RIGHT
    return round(LEFT + wide * (at + 0.5) / max(count, 1), 1)


def _y(value: float, low: float, high: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low)), 1)


def _axis(say: Words, result: KpiResult, low: float, high: float) -> list[Shape]:
    shapes: list[Shape] = []
    for part in range(5):
        value = low + (high - low) * part / 4
        y = _y(value, low, high)
        shapes.append({"tag": "line", "x1": LEFT, "x2": WIDTH - RIGHT, "y1": y, "y2": y, "className": "grid"})
        text = say.number(value, max(result.kpi.decimals, 1 if high - low < 10 else 0))
        shapes.append(_text(LEFT - 8, y + 4, text, "tick-left"))
    shapes.append(_text(LEFT, TOP - 4, unit(say, result.kpi.unit), "tick-unit"))
    return shapes


def _text(x: float, y: float, text: str, name: str) -> Shape:
    return {"tag": "text", "x": x, "y": y, "text": text, "className": f"tick {name}"}


def _gaps(values: Sequence[float | None]) -> list[Shape]:
    step = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    return [
        {
            "tag": "rect", "x": round(_x(at, len(values)) - step / 2, 1), "y": TOP, "width": round(step, 1),
            "height": HEIGHT - TOP - BOTTOM, "className": "gap missing",
        }
        for at, value in enumerate(values)
        if value is None
    ]  # fmt: skip


def _target(say: Words, result: KpiResult, low: float, high: float) -> list[Shape]:
    if result.target is None:
        return []
    y = _y(result.target.value, low, high)
    text = say("truth.target_line", limit=target_text(say, result.kpi, result.target))
    return [
        {"tag": "line", "x1": LEFT, "x2": WIDTH - RIGHT, "y1": y, "y2": y, "className": "spark-target"},
        _text(WIDTH - RIGHT, y - 5, text, "tick-right"),
    ]


def _line(values: Sequence[float | None], low: float, high: float) -> list[Shape]:
    shapes: list[Shape] = []
    points = [None if v is None else (_x(at, len(values)), _y(v, low, high)) for at, v in enumerate(values)]
    for one, other in pairwise(points):
        if one and other:
            path = f"M{one[0]} {one[1]}L{other[0]} {other[1]}"
            shapes.append({"tag": "path", "d": path, "className": "spark-line"})
    shapes += [
        {"tag": "circle", "cx": point[0], "cy": point[1], "r": 3, "className": "spark-end"}
        for point in points
        if point
    ]
    return shapes


def _steps(say: Words, result: KpiResult, period: Period) -> list[Shape]:
    count = len(result.trend)
    every = max(1, -(-count // LABELS))
    return [
        _text(_x(at, count), HEIGHT - 8, short_period(say, period, step.start), "tick-under")
        for at, step in enumerate(result.trend)
        if (count - 1 - at) % every == 0
    ]


def days_strip(say: Words, days: Sequence[TruthDay], floor: float) -> Vector:
    """How much of each day was received: a bar a day, short of ``floor`` marked, nothing at all hatched."""
    high = DAYS_HEIGHT - 24
    step = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    shapes: list[Shape] = [
        {"tag": "line", "x1": LEFT, "x2": WIDTH - RIGHT, "y1": high + 4, "y2": high + 4, "className": "grid"},
        _text(LEFT - 8, 14, say("truth.full"), "tick-left"),
    ]
    for at, day in enumerate(days):
        covered = min(max(day.coverage, 0.0), 1.0)
        name = "missing gap" if not covered else "day-short" if covered < floor else "day-full"
        tall = high if not covered else max(1.0, high * covered)
        shapes.append(
            {
                "tag": "rect", "x": round(LEFT + at * step + 0.5, 1), "y": round(4 + high - tall, 1),
                "width": round(max(step - 1, 1), 1), "height": round(tall, 1), "className": name,
            }
        )  # fmt: skip
    for at in {0, len(days) // 2, len(days) - 1} if days else ():
        text = short_period(say, Period.DAY, days[at].day)
        shapes.append(_text(round(LEFT + (at + 0.5) * step, 1), DAYS_HEIGHT - 4, text, "tick-under"))
    short = sum(day.coverage < floor for day in days)
    label = say("truth.strip", n=say.number(len(days)), short=say.number(short))
    return Vector(box=[WIDTH, DAYS_HEIGHT], shapes=shapes, label=label, className="truth-days")
