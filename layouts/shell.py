"""What stands around every page: the document, the stores, the top bar, the toasts."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.account_menu import account_menu
from layouts.ids import Shell
from layouts.plain_html import el
from layouts.scope import scope_note
from layouts.theme import mantine_theme
from layouts.view import PageView, source_line
from model.texts import LANGUAGES, Words, words
from model.tokens import css_variables

FONT = "/assets/vendor/source-sans-3-latin-wght-normal.woff2"

INDEX = """<!DOCTYPE html>
<html lang="{language}" data-theme="dark">
  <head>
    {{%metas%}}
    <title>{{%title%}}</title>
    <link rel="icon" type="image/svg+xml" href="/assets/vigie.svg">
    <style>{variables}</style>
    {{%css%}}
    <script src="/assets/preferences.js"></script>
  </head>
  <body>
    <a class="skip" href="#page">{skip}</a>
    {signed_out}
    {{%app_entry%}}
    <footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
  </body>
</html>
"""

NAV = (
    ("/", "nav.live"),
    ("/alarms/hidden", "nav.alarms"),
    ("/history", "nav.past"),
    ("/boards/city", "nav.board"),
    ("/feeds", "nav.feeds"),
)
MANAGEMENT = (
    ("/voices", "nav.voices"),
    ("/people", "nav.people"),
    ("/publications", "nav.publications"),
    ("/audit", "nav.audit"),
)
"""Pages about people, what they wrote and did: in the account's menu always, in the bar where it has room."""
PART_OF = {
    "/boards/promises": "/boards/city",
    "/boards/programmes": "/boards/city",
    "/boards/reports": "/boards/city",
    "/boards/map": "/boards/city",
    "/boards/own": "/boards/city",
    "/sessions": "/people",
    "/partners": "/people",
    "/alarms/windows": "/alarms/hidden",
    "/alarms/quality": "/alarms/hidden",
    "/alarms/reviews": "/alarms/hidden",
    "/alarms/rules": "/alarms/hidden",
    "/alarms/outside": "/alarms/hidden",
    "/alarms/dossier": "/alarms/hidden",
    "/boards/lighting": "/boards/city",
    "/boards/traffic": "/boards/city",
    "/boards/surveillance": "/boards/city",
    "/boards/energy": "/boards/city",
    "/boards/access": "/boards/city",
    "/boards/quality": "/boards/city",
    "/boards/communes": "/boards/city",
    "/boards/commune": "/boards/city",
    "/boards/figure": "/boards/city",
}
"""Pages reached by another one of the top bar, which is marked while they are shown."""
INSTEAD = {"/alarms/hidden": "/alarms/quality"}
"""Where an entry of the top bar leads who may not open its own page, but this one."""


def ways_of(view: PageView) -> list[tuple[str, str]]:
    """The entries of the top bar its reader has: where each leads, and the catalogue key of its name."""
    found = []
    for target, key in (*NAV, *MANAGEMENT):
        open_ = [path for path in (target, INSTEAD.get(target)) if path and view.is_open(path)]
        found += [(path, key) for path in open_[:1]]
    return found


def index_string(say: Words) -> str:
    """The document around the application: language, tokens as css variables, a way past the top bar."""
    return INDEX.format(
        language=say.language, variables=css_variables(), skip=say("shell.skip"), signed_out=_signed_out(say)
    )


def _signed_out(say: Words) -> str:
    """What ``assets/account/session.js`` says once the session is over, in either language."""
    texts = {
        f"data_{language}_{part}": words(language)(f"access.{key}")
        for language in LANGUAGES
        for part, key in (("title", "ended"), ("detail", "ended_body"), ("again", "sign_in_again"))
    }
    return el(
        "div", id=Shell.SIGNED_OUT, class_="signed-out", role="alert", hidden=True, data_zone=say.zone.key,
        **texts,
    )  # fmt: skip


def shell() -> Component:
    """The layout of the application: where the page goes, and what it remembers."""
    return dmc.MantineProvider(
        id=Shell.PROVIDER,
        theme=mantine_theme(),
        forceColorScheme="dark",
        children=[
            dcc.Location(id=Shell.LOCATION, refresh=False),
            dcc.Store(id=Shell.LANGUAGE),
            dcc.Store(id=Shell.THEME),
            dcc.Store(id=Shell.TITLE),
            html.Main(id=Shell.PAGE, tabIndex="-1"),
            html.Div(id=Shell.TOASTS, className="toasts", role="alert"),
        ],
    )


