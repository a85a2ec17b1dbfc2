"""The results of the page of the past: charts, what they say in figures, and the same as tables. Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from layouts.board_figures import amount, percent
from layouts.charts import gaps, series_figure, when_text
from layouts.note_marks import notes_list
from layouts.readings import readings_table
from layouts.shell import state_card
from layouts.takeaway import picture_buttons, series_picture
from layouts.theme import GRAPH_CONFIG
from model.domains import ASSET_TYPES
from model.notes import Annotation, Reading
from model.series import Series
from model.takeaway import Origin
from model.texts import Words

ROWS = 200
PARTIAL = 0.9
TALL, LOW = "clamp(300px, calc(100vh - 330px), 640px)", "260px"


@dataclass(frozen=True)
class Told:
    """One series with its name in words, where it belongs, and the week before it if asked for.

    ``notes`` are the annotations of its place and time; ``readings`` what a raw series was made from (None:
    it is none); ``corrected`` how many readings of its period have a correction in force; ``unfolded`` that
    its table is being worked in.
    """

    name: str
    where: str
    series: Series
    before: Series | None = None
    adds_up: bool = False
    notes: tuple[Annotation, ...] = ()
    readings: tuple[Reading, ...] | None = None
    corrected: int = 0
    unfolded: bool = False


def property_name(say: Words, observed_property: str) -> str:
    """An observed property, or a share of states, in words."""
    share = f"history.share_{observed_property}"
    return say(share) if say.has(share) else say(f"property.{observed_property}")


def adds_up(asset_type: str, observed_property: str) -> bool:
    """Whether values of this property are totals (energy, counts)."""
    declared = ASSET_TYPES[asset_type].by_property.get(observed_property)
    return declared is not None and declared.adds_up


def charts(say: Words, told: list[Told], theme: str, origin: Origin | None = None) -> Component:
    """Every series that has values, one under the other; one sentence when none has.

    With their ``origin`` they can be taken away as pictures.
    """
    drawn = [one for one in told if not one.series.empty]
    if not drawn:
        return nothing(say, told)
    height = TALL if len(drawn) == 1 else LOW
    return html.Div([chart(say, one, theme, height, origin) for one in drawn], className="charts")


def nothing(say: Words, told: list[Told]) -> Component:
    """Nothing was received in the period."""
    if not told:
        return state_card("empty", say("history.none"), say("history.none_body"))
    asked = told[0].series.asked
    return state_card(
        "empty",
        say("history.empty"),
        say("history.empty_body", t0=say.instant(asked.t0), t1=say.instant(asked.t1)),
    )


def chart(say: Words, told: Told, theme: str, height: str, origin: Origin | None = None) -> Component:
    """One chart: heading, figures, the graph (``height`` as css), its pictures, its table."""
    series = told.series
    graph = dcc.Graph(
        figure=series_figure(say, series, told.before, theme, told.notes, told.readings or ()),
        config=GRAPH_CONFIG,
        className="history-graph",
        style={"height": height},
    )
    return html.Section(
        [
            html.Header(
                [
                    html.H2([told.name, html.Span(series.unit, className="unit")]),
                    html.Span(told.where, className="chart-where"),
                    html.Span(_sources(say, series), className=_cover_class(series)),
                ],
                className="history-head",
            ),
            html.Dl(
                [part for name, text in facts(say, told) for part in _fact(name, text)], className="facts"
            ),
            html.Div([_key(say, told), *_pictures(say, told, origin)], className="chart-above"),
            html.Div(graph, role="img", **{"aria-label": sentence(say, told)}),
            *notes_list(say, told.notes),
            _table_of(say, told),
        ],
        className="history-chart",
    )


def _pictures(say: Words, told: Told, origin: Origin | None) -> list[Component]:
    if origin is None:
        return []
    return [picture_buttons(say, series_picture(say, origin, told.name, told.where, told.series))]


def _cover_class(series: Series) -> str:
    return "chart-source partial" if series.coverage < PARTIAL else "chart-source"


def _sources(say: Words, series: Series) -> str:
    key = "history.low_coverage" if series.coverage < PARTIAL else "history.coverage"
    count = len(list(gaps(series)))
    holes = (
        say("history.no_gap")
        if not count
        else (say("history.one_gap") if count == 1 else say("history.gaps", n=count))
    )
    coverage = say(key, coverage=percent(say, series.coverage))
    return f"{say(f'history.source_{series.source}')} · {coverage} · {holes}"


def _key(say: Words, told: Told) -> Component:
    items = [("line", "this")]
    if told.before is not None and not told.before.empty:
        items.append(("dash", "week_before"))
    if np.isfinite(told.series.low).any():
        items.append(("band", "band"))
    keys = [html.Span([html.I(className=f"key-{look}"), say(f"history.{name}")]) for look, name in items]
    return html.Div([*keys, *_corrected_key(say, told)], className="chart-key")


def _corrected_key(say: Words, told: Told) -> list[Component]:
    """How corrected points look, where there are any; of figures, how many readings they rest on were."""
    if not told.corrected:
        return []
    one = told.corrected == 1
    text = say("notes.one_also_corrected") if one else say(
        "notes.also_corrected", n=say.number(told.corrected)
    )  # fmt: skip
    sign = [html.I(className="key-corrected")] if told.readings else []
    return [html.Span([*sign, text])]


def _fact(name: str, text: Any) -> list[Component]:
    return [html.Div([html.Dt(name), html.Dd(text)])]


def facts(say: Words, told: Told) -> list[tuple[str, str]]:
    """What the series comes to: its total or mean, its extremes, and the week before."""
    values = told.series.values[np.isfinite(told.series.values)]
    whole = values.sum() if told.adds_up else values.mean()
    found = [
        (say("history.total" if told.adds_up else "history.mean"), _amount(say, told.series, float(whole))),
        (say("history.least"), _amount(say, told.series, float(values.min()))),
        (say("history.most"), _amount(say, told.series, float(values.max()))),
    ]
    if told.before is not None and not told.before.empty:
        found += _against(say, told, float(whole), told.before)
    return found


def _against(say: Words, told: Told, whole: float, earlier: Series) -> list[tuple[str, str]]:
    """The week before, and the difference; none between totals of which one is only partly there."""
    values = earlier.values[np.isfinite(earlier.values)]
    before = float(values.sum() if told.adds_up else values.mean())
    if told.adds_up and min(told.series.coverage, earlier.coverage) < PARTIAL:
        before = 0.0
    found = [(say("history.before"), _amount(say, told.series, before))] if before else []
    if before:
        change = say.number(100 * (whole - before) / abs(before), 1, signed=True)
        found.append((say("history.against"), amount(say, change, "%")))
    return found


def _amount(say: Words, series: Series, value: float) -> str:
    return f"{say.number(value, series.decimals)} {series.unit}".strip()


def sentence(say: Words, told: Told) -> str:
    """The chart in words, for those who do not see it."""
    asked = told.series.asked
    return say(
        "history.chart",
        name=f"{told.name}, {told.where}",
        t0=say.instant(asked.t0),
        t1=say.instant(asked.t1),
        source=say(f"history.source_{told.series.source}"),
        coverage=say("history.coverage", coverage=percent(say, told.series.coverage)),
    )


def _table_of(say: Words, told: Told) -> Component:
    if told.readings:
        return readings_table(say, told.series, told.readings, unfolded=told.unfolded)
    return table(say, told)


def table(say: Words, told: Told) -> Component:
    """The newest 200 values as a table, newest first, gaps named."""
    series = told.series
    shown = range(len(series) - 1, max(-1, len(series) - 1 - ROWS), -1)
    heads = ("time", "value", "low", "high", "covered")
    head = html.Thead(html.Tr([html.Th(say(f"history.{name}"), scope="col") for name in heads]))
    cut = say("history.table_cut", shown=ROWS, n=say.number(len(series))) if len(series) > ROWS else ""
    return html.Details(
        [
            html.Summary(say("history.table")),
            html.P(cut, className="quiet") if cut else None,
            html.Table([head, html.Tbody([_row(say, series, at) for at in shown])], className="values"),
        ],
        className="chart-table",
    )


def _row(say: Words, series: Series, at: int) -> Component:
    value = float(series.values[at])
    told = say.number(value, series.decimals) if np.isfinite(value) else say("history.no_value")
    cells = [told, *(say.number(float(c[at]), series.decimals) for c in (series.low, series.high))]
    cells.append(percent(say, float(series.coverages[at])))
    when = html.Th(when_text(say, series, at), scope="row")
    return html.Tr([when, *(html.Td(cell) for cell in cells)])
