"""One's own account: what one may and until when, password, second factor, open sessions. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
import segno
from dash import html
from dash.development.base_component import Component

from layouts import shell
from layouts.ids import Account
from layouts.people_words import Names, areas_text, domains_text, until_day
from layouts.view import PageView
from model.people import Grant
from model.texts import Words
from model.viewer import Viewer


@dataclass(frozen=True)
class Own:
    """One's own account as it stands: ``sessions`` are rows with id, agent, address, began_at and seen_at;
    ``secret`` and ``secret_address`` a second factor begun and not confirmed; ``told`` what happened."""

    viewer: Viewer
    grant: Grant | None
    password: bool
    second: bool
    sessions: Sequence[Any]
    names: Names
    secret: str = ""
    secret_address: str = ""
    told: str = ""
    least: int = 12


def page(say: Words, view: PageView) -> Component:
    """The page, its account still to be read."""
    loading = shell.state_card("loading", say("account.loading"), "")
    return html.Div(
        [
            shell.top_bar(say, view),
            html.Div(
                [html.H1(say("account.title")), html.Div(loading, id=Account.BODY)], className="own-account"
            ),
        ],
        className="plain-page",
    )


def away(say: Words) -> Component:
    """The database is away: she stays, and changes nothing."""
    return shell.state_card("broken", say("account.away"), say("account.away_body"))


def body(say: Words, own: Own) -> list[Component]:
    """Everything about one's own account."""
    return [*_told(say, own), _right(say, own), _password(say, own), *_second(say, own), _sessions(say, own)]


def _told(say: Words, own: Own) -> list[Component]:
    key = f"account.{own.told}"
    if not own.told or not say.has(key):
        return []
    wrong = own.told.startswith("bad_")
    text = say(key, least=own.least, most=200)
    kind = "account-told wrong" if wrong else "account-told"
    return [html.P(text, className=kind, role="alert" if wrong else "status")]


def _section(title: str, *parts: Any, name: str) -> Component:
    return html.Section([html.H2(title), *parts], className=f"account-part own-{name}")


def _facts(*pairs: tuple[str, str]) -> Component:
    rows = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs]
    return html.Dl(rows, className="account-facts")


def _right(say: Words, own: Own) -> Component:
    viewer, grant = own.viewer, own.grant
    until = grant.valid_until if grant else None
    ends = say("account.until_day", day=until_day(say, until)) if until else say("account.no_end")
    session = say.instant(viewer.expires_at) if viewer.expires_at else "–"
    video = [
        say("account.video_by", authority=right.authority, day=until_day(say, right.valid_until))
        for right in viewer.video
    ]
    return _section(
        say("account.my_right"),
        _facts(
            (say("account.role"), say(f"role.{viewer.role}")),
            (say("account.areas"), areas_text(say, viewer.scope.areas, own.names)),
            (say("account.domains"), domains_text(say, viewer.scope.domains)),
            (say("account.ends"), ends),
            (say("account.video"), "; ".join(video) or say("account.no_video")),
            (say("account.login"), viewer.login),
            (say("account.method"), say(f"account.method_{viewer.method}")),
            (say("account.session_ends"), session),
        ),
        name="right",
    )


def _form(action: str, *parts: Any) -> Component:
    return html.Form(list(parts), method="post", action=action, className="account-form")


def _button(text: str, *, primary: bool = False, label: str = "", **given: Any) -> Component:
    spoken = {"aria-label": label} if label else {}
    kind = "button primary" if primary else "button"
    return html.Button(text, type="submit", className=kind, **given, **spoken)


def _secret_field(say: Words, name: str, kind: str, hint: str = "") -> Component:
    return dmc.PasswordInput(
        label=say(f"account.{name}"), name=name, description=hint or None, className="account-field",
        autoComplete=kind,
    )  # fmt: skip


def _password(say: Words, own: Own) -> Component:
    if not own.password:
        return _section(say("account.password"), html.P(say("account.no_password")), name="password")
    form = _form(
        "/account/password",
        _secret_field(say, "before", "current-password"),
        _secret_field(say, "new", "new-password", say("account.new_hint", least=own.least)),
        _secret_field(say, "again", "new-password"),
        _button(say("account.change"), primary=True),
    )
    return _section(say("account.password"), form, name="password")


def _second(say: Words, own: Own) -> list[Component]:
    """The second factor, for those who have a password to protect."""
    if not own.password:
        return []
    if own.second:
        remove = _form(
            "/account/second/remove",
            _secret_field(say, "before", "current-password"),
            _button(say("account.second_remove")),
        )
        return [_section(say("account.second"), html.P(say("account.second_on")), remove, name="second")]
    if own.secret:
        return [_section(say("account.second"), *_begun(say, own), name="second")]
    begin = _form("/account/second", _button(say("account.second_begin"), primary=True))
    return [_section(say("account.second"), html.P(say("account.second_off")), begin, name="second")]


def _begun(say: Words, own: Own) -> list[Component]:
    picture = segno.make(own.secret_address, error="m").svg_data_uri(scale=5, dark="#14171B", light="#FFFFFF")
    spaced = " ".join(own.secret[at : at + 4] for at in range(0, len(own.secret), 4))
    code = dmc.TextInput(
        label=say("account.code"), name="code", className="account-field", required=True,
        autoComplete="one-time-code", inputProps={"inputMode": "numeric"},
    )  # fmt: skip
    return [
        html.P(say("account.second_scan")),
        html.Img(src=picture, alt=say("account.second_picture"), className="account-qr"),
        html.P([say("account.second_typed"), " ", html.Code(spaced)]),
        _form("/account/second/confirm", code, _button(say("account.second_confirm"), primary=True)),
    ]


def _sessions(say: Words, own: Own) -> Component:
    heads = ("browser", "address", "began", "seen")
    table = html.Table(
        [
            html.Caption(say("account.sessions"), className="unseen"),
            html.Thead(
                html.Tr(
                    [
                        *(html.Th(say(f"account.{head}"), scope="col") for head in heads),
                        html.Th(html.Span(say("account.end"), className="unseen"), scope="col"),
                    ]
                )
            ),
            html.Tbody([_session(say, own, row) for row in own.sessions]),
        ],
        className="account-sessions",
    )
    note = html.P(say("account.sessions_note"), className="quiet")
    return _section(say("account.sessions"), note, _form("/account/end", table), name="sessions")


def _session(say: Words, own: Own, row: Any) -> Component:
    mine = row.id == own.viewer.session_id
    end = _button(
        say("account.end"), name="session", value=str(row.id),
        label=say("account.end_named", agent=row.agent, address=row.address),
    )  # fmt: skip
    return html.Tr(
        [
            html.Th(row.agent, scope="row"),
            html.Td(row.address or "–"),
            html.Td(say.instant(row.began_at)),
            html.Td(say.time(row.seen_at)),
            html.Td(html.Span(say("account.this_one"), className="quiet") if mine else end),
        ]
    )
