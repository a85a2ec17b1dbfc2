"""A list of people pasted from a spreadsheet: read line by line, what is wrong named by line and field.

Columns ``name; login; e-mail; role; areas; domains; until; reason`` in this order, or as the first line names
them. They are separated by tabs, semicolons or commas, whichever the first line holds most of; several areas
or domains by ``/`` or ``|``. Roles, domains and columns are taken in French, in English, or by their code.
"""

import csv
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from model.domains import DOMAINS
from model.errors import BadField
from model.people import GrantDraft, Kind, ListedLine, Newcomer, PersonDraft
from model.roles import Role
from model.texts import LANGUAGES, catalogue
from services.access.people_checking import checked_grant, checked_person

COLUMNS = ("name", "login", "email", "role", "areas", "domains", "until", "reason")
LINES_MOST = 200
TEXT_MOST = 60_000
_HEADS = {
    "name": "name", "nom": "name", "login": "login", "identifiant": "login", "email": "email",
    "e-mail": "email", "mail": "email", "courriel": "email", "role": "role", "areas": "areas",
    "area": "areas", "communes": "areas", "commune": "areas", "territoires": "areas", "territoire": "areas",
    "domains": "domains", "domain": "domains", "domaines": "domains", "domaine": "domains",
    "until": "until", "jusqu'au": "until", "fin": "until", "reason": "reason", "motif": "reason",
}  # fmt: skip
_SEVERAL = re.compile(r"[/|]")
Cells = Mapping[str, str]


def read_list(
    text: str, areas: Mapping[int, str], taken: Collection[str], zone: ZoneInfo, now: datetime
) -> list[ListedLine]:
    """What the lines of ``text`` say, in a city of ``areas`` (id to name) where the logins ``taken`` exist.

    Lines without text are left out; those beyond 200 are one problem.
    """
    rows = _rows(text[:TEXT_MOST])
    if not rows:
        return []
    order, rows = _order(rows)
    found: list[ListedLine] = []
    logins: dict[str, int] = {}
    for number, cells in rows[:LINES_MOST]:
        line = _line(number, cells, order, areas, zone, now)
        line = _alone(line, taken, logins)
        found.append(line)
    if len(rows) > LINES_MOST or len(text) > TEXT_MOST:
        last = rows[min(LINES_MOST, len(rows) - 1)][0]
        found.append(ListedLine(last, "", None, BadField("name", "too_many_lines", most=LINES_MOST)))
    return found


