"""A filter's tree over many entities at once; what is compared with nothing is unknown, as in SQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import numpy as np

from public.features.places import Mask
from public.sensorthings.filters.text import COMPARISONS, LEVELS
from public.sensorthings.filters.tree import Call, Literal, Node, Path, Span, bad
from public.sensorthings.filters.values import (
    MIXED,
    NOTHING,
    NUMBER,
    TEXT,
    TIME,
    TRUTH,
    Array,
    Values,
    as_kind,
    constant,
    texts_of,
)
from public.sensorthings.times import moment


class Entities(Protocol):
    """Entities that are judged: how many, and the values of a property of theirs."""

    @property
    def size(self) -> int:
        """How many there are."""

    def values(self, path: tuple[str, ...], option: str) -> Values:
        """The values at ``path``; BadParameter names ``option`` where there is no such property."""


def judged(node: Node, entities: Entities) -> Mask:
    """Which of ``entities`` the filter ``node`` wants. BadParameter for what cannot be compared."""
    found = _values(node, entities)
    if found.kind not in (TRUTH, NOTHING):
        raise bad("is to be something that is true or not, such as result gt 5")
    return np.asarray(found.first.astype(bool) & found.known, bool)


def _values(node: Node, entities: Entities) -> Values:
    if isinstance(node, Literal):
        return constant(node.value, entities.size)
    if isinstance(node, Path):
        return entities.values(node.names, "$filter")
    arguments = [_values(one, entities) for one in node.arguments]
    with np.errstate(all="ignore"):
        return _called(node, arguments, entities.size)


def _called(node: Call, arguments: list[Values], size: int) -> Values:
    if node.name == "now":
        at = datetime.now(UTC)
        return constant(Span(at, at), size)
    if node.name in ("and", "or", "not"):
        return _joined(node.name, [_truth(one, node.name) for one in arguments])
    if node.name in COMPARISONS:
        return _compared(node, *arguments)
    if node.name in (*LEVELS[3], *LEVELS[4]):
        return _reckoned(node.name, *arguments)
    if node.name in _OF_TIMES:
        return _timed(node.name, *arguments)
    return _applied(node.name, arguments)


def _truth(values: Values, name: str) -> Values:
    if values.kind not in (TRUTH, NOTHING):
        raise bad(f"{name} joins what is true or not")
    return values


def _joined(name: str, parts: list[Values]) -> Values:
    """Three-valued: false with the unknown is false, true or the unknown is true."""
    trues = [np.asarray(one.first.astype(bool) & one.known) for one in parts]
    falses = [np.asarray(~one.first.astype(bool) & one.known) for one in parts]
    if name == "not":
        return Values(TRUTH, falses[0], parts[0].known)
    both, either = (trues, falses) if name == "and" else (falses, trues)
    settled, other = both[0] & both[1], either[0] | either[1]
    return Values(TRUTH, settled if name == "and" else other, settled | other)


# --- comparisons ------------------------------------------------------------------------------------------

_PLAIN: dict[str, Callable[[Array, Array], Array]] = {
    "eq": np.equal, "ne": np.not_equal, "gt": np.greater, "ge": np.greater_equal, "lt": np.less,
    "le": np.less_equal,
}  # fmt: skip


def _compared(node: Call, left: Values, right: Values) -> Values:
    if Literal(None) in node.arguments:
        return _with_null(node.name, left, right)
    kind = _common(left, right, node.name)
    left, right = as_kind(left, kind), as_kind(right, kind)
    known = left.known & right.known
    if kind == TIME and left.last is not None and right.last is not None:
        return Values(TRUTH, _by_time(node.name, left, right), known)
    with np.errstate(all="ignore"):
        first, second = left.first, right.first
        if kind == TEXT:
            first, second = (np.where(known, side, "") for side in (first, second))
        told = np.asarray(_PLAIN[node.name](first, second), bool)
    return Values(TRUTH, told, known)


def _with_null(name: str, left: Values, right: Values) -> Values:
    """``eq null`` is where there is nothing; the only comparison with null that is known."""
    if name not in ("eq", "ne"):
        return Values(TRUTH, np.zeros(len(left.known), bool), np.zeros(len(left.known), bool))
    there = left.known | right.known
    return Values(TRUTH, ~there if name == "eq" else there, np.ones(len(there), bool))


def _common(left: Values, right: Values, name: str) -> str:
    """The kind both sides are compared as. BadParameter where they never can be."""
    kinds = {left.kind, right.kind} - {NOTHING}
    if MIXED in kinds:
        kinds = kinds - {MIXED} or {NUMBER}
    if len(kinds) > 1:
        raise bad(f"{name} compares a {' with a '.join(sorted(kinds))}")
    return next(iter(kinds), NOTHING)


def _by_time(name: str, left: Values, right: Values) -> Array:
    """Intervals: before is all of it before, after all of it after (OGC 18-088, temporal comparisons)."""
    assert left.last is not None  # noqa: S101 - the caller looked
    assert right.last is not None  # noqa: S101
    same = (left.first == right.first) & (left.last == right.last)
    starts_after = np.where(
        left.first == left.last, left.first > right.last, (left.first >= right.last) & ~same
    )
    ends_before = np.where(
        left.first == left.last, left.first < right.first, (left.last <= right.first) & ~same
    )
    told = {
        "eq": same, "ne": ~same, "gt": starts_after, "lt": ends_before,
        "ge": left.first >= right.first, "le": left.last <= right.last,
    }  # fmt: skip
    return np.asarray(told[name], bool)


_OF_TIMES = ("before", "after", "during", "overlaps")


def _timed(name: str, left: Values, right: Values) -> Values:
    if {left.kind, right.kind} - {TIME, NOTHING}:
        raise bad(f"{name} takes two times")
    left, right = as_kind(left, TIME), as_kind(right, TIME)
    ends = [side.first if side.last is None else side.last for side in (left, right)]
    told = {
        "before": ends[0] < right.first,
        "after": left.first > ends[1],
        "during": (left.first >= right.first) & (ends[0] <= ends[1]),
        "overlaps": (left.first <= ends[1]) & (ends[0] >= right.first),
    }[name]
    return Values(TRUTH, np.asarray(told, bool), left.known & right.known)


# --- numbers and texts ------------------------------------------------------------------------------------

_SUMS: dict[str, Callable[[Array, Array], Array]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "mod": np.fmod,
}  # fmt: skip


def _reckoned(name: str, left: Values, right: Values) -> Values:
    sides = [_wanted(side, NUMBER, name) for side in (left, right)]
    told = np.asarray(_SUMS[name](sides[0].first, sides[1].first), "f8")
    return Values(NUMBER, told, sides[0].known & sides[1].known & np.isfinite(told))


def _wanted(values: Values, kind: str, name: str) -> Values:
    if values.kind not in (kind, MIXED, NOTHING):
        raise bad(f"{name} takes a {kind}, and this is a {values.kind}")
    return as_kind(values, kind)


def _from(text: str, start: float, length: float = 1e9) -> str:
    begin = max(int(start), 0)
    return text[begin : begin + max(int(length), 0)]


_TEXTS: dict[str, tuple[Callable[..., object], str]] = {
    "substringof": (lambda part, whole: part in whole, TRUTH),
    "contains": (lambda whole, part: part in whole, TRUTH),
    "startswith": (lambda whole, part: whole.startswith(part), TRUTH),
    "endswith": (lambda whole, part: whole.endswith(part), TRUTH),
    "length": (len, NUMBER),
    "indexof": (lambda whole, part: whole.find(part), NUMBER),
    "substring": (_from, TEXT),
    "tolower": (str.lower, TEXT),
    "toupper": (str.upper, TEXT),
    "trim": (str.strip, TEXT),
    "concat": (lambda first, second: (first + second)[:4_000], TEXT),
}
_NUMBERS: dict[str, Callable[[Array], Array]] = {
    # Halves go away from zero, as the standard's language has it.
    "round": lambda values: np.sign(values) * np.floor(np.abs(values) + 0.5),
    "floor": np.floor,
    "ceiling": np.ceil,
}
_DATES = ("year", "month", "day", "hour", "minute", "second")


def _applied(name: str, arguments: list[Values]) -> Values:
    if name in _NUMBERS:
        kept = _wanted(arguments[0], NUMBER, name)
        return Values(NUMBER, _NUMBERS[name](kept.first), kept.known)
    if name in _DATES:
        return _date_part(name, _wanted(arguments[0], TIME, name))
    return _text_function(name, arguments)


def _date_part(name: str, times: Values) -> Values:
    different, place = np.unique(np.where(times.known, times.first, 0), return_inverse=True)
    told = np.array([getattr(moment(int(one)), name) for one in different] or [0.0], "f8")
    return Values(NUMBER, told[place] if len(place) else np.zeros(0), times.known)


def _text_function(name: str, arguments: list[Values]) -> Values:
    function, kind = _TEXTS[name]
    numbers = name == "substring"
    kept = [_wanted(one, NUMBER if numbers and place else TEXT, name) for place, one in enumerate(arguments)]
    known = np.logical_and.reduce([one.known for one in kept])
    told = texts_of(
        function(*row) if there else ""
        for there, row in zip(known, zip(*(one.first for one in kept), strict=True), strict=True)
    )
    if kind == TEXT:
        return Values(TEXT, told, known)
    plain = np.array([one or 0 for one in told], "f8")
    return Values(kind, plain if kind == NUMBER else plain.astype(bool), known)
