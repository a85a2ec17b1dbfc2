"""A filter judged over the columns of a collection: which rows it is true of.

Three values, as in SQL: what is compared with nothing is unknown, and so is its contrary. A judgement is a
pair of masks, where it is true and where it is false; unknown is neither.
"""

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from public.features.collection import Features
from public.features.columns import Column, Kind
from public.features.cql.tree import (
    BadFilter,
    Between,
    Comparison,
    In,
    Intersects,
    IsNull,
    Junction,
    Like,
    Node,
    Not,
    Truth,
    Value,
)
from public.features.places import Mask

GEOMETRY = "geometry"
_FIRST_DAY = date(1970, 1, 1)
_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt,
    ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
_TEXTS: dict[str, Callable[[Any, Any], Any]] = {
    "=": pc.equal, "<>": pc.not_equal, "<": pc.less,
    ">": pc.greater, "<=": pc.less_equal, ">=": pc.greater_equal,
}  # fmt: skip


class Judged(NamedTuple):
    """Where a filter is true, and where it is false."""

    true: Mask
    false: Mask


def judged(node: Node, features: Features) -> Mask:
    """The rows ``node`` is true of. BadFilter when it names or compares what cannot be."""
    return _judge(node, features).true


def _judge(node: Node, features: Features) -> Judged:
    judge: Callable[[Any, Features], Judged] = _JUDGES[type(node)]
    return judge(node, features)


def _junction(node: Junction, features: Features) -> Judged:
    parts = [_judge(part, features) for part in node.parts]
    true, false = [one.true for one in parts], [one.false for one in parts]
    if node.all:
        return Judged(np.logical_and.reduce(true), np.logical_or.reduce(false))
    return Judged(np.logical_or.reduce(true), np.logical_and.reduce(false))


def _not(node: Not, features: Features) -> Judged:
    one = _judge(node.one, features)
    return Judged(one.false, one.true)


def _truth(node: Truth, features: Features) -> Judged:
    whole, none = np.ones(features.rows, bool), np.zeros(features.rows, bool)
    return Judged(whole, none) if node.value else Judged(none, whole)


def _comparison(node: Comparison, features: Features) -> Judged:
    column = _column(node.name, features)
    return _known(column, _compared(column, node.operator, node.value))


def _compared(column: Column, sign: str, value: Value) -> Mask:
    if column.kind is Kind.TEXT:
        if not isinstance(value, str):
            raise _other_kind(column)
        return column.spread(_TEXTS[sign](column.words, pa.scalar(value, pa.string())))
    return np.asarray(_NUMBERS[sign](column.values, _as_number(column, value)), bool)


def _like(node: Like, features: Features) -> Judged:
    column = _column(node.name, features)
    if column.kind is not Kind.TEXT:
        raise BadFilter(f"LIKE is of texts, {node.name} is none")
    return _known(column, column.spread(pc.match_like(column.words, node.pattern)))


def _between(node: Between, features: Features) -> Judged:
    column = _column(node.name, features)
    if column.kind is Kind.TEXT:
        raise BadFilter(f"BETWEEN is of numbers and times, {node.name} is a text")
    low, high = _compared(column, ">=", node.low), _compared(column, "<=", node.high)
    return _known(column, low & high)


def _in(node: In, features: Features) -> Judged:
    column = _column(node.name, features)
    if column.kind is Kind.TEXT:
        if not all(isinstance(one, str) for one in node.values):
            raise _other_kind(column)
        return _known(column, column.spread(pc.is_in(column.words, pa.array(node.values, pa.string()))))
    wanted = [_as_number(column, one) for one in node.values]
    return _known(column, np.isin(column.values, wanted))


def _is_null(node: IsNull, features: Features) -> Judged:
    if node.name == GEOMETRY:
        missing = features.places.missing if features.places else np.ones(features.rows, bool)
    else:
        missing = ~_column(node.name, features).known
    return Judged(missing, ~missing)


def _intersects(node: Intersects, features: Features) -> Judged:
    if node.name != GEOMETRY:
        raise BadFilter(f"S_INTERSECTS is of the property {GEOMETRY}")
    if features.places is None:
        return Judged(np.zeros(features.rows, bool), np.zeros(features.rows, bool))
    try:
        meets = features.places.meeting(node.shape)
    except shapely.errors.GEOSException:
        raise BadFilter("a shape cannot be judged") from None
    return Judged(meets, ~meets & ~features.places.missing)


def _known(column: Column, true: Mask) -> Judged:
    return Judged(true & column.known, ~true & column.known)


def _column(name: str, features: Features) -> Column:
    column = features.columns.get(name)
    if column is None:
        raise BadFilter(f"there is no property {name[:60]!r} to ask for; see queryables")
    return column


def _as_number(column: Column, value: Value) -> float:
    """``value`` as ``column`` holds it."""
    if column.kind is Kind.NUMBER and isinstance(value, float) and not isinstance(value, bool):
        return value
    if column.kind is Kind.DAY and isinstance(value, date) and not isinstance(value, datetime):
        return (value - _FIRST_DAY).days
    if column.kind is Kind.INSTANT and isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
        return moment.timestamp() * 1000
    raise _other_kind(column)


_WRITTEN = {
    Kind.TEXT: "a text in quotes",
    Kind.NUMBER: "a number",
    Kind.INSTANT: "TIMESTAMP('2026-05-01T12:00:00Z')",
    Kind.DAY: "DATE('2026-05-01')",
}


def _other_kind(column: Column) -> BadFilter:
    return BadFilter(f"{column.told.name} is compared with {_WRITTEN[column.kind]}")


_JUDGES: dict[type, Callable[[Any, Features], Judged]] = {
    Junction: _junction,
    Not: _not,
    Truth: _truth,
    Comparison: _comparison,
    Like: _like,
    Between: _between,
    In: _in,
    IsNull: _is_null,
    Intersects: _intersects,
}