def _rows(text: str) -> list[tuple[int, list[str] | None]]:
    """The lines with text, numbered from 1; None for one whose quotes do not match."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")
    first = next((line for line in lines if line.strip()), "")
    mark = max("\t;,", key=first.count)
    rows: list[tuple[int, list[str] | None]] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            rows.append((number, _cells(line, mark)))
    return rows


def _cells(line: str, mark: str) -> list[str] | None:
    if line.count('"') % 2:
        return None
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]


def _order(
    rows: list[tuple[int, list[str] | None]],
) -> tuple[Sequence[str] | BadField, list[tuple[int, list[str] | None]]]:
    """The names of the columns, and the rows without the line that named them."""
    first = rows[0][1] or []
    named = [_HEADS.get(_plain(cell)) for cell in first]
    # A line that names both needed columns is no person: nobody is called "name" in the role "role".
    if "name" not in named or "role" not in named:
        return COLUMNS, rows
    unknown = next((cell for cell, name in zip(first, named, strict=True) if cell and not name), None)
    if unknown is not None:
        return BadField("name", "unknown_column", name=unknown[:40]), rows[1:]
    return [name or "" for name in named], rows[1:]


def _line(
    number: int,
    cells: list[str] | None,
    order: Sequence[str] | BadField,
    areas: Mapping[int, str],
    zone: ZoneInfo,
    now: datetime,
) -> ListedLine:
    begins = cells[0][:60] if cells else ""
    try:
        if cells is None:
            raise BadField("name", "quotes")
        if isinstance(order, BadField):
            raise order
        newcomer = _newcomer(_named(cells, order), areas, zone, now)
    except BadField as problem:
        return ListedLine(number, begins, None, problem)
    return ListedLine(number, begins, newcomer, None)


def _named(cells: list[str], order: Sequence[str]) -> Cells:
    told = [cell for cell in cells[len(order) :] if cell]
    if told:
        raise BadField("name", "columns", n=len(cells))
    return dict(zip(order, cells, strict=False))


def _newcomer(cells: Cells, areas: Mapping[int, str], zone: ZoneInfo, now: datetime) -> Newcomer:
    role = _role(cells.get("role", ""))
    kind = Kind.DEVICE if role is Role.WALL else Kind.PERSON
    person = checked_person(
        PersonDraft(cells.get("name", ""), cells.get("login", ""), cells.get("email", ""), kind)
    )
    grant = GrantDraft(
        role, _areas(cells.get("areas", ""), areas), _domains(cells.get("domains", "")),
        cells.get("reason", ""), None, _until(cells.get("until", ""), zone),
    )  # fmt: skip
    checked = checked_grant(grant, kind, areas, now)
    # The grant begins when it is written, not when the list was looked at.
    return Newcomer(person, replace(checked, valid_from=None))


def _alone(line: ListedLine, taken: Collection[str], logins: dict[str, int]) -> ListedLine:
    """``line``, or what is wrong with it when its login is taken or stands in the list already."""
    if line.newcomer is None:
        return line
    login = line.newcomer.person.login
    if login in taken:
        return replace(line, newcomer=None, problem=BadField("login", "login_taken", login=login))
    if login in logins:
        twice = BadField("login", "twice", login=login, line=logins[login])
        return replace(line, newcomer=None, problem=twice)
    logins[login] = line.number
    return line


# --- words --------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """``text`` without accents, case or no-break spaces, its apostrophe straight."""
    bare = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).casefold().split())


@cache
def _words_of(kind: str, names: tuple[str, ...]) -> dict[str, str]:
    """Every way to write one of ``names``: its code, and what either language calls it."""
    told = {_plain(name): name for name in names}
    for language in LANGUAGES:
        told |= {_plain(catalogue(language)[f"{kind}.{name}"]): name for name in names}
    return told


def _role(text: str) -> Role:
    if not text:
        raise BadField("role", "empty")
    known = _words_of("role", tuple(role.value for role in Role))
    # The first word of a longer name is enough where only one role begins with it.
    near = {
        name for word, name in known.items() if word == _plain(text) or word.split(",")[0] == _plain(text)
    }
    if len(near) != 1:
        raise BadField("role", "unknown_role_named", name=text[:40])
    return Role(near.pop())


def _domains(text: str) -> frozenset[str] | None:
    known = _words_of("domain", tuple(domain.name for domain in DOMAINS))
    chosen = _several(text)
    for name in chosen:
        if _plain(name) not in known:
            raise BadField("domains", "unknown_domain", name=name[:40])
    return frozenset(known[_plain(name)] for name in chosen) or None


def _areas(text: str, areas: Mapping[int, str]) -> frozenset[int] | None:
    known = {_plain(name): number for number, name in areas.items()}
    chosen = _several(text)
    for name in chosen:
        if _plain(name) not in known:
            raise BadField("areas", "unknown_area_named", name=name[:40])
    return frozenset(known[_plain(name)] for name in chosen) or None


def _several(text: str) -> list[str]:
    return [name.strip() for name in _SEVERAL.split(text) if name.strip()]


def _until(text: str, zone: ZoneInfo) -> datetime | None:
    """The end of the day ``text``: 2026-12-31 or 31/12/2026, and nothing that could be read two ways."""
    if not text:
        return None
    european = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        day = date(*map(int, reversed(european.groups()))) if european else date.fromisoformat(text)
    except ValueError:
        raise BadField("until", "no_date") from None
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
