"""Who is signed in, as what, for which part of the city: the menu at the end of the top bar. Pure."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from layouts.people_words import area_names, scope_text, where_text
from layouts.view import PageView
from model.people import Grant
from model.texts import Words
from model.viewer import Viewer


def account_menu(
    say: Words, view: PageView, pages: Sequence[tuple[str, str]], preferences: Component
) -> Component:
    """The menu of ``view.viewer``. ``pages`` are paths and keys of all she may see, for screens whose bar has
    no room for them; ``preferences`` her language and theme."""
    viewer = view.viewer
    if viewer is None:
        raise ValueError("the account's menu is of somebody signed in")
    names = area_names(view.areas)
    where = scope_text(say, viewer.scope, names)
    summary = html.Summary(
        [
            html.Span(initials(viewer.name), className="account-initials", **{"aria-hidden": "true"}),
            html.Span(
                [
                    html.B(short_name(viewer.name)),
                    html.Small(say(f"role_short.{viewer.role}")),
                ],
                className="account-who",
            ),
            html.Span(say("account.menu"), className="unseen"),
        ]
    )
    body = html.Div(
        [
            html.Div([_head(say, viewer, where), preferences], className="account-top"),
            html.Nav(
                [dcc.Link(say(key), href=path, className="account-page") for path, key in pages],
                className="account-pages", **{"aria-label": say("shell.pages")},
            ),
            *_others(say, view, names),
            html.Div(
                [
                    dcc.Link(say("account.mine"), href="/account", className="button"),
                    html.Form(
                        html.Button(say("account.out"), type="submit", className="button primary"),
                        method="post", action="/signout",
                    ),
                ],
                className="account-ends",
            ),
        ],
        className="account-panel",
    )  # fmt: skip
    return html.Details([summary, body], className="account-menu")


def initials(name: str) -> str:
    """The first letters of the first and the last part of a name."""
    parts = [part for part in name.replace("-", " ").split() if part]
    return "".join(part[0].upper() for part in (parts[:1] + parts[1:][-1:]))


def short_name(name: str) -> str:
    """``C. Vidal`` of ``Chloé Vidal``: as a shift writes itself down."""
    first, _, rest = name.partition(" ")
    return f"{first[:1]}. {rest}" if rest and len(name) > 12 else name


def _head(say: Words, viewer: Viewer, where: str) -> Component:
    ends = viewer.expires_at
    told = [say("account.until", time=say.time(ends))] if ends else []
    return html.Div(
        [
            html.B(viewer.name),
            html.Span(say(f"role.{viewer.role}")),
            html.Span(where, className="quiet"),
            *(html.Span(line, className="quiet") for line in told),
        ],
        className="account-head",
    )


def _others(say: Words, view: PageView, names: dict[int, str]) -> list[Component]:
    """The other rights she may act in."""
    now = view.viewer.grant_id if view.viewer else 0
    others = [grant for grant in view.grants if grant.id != now]
    if not others:
        return []
    return [
        html.Form(
            [html.H3(say("account.act_as")), *(_other(say, grant, names) for grant in others)],
            method="post", action="/account/act", className="account-others",
        )
    ]  # fmt: skip


def _other(say: Words, grant: Grant, names: dict[int, str]) -> Component:
    return html.Button(
        [html.B(say(f"role.{grant.role}")), html.Small(where_text(say, grant, names))],
        type="submit", name="grant", value=str(grant.id),
    )  # fmt: skip
