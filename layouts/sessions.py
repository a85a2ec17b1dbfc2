"""The page of open sessions: who is signed in, as what, since when, from where; and ending them. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.confirming import confirming_dialogs
from layouts.ids import Sessions
from layouts.people_words import Names, act_button, areas_text, counted, domains_text, seen_text, ways
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.view import PageView
from model.people import NAME_MOST, OpenSession
from model.roles import Role
from model.texts import Words

REFRESH_MS = 10_000
HEADS = ("who", "role", "area", "since", "seen", "browser", "from", "ends")


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    roles = [{"value": role.value, "label": say(f"role.{role.value}")} for role in Role if role != "partner"]
    return html.Div(
        [
            top_bar(say, view),
            html.H1(say("people.sessions_title"), className="unseen"),
            ways(say, "sessions"),
            html.Form(
                [
                    dmc.TextInput(
                        id=Sessions.SEARCH, placeholder=say("people.sessions_search"), value="", size="sm",
                        debounce=250, className="people-search",
                        inputProps={
                            "aria-label": say("people.sessions_search"), "maxLength": NAME_MOST,
                            "type": "search",
                        },
                    ),
                    dmc.Select(
                        id=Sessions.ROLE, data=[{"value": "", "label": say("people.any_role")}, *roles],
                        value="", allowDeselect=False, size="sm", comboboxProps={"shadow": "none"},
                        attributes={"input": {"aria-label": say("people.filter_role")}},
                    ),
                ],
                className="people-filters", role="search",
            ),
            Steady(
                id=Sessions.LIST, tree=state_card("loading", say("people.sessions_loading"), ""),
                className="people-part",
            ),
            dcc.Interval(id=Sessions.TICK, interval=REFRESH_MS),
            confirming_dialogs(say),
        ],
        id=Sessions.PAGE,
        className="manage sessions",
    )  # fmt: skip


def matching(sessions: Sequence[OpenSession], q: str | None, role: str | None) -> list[OpenSession]:
    """The sessions whose name, login or address hold every word of ``q``, in ``role``."""
    words_ = (q or "").casefold().split()
    return [
        one
        for one in sessions
        if all(word in f"{one.name} {one.login} {one.address}".casefold() for word in words_)
        and (not role or one.role == role)
    ]


def session_list(
    say: Words,
    everybody: Sequence[OpenSession],
    found: Sequence[OpenSession],
    names: Names,
    now: datetime,
    *,
    keeps: bool,
    own: int,
) -> Component:
    """The sum and a row for each session ``found``; ``own`` is the reader's, marked."""
    if not everybody:
        return state_card("empty", say("people.sessions_none"), "")
    heads = [html.Th(say(f"people.head_{name}"), scope="col", className=f"col-{name}") for name in HEADS]
    if keeps:
        heads.append(html.Th(html.Span(say("people.head_end"), className="unseen"), scope="col"))
    many = Counter(one.person_id for one in everybody)
    rows = [_row(say, one, names, now, many, keeps, own) for one in found]
    return html.Div(
        [
            html.Header(html.H2(_sum(say, everybody)), className="people-head"),
            html.Table(
                [
                    html.Caption(say("people.sessions_caption"), className="unseen"),
                    html.Thead(html.Tr(heads)),
                    html.Tbody(rows),
                ],
                className="people-table sessions-table",
            )
            if rows
            else state_card("empty", say("people.nobody_found"), say("people.nobody_found_body")),
        ]
    )


def _sum(say: Words, everybody: Sequence[OpenSession]) -> str:
    if len(everybody) == 1:
        return say("people.sessions_one")
    people = len({one.person_id for one in everybody})
    return counted(say, "people.sessions_counts", people, "people", n=say.number(len(everybody)))


def _row(
    say: Words,
    one: OpenSession,
    names: Names,
    now: datetime,
    many: Counter[int],
    keeps: bool,
    own: int,
) -> Component:
    where = f"{areas_text(say, one.scope.areas, names)} · {domains_text(say, one.scope.domains)}"
    cells: list[Any] = [
        html.Th(_who(say, one, own), scope="row", className="col-name"),
        _cell(say, "role", say(f"role.{one.role.value}")),
        _cell(say, "area", where),
        _cell(say, "since", f"{say.soon(one.began_at)} · {say(f'people.method_{one.method}')}"),
        _cell(say, "seen", seen_text(say, one.seen_at, now)),
        _cell(say, "browser", one.agent or say("people.unknown_browser")),
        _cell(say, "from", one.address),
        _cell(say, "ends", say.soon(one.expires_at)),
    ]
    if keeps:
        cells.append(html.Td(_ending(say, one, many[one.person_id]), className="col-end"))
    return html.Tr(cells, key=str(one.id), className="account")


def _who(say: Words, one: OpenSession, own: int) -> list[Component]:
    second: list[Any] = [one.login]
    if one.id == own:
        second += [" · ", html.Strong(say("people.this_session"))]
    link = html.A(one.name, href=f"/people?person={one.person_id}", className="account-link")
    return [html.Div(link, className="cell-first"), html.Div(second, className="cell-second")]


def _cell(say: Words, name: str, text: str) -> Component:
    return html.Td(
        html.Div(text, className="cell-line", title=text),
        className=f"col-{name}",
        **{"data-label": say(f"people.head_{name}")},
    )


def _ending(say: Words, one: OpenSession, many: int) -> list[Component]:
    end = act_button(
        say("people.end"), f"session:{one.id}", say("people.end_this", name=one.name), quiet=True
    )
    if many < 2:
        return [end]
    n = say.number(many)
    label = say("people.end_all_of", n=n, name=one.name)
    every = act_button(say("people.end_all", n=n), f"sessions:{one.person_id}", label, quiet=True)
    return [end, every]
