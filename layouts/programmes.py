"""The page of programmes: how far the works are, and what they changed, area by area. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.board_tabs import print_button, tabs
from layouts.ids import ProgrammesPage
from layouts.people_words import act_button
from layouts.programme_drawings import course_drawing, map_drawing
from layouts.promise_chart import day_text
from layouts.promise_words import percent
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.vectors import PageTheme
from layouts.view import PageView
from model.board import Phrase
from model.programmes import AreaProgress, Effect, ProgrammeKind, ProgrammeState, StepLine, cost, price_on
from model.texts import Words

LIST_MOST = 2_000_000
SHOWN_WRONG = 200
"""Wrong lines shown at once; the count says how many there are."""


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    return html.Div(
        [
            top_bar(say, view, right=[print_button(say)]),
            html.Div(
                [
                    tabs(say, view.path),
                    html.H1(say("page.programmes"), className="unseen"),
                    Steady(
                        id=ProgrammesPage.BODY, className="promises",
                        tree=state_card("loading", say("programmes.loading"), ""),
                    ),
                ],
                className="board",
            ),
            dcc.Store(id=ProgrammesPage.CHANGED),
            dcc.Store(id=ProgrammesPage.OF),
            _dialog(say),
            PageTheme(theme="light"),
        ],
        className="board-page",
    )  # fmt: skip


def _dialog(say: Words) -> Component:
    parts = [
        html.P(say("programmes.import_how")),
        form.area_field(ProgrammesPage.LIST, say("programmes.import_list"), LIST_MOST),
        html.Button(say("programmes.check"), id=ProgrammesPage.CHECK, type="button", className="button"),
        html.Div(id=ProgrammesPage.PREVIEW, **{"aria-live": "polite"}),
        form.ends(
            say, ProgrammesPage.DIALOG, ProgrammesPage.SAVE, say("programmes.import_save"),
            ProgrammesPage.TOLD,
        ),
    ]  # fmt: skip
    return form.dialog(say, ProgrammesPage.DIALOG, say("programmes.import"), parts, size="xl")


def away(say: Words, why: str) -> Component:
    """What stands there while the database does not answer."""
    return state_card("broken", say("programmes.away"), why)


def preview(say: Words, lines: Sequence[StepLine]) -> Component:
    """What a checked list would do, or every mistake with its row and column."""
    wrong = [line for line in lines if line.problem]
    if not wrong:
        done = sum(line.done_on is not None for line in lines)
        told = say("programmes.import_ready", n=say.number(len(lines)), done=say.number(done))
        return html.P(html.Strong(told), role="status")
    told = say("programmes.import_wrong", n=say.number(len(wrong)), lines=say.number(len(lines)))
    rows = [html.Li(line_problem(say, line)) for line in wrong[:SHOWN_WRONG]]
    return html.Div([html.P(html.Strong(told), role="status"), html.Ul(rows, className="wrong-text")])


def line_problem(say: Words, line: StepLine) -> str:
    """One mistake: row 7, column done_on: 2026-13-01 is no date."""
    column, reason, told = line.problem or ("", "", "")
    return say(
        "programmes.line_wrong", row=say.number(line.row), column=column,
        why=say(f"programmes.bad_{reason}", told=told),
    )  # fmt: skip


def body(say: Words, states: Sequence[ProgrammeState], *, keeps: bool, generated: bool) -> Component:
    """Every programme; ``keeps``: the reader may import works."""
    parts: list[Any] = [_programme(say, state, keeps=keeps) for state in states]
    if not states:
        parts.append(state_card("empty", say("programmes.none"), say("programmes.none_body")))
    invented = say("board.invented") if generated else say("promises.footer")
    return html.Article([*parts, html.Footer(html.P(invented), className="board-foot")])


def statement(say: Words, state: ProgrammeState) -> tuple[Phrase, ...]:
    """How far the programme is, and what may be said of its effect: what differs from areas without works."""
    title = Phrase(say("promises.title", title=state.programme.titles[say.language]))
    points = sum(area.points for area in state.areas)
    if not points:
        return title, Phrase(say("programmes.no_works"))
    finished = sum(area.finished for area in state.areas)
    far = say(
        f"programmes.far_{state.programme.kind.value}", share=percent(say, state.share),
        points=say.number(points), finished=say.number(finished), areas=say.number(len(state.areas)),
    )  # fmt: skip
    return title, Phrase(far), _effect_phrase(say, state)


def _effect_phrase(say: Words, state: ProgrammeState) -> Phrase:
    measure = "kwh_per_point" if state.programme.kind is ProgrammeKind.LED else "failure_rate"
    told = [e for e in state.effects if e.measure == measure and e.difference is not None]
    if not told:
        return Phrase(say("programmes.no_effect"), "quiet")
    values = [e.difference or 0.0 for e in told]
    decimals = 0 if measure == "kwh_per_point" else 2
    low, high = (say.number(value, decimals, signed=True) for value in (min(values), max(values)))
    key = f"programmes.effect_{measure}" + ("_one" if len(told) == 1 else "")
    blanks = {"low": low} if len(told) == 1 else {"low": low, "high": high, "n": say.number(len(told))}
    return Phrase(say(key, **blanks), "strong")


def _programme(say: Words, state: ProgrammeState, *, keeps: bool) -> Component:
    said = [html.Span(phrase.text, className=f"phrase-{phrase.weight}") for phrase in statement(say, state)]
    key = state.programme.key
    acts = (
        [
            html.P(
                act_button(say("programmes.import"), f"works:{state.programme.id}"), className="promise-acts"
            )
        ]
        if keeps
        else []
    )
    return html.Section(
        [
            html.Header(html.H2(said, className="board-sentence"), className="board-head"),
            html.Div(
                [
                    html.Div(
                        [
                            _effects(say, state),
                            html.P(_note(say, state), className="promise-note"),
                            *acts,
                        ]
                    ),
                    html.Div(
                        [map_drawing(say, state), course_drawing(say, state)], className="programme-drawings"
                    ),
                ],
                className="promise-columns",
            ),
        ],
        className="promise-section", id=f"programme-{key}",
    )  # fmt: skip


def _note(say: Words, state: ProgrammeState) -> str:
    parts = [say("programmes.note")]
    if state.programme.kind is ProgrammeKind.LED:
        parts.append(say("programmes.note_hours", hours=say.number(state.hours)))
        parts += [
            say(
                "programmes.note_tariff", value=say.number(price.value, 3), since=day_text(say, price.since),
                source=price.source,
            )
            for price in state.prices
        ] or [say("programmes.note_no_tariff")]  # fmt: skip
    return " ".join(parts)


def _effects(say: Words, state: ProgrammeState) -> Component:
    """A row an area: its works, then each measure before and after, beside the others, and its cost."""
    led = state.programme.kind is ProgrammeKind.LED
    heads = ["area", "works", *(["energy", "energy_difference", "cost"] if led else []), "faults",
             "faults_difference", "covered"]  # fmt: skip
    rows = [_row(say, state, area, led=led) for area in state.areas]
    return html.Div(
        html.Table(
            [
                html.Caption(say("programmes.table"), className="unseen"),
                html.Thead(html.Tr([html.Th(say(f"programmes.col_{name}"), scope="col") for name in heads])),
                html.Tbody(rows),
            ],
            className="programme-table",
        ),
        className="promise-scroll", tabIndex="0", role="region", **{"aria-label": say("programmes.table")},
    )  # fmt: skip


def _row(say: Words, state: ProgrammeState, area: AreaProgress, *, led: bool) -> Component:
    energy = state.effect(area.area_id, "kwh_per_point")
    faults = state.effect(area.area_id, "failure_rate")
    works = [
        html.Div(
            say(
                "programmes.done_of", done=say.number(area.done), points=say.number(area.points),
                share=percent(say, area.share),
            )
        ),
        html.Div(_period(say, area.first, area.last), className="quiet"),
    ]  # fmt: skip
    cells = [html.Th(area.name or say("programmes.outside"), scope="row"), html.Td(works)]
    if led:
        cells += [
            html.Td(_two(say, energy, 0)),
            html.Td(_difference(say, energy, 1)),
            html.Td(_cost(say, state, energy)),
        ]
    cells += [
        html.Td(_two(say, faults, 2)),
        html.Td(_difference(say, faults, 2)),
        html.Td(_covered(say, faults)),
    ]
    return html.Tr(cells)


def _period(say: Words, first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return say("programmes.planned")
    return say("promises.from_to", first=day_text(say, first), last=day_text(say, last))


def _two(say: Words, effect: Effect | None, decimals: int) -> Any:
    if effect is None or effect.before is None or effect.after is None:
        return _why(say, effect)
    return say(
        "programmes.before_after", before=say.number(effect.before, decimals),
        after=say.number(effect.after, decimals),
    )  # fmt: skip


def _why(say: Words, effect: Effect | None) -> Component:
    why = effect.withheld if effect and effect.withheld else "nothing"
    told = say(f"programmes.withheld_{why}", coverage=percent(say, effect.coverage if effect else 0.0))
    return html.Span(told, className="quiet")


def _difference(say: Words, effect: Effect | None, decimals: int) -> Any:
    """What changed there, what changed elsewhere meanwhile, and the one less the other."""
    if effect is None or effect.change is None:
        return "–"
    relative = effect.measure == "kwh_per_point"
    space = "" if say.language == "en" else "\u202f"
    unit = f"{space}%" if relative else f"\u00a0{say('programmes.points')}"
    change, others, difference = (
        f"{say.number(value, decimals, signed=True)}{unit}" if value is not None else "–"
        for value in (effect.change, effect.others, effect.difference)
    )  # fmt: skip
    if effect.difference is not None and relative:
        difference = f"{say.number(effect.difference, decimals, signed=True)}\u00a0{say('programmes.points')}"
    return [
        html.Div(html.Strong(difference)),
        html.Div(say("programmes.here_elsewhere", here=change, elsewhere=others), className="quiet"),
    ]


def _cost(say: Words, state: ProgrammeState, effect: Effect | None) -> Any:
    """EUR a point and year, before and after at the tariff of their last days; never 0 for not knowing."""
    if effect is None or effect.window_before is None or effect.window_after is None:
        return "–"
    days = (effect.window_before.last, effect.window_after.last)
    was, now = (
        cost(kwh, state.prices, day) for kwh, day in zip((effect.before, effect.after), days, strict=True)
    )
    if was is None or now is None:
        return html.Span(say("programmes.no_tariff"), className="quiet")
    prices = [price_on(state.prices, day) for day in days]
    told = say("programmes.before_after", before=say.number(was, 2), after=say.number(now, 2))
    if prices[0] == prices[1]:
        return told
    return [html.Div(told), html.Div(say("programmes.two_tariffs"), className="quiet")]


def _covered(say: Words, effect: Effect | None) -> Any:
    if effect is None or effect.window_before is None or effect.window_after is None:
        return "–"
    return [
        html.Div(percent(say, effect.coverage)),
        html.Div(
            say(
                "programmes.days", before=say.number(effect.window_before.days),
                after=say.number(effect.window_after.days),
            ),
            className="quiet",
        ),
    ]  # fmt: skip
