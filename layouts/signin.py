"""The pages before the door: sign in, choose a password or a right, give a code. No script is needed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from layouts.ids import SignIn
from layouts.people_words import Names, where_text
from layouts.plain_html import Html, el, joined
from model.people import Grant
from model.roles import Role
from model.texts import LANGUAGES, Words
from model.tokens import css_variables

THEMES = ("dark", "light")


@dataclass(frozen=True)
class Sheet:
    """One of these pages as one visitor asked for it: ``theme`` empty means as her system has it; ``told`` is
    the key of what happened, ``values`` what its words are filled with; ``wrong`` says it is a refusal."""

    city: str
    generated: bool
    path: str
    next_path: str = "/"
    theme: str = ""
    told: str = ""
    values: dict[str, object] = field(default_factory=dict)
    wrong: bool = True
    login: str = ""


@dataclass(frozen=True)
class DemoRole:
    """One role to try with a click: who it is, and what part of the city she sees in words."""

    key: str
    name: str
    role: Role
    where: str


def document(say: Words, sheet: Sheet, title: str, *parts: object) -> str:
    """A whole page around ``parts``."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", f"{title} · {sheet.city} · Vigie"),
        el("link", rel="icon", type="image/svg+xml", href="/assets/vigie.svg"),
        Html(f"<style>{css_variables()}</style>"),
        el("link", rel="stylesheet", href="/assets/base.css"),
        el("link", rel="stylesheet", href="/assets/signin/signin.css"),
    )
    body = el(
        "body",
        el("a", say("signin.skip"), class_="skip", href=f"#{SignIn.MAIN}"),
        _brand(say, sheet),
        el("main", el("h1", title), _told(say, sheet), *parts, id=SignIn.MAIN),
        _choices(say, sheet),
        el("script", src="/assets/signin/signin.js", defer=True),
        class_="signin",
    )
    theme = sheet.theme or "dark"
    page = el("html", head, body, lang=say.language, data_theme=theme, data_chosen=bool(sheet.theme))
    return f"<!DOCTYPE html>{page}"


def _brand(say: Words, sheet: Sheet) -> Html:
    note = el("span", say("shell.generated"), class_="signin-note") if sheet.generated else None
    return el("header", el("b", "Vigie"), el("span", sheet.city), note)


def _told(say: Words, sheet: Sheet) -> Html | None:
    """What happened, read out at once; a refusal carries its sign."""
    if not sheet.told:
        return None
    text = say(f"signin.{sheet.told}", **sheet.values)
    kind = "signin-told wrong" if sheet.wrong else "signin-told"
    return el("p", text, class_=kind, role="alert" if sheet.wrong else "status", id=SignIn.TOLD)


def _choices(say: Words, sheet: Sheet) -> Html:
    """The other language and the other theme, as links: they need no script."""
    languages = [
        el(
            "a", code.upper(), href=_address(sheet, lang=code), lang=code, hreflang=code,
            aria_label=f"{code.upper()}, {say(f'language.{code}')}",
            aria_current="true" if code == say.language else None, data_language=code,
        )
        for code in LANGUAGES
    ]  # fmt: skip
    themes = [
        el(
            "a", say(f"signin.{theme}"), href=_address(sheet, lang=say.language, theme=theme),
            data_theme_choice=theme,
        )
        for theme in THEMES
    ]  # fmt: skip
    return el("footer", el("nav", *languages, *themes, aria_label=say("signin.choices")))


def _address(sheet: Sheet, lang: str, theme: str = "") -> str:
    query = {"lang": lang}
    if chosen := theme or sheet.theme:
        query["theme"] = chosen
    if sheet.next_path != "/":
        query["next"] = sheet.next_path
    return f"{sheet.path}?{urlencode(query)}"


def _form(say: Words, sheet: Sheet, action: str, *parts: object, **attributes: object) -> Html:
    hidden = {"next": sheet.next_path, "lang": say.language, "theme": sheet.theme}
    return el(
        "form",
        *(el("input", type="hidden", name=name, value=value) for name, value in hidden.items() if value),
        *parts,
        method="post", action=action, **attributes,
    )  # fmt: skip


def _field(say: Words, name: str, *, type_: str = "text", hint: str = "", **attributes: object) -> Html:
    """A labelled field, its hint read with it."""
    given = {"autocapitalize": "none", "spellcheck": "false", **attributes}
    return el(
        "p",
        el("label", say(f"signin.{name}"), for_=f"signin-{name}"),
        el(
            "input", id=f"signin-{name}", name=name, type=type_,
            aria_describedby=f"hint-{name}" if hint else None, **given,
        ),
        el("small", hint, id=f"hint-{name}") if hint else None,
        class_="field",
    )  # fmt: skip


def _button(text: str) -> Html:
    return el("button", text, class_="button primary", type="submit")


