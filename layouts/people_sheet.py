"""One account opened: who it is, what it may, its sessions, and what can be done about it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.people_address import Shown
from layouts.people_list import signs_in_with
from layouts.people_words import (
    Names,
    act_button,
    areas_text,
    plus_button,
    seen_text,
    standing_mark,
    until_day,
    until_text,
    where_text,
)
from layouts.shell import state_card
from layouts.symbols import icon
from model.people import NO_ROAD_CAMERAS, Grant, Kind, OpenSession, Sheet, VideoGrant
from model.texts import Words


def person_sheet(
    say: Words,
    sheet: Sheet,
    sessions: Sequence[OpenSession],
    shown: Shown,
    names: Names,
    now: datetime,
    *,
    keeps: bool,
    audits: bool,
) -> Component:
    """Everything of one account. ``keeps``: may she change it; ``audits``: may she read the audit."""
    parts: list[Any] = [
        _head(say, sheet, shown, now),
        *([_doing(say, sheet)] if keeps else []),
        _facts(say, sheet, now),
        _rights(say, sheet, names, now, keeps),
        _video(say, sheet, names, now, keeps),
        _sessions(say, sheet, sessions, now, keeps),
    ]
    if audits:
        parts.append(
            html.P(
                html.A(say("people.did_last"), href=f"/audit?p=365d&actor={quote(sheet.person.login)}"),
                className="did",
            )
        )
    return html.Div(parts, className="sheet", key=str(sheet.person.id))


def _head(say: Words, sheet: Sheet, shown: Shown, now: datetime) -> Component:
    person, away = sheet.person, shown.opening(0).href
    second = [person.login] if person.email in ("", person.login) else [person.login, person.email]
    return html.Header(
        [
            html.A("←", href=away, className="detail-back", **{"aria-label": say("people.back")}),
            html.Div(
                [
                    html.H2(person.name),
                    html.P(" · ".join([say(f"people.kind_{person.kind.value}"), *second])),
                    html.P(standing_mark(say, sheet, now)),
                    *_disabled(say, sheet),
                ]
            ),
            html.A(icon("close", 16, say("people.close")), href=away, className="panel-close"),
        ],
        className="sheet-head",
    )


def _disabled(say: Words, sheet: Sheet) -> list[Component]:
    person = sheet.person
    if person.disabled_at is None:
        return []
    told = say("people.disabled_by", at=say.instant(person.disabled_at), by=person.disabled_by or "")
    return [html.P(told, className="quiet")]


def _doing(say: Words, sheet: Sheet) -> Component:
    number = sheet.person.id
    if sheet.person.disabled_at is not None:
        return html.Div([act_button(say("people.enable"), f"enable:{number}")], className="sheet-doing")
    return html.Div(
        [
            act_button(say("people.new_code"), f"code:{number}"),
            act_button(say("people.change"), f"change:{number}"),
            act_button(say("people.disable"), f"disable:{number}"),
        ],
        className="sheet-doing",
    )


def _facts(say: Words, sheet: Sheet, now: datetime) -> Component:
    person = sheet.person
    made = say("people.made_by", day=say.day(person.made_at, "medium"), by=person.made_by)
    told = (
        (say("people.signs_in"), signs_in_with(say, sheet)),
        (say("people.last_seen"), seen_text(say, sheet.last_seen, now)),
        (say("people.made"), made),
    )
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in told], className="facts")


def _section(title: str, parts: Sequence[Any], button: Component | None = None) -> Component:
    head = html.Div([html.H3(title), *([button] if button else [])], className="section-head")
    return html.Section([head, *parts], className="sheet-section")


# --- rights -------------------------------------------------------------------------------------------


def _rights(say: Words, sheet: Sheet, names: Names, now: datetime, keeps: bool) -> Component:
    ahead = [g for g in sheet.grants if g.revoked_at is None and not g.over(now)]
    over = [g for g in sheet.grants if g not in ahead]
    rows = [_grant(say, grant, names, now, keeps) for grant in ahead]
    parts: list[Any] = [html.Ul(rows, className="held")] if rows else [html.P(say("people.no_rights"))]
    if over:
        parts.append(
            html.Details(
                [
                    html.Summary(say("people.earlier", n=say.number(len(over)))),
                    html.Ul([_grant(say, grant, names, now, False) for grant in over], className="held over"),
                ]
            )
        )
    open_ = keeps and sheet.person.disabled_at is None
    button = plus_button(say("people.add_right"), f"grant:{sheet.person.id}") if open_ else None
    return _section(say("people.rights"), parts, button)


def _grant(say: Words, grant: Grant, names: Names, now: datetime, keeps: bool) -> Component:
    role = say(f"role.{grant.role.value}")
    given = say("people.given", day=say.day(grant.made_at, "medium"), by=grant.made_by)
    lines: list[Any] = [
        html.Div([html.Strong(role), html.Span(_end(say, grant, now), className="held-until")]),
        html.Div(where_text(say, grant, names)),
        html.Div(" · ".join(filter(None, [grant.reason, given])), className="quiet"),
    ]
    label = say("people.take_back_this", role=role)
    button = act_button(say("people.take_back"), f"revoke:{grant.id}", label, quiet=True) if keeps else None
    return html.Li([html.Div(lines), *([button] if button else [])], key=f"g{grant.id}")


def _end(say: Words, grant: Grant, now: datetime) -> str:
    if grant.revoked_at is not None:
        return say("people.taken", day=say.day(grant.revoked_at, "medium"), by=grant.revoked_by or "")
    if grant.valid_until is not None and grant.over(now):
        return say("people.ended_on", day=until_day(say, grant.valid_until))
    return until_text(say, grant, now)


# --- video rights -------------------------------------------------------------------------------------


def _video(say: Words, sheet: Sheet, names: Names, now: datetime, keeps: bool) -> Component:
    why_not = _no_video(sheet, now)
    held = [right for right in sheet.video if right.in_force(now)]
    rows = [_right(say, right, names, keeps) for right in held]
    parts: list[Any] = [html.Ul(rows, className="held")] if rows else []
    if why_not:
        parts.append(html.P(say(f"people.{why_not}")))
    elif not rows:
        parts.append(html.P(say("people.no_video")))
    open_ = keeps and not why_not and sheet.person.disabled_at is None and sheet.grants_in_force(now)
    button = plus_button(say("people.add_video"), f"video:{sheet.person.id}") if open_ else None
    return _section(say("people.video"), parts, button)


def _no_video(sheet: Sheet, now: datetime) -> str:
    """The key of why this account can have no video right; empty when it can."""
    if sheet.person.kind is Kind.DEVICE:
        return "no_video_device"
    roles = {grant.role for grant in sheet.grants_in_force(now)}
    return "no_video_role" if roles and roles <= NO_ROAD_CAMERAS else ""


def _right(say: Words, right: VideoGrant, names: Names, keeps: bool) -> Component:
    day = say.day(right.made_at, "medium")
    decided = datetime.combine(right.decided_on, datetime.min.time(), say.zone)
    told = say("people.video_line", authority=right.authority, day=say.day(decided, "medium"))
    until = say("people.until", day=until_day(say, right.valid_until))
    lines = [
        html.Div(
            [
                html.Strong(areas_text(say, right.areas, names)),
                html.Span(until, className="held-until"),
            ]
        ),
        html.Div(told),
        html.Div(say("people.given", day=day, by=right.made_by), className="quiet"),
    ]
    label = say("people.take_video_this", authority=right.authority)
    button = act_button(say("people.take_back"), f"unvideo:{right.id}", label, quiet=True) if keeps else None
    return html.Li([html.Div(lines), *([button] if button else [])], key=f"v{right.id}")


# --- sessions -----------------------------------------------------------------------------------------


def _sessions(
    say: Words, sheet: Sheet, sessions: Sequence[OpenSession], now: datetime, keeps: bool
) -> Component:
    if not sessions:
        return _section(say("people.sessions"), [html.P(say("people.no_sessions"))])
    rows = [_session(say, one, now, keeps) for one in sessions]
    button = None
    if keeps and len(sessions) > 1:
        n = say.number(len(sessions))
        label = say("people.end_all_of", n=n, name=sheet.person.name)
        button = act_button(say("people.end_all", n=n), f"sessions:{sheet.person.id}", label)
    return _section(say("people.sessions"), [html.Ul(rows, className="held")], button)


def _session(say: Words, one: OpenSession, now: datetime, keeps: bool) -> Component:
    seen = seen_text(say, one.seen_at, now)
    role = say(f"role.{one.role.value}")
    lines = [
        html.Div(say("people.session_line", role=role, since=say.soon(one.began_at), seen=seen)),
        html.Div(" · ".join(filter(None, [one.agent, one.address])), className="quiet"),
    ]
    label = say("people.end_this", name=one.name)
    button = act_button(say("people.end"), f"session:{one.id}", label, quiet=True) if keeps else None
    return html.Li([html.Div(lines), *([button] if button else [])], key=f"s{one.id}")


# --- no account, or none of that number ---------------------------------------------------------------


def nobody_chosen(say: Words) -> Component:
    """No account is open."""
    return state_card("empty", say("people.choose"), say("people.choose_body"))


def unknown_account(say: Words, shown: Shown) -> Component:
    """The address names an account there is not."""
    way = html.A(say("people.back"), href=shown.opening(0).href, className="button")
    return state_card("empty", say("people.unknown"), say("people.unknown_body"), way)
