"""A composed board as a panel: what somebody arranged, of one month, from the figures that may be told.

A tile whose data is not published is not drawn, and the sheet says that it is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from model.composed import Kind, Tile
from model.kpis import Good, Kpi, KpiTable
from model.texts import Words
from services.publishing.chart import chart
from services.publishing.panels import saying
from services.publishing.panels.drawings import (
    Areas,
    Bar,
    Bars,
    Line,
    Part,
    Shape,
    Sheet,
    Steps,
    classes,
    step_of,
)
from services.publishing.panels.outlines import Plan
from services.publishing.panels.sheets import sheet_files
from services.publishing.panels.story import CityFacts, Drawn, Row, Story
from services.publishing.panels.tables import Outlines

COLUMNS = ("month", "area_code", "area", "figure", "value", "unit", "coverage_percent")
HEADS = ("figure", "place", "month", "value", "coverage")
CHART_MOST = 80.0
"""The chart's scale is made for percents: larger values are drawn in tens, hundreds, thousands."""


@dataclass(frozen=True)
class Content:
    """What is drawn: the board's title and tiles, the month, the figures' ``tables`` by key (those that may
    not be told are absent), communes' names and codes by id, their outlines by code."""

    name: str
    title: str
    tiles: tuple[Tile, ...]
    month: date
    tables: Mapping[str, KpiTable]
    places: Mapping[int, tuple[str, str]]
    outlines: Outlines


@dataclass(frozen=True)
class Cell:
    """One value that is told: of which figure, place (id, 0 the city) and month."""

    kpi: Kpi
    area: int
    month: date
    value: float | None
    coverage: float | None


