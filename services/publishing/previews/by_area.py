"""Figures of areas: bars where they have no time, a map in steps; what is withheld is hatched, never zero."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow.compute as pc

from model.datasets import Column
from services.publishing.panels.drawings import Areas, Bar, Bars, Shape, Steps, classes, step_of
from services.publishing.panels.outlines import Plan
from services.publishing.panels.story import Row
from services.publishing.previews.showing import Asked, Picture

ROW_PX = 36
BARS = 12
"""Areas that have a bar, the largest; the table has them all."""


@dataclass(frozen=True)
class Figure:
    """One area: its value (None where there is none), and whether that is withheld."""

    code: str
    name: str
    value: float | None
    held: bool = False


def bars_of_areas(asked: Asked) -> Picture | None:
    """How much of it each area has; None for a table that tells no areas, or times."""
    if not asked.by_area or asked.time is not None or not asked.table.num_rows:
        return None
    say, figures = asked.say, counted(asked)
    most = max((one.value or 0 for one in figures), default=0) or 1
    shown = figures[:BARS]
    bars = tuple(Bar(one.name, (one.value or 0) / most, say.number(one.value)) for one in shown)
    more = len(figures) - len(shown)
    caption = say(
        "preview.bars_more" if more else "preview.bars", what=_what(asked), n=say.number(len(shown))
    )
    head = (say("column.area"), _what(asked))
    rows = tuple(Row(one.name, (say.number(one.value),)) for one in figures)
    said = say("preview.list", text=", ".join(f"{bar.name} {bar.value}" for bar in bars))
    return Picture(Bars(bars, ROW_PX), caption, f"{asked.title}. {caption} {said}", head, rows, "")


def counted(asked: Asked) -> list[Figure]:
    """The areas with what they have: the number of things, or of rows; the most first."""
    measure = asked.measure
    amounts = asked.column(measure.name) if measure else [1] * asked.table.num_rows
    if "id" in asked.table.column_names:
        amounts = [1] * asked.table.num_rows
    sums: Counter[tuple[str, str]] = Counter()
    for code, name, amount in zip(asked.column("area_code"), asked.column("area"), amounts, strict=True):
        sums[code or "", name or asked.say("preview.outside")] += amount or 0
    figures = [Figure(code, name, float(total)) for (code, name), total in sums.items()]
    return sorted(figures, key=lambda one: (-(one.value or 0), one.name))


def _what(asked: Asked) -> str:
    measure = asked.measure
    rows = "id" in asked.table.column_names or measure is None
    return asked.say("preview.head_count") if rows or measure is None else asked.named(measure)


def map_of_areas(asked: Asked) -> Picture | None:
    """The newest figure of each area, in steps; None for a table that tells no areas or has no figure."""
    measure = asked.measure
    if not asked.by_area or measure is None or not asked.outlines or not asked.table.num_rows:
        return None
    when, figures = _newest(asked, measure)
    say = asked.say
    caption = say("preview.map_at" if when else "preview.map", measure=asked.named(measure), at=when)
    held = sum(one.held for one in figures)
    withheld = say("preview.withheld")
    cells = {
        one.code: withheld if one.held else asked.number(one.value, measure) or say("embed.gap")
        for one in figures
    }
    rows = tuple(Row(one.name, (cells[one.code],)) for one in figures)
    text = ", ".join(f"{one.name} {cells[one.code]}" for one in figures[:BARS])
    label = f"{asked.title}. {caption} {say('preview.list', text=text)}"
    head = (say("column.area"), asked.named(measure))
    drawing = _areas(asked, measure, figures, cells, withheld if held else "")
    return Picture(drawing, caption, label, head, rows, "")


def _newest(asked: Asked, measure: Column) -> tuple[str, list[Figure]]:
    """The areas at the newest time any of them has a figure of, and that time in words; the most first."""
    part, when = asked.table, ""
    if asked.time is not None:
        known = part.filter(pc.is_valid(part[measure.name]))
        newest = pc.max((known if known.num_rows else part)[asked.time])
        part = part.filter(pc.equal(part[asked.time], newest))
        when = asked.told(newest.as_py()) if newest.is_valid else ""
    here = Asked(asked.release, asked.profile, part, asked.outlines, asked.say)
    figures = [
        Figure(code or "", name or asked.say("preview.outside"), value, held)
        for code, name, value, held in zip(
            here.column("area_code"), here.column("area"), here.column(measure.name), here.hidden, strict=True
        )
    ]
    return when, sorted(figures, key=lambda one: (one.value is None, -(one.value or 0), one.name))


def _areas(
    asked: Asked, measure: Column, figures: list[Figure], cells: Mapping[str, str], withheld: str
) -> Areas:
    plan, say = Plan(asked.outlines), asked.say
    steps: Steps = classes([one.value for one in figures if one.code])
    by_code = {one.code: one for one in figures}
    shapes = []
    for code, outline in sorted(asked.outlines.items()):
        one = by_code.get(code)
        name = say(
            "panel_failures.shape", name=one.name if one else code, value=cells.get(code, say("embed.gap"))
        )
        value, held = (one.value, one.held) if one else (None, False)
        shapes.append(Shape(plan.path(outline), step_of(value, steps), name, held))
    decimals = 0 if all(round(side, 6) == round(side) for step in steps for side in step) else 1
    known = any(one.value is not None for one in figures)
    texts = tuple(
        say("preview.step", low=say.number(low, decimals), high=say.number(high, decimals), unit=measure.unit)
        for low, high in steps
    )
    gap = any(shape.step is None and not shape.held for shape in shapes)
    return Areas(
        plan.height, tuple(shapes), texts if known else (), say("embed.gap") if gap else "", withheld
    )