def _switch(kind: str, value: str, text: str, label: str) -> Component:
    """A button that ``preferences.js`` reads: a choice of language or theme, kept in this browser."""
    data: dict[str, Any] = {
        f"data-{kind}": value,
        # What is seen is part of what is heard, so that a spoken command finds it.
        "aria-label": f"{text}, {label}" if kind == "language" else label,
        "lang": value if kind == "language" else None,
    }
    return html.Button(text, type="button", className=f"switch switch-{kind}", title=label, **_given(data))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def preferences(say: Words) -> Component:
    """Language and theme: two small choices that are the visitor's own."""
    languages = [_switch("language", code, code.upper(), say(f"language.{code}")) for code in LANGUAGES]
    theme = _switch("theme", "next", "◐", say("shell.theme"))
    return html.Div([*languages, theme], className="preferences")


def brand(say: Words, view: PageView) -> Component:
    """The product, the city, and whether that city is invented."""
    parts: list[Any] = [
        dcc.Link("Vigie", href="/", className="brand-name"),
        html.Span(view.title, className="brand-city"),
    ]
    if view.generated:
        parts.append(html.Span(say("shell.generated"), className="brand-note", title=source_line(say, view)))
    return html.Div([*parts, *scope_note(say, view)], className="brand")


def navigation(say: Words, view: PageView) -> Component:
    """The ways to the other pages its reader may see, the present one marked."""
    here = {view.path, PART_OF.get(view.path)}
    return html.Nav(
        [
            dcc.Link(say(key), href=target, className=_link_class(target, here=target in here))
            for target, key in ways_of(view)
        ],
        className="nav",
        **{"aria-label": say("shell.pages")},
    )


def _link_class(target: str, *, here: bool) -> str:
    kind = "nav-link managing" if target in dict(MANAGEMENT) else "nav-link"
    return f"{kind} here" if here else kind


def top_bar(
    say: Words, view: PageView, middle: Sequence[Component] = (), right: Sequence[Component] = ()
) -> Component:
    """The 52 px bar every page begins with; a page puts its own parts in the middle and at the right."""
    return html.Header(
        [
            brand(say, view),
            html.Div(list(middle), className="top-middle"),
            html.Div(list(right), className="top-right"),
            navigation(say, view),
            *_at_the_end(say, view),
        ],
        className="top-bar",
    )


def _at_the_end(say: Words, view: PageView) -> list[Component]:
    """Language and theme: for those signed in within the account's menu, whose role stands in the bar."""
    if view.viewer is None:
        return [preferences(say)]
    return [account_menu(say, view, ways_of(view), preferences(say))]


def toast(title: str, body: str, dismiss: str) -> Component:
    """One notice that something went wrong, with the number to quote."""
    return html.Div(
        [
            html.Strong(title),
            html.Span(body),
            html.Button(
                "×",
                type="button",
                className="toast-close",
                **{"data-dismiss": "toasts", "aria-label": dismiss},
            ),
        ],
        className="toast",
    )


def state_card(kind: str, title: str, body: str, *actions: Component) -> Component:
    """An empty, loading, refused or broken state, said in words: what it is, and what still works."""
    return html.Div(
        [
            html.H3(title),
            html.P(body),
            *([html.Div(list(actions), className="state-actions")] if actions else []),
        ],
        className=f"state-card state-{kind}",
        role="status",
    )


def refused(say: Words, view: PageView, home: str) -> Component:
    """The page is not for her role; the way to one that is."""
    role = say(f"role.{view.viewer.role}") if view.viewer else ""
    way = dcc.Link(say("access.go_home"), href=home, className="button")
    body = say("access.refused_body", role=role)
    return html.Div(
        [top_bar(say, view), state_card("refused", say("access.refused"), body, way)], className="plain-page"
    )


def not_found(say: Words, view: PageView) -> Component:
    """There is no such page."""
    return html.Div(
        [top_bar(say, view), state_card("empty", say("shell.not_found"), say("shell.not_found_body"))],
        className="plain-page",
    )
