"""Query options: ``$top``, ``$skip``, ``$count``, ``$select``, ``$expand``, ``$orderby``, ``$filter``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from public.features.asked import BadParameter, whole_number
from public.sensorthings.filters.text import read
from public.sensorthings.filters.tree import Node

USUAL, MOST = 100, 1_000
DEEPEST = 4
MOST_CHARACTERS = 4_000
NAMES = (
    "$top",
    "$skip",
    "$count",
    "$select",
    "$expand",
    "$orderby",
    "$filter",
    "$resultFormat",
    "$skiptoken",
)
ARRAY = "dataArray"
_PATH = re.compile(r"@?[A-Za-z][\w.]*(/[A-Za-z_][\w.-]*)*")
_TOKEN = re.compile(r"[0-9a-f]{16}")
Path = tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """What is asked of a list or an entity; ``expand`` holds by relation what is asked of what is shown too.

    ``raw`` are the options as they were given, for the links to the next page.
    """

    top: int = USUAL
    skip: int = 0
    count: bool = False
    select: tuple[Path, ...] = ()
    expand: "dict[str, Options]" = field(default_factory=dict)
    order: tuple[tuple[Path, bool], ...] = ()
    filter: Node | None = None
    array: bool = False
    token: str = ""
    raw: tuple[tuple[str, str], ...] = ()

    def further(self, skip: int, token: str) -> str:
        """The options of the page that begins at ``skip``, of the world ``token``, as a query."""
        kept = [pair for pair in self.raw if pair[0] not in ("$skip", "$skiptoken")]
        return urlencode([*kept, ("$skip", str(skip)), ("$skiptoken", token)], safe="$(),/'~")


def options_of(given: Mapping[str, str], depth: int = 0) -> Options:
    """The options ``given``. BadParameter names the first that is wrong and says what it should be."""
    if depth > DEEPEST:
        raise BadParameter("$expand", f"goes deeper than {DEEPEST} levels")
    for name, value in given.items():
        if len(value) > MOST_CHARACTERS:
            raise BadParameter(name, f"longer than {MOST_CHARACTERS:,} characters")
    return Options(
        whole_number("$top", given["$top"], 0, MOST) if "$top" in given else USUAL,
        whole_number("$skip", given["$skip"], 0, 1 << 40) if "$skip" in given else 0,
        _flag(given.get("$count", "false")),
        tuple(_path("$select", one) for one in _parts(given["$select"], ",")) if "$select" in given else (),
        _expanded(given["$expand"], depth) if "$expand" in given else {},
        tuple(_ordered(one) for one in _parts(given["$orderby"], ",")) if "$orderby" in given else (),
        read(given["$filter"]) if "$filter" in given else None,
        _array(given.get("$resultFormat", "")),
        _token(given.get("$skiptoken", "")),
        tuple(given.items()),
    )


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadParameter("$count", "true or false")
    return text == "true"


def _array(text: str) -> bool:
    if text not in ("", ARRAY):
        raise BadParameter("$resultFormat", f"{ARRAY}, or not given")
    return text == ARRAY


def _token(text: str) -> str:
    if text and not _TOKEN.fullmatch(text):
        raise BadParameter("$skiptoken", "comes from the next link of a page, as it stands there")
    return text


def _path(option: str, text: str) -> Path:
    if not _PATH.fullmatch(text):
        raise BadParameter(option, f"{text[:60]!r} is no name of a property")
    return tuple(text.split("/"))


def _ordered(text: str) -> tuple[Path, bool]:
    name, _, way = text.partition(" ")
    if way.strip() not in ("", "asc", "desc"):
        raise BadParameter("$orderby", f"{text[:60]!r}: a property, then asc or desc")
    return _path("$orderby", name), way.strip() == "desc"


def _expanded(text: str, depth: int) -> dict[str, Options]:
    """By relation, the options in its brackets; a path with slashes is one relation inside another."""
    found: dict[str, Options] = {}
    for one in _parts(text, ","):
        name, _, rest = one.partition("(")
        if rest and not rest.endswith(")"):
            raise BadParameter("$expand", f"{one[:60]!r}: a bracket is not closed")
        inner = options_of(_inner(rest[:-1]) if rest else {}, depth + 1)
        path = _path("$expand", name)
        if depth + len(path) > DEEPEST:
            raise BadParameter("$expand", f"goes deeper than {DEEPEST} levels")
        for outer in reversed(path[1:]):
            inner = Options(expand={outer: inner})
        found[path[0]] = _joined(found[path[0]], inner) if path[0] in found else inner
    return found


def _inner(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for one in _parts(text, ";"):
        name, equals, value = one.partition("=")
        if name not in NAMES[:7] or not equals:
            raise BadParameter("$expand", f"{one[:60]!r}: an option such as $top=1, with ; between")
        if name in given:
            raise BadParameter("$expand", f"{name} is given twice in brackets")
        given[name] = value
    return given


def _joined(first: Options, second: Options) -> Options:
    """The same relation named twice: what each of them shows too."""
    both = dict(first.expand)
    for name, inner in second.expand.items():
        both[name] = _joined(both[name], inner) if name in both else inner
    return replace(first if first.raw else second, expand=both)


def _parts(text: str, between: str) -> Iterator[str]:
    """``text`` cut at ``between``, but not in brackets or quotes."""
    depth, quoted, begin = 0, False, 0
    for at, sign in enumerate(text):
        quoted ^= sign == "'"
        depth += 0 if quoted else (sign == "(") - (sign == ")")
        if sign == between and not quoted and depth == 0:
            yield text[begin:at].strip()
            begin = at + 1
    yield text[begin:].strip()
