"""The figures of the analysis pages as tables: every chart's numbers, and the lists of assets. Pure."""

from datetime import datetime
from urllib.parse import quote

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis_address import Shown, address_of
from layouts.analysis_charts import HOURS
from layouts.board_figures import percent
from layouts.symbols import icon
from model.analysis import ByHour, Cloud, Content, Daily, Panel, Ranking, Row, Week
from model.texts import Words

POINTS_TOLD = 200
TEXTS = frozenset[int]()


def _table(heads: list[str], rows: list[Component], label: str, texts: frozenset[int] = TEXTS) -> Component:
    ths = [html.Th(h, scope="col", className="text" if at in texts else None) for at, h in enumerate(heads)]
    head = html.Thead(html.Tr(ths))
    return html.Div(
        html.Table([head, html.Tbody(rows)], className="values"),
        className="analysis-table",
        tabIndex="0",
        role="region",
        **{"aria-label": label},
    )


def _row(name: str, cells: list[str]) -> Component:
    return html.Tr([html.Th(name, scope="row"), *(html.Td(cell) for cell in cells)])


def tables(say: Words, content: Content, title: str, decimals: int) -> Component | None:
    """Everything the panel draws, in numbers, folded until asked for."""
    parts: list[Component] = []
    if content.daily is not None:
        parts.append(daily_table(say, content.daily, title, decimals))
    if content.week is not None:
        parts.append(week_table(say, content.week, title, decimals))
    if content.hours is not None:
        parts.append(hours_table(say, content.hours, title, decimals))
    parts += [cloud_table(say, cloud, title) for cloud in content.clouds]
    if not parts:
        return None
    return html.Details([html.Summary(say("analysis.table")), *parts], className="chart-table")


def daily_table(say: Words, daily: Daily, title: str, decimals: int) -> Component:
    """The days, newest first."""
    heads = [
        say("analysis.day"),
        *(say(f"analysis.series.{n}") for n in daily.series),
        say("analysis.coverage"),
    ]
    rows = []
    for at in reversed(range(len(daily.days))):
        day = daily.days[at]
        when = say.day(datetime(day.year, day.month, day.day, 12, tzinfo=say.zone), "medium")
        cells = [_number(say, float(values[at]), decimals) for values in daily.series.values()]
        rows.append(_row(when, [*cells, percent(say, float(daily.coverage[at]))]))
    return _table(heads, rows, title)


def _number(say: Words, value: float, decimals: int) -> str:
    return say.number(value, decimals) if np.isfinite(value) else say("history.no_value")


def week_table(say: Words, week: Week, title: str, decimals: int) -> Component:
    """Hours down, weekdays across."""
    heads = [say("analysis.hour"), *(say(f"analysis.weekday.{day}") for day in range(7))]
    rows = [
        _row(f"{HOURS[hour]} h", [_number(say, float(week.values[day, hour]), decimals) for day in range(7)])
        for hour in range(24)
    ]
    return _table(heads, rows, title)


def hours_table(say: Words, hours: ByHour, title: str, decimals: int) -> Component:
    """Hours down, series across, and the label of each hour where there is one."""
    heads = [say("analysis.hour"), *(say(f"analysis.series.{name}") for name in hours.series)]
    heads += [say("analysis.service_level")] if hours.labels else []
    rows = []
    for hour in range(24):
        cells = [_number(say, float(values[hour]), decimals) for values in hours.series.values()]
        rows.append(_row(f"{HOURS[hour]} h", [*cells, *hours.labels[hour : hour + 1]]))
    return _table(heads, rows, title)


def cloud_table(say: Words, cloud: Cloud, title: str) -> Component:
    """The points, at most POINTS_TOLD spread evenly over them all."""
    shown = np.unique(np.linspace(0, len(cloud.x) - 1, min(len(cloud.x), POINTS_TOLD)).astype(int))
    heads = [say(f"analysis.axis.{cloud.x_name}"), say(f"analysis.axis.{cloud.y_name}")]
    rows = [
        _row(say.number(float(cloud.x[i]), 2), [say.number(float(cloud.y[i]), 1)]) for i in shown.tolist()
    ]
    cut = say("analysis.points_told", shown=say.number(len(shown)), n=say.number(len(cloud.x)))
    return html.Div([html.P(cut, className="quiet"), _table(heads, rows, title)])


def ranking(say: Words, panel: Panel, found: Ranking, shown: Shown, heading: str) -> Component:
    """A list with its heading, worst first; a name leads to the series (a detector's to its cloud)."""
    heads = [say("analysis.column.name")]
    heads += [
        say(f"analysis.column.{name}") + (f" ({say(f'analysis.unit.{unit}')})" if unit else "")
        for name, unit, _ in found.columns
    ]
    rows = [_ranked(say, panel, found, row, shown) for row in found.rows]
    count = say("analysis.shown_of", shown=say.number(len(rows)), n=say.number(found.total))
    closed = say("looks.not_named", n=say.number(found.closed)) if found.closed else ""
    return html.Div(
        [
            html.H3([heading, html.Span(count, className="quiet count")]),
            *([html.P([icon("lock", 14), closed], className="quiet not-named")] if closed else []),
            *([_table(heads, rows, heading, _texts(found))] if rows else []),
        ],
        className="analysis-list",
    )


def _texts(found: Ranking) -> frozenset[int]:
    """The columns of a list that hold texts; 0 is the name."""
    cells = found.rows[0].cells if found.rows else ()
    return frozenset(at for at, cell in enumerate(cells, 1) if isinstance(cell, str))


def _ranked(say: Words, panel: Panel, found: Ranking, row: Row, shown: Shown) -> Component:
    cells = [
        html.Td(_cell(say, cell, decimals), className="text" if isinstance(cell, str) else None)
        for cell, (_, _, decimals) in zip(row.cells, found.columns, strict=True)
    ]
    return html.Tr([html.Th(_named(say, panel, row, shown), scope="row"), *cells])


def _named(say: Words, panel: Panel, row: Row, shown: Shown) -> Component | str:
    if not row.external_id:
        return say(f"analysis.{row.name[1:]}") if row.name.startswith("@") else row.name
    if panel.key == "travel_time":
        return dcc.Link(row.name, href=address_of(shown, pick=row.external_id), refresh=True)
    return dcc.Link(row.name, href=f"/history?series=asset:{quote(row.external_id)}&p=30d", refresh=True)


def _cell(say: Words, cell: float | str | datetime, decimals: int) -> str:
    if isinstance(cell, datetime):
        return say.instant(cell)
    if isinstance(cell, str):
        return say(f"state.{cell[1:]}") if cell.startswith("@") else cell
    return say.number(cell, decimals)
