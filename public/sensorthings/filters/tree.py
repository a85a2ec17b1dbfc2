"""What a filter is made of, and how it is refused."""

from dataclasses import dataclass
from datetime import datetime

from public.features.asked import BadParameter

MOST_PARTS, DEEPEST = 200, 25


class NotOffered(Exception):
    """The standard has it, and we do not: answered by 501."""


@dataclass(frozen=True)
class Span:
    """An instant, or from one to another (aware)."""

    first: datetime
    last: datetime


@dataclass(frozen=True)
class Literal:
    """A value as it stands; None is null."""

    value: str | float | bool | Span | None


@dataclass(frozen=True)
class Path:
    """A property, of the entity itself or of one it is related to."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A function, or an operator by its name, of its arguments."""

    name: str
    arguments: "tuple[Node, ...]"


Node = Literal | Path | Call


def bad(why: str) -> BadParameter:
    """What is wrong with a filter."""
    return BadParameter("$filter", why)
