"""Places on a small map without tiles: counted by square, so that thousands of them stay a small file."""

from collections import Counter
from collections.abc import Iterable
from math import cos, floor, radians

import numpy as np
import pyarrow.compute as pc
import shapely

from services.publishing.files import GEOMETRY
from services.publishing.panels.drawings import Squares, step_of
from services.publishing.panels.outlines import WIDTH, Plan
from services.publishing.panels.story import Row
from services.publishing.previews.by_area import counted
from services.publishing.previews.showing import Asked, Picture

SIDES_M = (100, 200, 250, 500, 1_000, 2_000, 5_000)
"""Sides of the squares, the first that is wide enough to be seen and needs few enough of them."""
MOST_SQUARES = 1_600
LEAST_UNITS = 8
"""Of ``WIDTH``: the side of the smallest square that is drawn."""
STEPS = ((1, 2), (2, 5), (5, 20), (20, 100), (100, float("inf")))
_DEGREE_M = 111_195.0
Cell = tuple[int, int]


def map_of_places(asked: Asked) -> Picture | None:
    """Where the rows are; None for a table without places. A series shows each place once."""
    if GEOMETRY not in asked.table.column_names or not asked.outlines:
        return None
    once = _each_once(asked)
    shapes = shapely.from_wkb(once.table[GEOMETRY].to_numpy())
    shapes = shapes[~shapely.is_missing(shapes)]
    if not len(shapes):
        return None
    plan = Plan(asked.outlines)
    lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)
    side, cells = _cells(plan, lon, lat)
    say = asked.say
    caption = say("preview.places", n=say.number(len(shapes)), side=say.number(side))
    figures = counted(once)
    text = ", ".join(f"{one.name} {say.number(one.value)}" for one in figures[:12])
    rows = tuple(Row(one.name, (say.number(one.value),)) for one in figures)
    head = (say("column.area"), say("preview.head_count"))
    drawing = Squares(
        plan.height,
        tuple(plan.path(outline) for _, outline in sorted(asked.outlines.items())),
        tuple(_path(plan, side, [cell for cell, count in cells.items() if step_of(count, STEPS) == step])
              for step in range(len(STEPS))),
        tuple(_step(asked, low, high) for low, high in STEPS),
    )  # fmt: skip
    return Picture(
        drawing, caption, f"{asked.title}. {caption} {say('preview.list', text=text)}", head, rows, ""
    )


def _each_once(asked: Asked) -> Asked:
    """The rows of the newest time alone: a series repeats each place."""
    if asked.time is None:
        return asked
    newest = pc.max(asked.table[asked.time])
    part = asked.table.filter(pc.equal(asked.table[asked.time], newest))
    return Asked(asked.release, asked.profile, part, asked.outlines, asked.say)


def _cells(plan: Plan, lon: np.ndarray, lat: np.ndarray) -> tuple[int, Counter[Cell]]:
    """How many places are in each square, by column and row from the south-west; and the square's side."""
    for side in SIDES_M:
        wide, high = _degrees(plan, side)
        cells = Counter(
            zip(
                np.floor(lon / wide).astype(int).tolist(),
                np.floor(lat / high).astype(int).tolist(),
                strict=True,
            )
        )
        if len(cells) <= MOST_SQUARES and plan.units(wide) >= LEAST_UNITS:
            break
    return side, cells


def _degrees(plan: Plan, side: int) -> tuple[float, float]:
    """``side`` metres in degrees of longitude and of latitude in the middle of the city."""
    return side / (_DEGREE_M * cos(radians(plan.latitude))), side / _DEGREE_M


def _path(plan: Plan, side: int, cells: Iterable[Cell]) -> str:
    wide, high = _degrees(plan, side)
    size = max(floor(plan.units(wide)) - 1, 2)
    corners = (plan.point(column * wide, (row + 1) * high) for column, row in sorted(cells))
    return "".join(f"M{x} {y}h{size}v{size}h-{size}z" for x, y in corners if -size <= x <= WIDTH)


def _step(asked: Asked, low: float, high: float) -> str:
    say = asked.say
    if high == float("inf"):
        return say("preview.and_more", n=say.number(low))
    return (
        say.number(low)
        if high - low == 1
        else say("preview.from_to", low=say.number(low), high=say.number(high - 1))
    )
