"""The book of rules as people read it: every class by domain, and one class with its versions. Pure."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from layouts.alarm_pages import alarm_ways
from layouts.alarm_quality import class_words
from layouts.alarm_rule_forms import rule_dialogs
from layouts.alarm_rule_words import rule_words
from layouts.ids import AlarmRulesPage
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import priority_symbol
from layouts.view import PageView
from model.alarm_rules import INFERRED, Silent
from model.rule_book import Backtest, RuleSheet, RuleVersion
from model.texts import Words


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    loading = state_card("loading", say("alarm_book.loading"), "")
    return html.Div(
        [
            top_bar(say, view),
            alarm_ways(say, view),
            html.H1(say("page.alarm_rules"), className="unseen"),
            html.Section(
                [
                    html.P(id=AlarmRulesPage.TOLD, role="status", className="rules-told"),
                    Steady(id=AlarmRulesPage.BODY, tree=loading, className="people-part"),
                    dcc.Store(id=AlarmRulesPage.TRIED),
                    dcc.Store(id=AlarmRulesPage.VERSION),
                    *rule_dialogs(say),
                ],
                className="quality-scroll", tabIndex="0", **{"aria-label": say("page.alarm_rules")},
            ),
        ],
        className="manage quality",
    )  # fmt: skip


def away(say: Words, why: str) -> Component:
    """What stands there while the database does not answer."""
    return state_card("broken", say("alarm_book.away"), why)


def _title(say: Words, sheet: RuleSheet) -> str:
    newest = (sheet.in_force or sheet.versions[0]).rule
    return class_words(say, sheet.key, newest.title)


def _type(say: Words, asset_type: str) -> str:
    key = f"type.{asset_type}"
    return say(key) if say.has(key) else say("alarm_book.area")


def rules(say: Words, sheets: Sequence[RuleSheet]) -> Component:
    """Every class, by domain and kind of equipment."""
    on = sum(sheet.in_force is not None for sheet in sheets)
    told = say("alarm_book.counted", n=len(sheets), on=on)
    domains = list(dict.fromkeys(sheet.domain for sheet in sheets))
    parts = [_domain(say, name, [sheet for sheet in sheets if sheet.domain == name]) for name in domains]
    return html.Div([html.P(told, className="board-sentence"), *parts], className="quality-board rules-list")


def _domain(say: Words, name: str, sheets: Sequence[RuleSheet]) -> Component:
    heads = ("class", "priority", "when", "version", "lately", "open")
    head = html.Tr([html.Th(say(f"alarm_book.head_{one}"), scope="col") for one in heads])
    return html.Section(
        [
            html.H2(say(f"domain.{name}")),
            html.Table(
                [html.Thead(head), html.Tbody([_row(say, sheet) for sheet in sheets])],
                className="quality-table rules-table",
            ),
        ]
    )


def _row(say: Words, sheet: RuleSheet) -> Component:
    shown = sheet.in_force or sheet.versions[0]
    return html.Tr(
        [
            html.Th(
                [
                    html.A(_title(say, sheet), href=f"/alarms/rules?{urlencode({'rule': sheet.key})}"),
                    html.Div(_type(say, sheet.asset_type), className="quiet"),
                ],
                scope="row",
            ),
            html.Td(_priority(say, shown)),
            html.Td(rule_words(say, shown.rule)),
            html.Td(_standing(say, sheet)),
            html.Td(say.number(sheet.lately)),
            html.Td(say.number(sheet.open)),
        ],
        key=sheet.key,
    )


def _priority(say: Words, version: RuleVersion) -> list[Any]:
    level = version.rule.priority
    return [priority_symbol(level, 18), " ", say(f"outward.priority_{level}")]


def _standing(say: Words, sheet: RuleSheet) -> str:
    if sheet.in_force is None:
        return say("alarm_book.off")
    return say("alarm_book.version", n=sheet.in_force.version)


def rule_sheet(say: Words, sheet: RuleSheet, *, keeps: bool = False) -> Component:
    """One class: what it says, what it did in the last month, and every version with its reason."""
    shown = sheet.in_force or sheet.versions[0]
    action = f"alarm.action.{sheet.key}"
    own = shown.rule.action.get(say.language) or (say(action) if say.has(action) else "")
    return html.Div(
        [
            html.A(say("alarm_book.all"), href="/alarms/rules"),
            html.P(f"{_type(say, sheet.asset_type)} · {_title(say, sheet)}", className="board-sentence"),
            html.P(rule_words(say, shown.rule)),
            html.P(own, className="quiet"),
            html.P([*_priority(say, shown), " · ", _standing(say, sheet)]),
            html.P(say("alarm_book.load", n=say.number(sheet.lately), open=say.number(sheet.open))),
            html.Div(_changing(say, sheet), className="outside-acts") if keeps else "",
            html.H2(say("alarm_book.versions")),
            html.Table(
                [
                    html.Thead(
                        html.Tr(
                            [
                                html.Th(say(f"alarm_book.head_{one}"), scope="col")
                                for one in ("version", "when", "author", "force", "tried")
                            ]
                        )
                    ),
                    html.Tbody([_version(say, one, keeps=keeps) for one in sheet.versions]),
                ],
                className="quality-table rules-table",
            ),
        ],
        className="quality-board rules-list",
    )


def unknown(say: Words, key: str) -> Component:
    """The address names a class the city does not have."""
    return state_card(
        "empty", say("alarm_book.unknown"), key, html.A(say("alarm_book.all"), href="/alarms/rules")
    )


def _version(say: Words, one: RuleVersion, *, keeps: bool) -> Component:
    return html.Tr(
        [
            html.Th(say.number(one.version), scope="row"),
            html.Td([rule_words(say, one.rule), html.Div(one.reason, className="quiet")]),
            html.Td([one.author, html.Div(say.instant(one.made_at), className="quiet")]),
            html.Td([_force(say, one), *_switching(say, one, keeps)]),
            html.Td([tried_words(say, one.backtest), *_most(say, one.backtest), *_trying(say, one, keeps)]),
        ]
    )


def _most(say: Words, found: Backtest | None) -> list[Component]:
    """What it would have told of most, behind a summary."""
    if found is None or not found.assets:
        return []
    lines = [html.Li([one.asset, " ", one.name, f" · {say.number(one.count)}"]) for one in found.assets]
    return [html.Details([html.Summary(say("alarm_book.these")), html.Ul(lines)], className="quality-twin")]


def _trying(say: Words, one: RuleVersion, keeps: bool) -> list[Component]:
    if not keeps or isinstance(one.rule.condition, (Silent, *INFERRED)):
        return []
    label = say("alarm_book.try_of", n=one.version)
    return [_button(f"try:{one.version}", say("alarm_book.try"), label)]


def _switching(say: Words, one: RuleVersion, keeps: bool) -> list[Component]:
    """A version that was tried, or that nothing on record can try, may go on."""
    triable = not isinstance(one.rule.condition, (Silent, *INFERRED))
    if not keeps or one.in_force or (triable and one.backtest is None):
        return []
    label = say("alarm_book.on_of", n=one.version)
    return [_button(f"on:{one.version}", say("alarm_book.on"), label)]


def _changing(say: Words, sheet: RuleSheet) -> list[Component]:
    """What rule keepers may do with the class: write a version of it, take it out of force."""
    draft = _button("draft", say("alarm_book.draft"), say("alarm_book.draft"))
    off = _button("off", say("alarm_book.switch_off"), say("alarm_book.switch_off"))
    return [draft, off] if sheet.in_force else [draft]


def _button(act: str, text: str, label: str) -> Component:
    return html.Button(text, type="button", className="button", **{"data-act": act, "aria-label": label})


def _force(say: Words, one: RuleVersion) -> str:
    if one.on_at is None:
        return say("alarm_book.never_on")
    if one.off_at is None:
        return say("alarm_book.since", at=say.instant(one.on_at), by=one.on_by)
    return say("alarm_book.until", at=say.instant(one.off_at), by=one.off_by, why=one.off_why)


def tried_words(say: Words, found: Backtest | None) -> str:
    """What came of a trial against the past, in a sentence."""
    if found is None:
        return say("alarm_book.untried")
    return say(
        "alarm_book.tried", n=say.number(found.total), worst=say.number(found.worst_hour),
        distinct=say.number(found.distinct), days=say.number((found.t1 - found.t0) / 86_400),
    )  # fmt: skip
