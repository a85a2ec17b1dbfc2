"""CQL2 as JSON: ``{"op": "=", "args": [{"property": "area_code"}, "34172"]}``."""

import json
import math
from collections.abc import Callable
from typing import Any

import shapely

from public.features.cql.tree import (
    FLIPPED,
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
    Size,
    Truth,
    Value,
    box_of,
    day_of,
    deeper,
    instant_of,
    placed,
)
from public.features.references import Reference


def from_json(text: str, reference: Reference) -> Node:
    """The tree of ``text``. BadFilter says what is wrong."""
    try:
        told = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadFilter("the filter is no JSON") from None
    return _Reader(reference).node(told, 0)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


class _Reader:
    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._size = Size()

    def node(self, told: Any, depth: int) -> Node:
        self._size.node()
        if isinstance(told, bool):
            return Truth(told)
        operator = told.get("op") if isinstance(told, dict) else None
        arguments = told.get("args") if isinstance(told, dict) else None
        if not isinstance(operator, str) or not isinstance(arguments, list):
            raise BadFilter('a part of the filter is an object of "op" and "args"')
        if operator in ("and", "or"):
            return self._junction(operator, arguments, depth)
        if operator in FLIPPED:
            return self._comparison(operator, arguments)
        if operator not in self._others:
            raise BadFilter(f"the operator {operator[:40]!r} is not known here")
        return self._others[operator](self, arguments, depth)

    def _junction(self, operator: str, arguments: list[Any], depth: int) -> Node:
        if len(arguments) < 2:
            raise BadFilter(f'"{operator}" takes two arguments or more')
        down = deeper(depth)
        return Junction(operator == "and", tuple(self.node(one, down) for one in arguments))

    def _comparison(self, operator: str, arguments: list[Any]) -> Node:
        left, right = _exactly(arguments, 2, operator)
        if _is_property(left):
            return Comparison(_property(left), operator, self._value(right))
        return Comparison(_property(right), FLIPPED[operator], self._value(left))

    def _not(self, arguments: list[Any], depth: int) -> Node:
        return Not(self.node(_exactly(arguments, 1, "not")[0], deeper(depth)))

    def _like(self, arguments: list[Any], _depth: int) -> Node:
        name, pattern = _exactly(arguments, 2, "like")
        if not isinstance(pattern, str):
            raise BadFilter('"like" takes a pattern, a text')
        return Like(_property(name), pattern)

    def _between(self, arguments: list[Any], _depth: int) -> Node:
        name, low, high = _exactly(arguments, 3, "between")
        return Between(_property(name), self._value(low), self._value(high))

    def _in(self, arguments: list[Any], _depth: int) -> Node:
        name, values = _exactly(arguments, 2, "in")
        if not isinstance(values, list) or not values:
            raise BadFilter('"in" takes a list of values')
        return In(_property(name), tuple(self._value(one) for one in values))

    def _is_null(self, arguments: list[Any], _depth: int) -> Node:
        return IsNull(_property(_exactly(arguments, 1, "isNull")[0]))

    def _intersects(self, arguments: list[Any], _depth: int) -> Node:
        first, second = _exactly(arguments, 2, "s_intersects")
        name, shape = (first, second) if _is_property(first) else (second, first)
        return Intersects(_property(name), self._shape(shape))

    _others: dict[str, Callable[["_Reader", list[Any], int], Node]] = {  # noqa: RUF012 - never changed
        "not": _not,
        "like": _like,
        "between": _between,
        "in": _in,
        "isNull": _is_null,
        "s_intersects": _intersects,
    }

    def _value(self, told: Any) -> Value:
        self._size.node()
        if isinstance(told, str | bool):
            return told
        if isinstance(told, int | float):
            return _number(told)
        if isinstance(told, dict) and len(told) == 1:
            ((kind, said),) = told.items()
            if kind in ("date", "timestamp") and isinstance(said, str):
                return day_of(said) if kind == "date" else instant_of(said)
        raise BadFilter("a value is a text, a number, true, false, a date or a timestamp")

    def _shape(self, told: Any) -> Any:
        if isinstance(told, dict) and isinstance(told.get("bbox"), list) and "type" not in told:
            sides = told["bbox"]
            if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in sides):
                raise BadFilter("bbox takes numbers")
            return box_of([_number(one) for one in sides], self._reference)
        if not isinstance(told, dict) or "type" not in told:
            raise BadFilter("a shape is a GeoJSON geometry or a bbox")
        return placed(lambda: shapely.from_geojson(json.dumps(told)), self._reference)


def _number(told: int | float) -> float:
    try:
        number = float(told)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadFilter("a number is too large")
    return number


def _is_property(told: Any) -> bool:
    return isinstance(told, dict) and "property" in told


def _property(told: Any) -> str:
    if isinstance(told, dict) and isinstance(told.get("property"), str):
        return str(told["property"])
    raise BadFilter('a property is written {"property": "name"}, and compared with a value')


def _exactly(arguments: list[Any], count: int, operator: str) -> list[Any]:
    if len(arguments) != count:
        raise BadFilter(f'"{operator}" takes {count} argument{"s" if count > 1 else ""}')
    return arguments
