"""One panel of the analysis pages: what it says, draws, lists, and declares. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component
from plotly.graph_objects import Figure

from layouts.analysis_address import Shown
from layouts.analysis_charts import daily_figure, hours_figure, look, week_figure, week_lines
from layouts.analysis_clouds import cloud_figure
from layouts.analysis_tables import ranking, tables
from layouts.board_figures import amount, percent
from layouts.note_marks import notes_list, with_notes
from layouts.shell import state_card
from layouts.takeaway import Picture, picture_buttons
from layouts.theme import GRAPH_CONFIG
from model.analysis import Content, Daily, Fact, Panel
from model.notes import Annotation
from model.takeaway import Label, Origin
from model.texts import Words

PARTIAL = 0.9
DECIMALS = {
    "deviations": 0,
    "compliance": 2,
    "burning": 2,
    "cabinet_load": 0,
    "occupancy": 1,
    "travel_time": 2,
    "classes": 1,
    "availability": 2,
    "consumption": 0,
    "load_profile": 1,
    "openings": 1,
    "alarms": 0,
}
DECLARED = ("title", "says", "decision", "formula", "limits")


def declared(say: Words, panel: Panel) -> bool:
    """Whether the catalogue says everything a panel has to say of itself (field.md C8)."""
    keys = [f"analysis.{panel.decision if part == 'decision' else panel.key}.{part}" for part in DECLARED]
    keys += [
        f"analysis.owner.{panel.owner}",
        f"analysis.source.{panel.source}",
        f"analysis.unit.{panel.unit}",
    ]
    return all(say.has(key) for key in keys)


def panel_section(
    say: Words,
    panel: Panel,
    content: Content,
    before: Content | None,
    shown: Shown,
    where: str,
    theme: str,
    origin: Origin | None = None,
    notes: Sequence[Annotation] = (),
) -> Component:
    """The whole panel; one that does not say what it is for is refused, an empty one explains itself.

    With their ``origin`` its charts can be taken away as pictures.
    """
    if not declared(say, panel):
        return state_card("refused", say("analysis.refused"), say("analysis.refused_body", panel=panel.key))
    title = say(f"analysis.{panel.key}.title")
    body: list[Any] = (
        [html.Div([html.P(say(f"analysis.why.{content.why}"))], className="analysis-empty", role="status")]
        if content.empty
        else _body(
            say, panel, content, before, shown, theme, _label(say, panel, content, where, origin), notes
        )
    )
    return html.Section(
        [
            html.Header(
                [
                    html.H2([title, html.Span(say(f"analysis.unit.{panel.unit}"), className="unit")]),
                    html.Span(where, className="chart-where"),
                    html.Span(read_line(say, content), className=_source_class(content)),
                ],
                className="history-head",
            ),
            html.P(say(f"analysis.{panel.decision}.decision"), className="analysis-decision"),
            *body,
            _declaration(say, panel),
        ],
        className="history-chart analysis-panel",
        id=f"analysis-{panel.key}",
        **{"aria-label": title},
    )


def _source_class(content: Content) -> str:
    return "chart-source partial" if content.read.coverage < PARTIAL else "chart-source"


def read_line(say: Words, content: Content) -> str:
    """What was read, between which instants, how completely."""
    read = content.read
    if read.empty or read.t0 is None or read.t1 is None:
        return say("analysis.read_nothing", source=say(f"analysis.read.{read.source}"))
    key = "history.low_coverage" if read.coverage < PARTIAL else "history.coverage"
    return say(
        "analysis.read_line",
        source=say(f"analysis.read.{read.source}"),
        t0=say.instant(read.t0),
        t1=say.instant(read.t1),
        coverage=say(key, coverage=percent(say, read.coverage)),
    )


def _label(say: Words, panel: Panel, content: Content, where: str, origin: Origin | None) -> Label | None:
    """What is written into a picture of the panel's charts."""
    read = content.read
    if origin is None or read.t0 is None or read.t1 is None:
        return None
    zone = ZoneInfo(origin.zone)
    return Label(
        origin, say(f"analysis.{panel.key}.title"), where, read.t0.astimezone(zone), read.t1.astimezone(zone),
        datetime.now(zone), say(f"analysis.unit.{panel.unit}"), read.coverage,
        say(f"analysis.read.{read.source}"),
    )  # fmt: skip


def _body(
    say: Words,
    panel: Panel,
    content: Content,
    before: Content | None,
    shown: Shown,
    theme: str,
    label: Label | None,
    notes: Sequence[Annotation],
) -> list[Any]:
    title, decimals = say(f"analysis.{panel.key}.title"), DECIMALS.get(panel.key, 0)
    says = sentence(say, panel, content)
    pictures = list(_pictures(say, panel, content, before, theme, notes))
    listed = notes_list(say, notes, may_withdraw=False) if content.daily is not None else []
    parts: list[Any] = [
        html.P(says, className="analysis-says"),
        html.Dl([_fact(say, fact, before) for fact in content.facts], className="facts"),
        key(say, content, before),
        html.Div(
            [_drawn(say, says, name, figure, label) for name, figure in pictures],
            className=f"analysis-graphs n{len(pictures)}",
        ),
        *listed,
        tables(say, content, title, decimals),
    ]
    if before is not None and before.empty:
        parts.insert(1, html.P(say("analysis.no_before"), className="quiet"))
    lists = [
        ranking(say, panel, found, shown, say(f"analysis.{panel.key}.{part}"))
        for found, part in ((content.ranking, "list"), (content.second, "second"))
        if found is not None and (found.rows or found.closed)
    ]
    return [*parts, html.Div(lists, className="analysis-lists")] if lists else parts


