"""The page of promises: what may be said of each, its chart, and everything beneath it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.board_tabs import print_button, tabs
from layouts.history_address import Chosen, write_chosen
from layouts.ids import PromisesPage
from layouts.people_words import act_button, plus_button
from layouts.promise_chart import allowed, day_text, promise_chart
from layouts.promise_forms import dialog_parts
from layouts.promise_words import baseline_years, error_text, gap, percent, statement
from layouts.shell import state_card, top_bar
from layouts.steady import Steady
from layouts.vectors import PageTheme
from layouts.view import PageView
from model.algorithms import registered
from model.errors import NotFound
from model.promises import BaselineKind, Commitment, Promised, PromiseState
from model.texts import Words


def page(say: Words, view: PageView) -> Component:
    """The page before anything was read."""
    return html.Div(
        [
            top_bar(say, view, right=[print_button(say)]),
            html.Div(
                [
                    tabs(say, view.path),
                    html.H1(say("page.promises"), className="unseen"),
                    Steady(
                        id=PromisesPage.BODY, className="promises",
                        tree=state_card("loading", say("promises.loading"), say("promises.loading_body")),
                    ),
                ],
                className="board",
            ),
            dcc.Store(id=PromisesPage.CHANGED),
            dcc.Store(id=PromisesPage.FORM),
            form.dialog(say, PromisesPage.DIALOG, say("promises.write"), dialog_parts(say), size="xl"),
            PageTheme(theme="light"),
        ],
        className="board-page",
    )  # fmt: skip


def away(say: Words, why: str) -> Component:
    """What stands there while the database does not answer."""
    return state_card("broken", say("promises.away"), why)


def body(
    say: Words, states: Sequence[PromiseState], history: Mapping[str, Sequence[Commitment]], *,
    past: bool, keeps: bool, generated: bool,
) -> Component:  # fmt: skip
    """Every promise. ``history`` has the versions of each by key; ``past``: the reader may open what was
    measured; ``keeps``: she may write."""
    parts: list[Any] = []
    if keeps:
        parts.append(html.P(plus_button(say("promises.add"), "promise:"), className="promise-acts"))
    if not states:
        parts.append(state_card("empty", say("promises.none"), say("promises.none_body")))
    parts += [
        _promise(say, state, history.get(state.commitment.draft.key, ()), past=past, keeps=keeps)
        for state in states
    ]
    invented = say("board.invented") if generated else say("promises.footer")
    return html.Article([*parts, html.Footer(html.P(invented), className="board-foot")])


def _promise(
    say: Words, state: PromiseState, versions: Sequence[Commitment], *, past: bool, keeps: bool
) -> Component:
    key = state.commitment.draft.key
    said = [html.Span(phrase.text, className=f"phrase-{phrase.weight}") for phrase in statement(say, state)]
    acts = (
        [
            html.P(
                act_button(say("promises.change"), f"promise:{state.commitment.id}"), className="promise-acts"
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
                    html.Div([promise_chart(say, state), *acts]),
                    html.Div(
                        [
                            _definition(say, state, key),
                            _sum(say, state, key, past=past),
                            _algorithm(say, state, key),
                            _versions(say, versions, key),
                        ],
                        className="promise-beneath",
                    ),
                ],
                className="promise-columns",
            ),
        ],
        className="promise-section", id=f"promise-{key}",
    )  # fmt: skip


def _part(title: str, id_: str, *parts: Any) -> Component:
    return html.Section([html.H3(title), *parts], id=id_)


def _terms(pairs: Sequence[tuple[str, Any]]) -> Component:
    return html.Dl([cell for name, told in pairs for cell in (html.Dt(name), html.Dd(told))])


def _definition(say: Words, state: PromiseState, key: str) -> Component:
    draft, base = state.commitment.draft, state.baseline
    pairs = [
        (
            say("promises.field_target"),
            say(
                "promises.target_told", target=gap(say, draft.target_share, 0),
                term=day_text(say, draft.target_on),
            ),
        ),
        (say("promises.field_contract"), draft.contract),
        (say("promises.field_owner"), draft.owner),
        (
            say("promises.field_baseline"),
            say(f"promises.baseline_{base.kind.value}") + (
                f", {baseline_years(say, state)}" if base.kind is not BaselineKind.NONE else ""
            ),
        ),
    ]  # fmt: skip
    if base.kind is BaselineKind.DOCUMENTED:
        pairs.append(
            (
                say("promises.field_document"),
                say("promises.document_told", document=base.document, day=day_text(say, base.dated)),
            )
        )
    return _part(say("promises.way_definition"), f"definition-{key}", _terms(pairs))


def _sum(say: Words, state: PromiseState, key: str, *, past: bool) -> Component:
    lit = state.commitment.draft.promised is Promised.LIGHTING_ENERGY
    formula = say("promises.formula_lighting" if lit else "promises.formula_buildings")
    parts = [html.P(formula), _inputs(say, state, lit=lit)]
    parts.append(
        html.Details(
            [
                html.Summary(say("promises.query")),
                html.Pre(html.Code(state.query or "–"), tabIndex="0"),
                html.P(say("promises.query_also_lit" if lit else "promises.query_also_buildings")),
            ]
        )
    )
    if past:
        measured = Chosen(None, 0, "control_cabinet" if lit else "meter", "energy", "13m")
        address = f"/history{write_chosen(measured)}"
        parts.append(html.P(html.A(say("promises.observations"), href=address)))
    return _part(say("promises.way_sum"), f"sum-{key}", *parts)


def _inputs(say: Words, state: PromiseState, *, lit: bool) -> Component:
    base, window = state.baseline, state.months[-12:]
    told = [month for month in window if month.saving is not None] or list(window)
    drivers = sum(month.drivers for month in told)
    points = sum(month.points for month in told) / len(told) if told else None
    driver = base.hours if lit else base.degree_days
    rows = [
        ("kwh", base.kwh, state.kwh, 0),
        ("expected", None, state.expected, 0),
        ("points", base.points, points, 0),
        ("hours" if lit else "degree_days", driver, drivers if told else None, 0),
    ]
    cells = [
        html.Tr(
            [
                html.Th(say(f"promises.input_{name}"), scope="row"),
                html.Td(say.number(was, decimals)),
                html.Td(say.number(now, decimals)),
            ]
        )
        for name, was, now, decimals in rows
    ]
    covered = (
        percent(say, base.coverage) if base.coverage is not None else "–",
        percent(say, state.coverage),
    )
    cells.append(
        html.Tr(
            [html.Th(say("promises.input_coverage"), scope="row"), *[html.Td(share) for share in covered]]
        )
    )
    heads = ("", say("promises.input_baseline"), say("promises.input_now", n=say.number(len(told))))
    return html.Table(
        [
            html.Caption(say("promises.inputs"), className="unseen"),
            html.Thead(html.Tr([html.Td(heads[0]), *[html.Th(head, scope="col") for head in heads[1:]]])),
            html.Tbody(cells),
        ],
        className="promise-inputs",
    )


def _algorithm(say: Words, state: PromiseState, key: str) -> Component:
    """The register's entry of the projection (field.md P4), whether or not one is drawn; nothing without."""
    try:
        entry = registered("promise_projection")
    except NotFound:
        return html.Div()
    words_of = f"algorithm.{entry.key}"
    drawn = allowed(state) is not None
    error = error_text(say, state) if drawn else say(
        "promises.not_projected", why=say(f"promises.why_{state.unprojected}") if state.unprojected else "–"
    )  # fmt: skip
    pairs = [
        (say("promises.algorithm_owner"), say(f"algorithm.owner_{entry.owner}")),
        (say("promises.algorithm_purpose"), say(f"{words_of}.purpose")),
        (say("promises.algorithm_method"), say(f"{words_of}.method")),
        (say("promises.algorithm_error"), error),
        (say("promises.algorithm_decision"), say(f"{words_of}.decision", role=say(f"role.{entry.decides}"))),
        (say("promises.algorithm_code"), html.Code(entry.code)),
    ]
    return _part(say("promises.way_register"), f"register-{key}", _terms(pairs))


