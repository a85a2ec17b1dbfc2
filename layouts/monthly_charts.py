"""The drawings of a monthly report: trends with their target, communes as a map. Vectors for paper. Pure.

Shapes carry their colours (the light theme's), so that browser, printer and PDF draw the same.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from layouts.monthly_words import bare, month_name, month_short, name, unit, value
from layouts.vectors import CLASSES, Shape, Vector, breaks, step_of
from model.board import LittleMap
from model.kpis import Good, KpiResult, PeriodValue, Verdict
from model.texts import Words
from model.tokens import colours

PAPER = colours("light")
SHADES = ("#DDE4EA", "#B9C8D4", "#8AA3B6", "#557A97", "#1F4F75")
"""The grey-blue steps of the choropleth, as the boards' css has them."""
WIDTH, HEIGHT = 560.0, 236.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 74.0, 14.0, 26.0
TICKS = 4

Place = Callable[[float], float]


def trend(say: Words, result: KpiResult, city: KpiResult | None = None) -> Vector:
    """The months of ``result``: line, gaps hatched, target dashed, the whole ``city`` as a thin line."""
    steps = result.trend
    low, high, ticks = _scale(result, city)
    floor = HEIGHT - BOTTOM

    def x(at: float) -> float:
        return round(LEFT + (at + 0.5) * (WIDTH - LEFT - RIGHT) / max(1, len(steps)), 1)

    def y(told: float) -> float:
        return round(floor - (told - low) / (high - low) * (floor - TOP), 1)

    hatch = f"gap-{result.kpi.key}"
    shapes: list[Shape] = [_hatch(hatch)]
    for tick in ticks:
        shapes.append(_line(LEFT, WIDTH - RIGHT, y(tick), y(tick), PAPER["rule"], 0.8))
        shapes.append(_text(say.exact(tick), LEFT - 6, y(tick) + 4, "end"))
    shapes += _gaps(steps, hatch, (WIDTH - LEFT - RIGHT) / max(1, len(steps)), floor)
    shapes += _months(say, steps, x, floor)
    ends = _End(y)
    if result.target:
        at = y(result.target.value)
        shapes.append(_line(LEFT, WIDTH - RIGHT, at, at, PAPER["ink2"], 1.2) | {"strokeDasharray": "4 3"})
        ends.add(say("monthly.target_short"), result.target.value, 400)
    if city is not None:
        shapes += _runs(_values(city, steps), x, y, PAPER["lampOn"], 1.2)
        last = _values(city, steps)[-1]
        if last is not None:
            ends.add(say("monthly.city_short"), last, 400)
    shapes += _runs([step.value for step in steps], x, y, PAPER["ink"], 2.0)
    if steps and steps[-1].value is not None:
        shapes += _last(x(len(steps) - 1), y(steps[-1].value), missed=result.verdict is Verdict.MISSED)
        ends.add(bare(say, result, steps[-1].value), steps[-1].value, 600)
    return Vector(
        box=[WIDTH, HEIGHT], shapes=[*shapes, *ends.shapes()], label=trend_words(say, result),
        className="monthly-trend",
    )  # fmt: skip


def trend_words(say: Words, result: KpiResult) -> str:
    """What the trend shows, in words: from when to when, between which values, gaps, target."""
    told = [step.value for step in result.trend if step.value is not None]
    if not told:
        return say("monthly.trend_nothing", name=name(say, result))
    text = say(
        "monthly.trend_label", name=name(say, result), first=month_name(say, result.trend[0].start),
        last=month_name(say, result.trend[-1].start), low=bare(say, result, min(told)),
        high=bare(say, result, max(told)), unit=unit(say, result.kpi.unit),
        gaps=say.number(len(result.trend) - len(told)),
    )  # fmt: skip
    if result.target:
        text += " " + say("monthly.trend_target", limit=value(say, result, result.target.value))
    return text


class _End:
    """What stands at the right end of lines, kept apart so that no two words meet."""

    GAP = 14.0

    def __init__(self, y: Place) -> None:
        self._y = y
        self._told: list[tuple[float, str, int]] = []

    def add(self, text: str, at: float, weight: int) -> None:
        self._told.append((self._y(at), text, weight))

    def shapes(self) -> list[Shape]:
        placed: list[Shape] = []
        last = -math.inf
        for at, text, weight in sorted(self._told):
            last = max(at + 4, last + self.GAP)
            placed.append(_text(text, WIDTH - RIGHT + 8, round(last, 1), "start", weight))
        return placed


