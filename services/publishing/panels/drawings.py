"""What a panel draws: a line, columns, bars or areas. Pure geometry and finished words, drawn by templates.

Fractions run from the left and from the top, 0 to 1, so that one drawing serves the fluid page and the fixed
picture alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.publishing.chart import Chart, scale


@dataclass(frozen=True)
class Line:
    """A series of days with its gaps and target; ``days`` are the first, the middle and the last in words."""

    template: ClassVar[str] = "drawing-line.html"
    chart: Chart
    ticks: tuple[tuple[str, float], ...]
    days: tuple[str, str, str]
    gap: str
    target: str
    fixed: ClassVar[bool] = True


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length, and its value in words; ``length`` None where there is no value."""

    name: str
    length: float | None
    value: str


@dataclass(frozen=True)
class Bars:
    """Bars below each other, longest possible 1; ``row_px`` is the height of each."""

    template: ClassVar[str] = "drawing-bars.html"
    bars: tuple[Bar, ...]
    row_px: int = 38
    fixed: ClassVar[bool] = False

    @property
    def height_px(self) -> int:
        """Of all of them."""
        return self.row_px * len(self.bars)


@dataclass(frozen=True)
class Column:
    """One place across with what is measured now and what was before; None where there is no value."""

    name: str
    now: float | None
    before: float | None


@dataclass(frozen=True)
class Columns:
    """Columns side by side from zero, each beside the same of the time before."""

    template: ClassVar[str] = "drawing-columns.html"
    ticks: tuple[tuple[str, float], ...]
    columns: tuple[Column, ...]
    now: str
    before: str
    fixed: ClassVar[bool] = True


@dataclass(frozen=True)
class Shape:
    """One area: its outline as an SVG path, its class (0 palest; None: no value), its name with its value.

    ``held``: it has a value, and that is withheld.
    """

    path: str
    step: int | None
    name: str
    held: bool = False

    @property
    def mark(self) -> str:
        """The class it is drawn with."""
        return f"step{self.step}" if self.step is not None else "held" if self.held else "gapped"


@dataclass(frozen=True)
class Areas:
    """A map of areas in steps: ``height`` of its box where the width is 1000, and what each step means.

    ``gap`` and ``held`` say what areas without a value and with a withheld one are called; empty: none are.
    """

    template: ClassVar[str] = "drawing-areas.html"
    height: int
    shapes: tuple[Shape, ...]
    steps: tuple[str, ...]
    gap: str
    held: str = ""
    fixed: ClassVar[bool] = False

    @property
    def key(self) -> list[tuple[str, str]]:
        """Each mark of the map, with what it means."""
        marks = [(f"area step{at}", text) for at, text in enumerate(self.steps)]
        return [
            *marks,
            *((f"area {name}", text) for name, text in (("held", self.held), ("gapped", self.gap)) if text),
        ]


@dataclass(frozen=True)
class Squares:
    """Places counted by square on a map of ``outlines``: an SVG path for each step (0 palest)."""

    template: ClassVar[str] = "drawing-squares.html"
    height: int
    outlines: tuple[str, ...]
    squares: tuple[str, ...]
    steps: tuple[str, ...]
    fixed: ClassVar[bool] = False

    @property
    def key(self) -> list[tuple[str, str]]:
        """Each mark of the map that is there, with what it means."""
        pairs = zip(self.squares, self.steps, strict=True)
        return [(f"square step{at}", text) for at, (path, text) in enumerate(pairs) if path]


@dataclass(frozen=True)
class Part:
    """One part of a sheet: a heading with what it is of, then a value, a drawing or paragraphs; ``width``
    how many of three columns it spans."""

    title: str
    sub: str
    width: int
    value: str = ""
    lines: tuple[str, ...] = ()
    drawing: Line | Bars | Areas | None = None
    label: str = ""


@dataclass(frozen=True)
class Sheet:
    """Several parts in a grid of three columns, as somebody arranged them."""

    template: ClassVar[str] = "drawing-sheet.html"
    parts: tuple[Part, ...]
    fixed: ClassVar[bool] = False

    @property
    def picture(self) -> Line | Bars | Areas:
        """What stands for the sheet where one drawing fits: its first, or its values one below another."""
        drawn = [part.drawing for part in self.parts if part.drawing is not None]
        return drawn[0] if drawn else Bars(tuple(Bar(p.title, None, p.value) for p in self.parts if p.value))


Drawing = Line | Bars | Columns | Areas | Squares | Sheet

Steps = Sequence[tuple[float, float]]
"""Classes of a map, each from and up to."""

STEPS = 5
"""Classes of a map: more cannot be told apart in greys."""


def heights(values: Sequence[float | None], least_top: float = 1.0) -> tuple[float, float]:
    """Step and top of an axis from zero that holds ``values``, for sums of any size."""
    high = max([value for value in values if value is not None], default=least_top) or least_top
    unit = 1.0
    while high / unit > 25:
        unit *= 10
    step, top = scale(high / unit)
    return step * unit, top * unit


def classes(values: Sequence[float | None]) -> tuple[tuple[float, float], ...]:
    """Up to ``STEPS`` classes of equal width from zero, in round figures, that hold ``values``."""
    high = max([value for value in values if value is not None], default=0.0)
    if high <= 0:
        return ((0.0, 0.0),)
    rough = high / STEPS
    size = 10.0
    while size > rough:
        size /= 10
    while size * 10 <= rough:
        size *= 10
    width = next(size * round_ for round_ in (1, 2, 2.5, 5, 10) if size * round_ >= rough)
    count = min(STEPS, int(high / width) + 1)
    return tuple((width * i, width * (i + 1)) for i in range(count))


def step_of(value: float | None, steps: Steps) -> int | None:
    """Which class ``value`` is in; the last holds its own end. None for no value."""
    if value is None:
        return None
    return next((i for i, (_, end) in enumerate(steps) if value < end), len(steps) - 1)
