"""What a preview is made of: the table and its release, what is measured in it, and a picture in words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from geodata.profiles import CityProfile
from model.datasets import Column, Shape, Span
from model.publications import Release
from model.texts import Words
from services.publishing.linting import MARK
from services.publishing.panels import Outlines, saying
from services.publishing.panels.drawings import Drawing
from services.publishing.panels.story import Row

TIMES = ("hour", "day", "month")
Time = datetime | date
_ADDED = ("kWh",)
"""Units of what adds up; a rate, a speed or a flow has a mean."""


@dataclass(frozen=True)
class Picture:
    """One drawing in one language: what it shows (``caption``), in one breath with its figures (``label``),
    and the same values as the rows of a table."""

    drawing: Drawing
    caption: str
    label: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    gap: str

    @property
    def values(self) -> dict[str, Any]:
        """The table, for the page that shows the picture; a missing value in words."""
        rows = [[row.head, *(self.gap if cell is None else cell for cell in row.cells)] for row in self.rows]
        return {"caption": self.caption, "label": self.label, "head": list(self.head), "rows": rows}


@dataclass(frozen=True)
class Asked:
    """A published table to be shown, in one language."""

    release: Release
    profile: CityProfile
    table: pa.Table
    outlines: Outlines
    say: Words

    @property
    def title(self) -> str:
        """What the dataset is called."""
        return self.say(f"dataset.{self.release.dataset.name}_title")

    @property
    def time(self) -> str | None:
        """The column of a series; None for an inventory or a state."""
        return next((name for name in TIMES if name in self.table.column_names), None)

    @property
    def by_area(self) -> bool:
        """Whether rows say which area they are of."""
        return {"area", "area_code"} <= set(self.table.column_names)

    @property
    def measure(self) -> Column | None:
        """What is shown of each row: its first figure, else its first number of things."""
        held = [one for one in self.release.dataset.columns if one.name in self.table.column_names]
        numbers = [one for one in held if one.shape is Shape.NUMBER and one.name != "coverage"]
        counts = [one for one in held if one.shape is Shape.COUNT]
        return next(iter((*numbers, *counts)), None)

    def added(self, measure: Column) -> bool:
        """Whether values of ``measure`` add up over places."""
        return measure.shape is Shape.COUNT or measure.unit in _ADDED

    def weight(self, measure: Column) -> str | None:
        """The column that says how much a row weighs in a mean of ``measure``; None: all weigh the same."""
        counts = (one.name for one in self.release.dataset.columns if one.shape is Shape.COUNT)
        held = (name for name in counts if name in self.table.column_names and name != measure.name)
        return next(held, None) if measure.unit == "%" else None

    def named(self, measure: Column) -> str:
        """``measure`` with its unit, as a head of a table says it."""
        name = self.say(f"column.{measure.name}")
        return f"{name} ({measure.unit})" if measure.unit else name

    def number(self, value: float | None, measure: Column) -> str | None:
        """``value`` of ``measure`` in the language's figures; None for none."""
        return None if value is None else self.say.number(value, measure.decimals or 0)

    def column(self, name: str) -> list[Any]:
        """Every value of the column ``name``; None throughout where there is no such column."""
        held = name in self.table.column_names
        return self.table[name].to_pylist() if held else [None] * self.table.num_rows

    def told(self, time: Time) -> str:
        """An hour, a day or a month in words, in the city's zone."""
        if isinstance(time, datetime):
            return saying.instant(self.say, time)
        return (saying.month if self.release.grain.span is Span.MONTH else saying.long_day)(self.say, time)

    @property
    def hidden(self) -> list[bool]:
        """For each row whether its value is withheld."""
        return [bool(mark) for mark in self.column(MARK)]