def sentence(say: Words, panel: Panel, content: Content) -> str:
    """The panel in one sentence, from its facts."""
    return say(f"analysis.{panel.key}.says", **{fact.name: told(say, fact) for fact in content.facts})


def told(say: Words, fact: Fact) -> str:
    """A fact's value with its unit: 4 310 h/an; an en dash when there is none."""
    text = say.number(fact.value, fact.decimals)
    if fact.unit == "oclock" and say.language == "en":
        return f"{text}:00"
    if not fact.unit or not np.isfinite(fact.value):
        return text
    space = ("" if say.language == "en" else "\u202f") if fact.unit == "%" else "\u00a0"
    return f"{text}{space}{say(f'analysis.unit.{fact.unit}')}"


def _fact(say: Words, fact: Fact, before: Content | None) -> Component:
    parts = [html.Dt(say(f"analysis.fact.{fact.name}")), html.Dd(told(say, fact))]
    earlier = next((f for f in before.facts if f.name == fact.name), None) if before is not None else None
    if earlier is not None and np.isfinite(earlier.value) and np.isfinite(fact.value):
        parts.append(html.Dd(_against(say, fact, earlier), className="fact-before"))
    return html.Div(parts)


def _against(say: Words, fact: Fact, earlier: Fact) -> str:
    text = say("analysis.was", value=told(say, earlier))
    if not earlier.value or fact.unit == "oclock":
        return text
    change = say.number(100 * (fact.value - earlier.value) / abs(earlier.value), 1, signed=True)
    return f"{text} ({amount(say, change, '%')})"


def key(say: Words, content: Content, before: Content | None) -> Component | None:
    """What each line or bar is: its look beside its name."""
    daily: Daily | None = content.daily
    names = [*(daily.series if daily else ()), *(content.hours.series if content.hours else ())]
    if content.week is not None:
        names += ["working_days", "saturday", "sunday"]
    if not names:
        return None
    items = [
        html.Span([html.I(className=_key_class(n)), say(f"analysis.series.{n}")])
        for n in dict.fromkeys(names)
    ]
    if daily is not None and (daily.coverage < PARTIAL).any():
        items.append(html.Span([html.I(className="key-band"), say("analysis.partial_day")]))
    if before is not None and not before.empty and _compared(content):
        items.append(html.Span([html.I(className="key-dash"), say("analysis.before")]))
    return html.Div(items, className="chart-key")


def _compared(content: Content) -> bool:
    """Whether one of the panel's charts has lines, which the period before is drawn under."""
    lines = content.hours is not None and not content.hours.stacked
    return content.week is not None or content.daily is not None or lines


def _key_class(name: str) -> str:
    token, dash, _ = look(name)
    return f"ink-{token} dash-{dash}"


def _pictures(
    say: Words,
    panel: Panel,
    content: Content,
    before: Content | None,
    theme: str,
    notes: Sequence[Annotation],
) -> Any:
    decimals, unit = DECIMALS.get(panel.key, 0), say(f"analysis.unit.{panel.unit}")
    earlier = before if before is not None and not before.empty else None
    if content.daily is not None:
        past = earlier.daily if earlier else None
        figure = daily_figure(say, panel.key, content.daily, past, theme, decimals, unit)
        yield "daily", with_notes(figure, notes, theme)
    if content.hours is not None:
        past_hours = earlier.hours if earlier else None
        yield "hours", hours_figure(say, content.hours, past_hours, theme, decimals, unit)
    if content.week is not None:
        yield "week", week_figure(say, panel.key, content.week, theme, decimals, unit)
        past_week = week_lines(earlier.week) if earlier and earlier.week is not None else None
        yield "lines", hours_figure(say, week_lines(content.week), past_week, theme, decimals, unit)
    for cloud in content.clouds:
        yield "cloud", cloud_figure(say, cloud, theme)


def _drawn(say: Words, says: str, name: str, figure: Figure, label: Label | None) -> Component:
    """One graph with the buttons that make a picture of it."""
    graph = _graph(says, name, figure)
    if label is None:
        return graph
    return html.Figure([graph, picture_buttons(say, Picture(label, f"{label.title} {name}"))])


def _graph(says: str, name: str, figure: Figure) -> Component:
    graph = dcc.Graph(figure=figure, config=GRAPH_CONFIG, className="history-graph", style={"height": "100%"})
    return html.Div(graph, role="img", className=f"analysis-graph {name}", **{"aria-label": says})


def _declaration(say: Words, panel: Panel) -> Component:
    terms = (
        ("formula", say(f"analysis.{panel.key}.formula")),
        ("unit", say(f"analysis.unit.{panel.unit}")),
        ("source", say(f"analysis.source.{panel.source}")),
        ("limits", say(f"analysis.{panel.key}.limits")),
        ("decision", say(f"analysis.{panel.decision}.decision")),
        ("owner", say(f"analysis.owner.{panel.owner}")),
    )
    rows = [part for name, text in terms for part in (html.Dt(say(f"analysis.term.{name}")), html.Dd(text))]
    return html.Details(
        [html.Summary(say("analysis.how")), html.Dl(rows, className="definition")],
        className="chart-table analysis-how",
    )