def _versions(say: Words, versions: Sequence[Commitment], key: str) -> Component:
    rows = [
        html.Li(
            [
                html.Strong(say("promises.version", n=say.number(one.version))),
                html.Span(say("promises.version_by", name=one.made_by, at=say.instant(one.made_at))),
                html.Span(one.draft.reason, className="quiet"),
                html.Span(" · ".join(_changes(say, one, before)), className="quiet"),
            ]
        )
        for one, before in zip(versions, [*versions[1:], None], strict=False)
    ]
    return _part(say("promises.versions"), f"versions-{key}", html.Ol(rows, className="promise-versions"))


def _changes(say: Words, one: Commitment, before: Commitment | None) -> list[str]:
    """What one version changed of the one before, in words: name, was, is."""
    if before is None:
        return []
    now, was = _flat(say, one), _flat(say, before)
    return [
        say("promises.changed", field=say(f"promises.field_{name}"), was=was[name], now=now[name])
        for name in now
        if now[name] != was[name]
    ]


def _flat(say: Words, one: Commitment) -> dict[str, str]:
    draft, base = one.draft, one.draft.baseline
    return {
        "title": draft.titles[say.language],
        "target": gap(say, draft.target_share, 1),
        "target_on": day_text(say, draft.target_on),
        "contract": draft.contract,
        "owner": draft.owner,
        "baseline": say(f"promises.baseline_{base.kind.value}"),
        "from": day_text(say, base.first),
        "to": day_text(say, base.last),
        "document": base.document or "–",
        "kwh": say.number(base.kwh),
        "coverage": percent(say, base.coverage) if base.coverage is not None else "–",
        "points": say.number(base.points),
        "hours": say.number(base.hours),
        "degree_days": say.number(base.degree_days),
    }
