"""A filter as a tree, whichever language it was written in, and how large it may be."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import shapely

from model.errors import BadRequest
from public.features.references import Reference, east_first, shape_from

DEEPEST = 25
MOST_NODES = 200
MOST_POINTS = 1_000

DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class BadFilter(BadRequest):
    """A filter that cannot be understood, or asks what the columns cannot answer."""


Value = str | float | bool | date | datetime
"""A literal: text, number, truth, day, instant (aware, UTC)."""


@dataclass(frozen=True)
class Comparison:
    """A property beside a value: = <> < > <= >=."""

    name: str
    operator: str
    value: Value


@dataclass(frozen=True)
class Like:
    """A text by a pattern: % is any characters, _ is one, a backslash takes either as it is."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Between:
    """A number from low to high, both included."""

    name: str
    low: Value
    high: Value


@dataclass(frozen=True)
class In:
    """A property that is one of several values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class IsNull:
    """A property without a value."""

    name: str


@dataclass(frozen=True)
class Intersects:
    """The geometry of that name meets ``shape`` (CRS84)."""

    name: str
    shape: Any


@dataclass(frozen=True)
class Truth:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True)
class Not:
    """The contrary; what is unknown stays unknown."""

    one: "Node"


@dataclass(frozen=True)
class Junction:
    """All (AND) or any (OR) of several."""

    all: bool
    parts: tuple["Node", ...]


Node = Comparison | Like | Between | In | IsNull | Intersects | Truth | Not | Junction

FLIPPED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Size:
    """Counts what a filter is made of while it is read, so that none is too large to judge."""

    def __init__(self) -> None:
        self.nodes = 0

    def node(self) -> None:
        """One more."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise BadFilter(f"a filter has at most {MOST_NODES} parts")


def deeper(depth: int) -> int:
    """One level down; BadFilter when it is too deep."""
    if depth >= DEEPEST:
        raise BadFilter(f"a filter is at most {DEEPEST} levels deep")
    return depth + 1


def day_of(text: str) -> date:
    """The day a DATE says."""
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadFilter(f"{text[:40]!r} is no date such as 2026-05-01")


def instant_of(text: str) -> datetime:
    """The instant a TIMESTAMP says, in UTC."""
    try:
        if INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadFilter(f"{text[:40]!r} is no timestamp such as 2026-05-01T12:00:00Z")


def placed(make: Callable[[], Any], reference: Reference) -> Any:
    """The shape ``make`` gives, of ``reference``, in CRS84. BadFilter when it is none, or wrong."""
    try:
        shape = make()
    except (shapely.errors.GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise BadFilter("a shape cannot be read") from None
    if shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise BadFilter(f"a shape has at most {MOST_POINTS:,} points")
    if shapely.is_empty(shape) or not shapely.is_valid(shape):
        raise BadFilter("a shape is empty, or crosses itself")
    shape = shape_from(shape, reference)
    if not all(math.isfinite(side) for side in shapely.bounds(shape)):
        raise BadFilter("a shape lies outside its coordinate reference system")
    return shape


def box_of(sides: list[float], reference: Reference) -> Any:
    """The shape of a BBOX of four numbers, or six with heights, in the order of ``reference``'s axes."""
    if len(sides) not in (4, 6):
        raise BadFilter("BBOX takes four numbers, or six with heights")
    half = len(sides) // 2
    box = (sides[0], sides[1], sides[half], sides[half + 1])
    west, south, east, north = east_first(box, reference)
    if south > north or west > east:
        raise BadFilter("BBOX gives its lower corner first")
    corners = (box[0], box[1], box[2], box[3])
    return placed(lambda: shapely.box(*corners), reference)
