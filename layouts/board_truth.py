"""A figure opened: what it means, what it is made of, the question asked, every day of the answer. Pure."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.board import title_head
from layouts.board_address import CITY, COMMUNE, FIGURE, Shown, to
from layouts.board_figures import (
    limit_text,
    moment_of,
    name_of,
    percent,
    short_period,
    value_text,
)
from layouts.board_rows import Codes, coverage_cell
from layouts.board_tabs import SECTIONS, figure_address, frame, keys_in, period_steps
from layouts.board_trend import days_strip, trend_chart
from layouts.ids import FigureTruth
from layouts.people_words import counted
from layouts.publications_words import address_of, title_of
from layouts.sentence import figure_sentence
from layouts.shell import state_card
from layouts.view import PageView
from model.kpis import AreaValue, Good, Kpi, KpiResult, Truth, TruthDay
from model.texts import Words


def page(say: Words, view: PageView) -> Component:
    """The page around a figure."""
    return frame(say, view, FigureTruth.BODY)


def figure(
    say: Words, truth: Truth, shown: Shown, codes: Codes, *, code: str, place: str, register: bool
) -> Component:
    """Everything under one figure. ``place`` is the commune it is of, empty for the city; ``register``: the
    reader may open the register of datasets."""
    result = truth.result
    kpi = result.kpi
    when = [
        dcc.Link(
            say("truth.back"), className="way-back",
            href=to(f"{COMMUNE}/{code}" if code else CITY, shown),
        ),
        html.Strong(place or say("board.whole_city"), className="board-scope"),
        period_steps(say, shown, f"{FIGURE}/{kpi.key}", area=code),
        *_computed(say, result),
    ]  # fmt: skip
    return html.Article(
        [
            html.Header(
                [
                    title_head(figure_sentence(say, result, shown.period)),
                    html.Div(when, className="board-when"),
                ],
                className="board-head",
            ),
            html.Div(
                [
                    html.Div([_chart(say, result, shown), _days(say, truth)], className="truth-main"),
                    html.Div(
                        [
                            _observations(say, truth),
                            _definition(say, result, register=register),
                            *_communes(say, result, shown, codes),
                            _question(say, truth),
                        ],
                        className="truth-beside",
                    ),
                ],
                className="truth-columns",
            ),
        ],
        className="truth",
    )  # fmt: skip


def _computed(say: Words, result: KpiResult) -> list[Component]:
    if result.computed_at is None:
        return []
    return [html.Span(say("board.computed", at=say.instant(result.computed_at)), className="quiet")]


def _section(title: str, *parts: Any, name: str = "") -> Component:
    return html.Section([html.H2(title), *parts], className=f"truth-part {name}".strip())


# --- over time --------------------------------------------------------------------------------------------


def _chart(say: Words, result: KpiResult, shown: Shown) -> Component:
    rows = [
        html.Tr(
            [
                html.Th(short_period(say, shown.period, step.start), scope="row"),
                html.Td(value_text(say, result.kpi, step.value)),
                html.Td(percent(say, step.coverage)),
            ]
        )
        for step in reversed(result.trend)
    ]
    heads = (say(f"board.{shown.period.value}"), say("board.value"), say("board.coverage"))
    return _section(
        say("truth.over_time"),
        trend_chart(say, result, shown.period),
        _folded(say("truth.over_time_table"), say("truth.over_time"), heads, rows),
    )


def _folded(title: str, caption: str, heads: Sequence[str], rows: Sequence[Component]) -> Component:
    return html.Details(
        [html.Summary(title, className="tables-open"), _table(caption, heads, rows)], className="truth-fold"
    )


def _table(caption: str, heads: Sequence[str], rows: Sequence[Component]) -> Component:
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in heads]))
    table = html.Table([html.Caption(caption, className="unseen"), head, html.Tbody(rows)])
    return html.Div(
        table, className="tables truth-table", tabIndex="0", role="region", **{"aria-label": caption}
    )


# --- the days beneath -------------------------------------------------------------------------------------

DAY_HEADS = ("day", "top", "bottom", "coverage", "n", "corrected")


def _days(say: Words, truth: Truth) -> Component:
    """Every day under the figure: what is added up, how much was received, what was corrected."""
    days, floor = truth.days, truth.result.kpi.coverage_floor
    if not days:
        return _section(say("truth.days"), html.P(say("truth.no_days")))
    rows = [_day(say, day, floor) for day in days]
    heads = [say(f"truth.head_{name}") for name in DAY_HEADS]
    return _section(
        say("truth.days"),
        html.P(_told(say, days, floor)),
        days_strip(say, days, floor),
        _table(say("truth.days"), heads, rows),
        name="truth-daily",
    )


def _told(say: Words, days: Sequence[TruthDay], floor: float) -> str:
    """Gaps and corrections, in words."""
    short = [day for day in days if day.coverage < floor]
    corrected = sum(day.corrected for day in days)
    gaps = counted(say, "truth.gaps", len(short), of=say.number(len(days)), floor=percent(say, floor))
    return f"{gaps} {counted(say, 'truth.corrected', corrected)}"


def _day(say: Words, day: TruthDay, floor: float) -> Component:
    cells = [
        html.Td(_quantity(say, day.top)),
        html.Td(_quantity(say, day.bottom)),
        html.Td(percent(say, day.coverage), className="day-gap" if day.coverage < floor else None),
        html.Td(say.number(day.n)),
        html.Td(say.number(day.corrected) if day.corrected else "–"),
    ]
    return html.Tr([html.Th(say.day(moment_of(say, day.day), "medium"), scope="row"), *cells])


def _quantity(say: Words, value: float | None) -> str:
    """A quantity that is added up: whole where it is large, exact where it is small."""
    if value is None:
        return "–"
    return say.number(value, 0 if abs(value) >= 1000 or value == int(value) else 2)


def _communes(say: Words, result: KpiResult, shown: Shown, codes: Codes) -> list[Component]:
    """The same figure of each commune, those with the highest value first."""
    if not result.areas:
        return []
    told = sorted(result.areas, key=lambda area: (area.value is None, -(area.value or 0.0), area.name))
    rows = [
        html.Tr(
            [
                html.Th(_commune(area, result.kpi, shown, codes), scope="row"),
                html.Td(value_text(say, result.kpi, area.value)),
                html.Td(percent(say, area.coverage)),
            ]
        )
        for area in told
    ]
    heads = (say("board.commune"), say("board.value"), say("board.coverage"))
    return [_section(say("board.communes"), _table(say("board.communes"), heads, rows), name="truth-areas")]


def _commune(area: AreaValue, kpi: Kpi, shown: Shown, codes: Codes) -> Component | str:
    code = codes.get(area.area_id, "")
    return dcc.Link(area.name, href=figure_address(shown, kpi.key, code)) if code else area.name


# --- what it means ----------------------------------------------------------------------------------------


def _definition(say: Words, result: KpiResult, *, register: bool) -> Component:
    terms: list[tuple[str, Any]] = [
        (say("board.formula"), say(f"kpi.{result.kpi.key}.formula")),
        (say("board.source"), say(f"kpi.{result.kpi.key}.source")),
        (say("truth.datasets"), _datasets(say, result.kpi, register=register)),
        (say("board.coverage"), [coverage_cell(say, result), html.Span(_rule(say, result))]),
        (say("board.target"), _target(say, result)),
        (say("board.decision"), say(f"kpi.{result.kpi.key}.decision")),
        (say("board.owner"), say(f"figure_owner.{result.kpi.owner}")),
        (say("truth.rests_on"), say("truth.rests_on_body", n=say.number(result.n))),
    ]
    parts = [part for name, told in terms for part in (html.Dt(name), html.Dd(told))]
    return _section(say("board.definition"), html.Dl(parts), name="truth-definition")


def _rule(say: Words, result: KpiResult) -> str:
    return say(
        "board.rule_body", coverage=percent(say, result.coverage),
        floor=percent(say, result.kpi.coverage_floor),
    )  # fmt: skip


def _target(say: Words, result: KpiResult) -> str:
    target = result.target
    if target is None:
        return say("truth.no_target" if result.kpi.good is not Good.NEITHER else "truth.no_direction")
    since = say.day(moment_of(say, target.since)) if target.since else say("truth.undated")
    limit = limit_text(say, result.kpi, target)
    return say("board.stated", limit=limit, source=target.source, since=since)


def _datasets(say: Words, kpi: Kpi, *, register: bool) -> Any:
    """The register's datasets it is made of, with a way to each for who may open the register."""
    if not kpi.datasets:
        return say("truth.no_dataset")
    items = [
        html.Li(dcc.Link(title_of(say, name), href=address_of(name)) if register else title_of(say, name))
        for name in kpi.datasets
    ]
    return html.Ul(items, className="truth-datasets")


