"""A filter's text (OData) as a tree: or, and, not, comparisons, arithmetic, functions, literals, paths."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from public.sensorthings.filters.tree import (
    DEEPEST,
    MOST_PARTS,
    Call,
    Literal,
    Node,
    NotOffered,
    Path,
    Span,
    bad,
)

_INSTANT = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)"
_TOKENS = re.compile(
    rf"\s+|(?P<span>{_INSTANT}/{_INSTANT})|(?P<instant>{_INSTANT})|(?P<day>\d{{4}}-\d\d-\d\d)"
    r"|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?(?![\w.]))"
    r"|(?P<name>@?[A-Za-z][\w.]*(?:/[A-Za-z_][\w.-]*)*)|(?P<sign>[(),])"
)
LEVELS = (("or",), ("and",), ("eq", "ne", "gt", "ge", "lt", "le"), ("add", "sub"), ("mul", "div", "mod"))
COMPARISONS = LEVELS[2]
FUNCTIONS: dict[str, tuple[int, ...]] = {
    "substringof": (2,), "startswith": (2,), "endswith": (2,), "contains": (2,), "length": (1,),
    "indexof": (2,), "substring": (2, 3), "tolower": (1,), "toupper": (1,), "trim": (1,), "concat": (2,),
    "year": (1,), "month": (1,), "day": (1,), "hour": (1,), "minute": (1,), "second": (1,), "now": (0,),
    "round": (1,), "floor": (1,), "ceiling": (1,),
    "before": (2,), "after": (2,), "during": (2,), "overlaps": (2,),
}  # fmt: skip
"""The functions there are, with how many arguments they take."""

_ELSEWHERE = re.compile(
    r"geo\.\w+|st_\w+|meets|starts|finishes|date|time|fractionalseconds|totaloffsetminutes"
    r"|mindatetime|maxdatetime|any|all|isof|cast"
)
"""Functions of the standard, or of OData, that are not offered."""


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def read(text: str) -> Node:
    """The tree of ``text``. BadParameter says what is wrong and where, NotOffered what there is not."""
    reader = _Reader(list(_tokens(text)), text)
    node = reader.level(0, 0)
    reader.end()
    return node


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            raise bad(f"cannot be read from character {at + 1}: {text[at : at + 30]!r}")
        if match.lastgroup:
            yield _Token(match.lastgroup, match[0], at)
        at = match.end()


class _Reader:
    def __init__(self, tokens: list[_Token], text: str) -> None:
        if len(tokens) > MOST_PARTS:
            raise bad(f"has more than {MOST_PARTS} parts")
        self._tokens, self._next, self._text = tokens, 0, text

    def level(self, level: int, depth: int) -> Node:
        """One level of operators, the loosest first."""
        if depth > DEEPEST:
            raise bad(f"is deeper than {DEEPEST} levels")
        if level == len(LEVELS):
            return self._value(depth)
        if level == 2 and self._takes("not"):
            return Call("not", (self.level(2, depth + 1),))
        left = self.level(level + 1, depth)
        while (name := self._operator(level)) is not None:
            left = Call(name, (left, self.level(level + 1, depth)))
            if level == 2:
                break
        return left

    def end(self) -> None:
        """Refuse what comes after the end."""
        if self._next < len(self._tokens):
            raise self._unexpected()

    def _operator(self, level: int) -> str | None:
        token = self._peek()
        if token and token.kind == "name" and token.text in LEVELS[level]:
            self._next += 1
            return token.text
        return None

    def _value(self, depth: int) -> Node:
        token = self._peek()
        if token is None or token.text in (")", ","):
            raise self._unexpected()
        self._next += 1
        if token.text == "(":
            inner = self.level(0, depth + 1)
            self._expect(")")
            return inner
        if token.kind == "name":
            return self._named(token, depth)
        return _literal(token)

    def _named(self, token: _Token, depth: int) -> Node:
        if token.text in ("true", "false"):
            return Literal(token.text == "true")
        if token.text == "null":
            return Literal(None)
        if not self._takes("("):
            return Path(tuple(token.text.split("/")))
        name = token.text.rpartition("/")[2]
        if _ELSEWHERE.fullmatch(name):
            raise NotOffered(f"$filter: the function {name} at character {token.at + 1} is not offered")
        arguments = [] if self._sees(")") else [self.level(0, depth + 1)]
        while self._takes(","):
            arguments.append(self.level(0, depth + 1))
        self._expect(")")
        if token.text not in FUNCTIONS:
            raise bad(f"there is no function {token.text[:40]} (at character {token.at + 1})")
        if len(arguments) not in FUNCTIONS[token.text]:
            raise bad(
                f"{token.text} takes {FUNCTIONS[token.text][0]} arguments (at character {token.at + 1})"
            )
        return Call(token.text, tuple(arguments))

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _sees(self, text: str) -> bool:
        token = self._peek()
        return token is not None and token.kind in ("sign", "name") and token.text == text

    def _takes(self, text: str) -> bool:
        if self._sees(text):
            self._next += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._unexpected(f"{text!r} is missing")

    def _unexpected(self, why: str = "") -> Exception:
        token = self._peek()
        where = f"at character {token.at + 1}, {token.text[:30]!r}" if token else "at its end"
        return bad(f"{why or 'cannot be read'} {where}")


def _literal(token: _Token) -> Literal:
    if token.kind == "text":
        return Literal(token.text[1:-1].replace("''", "'"))
    if token.kind == "number":
        return Literal(float(token.text))
    first, _, last = token.text.partition("/")
    begin = _instant(first, token.at)
    span = Span(begin, _instant(last, token.at) if last else begin)
    if span.last < span.first:
        raise bad(f"the interval at character {token.at + 1} ends before it begins")
    return Literal(span)


def _instant(text: str, at: int) -> datetime:
    try:
        found = datetime.fromisoformat(text.upper())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad(f"no instant at character {at + 1}: {text!r}") from None
