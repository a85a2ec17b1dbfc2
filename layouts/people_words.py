"""How rights are told in words: roles, areas, domains, ends; the ways between the management pages. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from layouts.symbols import freshness_symbol, icon, status_symbol
from layouts.view import AreaChoice
from model.domains import DOMAINS
from model.people import Grant, Sheet, Standing
from model.texts import Words
from model.viewer import Scope

WAYS = (
    ("people", "/people"),
    ("sessions", "/sessions"),
    ("partners", "/partners"),
    ("rights", "/people?view=rights"),
    ("privileged", "/people?view=privileged"),
)
Names = Mapping[int, str]


def counted(say: Words, key: str, n: int, /, blank: str = "n", **values: object) -> str:
    """The text of ``key`` for ``n`` things: its ``_one`` or ``_none`` where the language has one for that."""
    special = {0: f"{key}_none", 1: f"{key}_one"}.get(n, key)
    return say(special if say.has(special) else key, **{blank: say.number(n)}, **values)


def ways(say: Words, here: str) -> Component:
    """Between people, sessions, partners, who may what, and privileged accounts."""
    return html.Nav(
        [
            html.A(
                say(f"people.way_{name}"), href=href,
                className="way here" if name == here else "way",
                **({"aria-current": "page"} if name == here else {}),
            )
            for name, href in WAYS
        ],
        className="ways people-ways",
        **{"aria-label": say("people.ways")},
    )  # fmt: skip


def area_names(areas: Iterable[AreaChoice]) -> dict[int, str]:
    """The names of areas by id."""
    return {area.id: area.name for area in areas}


def areas_text(say: Words, areas: frozenset[int] | None, names: Names) -> str:
    """The areas by name; an area no longer there by its number."""
    if areas is None:
        return say("people.whole_city")
    return ", ".join(sorted(names.get(area, str(area)) for area in areas))


def domains_text(say: Words, domains: frozenset[str] | None) -> str:
    """The domains by name, in the order screens show them."""
    if domains is None:
        return say("people.all_domains")
    return ", ".join(say(f"domain.{one.name}") for one in DOMAINS if one.name in domains)


def where_text(say: Words, grant: Grant, names: Names) -> str:
    """Areas and domains in one line."""
    return f"{areas_text(say, grant.areas, names)} · {domains_text(say, grant.domains)}"


def scope_text(say: Words, scope: Scope, names: Names) -> str:
    """A scope in as few words as say it: the whole city, some areas, one domain of it."""
    if scope.whole or scope.domains is None:
        return areas_text(say, scope.areas, names)
    told = domains_text(say, scope.domains)
    return told if scope.areas is None else f"{areas_text(say, scope.areas, names)} · {told}"


def until_day(say: Words, until: datetime) -> str:
    """The last day something counts: it ends with that day, so a moment before its end."""
    return say.day(until - timedelta(seconds=1), "medium")


def until_text(say: Words, grant: Grant, now: datetime) -> str:
    """From when, where that is to come, and until when."""
    until = grant.valid_until
    end = say("people.no_end") if until is None else say("people.until", day=until_day(say, until))
    if grant.valid_from > now:
        return f"{say('people.from', day=say.day(grant.valid_from, 'medium'))}, {end}"
    return end


def seen_text(say: Words, seen: datetime | None, now: datetime) -> str:
    """How long ago somebody was last seen."""
    if seen is None:
        return say("people.never_seen")
    seconds = (now - seen).total_seconds()
    return say("people.now") if seconds < 90 else say("people.ago", age=say.age(seconds))


_FRESH = {
    Standing.FINE: "live",
    Standing.NEVER: "never",
    Standing.UNUSED: "stale",
    Standing.EXPIRING: "late",
    Standing.EXPIRED: "stale",
}


def standing_sign(standing: Standing, size: int = 16) -> Component:
    """The shape beside the word: what is over looks old, what is about to end late."""
    if standing in _FRESH:
        return freshness_symbol(_FRESH[standing], size)
    return status_symbol("out_of_service" if standing is Standing.DISABLED else "unknown", size)


def standing_mark(say: Words, sheet: Sheet, now: datetime) -> Component:
    """Shape and word of what matters most about an account."""
    standing = sheet.standing(now)
    return html.Span(
        [standing_sign(standing), say(f"people.standing_{standing.value}")],
        className=f"standing-mark standing-{standing.value}",
    )


def act_button(text: str, act: str, label: str | None = None, *, quiet: bool = False) -> Component:
    """A button inside a ``Steady`` that reports ``act``."""
    named = {"aria-label": label} if label else {}
    return html.Button(
        text, type="button", className="button small" if quiet else "button", **{"data-act": act}, **named
    )


def plus_button(text: str, act: str, *, primary: bool = False) -> Component:
    """A button with a plus that adds something."""
    name = "button primary" if primary else "button"
    return html.Button([icon("plus", 16), text], type="button", className=name, **{"data-act": act})


def area_choices(areas: Sequence[AreaChoice]) -> list[dict[str, str]]:
    """Areas as a choice takes them."""
    return [{"value": str(area.id), "label": area.name} for area in areas]


def domain_choices(say: Words) -> list[dict[str, str]]:
    """Domains as a choice takes them."""
    return [{"value": one.name, "label": say(f"domain.{one.name}")} for one in DOMAINS]