# --- the question asked -----------------------------------------------------------------------------------


def _question(say: Words, truth: Truth) -> Component:
    """The SQL that was run, its parameters, and the state of the rows it was made from."""
    parameters = [
        part for name, value in truth.parameters for part in (html.Dt(html.Code(name)), html.Dd(value))
    ]
    inputs = (
        [html.P([say("truth.inputs"), " ", html.Code(truth.result.inputs)])] if truth.result.inputs else []
    )
    return _section(
        say("truth.question"),
        html.P(say("truth.question_body"), className="quiet"),
        html.Pre(
            html.Code(truth.query), className="truth-sql", tabIndex="0", role="region",
            **{"aria-label": say("truth.question")},
        ),
        html.Dl(parameters, className="truth-parameters"),
        *inputs,
        name="truth-question",
    )  # fmt: skip


def _observations(say: Words, truth: Truth) -> Component:
    """The way to the observations beneath, or why there is none for this reader."""
    if truth.observations is None:
        return html.P(say("truth.no_observations"), className="quiet truth-observations")
    return html.P(
        dcc.Link(say("truth.observations"), href=truth.observations, className="button primary"),
        className="truth-observations",
    )


# --- the catalogue ----------------------------------------------------------------------------------------


def catalogue(say: Words, kpis: Sequence[Kpi], shown: Shown) -> Component:
    """Every figure there is, by domain, each leading to its own page."""
    named = {kpi.key: kpi for kpi in kpis}
    parts = [
        _section(
            say(f"board_tab.{section.name}"),
            html.Ul([_entry(say, named[key], shown) for key in keys]),
        )
        for section in SECTIONS
        if (keys := keys_in(section, kpis))
    ]
    head = html.Header(title_head(say("truth.all", n=say.number(len(kpis)))), className="board-head")
    return html.Article([head, html.Div(parts, className="truth-catalogue")])


def _entry(say: Words, kpi: Kpi, shown: Shown) -> Component:
    return html.Li(
        [
            dcc.Link(name_of(say, kpi), href=figure_address(shown, kpi.key), className="figure-name"),
            html.Span(name_of(say, kpi, "sub"), className="figure-sub"),
        ]
    )


def unknown(say: Words, key: str, shown: Shown) -> Component:
    """There is no such figure."""
    way = dcc.Link(say("truth.catalogue"), href=to(FIGURE, shown), className="button")
    return state_card("empty", say("truth.unknown"), say("truth.unknown_body", name=key), way)
