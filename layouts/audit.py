"""The page of the audit: who did what, when and why; search at the left, entries at the right. Pure."""

from datetime import UTC, datetime
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.audit_address import CUSTOM, KNOWN, LASTS, LONGEST, Search, months, read_search
from layouts.ids import Audit
from layouts.shell import state_card, top_bar
from layouts.view import PageView
from model.audit import Action, Book
from model.looks import Purpose
from model.roles import Role
from model.texts import Words

MORE = ("role", "book", "outcome", "text")
"""Fields that are folded away until one is used."""


def page(say: Words, view: PageView) -> Component:
    """The page: its search is that of the address."""
    search = read_search(view.address)
    return html.Div(
        [
            top_bar(say, view),
            html.Div([_form(say, search), _results(say)], className="history-columns"),
            dcc.Store(id=Audit.ADDRESS),
            dcc.Store(id=Audit.WRITTEN),
        ],
        className="history-page audit-page",
    )


def _form(say: Words, search: Search) -> Component:
    more = html.Details(
        [
            html.Summary(say("audit.more")),
            html.Div(
                [
                    _choice(say, Audit.ROLE, "role", [r.value for r in Role], "role", search),
                    _choice(
                        say, Audit.BOOK, "book_label", [b.value for b in Book], "audit.book", search, "book"
                    ),
                    _choice(
                        say, Audit.OUTCOME, "outcome_label", sorted(KNOWN["outcome"]), "audit.outcome",
                        search, "outcome",
                    ),
                    _text(say, Audit.TEXT, "text", search),
                ],
                className="audit-more",
            ),
        ],
        open=any(search[name] for name in MORE),
    )  # fmt: skip
    return html.Form(
        [
            html.H1(say("audit.question")),
            _text(say, Audit.ASSET, "asset", search, say("audit.asset_hint")),
            _text(say, Audit.ACTOR, "actor", search, say("audit.actor_hint")),
            _periods(say, search),
            html.Div(
                [
                    _day(say, Audit.FROM, "from", search, search.days[0]),
                    _day(say, Audit.TO, "to", search, search.days[1]),
                ],
                className="audit-days",
            ),
            _choice(
                say, Audit.ACTION, "action_label", [a.value for a in Action], "audit.action", search, "action"
            ),
            _choice(
                say, Audit.PURPOSE, "purpose_label", [p.value for p in Purpose], "looks.purpose", search,
                "purpose",
            ),
            more,
            html.Div(
                [
                    html.Button(
                        say("audit.search"), id=Audit.SEARCH, type="button", className="button primary"
                    ),
                    dcc.Link(say("audit.clear"), href="/audit", refresh=True, className="audit-clear"),
                ],
                className="audit-do",
            ),
        ],
        className="history-controls audit-form",
        **{"aria-label": say("audit.filters")},
    )  # fmt: skip


def _text(say: Words, id_: str, name: str, search: Search, hint: str | None = None) -> Component:
    return dmc.TextInput(
        id=id_, label=say(f"audit.{name}"), placeholder=hint, value=search[name], size="sm",
        inputProps={"maxLength": LONGEST, "autoComplete": "off", "spellCheck": "false"},
    )  # fmt: skip


def _day(say: Words, id_: str, label: str, search: Search, value: str) -> Component:
    return dmc.TextInput(
        id=id_, label=say(f"audit.{label}"), value=value, size="sm", disabled=search.period != CUSTOM,
        inputProps={"type": "date"},
    )  # fmt: skip


def _choice(
    say: Words,
    id_: str,
    label: str,
    values: list[str],
    words: str,
    search: Search,
    name: str | None = None,
) -> Component:
    data = [{"value": value, "label": say(f"{words}.{value}")} for value in values]
    data.sort(key=lambda one: one["label"].casefold())
    return dmc.Select(
        id=id_, label=say(f"audit.{label}"), data=data, value=search[name or label] or None, size="sm",
        placeholder=say("audit.any"), clearable=True, searchable=len(data) > 6,
        clearButtonProps={"aria-label": say("audit.any")}, comboboxProps={"shadow": "none"},
    )  # fmt: skip


def _periods(say: Words, search: Search) -> Component:
    now = datetime.now(UTC)
    data: list[dict[str, str]] = [{"value": name, "label": say(f"audit.last_{name}")} for name in LASTS]
    data += [{"value": CUSTOM, "label": say("audit.custom")}]
    data += [{"value": name, "label": say.month(start)} for name, start in months(now, say.zone)]
    return dmc.Select(
        id=Audit.PERIOD, label=say("audit.period"), data=data, value=search.period, size="sm",
        allowDeselect=False, searchable=True, comboboxProps={"shadow": "none"},
    )  # fmt: skip


def _results(say: Words) -> Component:
    chain = html.Section(
        [
            html.Div(
                [
                    html.H2(say("audit.chain")),
                    html.Button(say("audit.verify"), id=Audit.VERIFY, type="button", className="button"),
                ],
                className="audit-chain-head",
            ),
            html.Dl(id=Audit.CHAIN, className="audit-chain"),
            html.P(id=Audit.TOLD, className="audit-told", role="status"),
        ],
        className="audit-chain-part",
        **{"aria-label": say("audit.chain")},
    )
    found = html.Div(
        said(say, "loading", say("audit.loading"), ""),
        id=Audit.RESULTS,
        className="audit-results",
        **{"aria-live": "polite"},
    )
    return html.Div([found, chain], className="history-results")


def said(say: Words, kind: str, title: str, body: str) -> Component:
    """A state instead of entries, under the heading that readers of the page's headings look for."""
    return html.Div([html.H2(say("audit.title"), className="unseen"), state_card(kind, title, body)])


def refused(say: Words) -> Component:
    """The audit is not hers to read."""
    return said(say, "refused", say("audit.refused"), say("audit.refused_body"))


def away(say: Words, what: str) -> Component:
    """The audit cannot be read now."""
    told: Any = what[:1].upper() + what[1:]
    return said(say, "broken", say("audit.away"), say("audit.away_body", what=told))


def bad(say: Words) -> Component:
    """The dates typed are none."""
    return said(say, "empty", say("audit.bad"), say("audit.bad_dates"))
