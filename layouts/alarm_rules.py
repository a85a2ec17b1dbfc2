"""The book of rules as people read it: every class by domain, and one class with its versions. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from layouts.alarm_pages import alarm_ways
from layouts.alarm_quality import class_words
from layouts.alarm_rule_changes import address, changes_section, shortly
from layouts.alarm_rule_forms import rule_dialogs
from layouts.alarm_rule_left import all_left, button, left_here
from layouts.alarm_rule_words import rule_words
from layouts.ids import AlarmRulesPage
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import priority_symbol
from layouts.view import PageView
from model.alarm_rules import INFERRED, Silent
from model.rule_book import Backtest, KeptDraft, RuleSheet, RuleVersion
from model.texts import Words

NOTHING_LEFT: Mapping[str, KeptDraft] = MappingProxyType({})


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
                    dcc.Store(id=AlarmRulesPage.BASE),
                    dcc.Store(id=AlarmRulesPage.TYPED),
                    dcc.Store(id=AlarmRulesPage.KEPT),
                    dcc.Store(id=AlarmRulesPage.WRONG),
                    html.Div(id=AlarmRulesPage.TRIAL, className="quality-board rule-trials"),
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


def rules(
    say: Words, sheets: Sequence[RuleSheet], left: Mapping[str, KeptDraft] = NOTHING_LEFT, *,
    keeps: bool = False,
) -> Component:  # fmt: skip
    """Every class, by domain and kind of equipment; what who looks ``left`` unsaved is named first."""
    on = sum(sheet.in_force is not None for sheet in sheets)
    told = say("alarm_book.counted", n=len(sheets), on=on)
    domains = list(dict.fromkeys(sheet.domain for sheet in sheets))
    parts = [_domain(say, name, [sheet for sheet in sheets if sheet.domain == name]) for name in domains]
    new = html.Div([button("new", say("alarm_book.new"), say("alarm_book.new"))], className="outside-acts")
    acts = (
        [*([] if "" in left else [new]), *all_left(say, {one.key: _title(say, one) for one in sheets}, left)]
        if keeps
        else []
    )
    return html.Div(
        [html.P(told, className="board-sentence"), *acts, *parts], className="quality-board rules-list"
    )


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


def chosen_version(sheet: RuleSheet, number: str | None) -> RuleVersion | None:
    """The version the address names; None for none of that number."""
    return next((one for one in sheet.versions if str(one.version) == number), None)


def rule_sheet(
    say: Words, sheet: RuleSheet, *, keeps: bool = False, version: str | None = None,
    left: KeptDraft | None = None,
) -> Component:  # fmt: skip
    """One class: what it says, what it did in the last month, every version with its reason, and what the
    chosen ``version`` (else the newest) changed."""
    told = chosen_version(sheet, version) or sheet.versions[0]
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
            html.Div(_changing(say, sheet, left), className="outside-acts") if keeps else "",
            *(left_here(say, left) if keeps else []),
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
                    html.Tbody([_version(say, sheet, one, told, keeps=keeps) for one in sheet.versions]),
                ],
                className="quality-table rules-table rules-versions",
            ),
            changes_section(say, sheet, told, acts=[_redraft(say, told)] if keeps and left is None else []),
        ],
        className="quality-board rules-list",
    )


def unknown(say: Words, key: str) -> Component:
    """The address names a class the city does not have."""
    return state_card(
        "empty", say("alarm_book.unknown"), key, html.A(say("alarm_book.all"), href="/alarms/rules")
    )


def _redraft(say: Words, one: RuleVersion) -> Component:
    text = say("alarm_book.redraft", n=one.version)
    return button(f"redraft:{one.version}", text, text)


def _version(
    say: Words, sheet: RuleSheet, one: RuleVersion, chosen: RuleVersion, *, keeps: bool
) -> Component:  # fmt: skip
    here = {"aria-current": "true"} if one is chosen else {}
    link = html.A(
        say.number(one.version), href=address(sheet.key, one.version),
        **{"aria-label": say("alarm_book.changes_of", n=one.version)}, **here,
    )  # fmt: skip
    return html.Tr(
        [
            html.Th(link, scope="row"),
            html.Td(
                [
                    rule_words(say, one.rule),
                    html.Div(shortly(say, sheet, one), className="rule-shortly"),
                    html.Div(one.reason, className="quiet"),
                ]
            ),
            html.Td([one.author, html.Div(say.instant(one.made_at), className="quiet")]),
            html.Td([_force(say, one), *_switching(say, one, keeps)]),
            html.Td([tried_words(say, one.backtest), *_trying(say, one, keeps)]),
        ]
    )


def triable(one: RuleVersion) -> bool:
    """Whether the past tells what the version looks at."""
    return not isinstance(one.rule.condition, (Silent, *INFERRED))


def _trying(say: Words, one: RuleVersion, keeps: bool) -> list[Component]:
    if not keeps or not triable(one):
        return []
    label = say("alarm_book.try_of", n=one.version)
    return [button(f"try:{one.version}", say("alarm_book.try"), label)]


def _switching(say: Words, one: RuleVersion, keeps: bool) -> list[Component]:
    """A version that was tried, or that nothing on record can try, may go on."""
    if not keeps or one.in_force or (triable(one) and one.backtest is None):
        return []
    label = say("alarm_book.on_of", n=one.version)
    return [button(f"on:{one.version}", say("alarm_book.on"), label)]


def _changing(say: Words, sheet: RuleSheet, left: KeptDraft | None) -> list[Component]:
    """What rule keepers may do with the class: write a version of it, take it out of force.

    One draft a class: while one waits, it is gone on with or discarded before another is begun.
    """
    draft = button("draft", say("alarm_book.draft"), say("alarm_book.draft"))
    off = button("off", say("alarm_book.switch_off"), say("alarm_book.switch_off"))
    return [*([draft] if left is None else []), *([off] if sheet.in_force else [])]


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