def sign_in(
    say: Words, sheet: Sheet, demo: Sequence[DemoRole] = (), provider: str = "", leave: str = ""
) -> str:
    """Who are you: login, password and code; ``provider`` the address of the city's own sign-in, if any, and
    ``leave`` where to sign out there too, for somebody who has just signed out here."""
    form = _form(
        say, sheet, "/signin",
        _field(say, "login", autocomplete="username", required=True, maxlength=120, value=sheet.login or None,
               autofocus=not sheet.login),
        _field(say, "password", type_="password", autocomplete="current-password", required=True,
               maxlength=200, autofocus=bool(sheet.login)),
        _field(say, "code", hint=say("signin.code_hint"), autocomplete="one-time-code", inputmode="numeric",
               maxlength=12, pattern="[0-9 ]*"),
        _button(say("signin.go")),
    )  # fmt: skip
    elsewhere = el("a", say("signin.elsewhere"), class_="button", href=provider) if provider else None
    first = el("p", el("a", say("signin.have_code"), href=_address_of("/signin/code", say, sheet)))
    out = joined(
        el("p", say("signin.oidc_leave_note"), class_="quiet"),
        el("a", say("signin.oidc_leave"), class_="button", href=leave),
    )
    ways = el("section", out if leave else None, elsewhere, form, first, class_="signin-ways")
    if not demo:
        return document(say, sheet, say("signin.title"), ways)
    return document(
        say, sheet, say("signin.title"), el("div", ways, _demo(say, sheet, demo), class_="signin-two")
    )


def _address_of(path: str, say: Words, sheet: Sheet) -> str:
    query = {"lang": say.language, "theme": sheet.theme, "next": sheet.next_path}
    return f"{path}?{urlencode({name: value for name, value in query.items() if value not in ('', '/')})}"


def _demo(say: Words, sheet: Sheet, roles: Sequence[DemoRole]) -> Html:
    """The roles of the invented city, each a button."""
    rows = [
        el(
            "li",
            el(
                "button",
                el("b", say(f"role.{one.role}")), el("span", one.name), el("small", one.where),
                type="submit", name="as", value=one.key,
            ),
        )
        for one in roles
    ]  # fmt: skip
    return el(
        "section",
        el("h2", say("signin.demo"), id=SignIn.DEMO),
        el("p", say("signin.demo_note"), class_="quiet"),
        _form(say, sheet, "/signin/demo", el("ul", *rows)),
        class_="signin-demo", aria_labelledby=SignIn.DEMO,
    )  # fmt: skip


def new_password(say: Words, sheet: Sheet, name: str, least: int) -> str:
    """She must choose a password of her own before she goes on."""
    form = _form(
        say, sheet, "/signin/password",
        el("p", say("signin.hello", name=name)),
        el("input", type="hidden", autocomplete="username", value=sheet.login) if sheet.login else None,
        _field(say, "new", type_="password", autocomplete="new-password", required=True, minlength=least,
               maxlength=200, autofocus=True, hint=say("signin.new_hint", least=least)),
        _field(say, "again", type_="password", autocomplete="new-password", required=True, maxlength=200),
        _button(say("signin.keep")),
    )  # fmt: skip
    return document(say, sheet, say("signin.new_title"), el("section", form, class_="signin-ways"))


def choose_grant(say: Words, sheet: Sheet, name: str, grants: Sequence[Grant], names: Names) -> str:
    """Which of her rights she comes with today."""
    rows = [
        el(
            "li",
            el(
                "button",
                el("b", say(f"role.{grant.role}")), el("small", where_text(say, grant, names)),
                type="submit", name="grant", value=grant.id,
            ),
        )
        for grant in grants
    ]  # fmt: skip
    note = el("p", say("signin.hello", name=name), " ", say("signin.grant_note"))
    form = _form(say, sheet, "/signin/role", el("ul", *rows))
    return document(
        say, sheet, say("signin.grant_title"), el("section", note, form, class_="signin-demo signin-grants")
    )


def code(say: Words, sheet: Sheet) -> str:
    """A code to be used once, for a password or for the browser of a wall."""
    form = _form(
        say, sheet, "/signin/code",
        el("p", say("signin.code_note")),
        _field(say, "once", autocomplete="off", required=True, maxlength=40, autofocus=True),
        _button(say("signin.code_go")),
    )  # fmt: skip
    back = el("p", el("a", say("signin.back"), href=_address_of("/signin", say, sheet)))
    return document(say, sheet, say("signin.code_title"), el("section", form, back, class_="signin-ways"))


def nothing_but(say: Words, sheet: Sheet) -> str:
    """A page that only says what happened, and leads back to the sign-in."""
    back = el("p", el("a", say("signin.back"), class_="button", href=_address_of("/signin", say, sheet)))
    return document(say, sheet, say("signin.title"), joined(back))