def _values(result: KpiResult, steps: Sequence[PeriodValue]) -> list[float | None]:
    """The values of ``result`` at the starts of ``steps``."""
    known = {step.start: step.value for step in result.trend}
    return [known.get(step.start) for step in steps]


def _scale(result: KpiResult, city: KpiResult | None) -> tuple[float, float, list[float]]:
    """Round bounds around all that is drawn, and the values to rule at."""
    told = [step.value for step in result.trend if step.value is not None]
    if city is not None:
        told += [found for found in _values(city, result.trend) if found is not None]
    if result.target:
        told.append(result.target.value)
    return round_scale(told or [0.0, 1.0])


def round_scale(told: Sequence[float]) -> tuple[float, float, list[float]]:
    """The bounds and ticks of an axis over ``told``: steps of 1, 2, 2.5 or 5, about ``TICKS`` of them."""
    low, high = min(told), max(told)
    span = (high - low) or max(abs(high), 1.0) * 0.1
    raw = span / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(part * power for part in (1, 2, 2.5, 5, 10) if part * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return first * step, last * step, [round(at * step, 10) for at in range(first, last + 1)]


def _gaps(steps: Sequence[PeriodValue], hatch: str, wide: float, floor: float) -> list[Shape]:
    return [
        {
            "tag": "rect", "x": round(LEFT + at * wide, 1), "y": TOP, "width": round(wide, 1),
            "height": round(floor - TOP, 1), "fill": f"url(#{hatch})",
        }
        for at, step in enumerate(steps)
        if step.value is None
    ]  # fmt: skip


def _months(say: Words, steps: Sequence[PeriodValue], x: Place, floor: float) -> list[Shape]:
    """The months under the axis, every second or third where there are many, the last always."""
    every = 1 + (len(steps) - 1) // 9 if steps else 1
    shapes = [_line(LEFT, WIDTH - RIGHT, floor, floor, PAPER["rule2"], 1)]
    for at in range(len(steps) - 1, -1, -every):
        shapes.append(_line(x(at), x(at), floor, floor + 4, PAPER["rule2"], 1))
        shapes.append(_text(month_short(say, steps[at].start), x(at), floor + 17, "middle"))
    return shapes


def _runs(values: Sequence[float | None], x: Place, y: Place, stroke: str, width: float) -> list[Shape]:
    shapes: list[Shape] = []
    run: list[tuple[float, float]] = []
    for at, told in enumerate([*values, None]):
        if told is not None:
            run.append((x(at), y(told)))
        elif run:
            shapes.append(_run(run, stroke, width))
            run = []
    return shapes


def _run(points: Sequence[tuple[float, float]], stroke: str, width: float) -> Shape:
    if len(points) == 1:
        return {"tag": "circle", "cx": points[0][0], "cy": points[0][1], "r": 2.2, "fill": stroke}
    line = "M" + "L".join(f"{a:g} {b:g}" for a, b in points)
    return {"tag": "path", "d": line, "fill": "none", "stroke": stroke, "strokeWidth": width,
            "strokeLinejoin": "round"}  # fmt: skip


def _last(x: float, y: float, *, missed: bool) -> list[Shape]:
    """The month itself: a dot, or an amber triangle where its target is missed (shape beside colour)."""
    if not missed:
        return [{"tag": "circle", "cx": x, "cy": y, "r": 4, "fill": PAPER["ink"]}]
    path = f"M{x:g} {y - 6:g}L{x + 6:g} {y + 5:g}H{x - 6:g}Z"
    return [{"tag": "path", "d": path, "fill": PAPER["degraded"], "stroke": PAPER["ink"], "strokeWidth": 1}]


def _line(x0: float, x1: float, y0: float, y1: float, stroke: str, width: float) -> Shape:
    return {"tag": "line", "x1": x0, "x2": x1, "y1": y0, "y2": y1, "stroke": stroke, "strokeWidth": width}


def _text(text: str, x: float, y: float, anchor: str, weight: int = 400) -> Shape:
    return {
        "tag": "text", "text": text, "x": x, "y": y, "textAnchor": anchor, "fontSize": 13,
        "fontWeight": weight, "fill": PAPER["ink2"] if weight == 400 else PAPER["ink"],
    }  # fmt: skip


def _hatch(name: str) -> Shape:
    """The pattern of what is missing."""
    stripe = {
        "tag": "path",
        "d": "M-1 1l2 -2M0 6l6 -6M5 7l2 -2",
        "stroke": PAPER["rule2"],
        "strokeWidth": 0.8,
    }
    return {"tag": "pattern", "id": name, "width": 6, "height": 6, "patternUnits": "userSpaceOnUse",
            "shapes": [stripe]}  # fmt: skip


# --- communes -------------------------------------------------------------------------------------------


def shades(result: KpiResult) -> Mapping[int, int]:
    """The step, 0 pale to 4 dark, of each commune that has a value: dark is who is served worst."""
    told = {area.area_id: area.value for area in result.areas if area.value is not None}
    if not told:
        return {}
    bounds = breaks(list(told.values()))
    flip = result.kpi.good is Good.HIGH
    steps = {area: step_of(found, bounds) for area, found in told.items()}
    return {area: CLASSES - 1 - step if flip else step for area, step in steps.items()}


def commune_map(say: Words, drawn: LittleMap, result: KpiResult) -> Vector:
    """Every commune in the shade of its value; one without is hatched."""
    dark, hatch = shades(result), f"none-{result.kpi.key}"
    shapes: list[Shape] = [_hatch(hatch)]
    for outline in drawn.outlines:
        fill = SHADES[dark[outline.area_id]] if outline.area_id in dark else f"url(#{hatch})"
        shapes.append(_outline(outline.path, fill, "#fff" if outline.area_id in dark else PAPER["rule2"]))
    return Vector(box=[drawn.width, drawn.height], shapes=shapes, label=map_words(say, result),
                  className="monthly-map")  # fmt: skip


def map_words(say: Words, result: KpiResult) -> str:
    """What the map shows, in words."""
    told = [area.value for area in result.areas if area.value is not None]
    if not told:
        return say("monthly.map_nothing", name=name(say, result))
    return say(
        "monthly.map_label", name=name(say, result), low=bare(say, result, min(told)),
        high=bare(say, result, max(told)), unit=unit(say, result.kpi.unit), n=say.number(len(told)),
        missing=say.number(len(result.areas) - len(told)),
    )  # fmt: skip


def scale_of(result: KpiResult) -> list[tuple[str, float, float]]:
    """The steps of the map, pale to dark: colour, and the two values it stands between."""
    told = [area.value for area in result.areas if area.value is not None]
    if not told:
        return []
    bounds = breaks(told)
    steps = list(pairwise(bounds))
    if result.kpi.good is Good.HIGH:
        steps.reverse()
    return [(shade, *step) for shade, step in zip(SHADES, steps, strict=True)]


def place_map(drawn: LittleMap, area_id: int | None, place: str) -> Vector:
    """The city's outline on the cover, the commune of the report dark; said beside it, so silent itself."""
    shapes = [
        _outline(
            outline.path,
            SHADES[4] if outline.area_id == area_id else SHADES[1] if area_id is None else SHADES[0],
            "#fff",
        )
        for outline in drawn.outlines
    ]
    return Vector(box=[drawn.width, drawn.height], shapes=shapes, label=place, silent=True,
                  className="monthly-place")  # fmt: skip


def _outline(path: str, fill: str, stroke: str) -> Shape:
    return {"tag": "path", "d": path, "fill": fill, "stroke": stroke, "strokeWidth": 0.7}


def spark(say: Words, result: KpiResult) -> Vector:
    """The trend in a table's cell; its values stand in the figure's own table, so it is silent."""
    words = trend_words(say, result)
    box = (110.0, 26.0)
    told = [step.value for step in result.trend if step.value is not None]
    ends = [*told, result.target.value] if result.target and told else told
    if not ends:
        return Vector(box=list(box), shapes=[], label=words, silent=True, className="monthly-spark")
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    steps = result.trend

    def x(at: float) -> float:
        return round(5 + at * (box[0] - 12) / max(1, len(steps) - 1), 1)

    def y(found: float) -> float:
        return round(box[1] - 5 - (found - low) / span * (box[1] - 10), 1)

    shapes: list[Shape] = []
    if result.target:
        at = y(result.target.value)
        shapes.append(_line(0, box[0], at, at, PAPER["ink3"], 0.8) | {"strokeDasharray": "2 2"})
    shapes += _runs([step.value for step in steps], x, y, PAPER["ink"], 1.3)
    if steps[-1].value is not None:
        missed = result.verdict is Verdict.MISSED
        dot = _last(x(len(steps) - 1), y(steps[-1].value), missed=False)[0] | {"r": 2.8}
        shapes.append(dot | {"fill": PAPER["degraded"], "stroke": PAPER["ink"]} if missed else dot)
    return Vector(box=list(box), shapes=shapes, label=words, silent=True, className="monthly-spark")
