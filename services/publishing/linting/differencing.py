"""The differencing attack, made on ourselves: do publications of a dataset together tell what each hides?

Every published row is a sum over the same smallest cells, one area in one time. What is hidden is told when
its own sum follows from the published ones, or when what cannot be negative leaves it hardly any room.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from model.datasets import Place, Secrecy, Span
from model.publications import Finding, Rule
from services.publishing.linting.cells import MARK
from services.publishing.linting.row_space import Floats, bounds, matrix, parts, told_exactly

NARROW = 0.1
"""Known to within a tenth is known."""

Cell = tuple[str, str]
"""An area and a time: "*" stands for what is left of a whole that is not listed."""


@dataclass(frozen=True)
class Published:
    """One table that was let out: its ``name`` (and version), how coarse it is, and which areas (codes; None:
    all) its totals cover. ``time`` names its column of time."""

    name: str
    table: pa.Table
    place: Place
    span: Span
    time: str = "day"
    areas: frozenset[str] | None = None


@dataclass
class _Sums:
    """What was published, as sums over cells; ``asked``: those that are hidden."""

    known: dict[Cell, float] = field(default_factory=dict)
    told: list[tuple[frozenset[Cell], float, str]] = field(default_factory=list)
    asked: dict[frozenset[Cell], str] = field(default_factory=dict)


def differences(published: Sequence[Published], secrecy: Secrecy) -> tuple[Finding, ...]:
    """The hidden cells that ``published`` tell together, by value column; empty: none."""
    return tuple(
        finding
        for name in secrecy.values
        if any(name in one.table.column_names for one in published)
        for finding in _of_column(published, name)
    )


def _of_column(published: Sequence[Published], name: str) -> Iterator[Finding]:
    sums = _gathered(published, name)
    for cells, where in sums.asked.items():
        if all(cell in sums.known for cell in cells):
            yield _finding(name, cells, [where, *_of(published)])
    unknown = sorted({cell for cells in _all_sums(sums) for cell in cells} - sums.known.keys())
    number = {cell: at for at, cell in enumerate(unknown)}
    rows = [[number[cell] for cell in sorted(cells) if cell in number] for cells, _, _ in sums.told]
    left = [total - sum(sums.known.get(cell, 0.0) for cell in cells) for cells, total, _ in sums.told]
    asked = [(cells, [number[c] for c in cells if c in number]) for cells in sums.asked]
    for numbers, members in parts([*rows, *(held for _, held in asked)], len(unknown)):
        own = [n for n in numbers if n < len(rows)]
        questions = [asked[n - len(rows)] for n in numbers if n >= len(rows)]
        if questions and own:
            names = sorted({sums.told[n][2] for n in own})
            told = _told(matrix([rows[n] for n in own], members), np.array([left[n] for n in own]), members,
                         [held for _, held in questions])  # fmt: skip
            for (cells, _), is_told in zip(questions, told, strict=True):
                if is_told:
                    yield _finding(name, cells, [sums.asked[cells], *names])


def _told(rows: Floats, left: Floats, members: list[int], asked: list[list[int]]) -> list[bool]:
    """Which of the hidden sums follow exactly, or have no room."""
    wanted = matrix(asked, members)
    exact = told_exactly(rows, wanted)
    low, high = bounds(rows, left)
    found = []
    for question, is_exact in zip(wanted, exact, strict=True):
        least, most = float(question @ low), _most(question, high)
        # Sums of two different hours may contradict each other: then the least is above the most.
        narrow = bool(np.isfinite(most)) and 0 <= most - least <= NARROW * most
        found.append(bool(is_exact) or narrow)
    return found


def _most(question: Floats, high: Floats) -> float:
    return float(high[question > 0].sum())


def _all_sums(sums: _Sums) -> Iterator[frozenset[Cell]]:
    yield from (cells for cells, _, _ in sums.told)
    yield from sums.asked


def _gathered(published: Sequence[Published], name: str) -> _Sums:
    areas = sorted({area for one in published if one.place is Place.AREA for area in _areas(one)})
    days = sorted({time for one in published if one.span is not Span.MONTH for time in _times(one)})
    found = _Sums()
    for one in published:
        if name not in one.table.column_names:
            continue
        marks = one.table[MARK].to_pylist() if MARK in one.table.column_names else [False] * len(one.table)
        values = one.table[name].to_pylist()
        for area, time, value, hidden in zip(_areas(one), _times(one), values, marks, strict=True):
            cells = frozenset(_cells(one, area, time, areas, days))
            if hidden:
                found.asked[cells] = one.name
            elif len(cells) == 1:
                found.known[next(iter(cells))] = float(value or 0.0)
            else:
                found.told.append((cells, float(value or 0.0), one.name))
    return found


def _cells(one: Published, area: str, time: str, areas: list[str], days: list[str]) -> Iterator[Cell]:
    within = [area] if one.place is Place.AREA else sorted(one.areas or areas) or ["*"]
    for place in within:
        for atom in _days_of(time, days) if one.span is Span.MONTH else [time]:
            yield place, atom


def _days_of(month: str, days: list[str]) -> list[str]:
    """The published days of a month, and what is left of it when they are not all there."""
    held = [day for day in days if day[:7] == month[:7]]
    whole = calendar.monthrange(int(month[:4]), int(month[5:7]))[1]
    return held if len({day[:10] for day in held}) == whole else [*held, f"{month[:7]}-*"]


def _areas(one: Published) -> list[str]:
    if one.place is not Place.AREA:
        return [""] * len(one.table)
    return [str(code) for code in one.table["area_code"].to_pylist()]


def _times(one: Published) -> list[str]:
    if one.time not in one.table.column_names:
        return [""] * len(one.table)
    return [str(value) for value in one.table[one.time].to_pylist()]


def _of(published: Sequence[Published]) -> list[str]:
    return [one.name for one in published]


def _finding(name: str, cells: frozenset[Cell], names: Sequence[str]) -> Finding:
    area, time = min(cells)
    cell = f"{area} {time}" if len(cells) == 1 else f"{area} {time} (+{len(cells) - 1})"
    listed = ", ".join(dict.fromkeys(names))
    return Finding(Rule.DIFFERENCE, name, "hide_more", (("cell", cell.strip()), ("publications", listed)))
