"""What a caller asks: an address's query, each parameter known, given once and right, or refused by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from model.errors import BadRequest
from model.texts import LANGUAGES
from public.answers import THEMES, Look

JSON, HTML, CSV = "json", "html", "csv"
FORMS = (JSON, HTML)
OF_ROWS = (*FORMS, CSV)
"""Forms of what consists of rows."""
EVERYWHERE = ("f", "lang", "theme")
MOST_PARAMETERS = 60


class BadParameter(BadRequest):
    """A parameter that is not known here, given twice, or has an impossible value; ``name`` is which."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


@dataclass(frozen=True)
class Asked:
    """A question: its path, its parameters as given and in order, the form of the answer and its look."""

    path: str
    given: dict[str, str]
    form: str
    look: Look

    def address(self, base: str, **changes: str | None) -> str:
        """This question's address with ``changes``; None takes a parameter away."""
        pairs = {**self.given, **changes}
        query = urlencode({name: value for name, value in pairs.items() if value is not None})
        return f"{base}{self.path}?{query}" if query else f"{base}{self.path}"


def asked(
    request: Request, language: str, known: Iterable[str] = (), forms: tuple[str, ...] = FORMS
) -> Asked:
    """The question of ``request``; parameters are ``known`` and those of every page. Else BadParameter."""
    given = given_in(request.url.query, {*known, *EVERYWHERE})
    form = given["f"] if "f" in given else _preferred(request.headers.get("accept", ""))
    if form not in forms:
        raise BadParameter("f", " or ".join(forms))
    chosen = Look(given.get("lang", language), given.get("theme", THEMES[0]))
    if chosen.language not in LANGUAGES:
        raise BadParameter("lang", " or ".join(LANGUAGES))
    if chosen.theme not in THEMES:
        raise BadParameter("theme", " or ".join(THEMES))
    return Asked(request.url.path, given, form, chosen)


def given_in(query: str, known: set[str]) -> dict[str, str]:
    """The parameters of ``query``, each ``known`` and given once, in order. Else BadParameter."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise BadParameter("query", f"UTF-8, at most {MOST_PARAMETERS} parameters") from None
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise BadParameter(name[:60], "there is no such parameter here")
        if name in given:
            raise BadParameter(name, "given twice")
        if "\x00" in value:
            raise BadParameter(name, "holds a character that is none")
        given[name] = value
    return given


def _preferred(accept: str) -> str:
    """HTML for browsers, JSON for everything else, whichever an Accept header weighs more."""
    best, chosen = 0.0, JSON
    for part in accept.lower().split(","):
        kind, _, rest = part.partition(";")
        form = HTML if kind.strip() in ("text/html", "application/xhtml+xml") else JSON
        weight = _weight(rest)
        if weight > best:
            best, chosen = weight, form
    return chosen


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return min(float(value), 1.0) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def whole_number(name: str, text: str, least: int, most: int) -> int:
    """``text`` as a whole number from ``least``; more than ``most`` is ``most``, as the standard says."""
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise BadParameter(name, f"a whole number, at least {least}")
    # Longer than any number here, and never read: so many digits would take their time.
    found = int(digits) if len(digits) <= 18 else most
    if found < least:
        raise BadParameter(name, f"a whole number, at least {least}")
    return min(found, most)
