"""Who may what: every page and door against every role, from what they declare. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.symbols import icon
from model.roles import Role
from model.texts import Words

ROLES = tuple(Role)


@dataclass(frozen=True)
class Declared:
    """One page or door: what it is called and who may."""

    name: str
    may: frozenset[Role]


def rights_matrix(say: Words, pages: Sequence[Declared], doors: Sequence[Declared]) -> Component:
    """Pages by role, then how many doors stand open to each, and every door on request."""
    return html.Div(
        [
            _scrolled(_table(say, say("people.rights_pages"), pages, len(doors), doors), say),
            html.Details(
                [
                    html.Summary(say("people.rights_doors", n=say.number(len(doors)))),
                    _scrolled(_table(say, say("people.rights_door"), doors, 0, ()), say),
                ],
                className="rights-doors",
            ),
        ]
    )


def _scrolled(table: Component, say: Words) -> Component:
    """A wide table in a part of its own that the keyboard can scroll."""
    return html.Div(
        table,
        className="rights-scroll",
        tabIndex="0",
        role="region",
        **{"aria-label": say("people.rights_caption")},
    )


def _table(
    say: Words, head: str, rows: Sequence[Declared], all_doors: int, doors: Collection[Declared]
) -> Component:
    heads = [
        html.Th(head, scope="col"),
        *(html.Th(say(f"role.{role.value}"), scope="col", className="rights-role") for role in ROLES),
    ]
    body = [_row(say, one) for one in rows]
    if all_doors:
        body.append(_sums(say, all_doors, doors))
    return html.Table(
        [
            html.Caption(say("people.rights_caption"), className="unseen"),
            html.Thead(html.Tr(heads)),
            html.Tbody(body),
        ],
        className="rights-table",
    )


def _row(say: Words, one: Declared) -> Component:
    cells = [html.Td(_mark(say, role in one.may)) for role in ROLES]
    return html.Tr([html.Th(one.name, scope="row"), *cells])


def _mark(say: Words, may: bool) -> Any:
    """A tick for yes and a dash for no, each with its word."""
    if may:
        return icon("tick", 18, say("people.rights_yes"))
    return html.Span(["–", html.Span(say("people.rights_no"), className="unseen")], className="rights-none")


def _sums(say: Words, all_doors: int, doors: Collection[Declared]) -> Component:
    cells = [
        html.Td(
            say(
                "people.rights_count",
                n=say.number(sum(role in door.may for door in doors)),
                all=say.number(all_doors),
            )
        )
        for role in ROLES
    ]
    title = say("people.rights_doors", n=say.number(all_doors))
    return html.Tr([html.Th(title, scope="row"), *cells], className="rights-sums")
