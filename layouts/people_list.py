"""Every account in one table: who, what she may, where, until when, last seen. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.people_address import PATH, Shown
from layouts.people_words import (
    Names,
    act_button,
    areas_text,
    counted,
    domains_text,
    plus_button,
    seen_text,
    standing_mark,
    until_text,
)
from layouts.shell import state_card
from layouts.symbols import icon
from model.people import Kind, Sheet, Standing
from model.texts import Words

HEADS = ("name", "role", "area", "domain", "until", "seen", "state")
ALERTS = (Standing.EXPIRING, Standing.EXPIRED, Standing.NO_GRANT, Standing.UNUSED)


def people_list(
    say: Words,
    everybody: Sequence[Sheet],
    found: Sequence[Sheet],
    shown: Shown,
    names: Names,
    now: datetime,
    keeps: bool,
) -> Component:
    """The sums, what wants somebody, and a row for each account ``found``; ``keeps``: may she change any."""
    head = _head(say, everybody, now, keeps)
    if not everybody:
        return html.Div([head, state_card("empty", say("people.none"), say("people.none_body"))])
    if not found:
        card = state_card("empty", say("people.nobody_found"), say("people.nobody_found_body"))
        return html.Div([head, card])
    heads = [html.Th(say(f"people.head_{name}"), scope="col", className=f"col-{name}") for name in HEADS]
    rows = [_row(say, sheet, shown, names, now) for sheet in found]
    return html.Div(
        [
            head,
            html.Table(
                [
                    html.Caption(say("people.caption"), className="unseen"),
                    html.Thead(html.Tr(heads)),
                    html.Tbody(rows),
                ],
                className="people-table",
            ),
            _cut(say, everybody, found),
        ]
    )


def _cut(say: Words, everybody: Sequence[Sheet], found: Sequence[Sheet]) -> Component:
    values = {"shown": say.number(len(found)), "all": say.number(len(everybody))}
    return html.P(say("people.count_shown", **values), className="people-cut")


# --- the head -----------------------------------------------------------------------------------------


def _head(say: Words, everybody: Sequence[Sheet], now: datetime, keeps: bool) -> Component:
    enabled = [sheet for sheet in everybody if sheet.person.disabled_at is None]
    devices = sum(sheet.person.kind is Kind.DEVICE for sheet in enabled)
    values = {
        "people": counted(say, "people.count_people", len(enabled) - devices),
        "devices": counted(say, "people.count_devices", devices),
    }
    return html.Header(
        [
            html.Div([html.H2(say("people.counts", **values)), _alerts(say, enabled, now)]),
            _doing(say) if keeps else html.P(say("people.read_only"), className="quiet"),
        ],
        className="people-head",
    )


def _doing(say: Words) -> Component:
    return html.Div(
        [act_button(say("people.import"), "import"), plus_button(say("people.add"), "add", primary=True)],
        className="people-doing",
    )


def _alerts(say: Words, enabled: Sequence[Sheet], now: datetime) -> Component:
    """What wants somebody, each a way to the accounts it is about."""
    counts = {
        Standing.EXPIRING: sum(sheet.ends_soon(now) for sheet in enabled),
        Standing.EXPIRED: sum(sheet.standing(now) is Standing.EXPIRED for sheet in enabled),
        Standing.NO_GRANT: sum(sheet.standing(now) is Standing.NO_GRANT for sheet in enabled),
        Standing.UNUSED: sum(sheet.unused(now) for sheet in enabled),
    }
    parts: list[Any] = [
        html.Li(
            html.A(
                counted(say, f"people.alert_{standing.value}", counts[standing]),
                href=f"{PATH}?state={standing.value}",
            )
        )
        for standing in ALERTS
        if counts[standing]
    ]
    return html.Ul(parts or [html.Li(say("people.alert_none"))], className="people-alerts")


# --- a row --------------------------------------------------------------------------------------------


def _row(say: Words, sheet: Sheet, shown: Shown, names: Names, now: datetime) -> Component:
    person, held = sheet.person, sheet.grants_shown(now)
    chosen = person.id == shown.person
    cells: list[Any] = [
        html.Th(_name(say, sheet, shown), scope="row", className="col-name"),
        _cell(say, "role", [say(f"role.{grant.role.value}") for grant in held]),
        _cell(say, "area", [areas_text(say, grant.areas, names) for grant in held]),
        _cell(say, "domain", [domains_text(say, grant.domains) for grant in held]),
        _cell(say, "until", [until_text(say, grant, now) for grant in held]),
        _cell(say, "seen", [seen_text(say, sheet.last_seen, now)]),
        html.Td(standing_mark(say, sheet, now), className="col-state"),
    ]
    names_ = "account chosen" if chosen else "account"
    return html.Tr(cells, key=str(person.id), className=names_, **{"data-go": shown.opening(person.id).href})


def _name(say: Words, sheet: Sheet, shown: Shown) -> list[Component]:
    person = sheet.person
    here = {"aria-current": "true"} if person.id == shown.person else {}
    second: list[Any] = [person.login]
    if person.kind is Kind.DEVICE:
        second.append(f" · {say('people.kind_device')}")
    return [
        html.Div(
            html.A(person.name, href=shown.opening(person.id).href, className="account-link", **here),
            className="cell-first",
        ),
        html.Div(second, className="cell-second"),
    ]


def _cell(say: Words, name: str, lines: Sequence[str]) -> Component:
    """Two lines at most, one for each grant; a third says how many more there are."""
    shown: list[Any] = [html.Div(line, className="cell-line", title=line) for line in lines[:2]]
    if len(lines) > 2 and name == "role":
        shown.append(html.Div(counted(say, "people.more_roles", len(lines) - 2), className="cell-line"))
    return html.Td(shown or "–", className=f"col-{name}", **{"data-label": say(f"people.head_{name}")})


def privileged_table(say: Words, sheets: Sequence[Sheet], names: Names, now: datetime) -> Component:
    """The inventory of privileged accounts, each with its protection and why it was given."""
    if not sheets:
        return state_card("empty", say("people.privileged_none"), "")
    heads = [say(f"people.head_{name}") for name in ("name", "role", "until", "seen")]
    heads += [say("people.privileged_protection"), say("people.privileged_reason")]
    return html.Table(
        [
            html.Caption(say("people.privileged_caption"), className="unseen"),
            html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
            html.Tbody([_privileged(say, sheet, now) for sheet in sheets]),
        ],
        className="people-table privileged-table",
    )


def _privileged(say: Words, sheet: Sheet, now: datetime) -> Component:
    person, held = sheet.person, [g for g in sheet.grants_in_force(now)]
    given = [
        say("people.given", day=say.day(g.made_at, "medium"), by=g.made_by)
        + (f" · {g.reason}" if g.reason else "")
        for g in held
    ]
    return html.Tr(
        [
            html.Th(_name(say, sheet, Shown()), scope="row", className="col-name"),
            _cell(say, "role", [say(f"role.{g.role.value}") for g in held]),
            _cell(say, "until", [until_text(say, g, now) for g in held]),
            _cell(say, "seen", [seen_text(say, sheet.last_seen, now)]),
            html.Td(signs_in_with(say, sheet), className="col-protection"),
            html.Td([html.Div(line, className="cell-line") for line in given], className="col-given"),
        ],
        key=str(person.id),
        className="account",
    )


def signs_in_with(say: Words, sheet: Sheet) -> Any:
    """By what somebody signs in; a privileged one without a second factor is told so."""
    person = sheet.person
    if person.kind is Kind.DEVICE:
        return say("people.with_device")
    if person.elsewhere:
        return say("people.with_oidc")
    if person.totp:
        return html.Span([icon("tick", 14), say("people.with_totp")], className="protected")
    return say("people.with_password") if person.password else say("people.with_nothing")
