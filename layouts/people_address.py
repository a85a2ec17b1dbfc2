"""What the address of the page of people asks for: filters, and the account opened. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from model.domains import DOMAINS
from model.people import Sheet, Standing
from model.roles import Role

PATH = "/people"
ENABLED, VIDEO = "enabled", "video"
STATES: tuple[str, ...] = (ENABLED, *Standing, VIDEO)
RIGHTS, PRIVILEGED = "rights", "privileged"
VIEWS = ("", RIGHTS, PRIVILEGED)


@dataclass(frozen=True)
class Shown:
    """One view of the page; an empty text and 0 ask for nothing."""

    person: int = 0
    q: str = ""
    role: str = ""
    area: int = 0
    domain: str = ""
    state: str = ""

    @property
    def query(self) -> str:
        """The query of the address that shows this."""
        asked = {
            "person": self.person or "", "q": self.q, "role": self.role, "area": self.area or "",
            "domain": self.domain, "state": self.state,
        }  # fmt: skip
        told = urlencode({name: value for name, value in asked.items() if value})
        return f"?{told}" if told else ""

    @property
    def href(self) -> str:
        """The address that shows this."""
        return PATH + self.query

    def opening(self, person: int) -> "Shown":
        """The same filters with an account open; 0 closes it."""
        return replace(self, person=person)


def read_shown(address: Mapping[str, str]) -> Shown:
    """The view an address asks for; what makes no sense asks for nothing."""
    return shown_of(
        number(address.get("person")), address.get("q"), address.get("role"), address.get("area"),
        address.get("domain"), address.get("state"),
    )  # fmt: skip


def shown_of(
    person: int, q: str | None, role: str | None, area: str | None, domain: str | None, state: str | None
) -> Shown:
    """The view the filters ask for."""
    return Shown(
        person,
        (q or "").strip()[:80],
        role if role and role in set(Role) else "",
        number(area),
        domain if domain in {one.name for one in DOMAINS} else "",
        state if state and state in STATES else "",
    )


def number(text: object) -> int:
    """The whole number ``text`` is; 0 when it is none of ours."""
    told = str(text or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 18 else 0


def view_of(address: Mapping[str, str]) -> str:
    """Which of the page's views an address asks for: the list (empty), the matrix, the inventory."""
    view = address.get("view", "")
    return view if view in VIEWS else ""


def found(sheets: list[Sheet], shown: Shown, now: datetime) -> list[Sheet]:
    """The accounts that match every filter of ``shown`` at ``now``."""
    return [one for one in sheets if _matches(one, shown, now)]


def _matches(sheet: Sheet, shown: Shown, now: datetime) -> bool:
    person = sheet.person
    told = f"{person.name} {person.login} {person.email}".casefold()
    if not all(word in told for word in shown.q.casefold().split()):
        return False
    return _in_state(sheet, shown.state, now) and _held(sheet, shown, now)


def _in_state(sheet: Sheet, state: str, now: datetime) -> bool:
    if state == ENABLED:
        return sheet.person.disabled_at is None
    if state == VIDEO:
        return any(right.in_force(now) for right in sheet.video)
    if state == Standing.EXPIRING:
        return sheet.person.disabled_at is None and sheet.ends_soon(now)
    if state == Standing.UNUSED:
        return sheet.person.disabled_at is None and sheet.unused(now)
    return not state or sheet.standing(now) == state


def _held(sheet: Sheet, shown: Shown, now: datetime) -> bool:
    """Whether one grant shown fits role, area and domain together."""
    if not (shown.role or shown.area or shown.domain):
        return True
    return any(
        (not shown.role or grant.role == shown.role)
        and (not shown.area or grant.areas is None or shown.area in grant.areas)
        and (not shown.domain or grant.domains is None or shown.domain in grant.domains)
        for grant in sheet.grants_shown(now)
    )