def draw(content: Content, facts: CityFacts, every_s: int) -> Drawn:
    """The panel of ``content``."""
    told = cells(content)
    after = date(content.month.year + content.month.month // 12, content.month.month % 12 + 1, 1)
    data_time = saying.end_of(date.fromordinal(after.toordinal() - 1), facts.zone) if told else None
    rows = [
        (
            cell.month.isoformat()[:7], _code(content, cell.area), _place(content, cell.area, facts),
            cell.kpi.key, cell.value, cell.kpi.unit,
            None if cell.coverage is None else round(100 * cell.coverage, 1),
        )
        for cell in told
    ]  # fmt: skip
    data = sheet_files(content.name, facts, data_time, COLUMNS, rows)
    return Drawn(
        content.name, facts, data_time, every_s * 31, lambda say: _story(content, facts, told, say), data
    )


# --- what is told -----------------------------------------------------------------------------------------


def cells(content: Content) -> list[Cell]:
    """Every value the tiles show, each once, in their order."""
    found: dict[tuple[str, int, date], Cell] = {}
    for tile in content.tiles:
        table = content.tables.get(tile.kpi)
        for area, month in _wanted(tile, table, content):
            if table is not None:
                found.setdefault((tile.kpi, area, month), _cell(table, area, month))
    return list(found.values())


def _wanted(tile: Tile, table: KpiTable | None, content: Content) -> list[tuple[int, date]]:
    """The places and months a tile tells of."""
    if table is None or tile.kind is Kind.TEXT:
        return []
    if tile.kind is Kind.TREND:
        return [(tile.area, start) for start in table.starts if start <= content.month]
    if tile.kind is Kind.FIGURE:
        return [(tile.area, content.month)]
    return [(area, content.month) for area, _ in table.areas if area in content.places]


def _cell(table: KpiTable, area: int, month: date) -> Cell:
    row = next((at for at, (one, _) in enumerate(table.areas) if one == area), None)
    at = table.starts.index(month) if month in table.starts else None
    if row is None or at is None:
        return Cell(table.kpi, area, month, None, None)
    value, coverage = float(table.values[row, at]), float(table.coverage[row, at])
    shown = round(value, table.kpi.decimals) if np.isfinite(value) else None
    return Cell(table.kpi, area, month, shown, min(coverage, 1.0) if np.isfinite(coverage) else None)


def _code(content: Content, area: int) -> str | None:
    return content.places[area][0] if area in content.places else None


def _place(content: Content, area: int, facts: CityFacts) -> str:
    return content.places[area][1] if area in content.places else facts.city


# --- words ------------------------------------------------------------------------------------------------


def _story(content: Content, facts: CityFacts, told: Sequence[Cell], say: Words) -> Story:
    first = next((cell for cell in told if cell.value is not None and cell.month == content.month), None)
    month = month_text(say, content.month)
    missing = [
        tile for tile in content.tiles if tile.kind is not Kind.TEXT and tile.kpi not in content.tables
    ]
    named = say(f"kpi.{first.kpi.key}.name") if first else ""
    return Story(
        domain=say("panel_composed.domain"),
        title=content.title,
        headline=_value(say, first) if first else "",
        amount=saying.bold(
            say("panel_composed.amount"), name=named, place=_place(content, first.area if first else 0, facts)
        ),
        sentence=say("panel_composed.sentence", month=month)
        + (f" {say('panel_composed.missing', n=len(missing))}" if missing else ""),
        grain=say("panel_composed.grain"),
        drawing=Sheet(tuple(_part(content, facts, tile, say) for tile in _told_tiles(content))),
        label=say("panel_composed.label", title=content.title, month=month),
        caption=say("panel_composed.caption", title=content.title, city=facts.where),
        head=tuple(say(f"panel_composed.head_{name}") for name in HEADS),
        rows=tuple(_row(content, facts, cell, say) for cell in told),
        gap=say("panel_composed.gap"),
        when=month,
        machine=content.month.isoformat()[:7],
        cadence=say("panel_composed.cadence"),
        coverage="",
        definition=say("panel_composed.definition"),
        file_title=say("panel_composed.file_title", title=content.title, city=facts.where),
    )


def _told_tiles(content: Content) -> list[Tile]:
    return [tile for tile in content.tiles if tile.kind is Kind.TEXT or tile.kpi in content.tables]


def month_text(say: Words, month: date) -> str:
    """octobre 2026, October 2026."""
    return saying.long_day(say, month.replace(day=2)).split(saying.NBSP, 1)[1]


def _value(say: Words, cell: Cell) -> str:
    if cell.value is None:
        return ""
    if cell.kpi.unit == "%":
        return saying.percent(say, cell.value, cell.kpi.decimals)
    unit = say(f"figure_unit.{cell.kpi.unit}") if cell.kpi.unit else ""
    return f"{say.number(cell.value, cell.kpi.decimals)}{saying.NBSP}{unit}".strip()


def _row(content: Content, facts: CityFacts, cell: Cell, say: Words) -> Row:
    coverage = None if cell.coverage is None else saying.percent(say, 100 * cell.coverage, 0)
    return Row(
        say(f"kpi.{cell.kpi.key}.name"),
        (
            _place(content, cell.area, facts), month_text(say, cell.month),
            _value(say, cell) or None, coverage,
        ),
    )  # fmt: skip


# --- tiles ------------------------------------------------------------------------------------------------


def _part(content: Content, facts: CityFacts, tile: Tile, say: Words) -> Part:
    if tile.kind is Kind.TEXT:
        lines = tuple(line.strip() for line in tile.text.split("\n") if line.strip())
        return Part("", "", tile.width, lines=lines)
    table = content.tables[tile.kpi]
    told = [_cell(table, area, month) for area, month in _wanted(tile, table, content)]
    name = say(f"kpi.{tile.kpi}.name")
    sub = say(
        "panel_composed.part", place=_place(content, tile.area, facts), month=month_text(say, content.month)
    )
    if tile.kind is Kind.FIGURE:
        return Part(name, sub, tile.width, value=_value(say, told[0]))
    known = [cell for cell in told if cell.value is not None]
    if not known:
        return Part(name, sub, tile.width)
    drawings: dict[Kind, Callable[..., Line | Bars | Areas]] = {
        Kind.TREND: _line, Kind.BARS: _bars, Kind.MAP: _map,
    }  # fmt: skip
    drawing = drawings[tile.kind](content, facts, told, say)
    low, high = (
        pick(known, key=lambda cell: cell.value if cell.value is not None else 0.0) for pick in (min, max)
    )
    label = say("panel_composed.part_label", name=name, low=_value(say, low), high=_value(say, high))
    return Part(name, sub, tile.width, drawing=drawing, label=label)


def _line(_content: Content, _facts: CityFacts, told: Sequence[Cell], say: Words) -> Line:
    values = [cell.value for cell in told]
    tens = 1.0
    while max(abs(value) for value in values if value is not None) / tens > CHART_MOST:
        tens *= 10
    drawn = chart([None if value is None else value / tens for value in values], None)
    months = [month_text(say, told[at].month) for at in (0, len(told) // 2, -1)]
    decimals = 0 if tens > 1 or drawn.top > 4 else 1
    ticks = tuple((say.number(value * tens, decimals), y) for value, y in drawn.ticks)
    return Line(drawn, ticks, (months[0], months[1], months[2]), say("panel_composed.gap"), "")


def _bars(content: Content, facts: CityFacts, told: Sequence[Cell], say: Words) -> Bars:
    sign = 1 if told[0].kpi.good is Good.HIGH else -1
    order = sorted(told, key=lambda cell: (cell.value is None, sign * (cell.value or 0)))
    most = max(cell.value for cell in told if cell.value is not None) or 1.0
    return Bars(
        tuple(
            Bar(
                _place(content, cell.area, facts),
                None if cell.value is None else max(cell.value / most, 0.0),
                _value(say, cell) or say("panel_composed.gap"),
            )
            for cell in order
        )
    )


def _map(content: Content, facts: CityFacts, told: Sequence[Cell], say: Words) -> Areas:
    plan = Plan(content.outlines)
    steps = classes([cell.value for cell in told])
    by_code = {_code(content, cell.area): cell for cell in told}
    shapes = tuple(
        _shape(content, facts, plan.path(outline), by_code.get(code), steps, code, say)
        for code, outline in sorted(content.outlines.items())
    )
    decimals = told[0].kpi.decimals
    names = tuple(
        say("panel_composed.step", low=say.number(low, decimals), high=say.number(high, decimals))
        for low, high in steps
    )
    missing = any(shape.step is None for shape in shapes)
    return Areas(plan.height, shapes, names, say("panel_composed.gap") if missing else "")


def _shape(
    content: Content, facts: CityFacts, path: str, cell: Cell | None, steps: Steps, code: str, say: Words
) -> Shape:
    value = cell.value if cell else None
    name = _place(content, cell.area, facts) if cell else code
    told = _value(say, cell) if cell and value is not None else say("panel_composed.gap")
    return Shape(path, step_of(value, steps), say("panel_composed.shape", name=name, value=told))
