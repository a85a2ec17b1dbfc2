"""Small drawings as vectors: sparklines and communes, printed sharp and coloured by the page's css.

``Vector`` is drawn by ``assets/board/vector.js``; shapes are plain data, so these functions are pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layouts.components import VigieComponent
from model.board import LittleMap

Shape = dict[str, Any]
CLASSES = 5
"""Steps of the choropleth's grey-blue scale."""


class Vector(VigieComponent):
    """An inline SVG: ``box`` its viewBox, ``shapes`` ``[{"tag", attributes…, "title", "text"}]`` (path, line,
    circle, rect, text), ``label`` what it shows in words; ``stretch`` fills the width it is given."""

    _type = "Vector"
    PROPS = ("box", "width", "height", "shapes", "label", "stretch")


class PageTheme(VigieComponent):
    """Draws nothing: while it is there the page is in ``theme``, always where ``forced``, else only where the
    reader chose none. Drawn by ``assets/board/page_theme.js``."""

    _type = "PageTheme"
    PROPS = ("theme", "forced")


def sparkline(
    values: Sequence[float | None],
    *,
    target: float | None = None,
    missed: bool = False,
    width: float = 180,
    height: float = 36,
) -> list[Shape]:
    """A line over ``values`` with gaps left open, the target dashed, a dot on the last value.

    A lone value between two gaps is a dot: a line of no length would hide it.
    """
    told = [value for value in values if value is not None]
    if not told:
        return []
    ends = [*told, target] if target is not None else told
    low, high = min(ends), max(ends)
    span = (high - low) or max(abs(high), 1.0) * 0.02
    pad = 4.0

    def place(at: int, value: float) -> tuple[float, float]:
        x = pad + at * (width - 2 * pad) / max(1, len(values) - 1)
        return round(x, 1), round(height - pad - (value - low) / span * (height - 2 * pad), 1)

    shapes: list[Shape] = []
    if target is not None:
        y = place(0, target)[1]
        shapes.append({"tag": "line", "x1": 0, "x2": width, "y1": y, "y2": y, "className": "spark-target"})
    for stretch in _stretches(values):
        points = [place(at, value) for at, value in stretch]
        if len(points) == 1:
            shapes.append(_dot(points[0], 1.2, "spark-lone"))
        else:
            path = "M" + "L".join(f"{x} {y}" for x, y in points)
            shapes.append({"tag": "path", "d": path, "className": "spark-line"})
    if values[-1] is not None:
        shapes.append(
            _dot(place(len(values) - 1, values[-1]), 3.2, "spark-end spark-missed" if missed else "spark-end")
        )
    return shapes


def _stretches(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    stretches: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((at, value))
    return [stretch for stretch in stretches if stretch]


def _dot(point: tuple[float, float], radius: float, name: str) -> Shape:
    return {"tag": "circle", "cx": point[0], "cy": point[1], "r": radius, "className": name}


def spread_strip(
    values: Sequence[float],
    middle: tuple[float, float] | None,
    *,
    marked: float | None = None,
    width: float = 120,
    height: float = 18,
) -> list[Shape]:
    """Every one of ``values`` a tick on a line, ``middle`` (from, to) a bar behind them, ``marked`` a dot."""
    ends = [*values, marked] if marked is not None else list(values)
    low, high = min(ends), max(ends)
    span, pad, axis = (high - low) or 1.0, 4.0, height / 2

    def place(value: float) -> float:
        return round(pad + (value - low) / span * (width - 2 * pad), 1)

    shapes: list[Shape] = [
        {"tag": "line", "x1": pad, "x2": width - pad, "y1": axis, "y2": axis, "className": "strip-axis"}
    ]
    if middle is not None:
        left, right = place(middle[0]), place(middle[1])
        shapes.append(
            {
                "tag": "rect", "x": left, "y": axis - 3, "width": round(max(right - left, 1.0), 1),
                "height": 6, "className": "strip-middle",
            }
        )  # fmt: skip
    shapes += [
        {
            "tag": "line", "x1": place(value), "x2": place(value), "y1": axis - 5, "y2": axis + 5,
            "className": "strip-tick",
        }
        for value in sorted(values)
    ]  # fmt: skip
    if marked is not None:
        shapes.append(_dot((place(marked), axis), 3.6, "strip-mark"))
    return shapes


def breaks(values: Sequence[float]) -> list[float]:
    """The six bounds of five equal steps from the least to the greatest of ``values``."""
    return [float(v) for v in np.linspace(min(values), max(values), CLASSES + 1)]


def step_of(value: float, bounds: Sequence[float]) -> int:
    """Which of the five steps ``value`` falls in, 0 to 4."""
    return int(np.clip(np.searchsorted(bounds, value, side="right") - 1, 0, CLASSES - 1))


def choropleth(
    drawn: LittleMap,
    values: Mapping[int, float | None],
    titles: Mapping[int, str],
    *,
    low_is_dark: bool = False,
) -> list[Shape]:
    """Every commune in the shade of its value; one without a value is hatched, never pale.

    Dark is high, or low where ``low_is_dark``: the eye then always lands on who is served worst.
    """
    told = [value for value in values.values() if value is not None]
    bounds = breaks(told) if told else []
    shapes = []
    for outline in drawn.outlines:
        value = values.get(outline.area_id)
        step = -1 if value is None else step_of(value, bounds)
        shade = CLASSES - 1 - step if low_is_dark else step
        name = "commune missing" if value is None else f"commune step-{shade}"
        shapes.append(
            {
                "tag": "path",
                "d": outline.path,
                "className": name,
                "title": titles.get(outline.area_id, outline.name),
            }
        )
    return shapes
