"""What somebody left unsaved in the form of a rule: where it is gone on with, or let go of. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from model.rule_book import KeptDraft
from model.texts import Words


def all_left(say: Words, names: Mapping[str, str], left: Mapping[str, KeptDraft]) -> list[Component]:
    """What was begun and not saved: a rule of its own is gone on with here, a version on the sheet of its
    class (``names`` by key)."""
    links = [
        html.P(
            [
                say("alarm_book.left_of", at=say.instant(_when(one))), " ",
                html.A(names[key], href=f"/alarms/rules?{urlencode({'rule': key})}"),
            ],
            className="rule-left",
        )
        for key, one in left.items()
        if key in names
    ]  # fmt: skip
    return [*left_here(say, left.get("")), *links]


def left_here(say: Words, one: KeptDraft | None) -> list[Component]:
    """Go on with what was left unsaved, or let go of it."""
    if one is None:
        return []
    return [
        html.Div(
            [
                html.Span(say("alarm_book.left", at=say.instant(_when(one)))),
                button("resume", say("alarm_book.resume"), say("alarm_book.resume")),
                button("forget", say("alarm_book.forget"), say("alarm_book.forget")),
            ],
            className="rule-left",
        )
    ]


def _when(one: KeptDraft) -> datetime:
    return datetime.fromtimestamp(one.at, UTC)


def button(act: str, text: str, label: str) -> Component:
    """A button of the book that reports ``act``."""
    return html.Button(text, type="button", className="button", **{"data-act": act, "aria-label": label})
