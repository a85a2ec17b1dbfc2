"""CQL2 as text: ``area_code = '34172' AND S_INTERSECTS(geometry, BBOX(3.8, 43.6, 3.9, 43.7))``."""

import re
from typing import NamedTuple

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

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<text>'(?:[^'\\]|''|\\'|\\)*')"
    r'|(?P<quoted>"[^"]+")'
    r"|(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<operator><>|<=|>=|[=<>])"
    r"|(?P<mark>[(),])"
    r"|(?P<name>[^\W\d][\w.:]*)"
    r")"
)
_SHAPES = {
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
}
_RESERVED = {"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DATE", "TIMESTAMP"}


class _Token(NamedTuple):
    kind: str
    text: str
    place: int
    end: int

    @property
    def word(self) -> str:
        """The keyword it may be."""
        return self.text.upper() if self.kind == "name" else ""


class _Property(NamedTuple):
    name: str


def from_text(text: str, reference: Reference) -> Node:
    """The tree of ``text``. BadFilter says what was expected, and at which character."""
    return _Reader(text, reference).whole()


def _tokens(text: str) -> list[_Token]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadFilter(f"{text[place : place + 20].strip()!r} cannot be read, at character {place + 1}")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind), match.end()))
        place = match.end()
    return [*found, _Token("end", "", len(text), len(text))]


class _Reader:
    """Reads from left to right; a method a rule of the grammar."""

    def __init__(self, text: str, reference: Reference) -> None:
        self._text = text
        self._reference = reference
        self._tokens = _tokens(text)
        self._at = 0
        self._size = Size()

    def whole(self) -> Node:
        node = self._any(0)
        if self._next.kind != "end":
            raise self._wrong("AND, OR or the end")
        return node

    # Junctions

    def _any(self, depth: int) -> Node:
        return self._joined("OR", depth)

    def _joined(self, word: str, depth: int) -> Node:
        part = self._all if word == "OR" else self._factor
        parts = [part(depth)]
        while self._took(word):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else Junction(word == "AND", tuple(parts))

    def _all(self, depth: int) -> Node:
        return self._joined("AND", depth)

    def _factor(self, depth: int) -> Node:
        self._size.node()
        if self._took("NOT"):
            return Not(self._factor(deeper(depth)))
        if self._next.text == "(":
            self._take()
            node = self._any(deeper(depth))
            self._expect(")")
            return node
        return self._predicate()

    # Predicates

    def _predicate(self) -> Node:
        if self._next.word == "S_INTERSECTS":
            return self._intersects()
        if self._next.word in ("TRUE", "FALSE") and self._tokens[self._at + 1].kind != "operator":
            return Truth(self._take().word == "TRUE")
        left = self._scalar()
        if self._next.kind == "operator":
            return self._comparison(left)
        if not isinstance(left, _Property):
            raise self._wrong("an operator")
        return self._about(left.name)

    def _comparison(self, left: "_Property | Value") -> Node:
        operator, right = self._take().text, self._scalar()
        if isinstance(left, _Property) and not isinstance(right, _Property):
            return Comparison(left.name, operator, right)
        if isinstance(right, _Property) and not isinstance(left, _Property):
            return Comparison(right.name, FLIPPED[operator], left)
        raise BadFilter("a comparison is of a property with a value")

    def _about(self, name: str) -> Node:
        if self._took("IS"):
            negated = self._took("NOT")
            self._expect("NULL")
            return self._turned(negated, IsNull(name))
        negated = self._took("NOT")
        if self._took("LIKE"):
            return self._turned(negated, Like(name, self._pattern()))
        if self._took("BETWEEN"):
            low = self._value()
            self._expect("AND")
            return self._turned(negated, Between(name, low, self._value()))
        if self._took("IN"):
            return self._turned(negated, In(name, self._list()))
        raise self._wrong("an operator, LIKE, BETWEEN, IN or IS NULL")

    def _turned(self, negated: bool, node: Node) -> Node:
        return Not(node) if negated else node

    def _list(self) -> tuple[Value, ...]:
        self._expect("(")
        values = [self._value()]
        while self._next.text == ",":
            self._take()
            self._size.node()
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _intersects(self) -> Node:
        self._take()
        self._expect("(")
        first = self._shape()
        self._expect(",")
        second = self._shape()
        self._expect(")")
        name, shape = (first, second) if isinstance(first, _Property) else (second, first)
        if not isinstance(name, _Property) or not isinstance(shape, shapely.Geometry):
            raise BadFilter("S_INTERSECTS is of the property geometry and a shape")
        return Intersects(name.name, shape)

    # Values

    def _scalar(self) -> "_Property | Value":
        token = self._next
        if token.kind == "quoted" or (token.kind == "name" and token.word not in _RESERVED):
            self._take()
            return _Property(token.text.strip('"'))
        return self._value()

    def _value(self) -> Value:
        token = self._take()
        if token.kind == "text":
            return _unquoted(token.text)
        if token.kind == "number":
            return float(token.text)
        if token.word in ("TRUE", "FALSE"):
            return token.word == "TRUE"
        if token.word in ("DATE", "TIMESTAMP"):
            self._expect("(")
            said = self._pattern()
            self._expect(")")
            return day_of(said) if token.word == "DATE" else instant_of(said)
        self._at -= 1
        raise self._wrong("a value")

    def _pattern(self) -> str:
        if self._next.kind != "text":
            raise self._wrong("a text in single quotes")
        return _unquoted(self._take().text)

    def _shape(self) -> object:
        token = self._next
        if token.word == "BBOX":
            self._take()
            sides = self._list()
            if not all(isinstance(side, float) for side in sides):
                raise BadFilter("BBOX takes numbers")
            return box_of([side for side in sides if isinstance(side, float)], self._reference)
        if token.word in _SHAPES:
            written = self._text[token.place : self._after_brackets()]
            return placed(lambda: shapely.from_wkt(written), self._reference)
        return self._scalar()

    def _after_brackets(self) -> int:
        """Past a shape's brackets; where they end in the text."""
        self._take()
        open_ = 0
        while self._next.kind != "end":
            token = self._take()
            open_ += {"(": 1, ")": -1}.get(token.text, 0)
            if open_ == 0 and token.text == ")":
                return token.end
        raise self._wrong("the end of a shape")

    # Tokens

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _took(self, word: str) -> bool:
        if self._next.word == word:
            self._take()
            return True
        return False

    def _expect(self, what: str) -> None:
        if what not in (self._next.text, self._next.word):
            raise self._wrong(what)
        self._take()

    def _wrong(self, expected: str) -> BadFilter:
        token = self._next
        found = repr(token.text[:20]) if token.text else "the end"
        return BadFilter(f"expected {expected}, found {found}, at character {token.place + 1}")


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'").replace("\\'", "'")
