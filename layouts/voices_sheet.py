"""One letter opened: its words, whom to answer, what was done about it, and what may be done now. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.people_words import act_button
from layouts.shell import state_card
from layouts.symbols import icon
from model.texts import Words
from model.voice_words import subject_title
from model.voices import Act, Letter, LetterAct, LetterKind, days_left

PATH = "/voices"


def address_of(letter_id: int) -> str:
    """The address that opens a letter; 0 closes it."""
    return f"{PATH}?letter={letter_id}" if letter_id else PATH


def letter_sheet(say: Words, letter: Letter, clock: Sequence[Any], now: datetime) -> Component:
    """Everything of one letter; ``clock`` is what its clock says."""
    parts: list[Any] = [
        _head(say, letter, clock),
        _doing(say, letter, now),
        _facts(say, letter),
        _words(say, letter),
        _acts(say, letter),
    ]
    return html.Div(parts, className="sheet", key=str(letter.id))


def _head(say: Words, letter: Letter, clock: Sequence[Any]) -> Component:
    about = f"{say(f'voices.kind_{letter.kind.value}')} · {subject_title(letter.subject, say)}"
    lines = [html.P(about), *([html.P(list(clock))] if clock else [])]
    return html.Header(
        [
            html.A("←", href=PATH, className="detail-back", **{"aria-label": say("voices.to_list")}),
            html.Div([html.H2(letter.reference), *lines]),
            html.A(icon("close", 16, say("voices.to_list")), href=PATH, className="panel-close"),
        ],
        className="sheet-head",
    )


def possible(say: Words, letter: Letter, now: datetime) -> list[str]:
    """What may be done about ``letter`` at ``now``, as the desk would let it."""
    request = letter.kind is LetterKind.REQUEST
    names = []
    if letter.moderated is not LetterAct.PUBLISHED and letter.words:
        names.append("publish")
    if letter.moderated is not LetterAct.HIDDEN:
        names.append("hide")
    if letter.closed:
        return names
    if letter.moderated is not None:
        names += ["answer", "refuse"] if request else ["answer"]
    if request and not letter.extended and days_left(letter.due(say.zone), now, say.zone) >= 0:
        names.append("extend")
    return names


def _doing(say: Words, letter: Letter, now: datetime) -> Component:
    buttons = [
        act_button(say(f"voices.do_{name}"), f"{name}:{letter.id}") for name in possible(say, letter, now)
    ]
    return html.Div(buttons, className="sheet-doing")


def _facts(say: Words, letter: Letter) -> Component:
    contact: Any = say("voices.contact_none")
    if letter.name or letter.email:
        mail = html.A(letter.email, href=f"mailto:{letter.email}") if letter.email else ""
        contact = [letter.name, " " if letter.name and letter.email else "", mail]
    told = (
        ("head_received", say.instant(letter.received_at)),
        ("language", say(f"voices.language_{letter.language}")),
        ("contact", contact),
    )
    rows = [html.Div([html.Dt(say(f"voices.{name}")), html.Dd(text)]) for name, text in told]
    return html.Dl(rows, className="facts")


def _words(say: Words, letter: Letter) -> Component:
    if not letter.words:
        return _section(say("voices.text"), [html.P(say("voices.erased"))])
    parts: list[Any] = [html.P(letter.words, className="letter-words", lang=letter.language)]
    if letter.use:
        use = html.Span(letter.use, className="letter-words", lang=letter.language)
        parts.append(html.P([say("voices.usage"), " ", use]))
    return _section(say("voices.text"), parts)


def _acts(say: Words, letter: Letter) -> Component:
    rows = [_act(say, act, letter.language) for act in letter.acts]
    return _section(say("voices.acts"), [html.Ol(rows, className="held letter-acts")])


_REASONS = {LetterAct.HIDDEN: "hiding", LetterAct.REFUSED: "refusal"}


def _act(say: Words, act: Act, language: str) -> Component:
    told = " · ".join(filter(None, (say.instant(act.at), act.by or "")))
    lines: list[Any] = [
        html.Div([html.Strong(say(f"voices.act_{act.kind.value}")), html.Span(told, className="quiet")])
    ]
    if act.reason:
        lines.append(html.Div(say(f"voices.{_REASONS[act.kind]}_{act.reason}"), className="quiet"))
    for text in (act.words, act.appeal):
        if text:
            lines.append(html.Div(text, className="letter-words", lang=language))
    return html.Li(html.Div(lines))


def _section(title: str, parts: Sequence[Any]) -> Component:
    head = html.Div(html.H3(title), className="section-head")
    return html.Section([head, *parts], className="sheet-section")


def nothing_chosen(say: Words) -> Component:
    """No letter is open."""
    return state_card("empty", say("voices.choose"), say("voices.choose_body"))


def unknown_letter(say: Words) -> Component:
    """The address names a letter she does not see, or there is not."""
    way = html.A(say("voices.to_list"), href=PATH, className="button")
    return state_card("empty", say("voices.unknown"), say("voices.unknown_body"), way)
