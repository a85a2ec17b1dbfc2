"""What a pasted list says, before anything is written, and the codes of those it added. Pure."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.people_forms import what_is_wrong
from layouts.people_words import Names, areas_text, counted, domains_text, until_day
from model.errors import BadField
from model.people import GrantDraft, ListedLine
from model.roles import Role
from model.texts import Words


def preview(say: Words, lines: Sequence[ListedLine], names: Names) -> Component:
    """Every line with who it adds or what is wrong with it, the wrong ones first."""
    if not lines:
        return html.P(say("people.import_empty"), role="status")
    wrong = [line for line in lines if line.problem is not None]
    right = [line for line in lines if line.problem is None]
    if wrong:
        told = counted(say, "people.import_wrong", len(wrong), "wrong", n=say.number(len(lines)))
    else:
        told = counted(say, "people.import_ready", len(right))
    heads = [say("people.import_line"), say("people.head_name"), say("people.import_problem")]
    rows = [_line(say, line, names) for line in (*wrong, *right)]
    return html.Div(
        [
            html.P(html.Strong(told), role="status"),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                        html.Tbody(rows),
                    ],
                    className="import-table",
                ),
                className="import-scroll", tabIndex="0", role="region",
                **{"aria-label": say("people.import_list")},
            ),
        ]
    )  # fmt: skip


def _line(say: Words, line: ListedLine, names: Names) -> Component:
    if line.newcomer is None:
        problem = line.problem or BadField("name", "empty")
        field = _field(say, problem.field)
        told = say("people.import_field", field=field, told=problem_text(say, problem))
        cells = [html.Th(line.start or "–", scope="row"), html.Td(told, className="wrong-text")]
    else:
        person, grant = line.newcomer.person, line.newcomer.grant
        cells = [
            html.Th(f"{person.name} ({person.login})", scope="row"),
            html.Td(f"{say('people.import_fine')} · {grant_text(say, grant, names)}"),
        ]
    return html.Tr([html.Td(say.number(line.number)), *cells])


def _field(say: Words, field: str) -> str:
    plain = {"login": "login_plain", "email": "head_email", "until": "head_until"}
    key = f"people.{plain.get(field, field)}"
    return say(key)


def problem_text(say: Words, problem: BadField) -> str:
    """What is wrong with a line; an unknown role is told which there are."""
    if problem.reason == "unknown_role_named":
        roles = ", ".join(say(f"role.{role.value}") for role in Role if role is not Role.PARTNER)
        return say("people.bad_unknown_role_named", name=problem.values["name"], roles=roles)
    return what_is_wrong(say, problem)


def grant_text(say: Words, grant: GrantDraft, names: Names) -> str:
    """A grant in one line."""
    parts = [
        say(f"role.{grant.role}"), areas_text(say, grant.areas, names), domains_text(say, grant.domains),
    ]  # fmt: skip
    if grant.valid_until is not None:
        parts.append(say("people.until", day=until_day(say, grant.valid_until)))
    return " · ".join(parts)


def codes_shown(say: Words, made: Sequence[tuple[str, str, str]]) -> Component:
    """Name, login and code of everybody a list added, shown this once."""
    heads = [say("people.head_name"), say("people.login_plain"), say("people.import_code")]
    rows = [
        html.Tr([html.Th(name, scope="row"), html.Td(login), html.Td(html.Code(code, className="secret"))])
        for name, login, code in made
    ]
    everything = "\n".join("\t".join(one) for one in made)
    copy = html.Button(
        html.Span(say("people.copy"), className="copy-text"), type="button", className="button",
        **{"data-copy": everything, "data-copied": say("people.copied")},
    )  # fmt: skip
    return html.Div(
        [
            html.P(html.Strong(counted(say, "people.import_done", len(made))), role="status"),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                        html.Tbody(rows),
                    ],
                    className="import-table",
                ),
                className="import-scroll", tabIndex="0", role="region",
                **{"aria-label": say("people.import_code")},
            ),
            copy,
        ]
    )  # fmt: skip
