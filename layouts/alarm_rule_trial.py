"""A trial of a rule as a chart: alarms per day beside those of the version in force, and on which assets.

The same figures stand in tables under it. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis_charts import base
from layouts.theme import GRAPH_CONFIG
from model.rule_book import Backtest, RuleSheet, RuleVersion
from model.texts import Words
from model.tokens import colours

MOST_ASSETS = 10
HEIGHT = "320px"
TICKS_MOST = 7


@dataclass(frozen=True, slots=True)
class Trial:
    """A version with its trial and, where the one in force was tried over the same time, that one's."""

    version: int
    found: Backtest
    other: int | None = None
    beside: Backtest | None = None

    @property
    def both(self) -> tuple[Backtest, ...]:
        """The trial, and the one it is compared with where there is one."""
        return (self.found,) if self.beside is None else (self.found, self.beside)


def trial_of(sheet: RuleSheet, chosen: RuleVersion | None) -> Trial | None:
    """The trial to be drawn: of the chosen version, else of the newest that was tried; None for none."""
    tried = [one for one in sheet.versions if one.backtest is not None]
    one = chosen if chosen is not None and chosen.backtest is not None else next(iter(tried), None)
    if one is None or one.backtest is None:
        return None
    force = sheet.in_force
    same = force is not None and force.version != one.version and over_the_same(force.backtest, one.backtest)
    if force is None or not same:
        return Trial(one.version, one.backtest)
    return Trial(one.version, one.backtest, force.version, force.backtest)


def over_the_same(one: Backtest | None, other: Backtest | None) -> bool:
    """Whether two trials are of the same time and may stand side by side."""
    return one is not None and other is not None and (one.t0, one.t1) == (other.t0, other.t1)


def days_of(say: Words, found: Backtest) -> list[date]:
    """Every local day the trial touched, those without an alarm too."""
    first = say.local(datetime.fromtimestamp(found.t0, UTC)).date()
    last = say.local(datetime.fromtimestamp(found.t1, UTC) - timedelta(microseconds=1)).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _unknown(say: Words, found: Backtest) -> int:
    """How many of its first days are wholly before what the rule looks at begins to be on record."""
    known = say.local(datetime.fromtimestamp(found.known_from, UTC)).date()
    return sum(day < known for day in days_of(say, found))


# --- the section ----------------------------------------------------------------------------------------


def trial_section(say: Words, trial: Trial | None, theme: str) -> Component | str:
    """The chart with its sentence, its tables and the assets with the most; nothing before a trial."""
    if trial is None:
        return ""
    graph = dcc.Graph(
        figure=trial_figure(say, trial, theme), config=GRAPH_CONFIG, className="history-graph",
        style={"height": HEIGHT},
    )  # fmt: skip
    title = say("alarm_book.trial_title", n=trial.version)
    return html.Section(
        [
            html.H2(title),
            html.P(_sentence(say, trial), className="rule-trial-sum"),
            html.P(_period(say, trial), className="quiet"),
            html.Div([html.Div(_by_day(say, trial, graph)), html.Div(_assets(say, trial))],
                     className="quality-columns"),
        ],
        className="rule-trial", **{"aria-label": title},
    )  # fmt: skip


def _by_day(say: Words, trial: Trial, graph: Component) -> list[Component]:
    said = f"{_sentence(say, trial)}. {_worst(say, trial)}"
    return [
        html.H3(say("alarm_book.trial_days")),
        _key(say, trial),
        html.Div(graph, role="img", **{"aria-label": said}),
        html.P(_worst(say, trial)),
        html.Details(
            [html.Summary(say("alarm_book.trial_table")), _day_table(say, trial)], className="quality-twin"
        ),
    ]


def _sentence(say: Words, trial: Trial) -> str:
    if trial.beside is None:
        return say("alarm_book.trial_sum", n=say.number(trial.found.total))
    return say(
        "alarm_book.trial_change", was=say.number(trial.beside.total), now=say.number(trial.found.total),
        other=trial.other, n=trial.version,
    )  # fmt: skip


def _period(say: Words, trial: Trial) -> str:
    t0, t1, known = (
        datetime.fromtimestamp(at, UTC) for at in (trial.found.t0, trial.found.t1, trial.found.known_from)
    )
    told = say("alarm_book.trial_period", t0=say.instant(t0), t1=say.instant(t1))
    return told if known <= t0 else f"{told} {say('alarm_book.trial_known', at=say.instant(known))}"


def _worst(say: Words, trial: Trial) -> str:
    if trial.found.worst_at is None:
        return say("alarm_book.trial_none")
    at = datetime.fromtimestamp(trial.found.worst_at, UTC)
    return say(
        "alarm_book.trial_worst", n=say.number(trial.found.worst_hour), at=say.instant(at),
        to=say.time(at + timedelta(hours=1)),
    )  # fmt: skip


def _key(say: Words, trial: Trial) -> Component:
    cells = [html.Span([html.I(className="key-cell trial-new"), _name(say, trial.version)])]
    if trial.other is not None:
        cells.append(html.Span([html.I(className="key-cell trial-old"), _name_in_force(say, trial.other)]))
    if trial.found.worst_at is not None:
        cells.append(html.Span([html.I("▼", className="trial-mark"), say("alarm_book.trial_worst_key")]))
    if _unknown(say, trial.found):
        cells.append(html.Span([html.I(className="key-cell trial-unknown"), say("alarm_book.trial_unknown")]))
    return html.Div(cells, className="strip-key")


