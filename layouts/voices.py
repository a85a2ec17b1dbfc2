"""The desk of citizens' letters: the queue with its clocks, and the dialog of what is done. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import Voices
from layouts.people_words import counted
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.symbols import freshness_symbol, status_symbol
from layouts.view import PageView
from layouts.voices_sheet import address_of
from model.texts import Words, words
from model.voice_words import clock_text, subject_title
from model.voices import (
    ANSWER_MOST,
    Hiding,
    Letter,
    LetterAct,
    LetterKind,
    LetterState,
    Refusal,
    days_left,
)

HEADS = ("letter", "about", "received", "clock", "state")
EVERY_MS = 60_000
_SIGNS = {
    LetterState.WAITING: "never",
    LetterState.PUBLISHED: "late",
    LetterState.HIDDEN: "stale",
    LetterState.ANSWERED: "live",
    LetterState.REFUSED: "stale",
}


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    chosen = bool(view.address.get("letter"))
    return html.Div(
        [
            top_bar(say, view),
            html.H1(say("page.voices"), className="unseen"),
            html.Div(
                [
                    html.Section(
                        Steady(
                            id=Voices.LIST, tree=state_card("loading", say("voices.loading"), ""),
                            className="people-part",
                        ),
                        className="people-list", **{"aria-label": say("voices.list_region")},
                    ),
                    html.Section(
                        Steady(id=Voices.SHEET, tree=html.Div(), className="people-part"),
                        className="people-sheet", **{"aria-label": say("voices.sheet_region")},
                    ),
                ],
                className="people-columns",
            ),
            dcc.Interval(id=Voices.TICK, interval=EVERY_MS),
            dcc.Store(id=Voices.CHANGED),
            dcc.Store(id=Voices.ACT),
            _dialog(say),
        ],
        id=Voices.PAGE,
        className=page_class(chosen),
    )  # fmt: skip


def page_class(chosen: bool) -> str:
    """The page's css classes: with a letter open a phone shows it alone."""
    return "manage voices people-chosen" if chosen else "manage voices"


def away(say: Words, what: str) -> Component:
    """The letters cannot be read right now."""
    return state_card("broken", say("voices.away"), say("voices.away_body", what=what))


# --- the queue ----------------------------------------------------------------------------------------


def letter_list(say: Words, letters: Sequence[Letter], chosen: int, now: datetime) -> Component:
    """The sums and a row for each letter, the nearest end first."""
    head = _head(say, letters, now)
    if not letters:
        return html.Div([head, state_card("empty", say("voices.none"), say("voices.none_body"))])
    heads = [html.Th(say(f"voices.head_{name}"), scope="col", className=f"col-{name}") for name in HEADS]
    return html.Div(
        [
            head,
            html.Table(
                [
                    html.Caption(say("voices.caption"), className="unseen"),
                    html.Thead(html.Tr(heads)),
                    html.Tbody([_row(say, one, chosen, now) for one in letters]),
                ],
                className="people-table voices-table",
            ),
        ]
    )


def _head(say: Words, letters: Sequence[Letter], now: datetime) -> Component:
    still = [one for one in letters if not one.closed]
    late = sum(is_late(one, say, now) for one in still)
    unread = sum(one.state is LetterState.WAITING for one in still)
    alerts = [
        html.Li(counted(say, f"voices.alert_{name}", count), className=f"alert-{name}")
        for name, count in (("over", late), ("waiting", unread))
        if count
    ]
    told = [
        html.H2(counted(say, "voices.count_open", len(still))),
        html.Ul(alerts, className="people-alerts"),
    ]
    return html.Header(html.Div(told), className="people-head")


def is_late(letter: Letter, say: Words, now: datetime) -> bool:
    """Whether it is a request whose month is over: silence has refused it."""
    duty = letter.kind is LetterKind.REQUEST and not letter.closed
    return duty and days_left(letter.due(say.zone), now, say.zone) < 0


def clock(say: Words, letter: Letter, now: datetime) -> list[Any]:
    """What the clock of a letter says, with a sign where it is late; nothing once it is over."""
    if letter.closed:
        return []
    due = letter.due(say.zone)
    told = clock_text(say, letter.kind, due, days_left(due, now, say.zone))
    if not is_late(letter, say, now):
        return [told]
    return [html.Span([status_symbol("fault", 16), told], className="letter-late")]


def state_mark(say: Words, letter: Letter) -> Component:
    """Shape and word of how a letter stands."""
    sign = freshness_symbol(_SIGNS[letter.state])
    return html.Span([sign, say(f"voices.state_{letter.state.value}")], className="standing-mark")


def _row(say: Words, one: Letter, chosen: int, now: datetime) -> Component:
    here = {"aria-current": "true"} if one.id == chosen else {}
    link = html.A(one.reference, href=address_of(one.id), className="account-link", **here)
    told = {
        "about": [html.Div(subject_title(one.subject, say), className="cell-line")],
        "received": [say.day(one.received_at, "medium")],
        "clock": clock(say, one, now),
        "state": [state_mark(say, one)],
    }
    first = html.Th(
        [
            html.Div(link, className="cell-first"),
            html.Div(say(f"voices.kind_{one.kind.value}"), className="cell-second"),
        ],
        scope="row", className="col-letter",
    )  # fmt: skip
    rest = [
        html.Td(parts, className=f"col-{name}", **{"data-label": say(f"voices.head_{name}")})
        for name, parts in told.items()
    ]
    name = "account chosen" if one.id == chosen else "account"
    return html.Tr([first, *rest], key=str(one.id), className=name, **{"data-go": address_of(one.id)})


# --- the dialog ---------------------------------------------------------------------------------------

REASONS: dict[LetterAct, tuple[str, tuple[str, ...]]] = {
    LetterAct.HIDDEN: ("hiding", tuple(one.value for one in Hiding)),
    LetterAct.REFUSED: ("refusal", tuple(one.value for one in Refusal)),
}
"""The acts that need a reason: where the catalogues have its words, and which there are."""
DIALOGS = {
    "hide": LetterAct.HIDDEN,
    "answer": LetterAct.ANSWERED,
    "refuse": LetterAct.REFUSED,
    "extend": LetterAct.EXTENDED,
}
"""The buttons of a letter that open the dialog, and what each does."""


def _dialog(say: Words) -> Component:
    parts = [
        html.P(id=Voices.TELL, className="letter-tell"),
        form.select_field(Voices.REASON, say("voices.field_reason"), [], None),
        form.area_field(Voices.WORDS, say("voices.field_words"), ANSWER_MOST, **{"data-autofocus": True}),
        form.ends(say, Voices.DIALOG, Voices.SAVE, say("voices.save"), Voices.TOLD),
    ]
    return form.dialog(say, Voices.DIALOG, say("page.voices"), parts)


def opened(say: Words, button: str, letter: Letter) -> tuple[Any, ...]:
    """The dialog of ``button`` for ``letter``: title, what it does, reasons, which fields are there."""
    act = DIALOGS[button]
    language = say(f"voices.language_{letter.language}")
    appeal = words(letter.language)("voices.appeal")
    tell = say(f"voices.tell_{button}", language=language, appeal=appeal)
    kind, reasons = REASONS.get(act, ("", ()))
    data = [{"value": one, "label": say(f"voices.{kind}_{one}")} for one in reasons]
    title = say(f"voices.title_{button}", reference=letter.reference)
    return (
        True, title, tell, data, None, _shown(bool(reasons)), "", _shown(act is not LetterAct.HIDDEN),
    )  # fmt: skip


def _shown(there: bool) -> dict[str, str]:
    return {} if there else {"display": "none"}
