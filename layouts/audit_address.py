"""The address of an audit search: what is looked for, so that a search can be kept and sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from model.audit import Action, Book
from model.auditing import FIELDS, AuditQuery, Mark
from model.errors import BadRequest
from model.looks import Purpose
from model.roles import Role

LASTS = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365}
"""Periods that end now, in days."""
FIRST, CUSTOM = "30d", "custom"
MONTHS = 36
"""Months offered by name: as long as looks are kept."""
LONGEST = 200
"""Characters taken of a field."""

KNOWN: dict[str, frozenset[str]] = {
    "role": frozenset(Role),
    "action": frozenset(Action),
    "book": frozenset(Book),
    "purpose": frozenset(Purpose),
    "outcome": frozenset({"done", "refused"}),
}
"""What the fields that are chosen from a list may hold."""


@dataclass(frozen=True)
class Search:
    """What the form holds: ``period`` one of LASTS, a month as ``2026-05``, or ``custom`` with ``days``
    (first and last, both included); ``fields`` by name, only those filled in."""

    period: str = FIRST
    days: tuple[str, str] = ("", "")
    fields: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


def search_of(period: str | None, first: str | None, last: str | None, fields: Mapping[str, str]) -> Search:
    """The values of the form, or of an address, as one search; what a list does not offer is left out."""
    kept = {}
    for name in FIELDS:
        text = "".join(c for c in str(fields.get(name) or "") if c.isprintable()).strip()[:LONGEST]
        if text and (name not in KNOWN or text in KNOWN[name]):
            kept[name] = text
    chosen = period or FIRST
    known = chosen in LASTS or chosen == CUSTOM or _month(chosen) is not None
    return Search(chosen if known else FIRST, ((first or "")[:10], (last or "")[:10]), kept)


def read_search(address: Mapping[str, str]) -> Search:
    """The search an address shows."""
    return search_of(address.get("p"), address.get("from"), address.get("to"), address)


def write_search(search: Search, after: Mark | None = None) -> str:
    """The query of the address that shows ``search``, from ``after`` on."""
    values = {"p": search.period}
    if search.period == CUSTOM:
        values |= {"from": search.days[0], "to": search.days[1]}
    values |= search.fields
    if after is not None:
        values["after"] = f"{after[0].astimezone(UTC).isoformat()}~{after[1]}~{after[2]}"
    return f"?{urlencode(values)}"


def read_after(text: str | None) -> Mark | None:
    """Where a page begins; None for none, or for what is none."""
    parts = (text or "").split("~")
    try:
        at = datetime.fromisoformat(parts[0])
        mark = (at, parts[1], int(parts[2][:18]))
    except (ValueError, IndexError):
        return None
    return mark if at.tzinfo and mark[1] in set(Book) else None


def query_of(search: Search, now: datetime, zone: ZoneInfo) -> AuditQuery:
    """The question of ``search`` asked at ``now`` (aware), its days those of ``zone``. BadRequest for dates
    that are none, or in the wrong order."""
    t0, t1 = _period(search, now, zone)
    return AuditQuery(t0, t1, **search.fields)


def _period(search: Search, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if search.period in LASTS:
        # Whole hours, so that the same search a minute later is the same search.
        end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return end - timedelta(days=LASTS[search.period]), end
    month = _month(search.period)
    if month is not None:
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        return _midnight(month, zone), _midnight(following, zone)
    try:
        first, last = (date.fromisoformat(day) for day in search.days)
        # A year out of reach would run over the calendar's end.
        if not date(2000, 1, 1) <= first <= last <= date(2200, 1, 1):
            raise ValueError
    except ValueError:
        raise BadRequest("dates") from None
    return _midnight(first, zone), _midnight(last + timedelta(days=1), zone)


def _month(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2200 else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def months(now: datetime, zone: ZoneInfo) -> list[tuple[str, datetime]]:
    """The months offered, the present one first: their text in an address, and their beginning."""
    here = now.astimezone(zone)
    found = []
    for back in range(MONTHS):
        number = here.year * 12 + here.month - 1 - back
        year, month = divmod(number, 12)
        found.append((f"{year}-{month + 1:02d}", datetime(year, month + 1, 1, tzinfo=zone)))
    return found