def _name(say: Words, version: int) -> str:
    return say("alarm_book.version", n=version)


def _name_in_force(say: Words, version: int) -> str:
    return say("alarm_book.trial_in_force", n=version)


# --- the chart ------------------------------------------------------------------------------------------


def trial_figure(say: Words, trial: Trial, theme: str) -> go.Figure:
    """Bars a day, those of the version in force hatched beside them; a mark over the worst hour's day."""
    shade, figure, days = colours(theme), go.Figure(), days_of(say, trial.found)
    x = [day.isoformat() for day in days]
    if trial.beside is not None and trial.other is not None:
        figure.add_trace(_bars(say, x, trial.beside, _name_in_force(say, trial.other), _hatched(shade)))
    figure.add_trace(_bars(say, x, trial.found, _name(say, trial.version), {"color": shade["ink"]}))
    _mark_worst(say, figure, trial, shade)
    if unknown := _unknown(say, trial.found):
        figure.add_vrect(x0=-0.5, x1=unknown - 0.5, fillcolor=shade["raise"], line_width=0, layer="below")
    base(say, figure, theme).update_layout(
        barmode="group", bargap=0.3, bargroupgap=0, showlegend=False, margin={"t": 24}
    )
    step = -(-len(days) // TICKS_MOST)
    figure.update_xaxes(
        type="category",
        categoryarray=x,
        tickvals=x[::step],
        ticktext=[_day(say, d) for d in days[::step]],
        tickangle=0,
    )
    figure.update_yaxes(rangemode="tozero")
    return figure


def _hatched(shade: dict[str, str]) -> dict[str, object]:
    """Never by colour alone: what is compared with is hatched."""
    pattern = {"shape": "/", "fillmode": "overlay", "fgcolor": shade["panel"], "size": 6, "solidity": 0.3}
    return {"color": shade["rule2"], "pattern": pattern}


def _bars(
    say: Words, x: Sequence[str], found: Backtest, name: str, marker: dict[str, object]
) -> go.Bar:  # fmt: skip
    counts = dict(found.days)
    hover = [f"{_day(say, date.fromisoformat(day))}<br><b>{say.number(counts.get(day, 0))}</b>" for day in x]
    return go.Bar(
        x=list(x), y=[counts.get(day, 0) for day in x], name=name, marker=marker, customdata=hover,
        hovertemplate="%{customdata}<extra>" + name + "</extra>",
    )  # fmt: skip


def _mark_worst(say: Words, figure: go.Figure, trial: Trial, shade: dict[str, str]) -> None:
    if trial.found.worst_at is None:
        return
    at = say.local(datetime.fromtimestamp(trial.found.worst_at, UTC))
    day = at.date().isoformat()
    top = max(dict(found.days).get(day, 0) for found in trial.both)
    figure.add_annotation(
        x=day, y=top, yanchor="bottom", showarrow=False, text=f"▼ {at:%H} h · {trial.found.worst_hour}",
        font={"color": shade["ink"], "size": 13},
    )  # fmt: skip


def _day(say: Words, day: date) -> str:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=say.zone)
    return say.day(noon, "medium").rsplit(" ", 1)[0]


# --- the same in tables ---------------------------------------------------------------------------------


def _heads(say: Words, trial: Trial, first: str) -> Component:
    names = [say(f"alarm_book.{first}"), _name(say, trial.version)]
    if trial.other is not None:
        names.append(_name_in_force(say, trial.other))
    return html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))


def _day_table(say: Words, trial: Trial) -> Component:
    told, unknown = [dict(found.days) for found in trial.both], _unknown(say, trial.found)
    rows = [
        html.Tr(
            [
                html.Th(_day(say, day), scope="row"),
                *(
                    html.Td(say.number(None if at < unknown else counts.get(day.isoformat(), 0)))
                    for counts in told
                ),
            ]
        )
        for at, day in reversed(list(enumerate(days_of(say, trial.found))))
    ]
    return html.Table([_heads(say, trial, "day"), html.Tbody(rows)], className="quality-table")


def _assets(say: Words, trial: Trial) -> list[Component]:
    shown = trial.found.assets[:MOST_ASSETS]
    if not shown:
        return []
    most = shown[0].count
    rows = [
        html.Tr(
            [
                html.Th([one.asset, html.Div(one.name, className="quiet")], scope="row"),
                html.Td([say.number(one.count), _bar(one.count, most)]),
                *([html.Td(_count_of(say, trial.beside, one.asset))] if trial.beside else []),
            ]
        )
        for one in shown
    ]
    table = html.Table([_heads(say, trial, "asset"), html.Tbody(rows)], className="quality-table rule-most")
    return [
        html.H3(say("alarm_book.trial_most", n=len(shown), distinct=say.number(trial.found.distinct))),
        table,
    ]


def _bar(count: int, most: int) -> Component:
    return html.Span(className="rule-bar", style={"width": f"{count / most * 100:.0f}%"})


def _count_of(say: Words, found: Backtest, asset: str) -> str:
    """How often ``asset`` was in it; of what is not among its foremost only a bound is known."""
    count = next((one.count for one in found.assets if one.asset == asset), None)
    if count is not None:
        return say.number(count)
    if found.distinct <= len(found.assets):
        return say.number(0)
    return f"≤\u202f{say.number(found.assets[-1].count)}"
