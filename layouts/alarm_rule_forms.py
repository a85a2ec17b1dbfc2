"""The dialogs of the book of rules: a version put in force, a class taken out, a rule written. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts import alarm_rule_fields as fields
from layouts import form_parts as form
from layouts.ids import AlarmRulesPage
from model.rule_book import REASON_MOST
from model.texts import Words


def rule_dialogs(say: Words) -> tuple[Component, ...]:
    """The three dialogs, closed."""
    return _on(say), _off(say), _draft(say)


def _on(say: Words) -> Component:
    parts = [
        html.P(id=AlarmRulesPage.ON_WHAT),
        form.ends(
            say, AlarmRulesPage.ON_DIALOG, AlarmRulesPage.ON, say("alarm_book.on"), AlarmRulesPage.ON_TOLD
        ),
    ]
    return form.dialog(say, AlarmRulesPage.ON_DIALOG, say("alarm_book.on_title"), parts, size="md")


def _off(say: Words) -> Component:
    parts = [
        html.P(say("alarm_book.off_what")),
        form.area_field(
            AlarmRulesPage.OFF_WHY, say("alarm_book.reason"), REASON_MOST, **{"data-autofocus": True}
        ),
        form.ends(
            say,
            AlarmRulesPage.OFF_DIALOG,
            AlarmRulesPage.OFF,
            say("alarm_book.switch_off"),
            AlarmRulesPage.OFF_TOLD,
        ),
    ]
    return form.dialog(say, AlarmRulesPage.OFF_DIALOG, say("alarm_book.switch_off"), parts, size="md")


def _draft(say: Words) -> Component:
    parts: list[Any] = [
        html.Div(
            [
                _group(say("alarm_book.part_watches"), fields.watching_fields(say)),
                _group(say("alarm_book.part_urgency"), fields.urgency_fields(say)),
                _group(say("alarm_book.part_words"), fields.words_fields(say)),
            ],
            id=AlarmRulesPage.FORM, className=form_class(new=False),
        ),
        html.P(id=AlarmRulesPage.PREVIEW, className="rule-preview"),
        form.ends(
            say, AlarmRulesPage.DRAFT_DIALOG, AlarmRulesPage.DRAFT, say("alarm_book.save"),
            AlarmRulesPage.DRAFT_TOLD,
        ),
    ]  # fmt: skip
    return form.dialog(say, AlarmRulesPage.DRAFT_DIALOG, say("alarm_book.draft"), parts, size="xl")


def _group(legend: str, parts: list[Component]) -> Component:
    return html.Fieldset([html.Legend(legend), *parts], className="rule-group")


def form_class(*, new: bool) -> str:
    """The classes of the form: of a new class of alarm its name is asked for too."""
    return "rule-form is-new" if new else "rule-form"
