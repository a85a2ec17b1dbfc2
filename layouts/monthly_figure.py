"""One figure of a monthly report: its value, its months, its communes, its definition. Pure.

Beside each drawing stands a table of the same values.
"""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.monthly_charts import commune_map, scale_of, shades, trend
from layouts.monthly_words import (
    bare,
    change,
    day_name,
    limit,
    month_name,
    name,
    percent,
    unit,
    value,
    why_withheld,
)
from layouts.vectors import Vector
from model.kpis import AreaValue, Good, KpiResult, Verdict
from model.monthly import MonthlyReport
from model.texts import Words
from model.tokens import colours

PAPER = colours("light")
CLOSE = 0.8
"""From this share of the greatest value on, bars from zero would all look alike."""
LEAST_COMMUNES = 3
"""Communes with a value from which on a map and a ranking mean something."""


def figure(say: Words, report: MonthlyReport, result: KpiResult) -> Component:
    """The section of one figure; of the whole city on a page of its own."""
    key = result.kpi.key
    parts: list[Any] = [
        html.Header(
            [html.H3(name(say, result)), html.P(say(f"kpi.{key}.sub"), className="monthly-quiet")],
        ),
        facts(say, report, result),
    ]
    if any(step.value is not None for step in result.trend):
        parts.append(_months(say, report, result))
    if report.whole_city and any(area.value is not None for area in result.areas):
        parts.append(_communes(say, report, result))
    parts.append(_definition(say, result))
    look = "monthly-figure" if parts[2:-1] else "monthly-figure bare"
    return html.Section(parts, className=look, id=f"figure-{key}")


# --- facts ----------------------------------------------------------------------------------------------


def facts(say: Words, report: MonthlyReport, result: KpiResult) -> Component:
    """What is known of the month: value, changes, target, coverage; of a commune the whole city beside it."""
    told: list[tuple[str, Any, str]] = [
        ("value", _value(say, result), "monthly-value"),
        ("before", change(say, result, result.before), ""),
        ("year_before", change(say, result, result.year_before), ""),
        ("target", verdict(say, result), ""),
        ("coverage", percent(say, result.coverage), ""),
    ]
    city = report.of_city(result.kpi.key)
    if city is not None:
        told.insert(1, ("whole_city", value(say, city), ""))
    return html.Dl(
        [
            html.Div([html.Dt(say(f"monthly.{key}")), html.Dd(shown, className=look or None)])
            for key, shown, look in told
        ],
        className="monthly-facts",
    )


def _value(say: Words, result: KpiResult) -> list[Any]:
    if result.value is None:
        return [
            html.Span(say("monthly.withheld"), className="monthly-none"),
            html.Span(why_withheld(say, result), className="monthly-why"),
        ]
    return [
        html.Strong(bare(say, result, result.value)),
        html.Span(f"\u00a0{unit(say, result.kpi.unit)}", className="monthly-unit"),
    ]


def verdict(say: Words, result: KpiResult) -> Component:
    """The verdict: a shape, a word, and the limit."""
    parts: list[Any] = [
        verdict_mark(say, result.verdict),
        html.Span(say(f"monthly.{result.verdict.value}"), className="monthly-word"),
    ]
    if result.target:
        parts.append(html.Span(limit(say, result, result.target), className="monthly-limit"))
    return html.Span(parts, className=f"monthly-verdict {result.verdict.value}")


def verdict_mark(say: Words, told: Verdict) -> Component:
    """A ringed tick, an amber triangle, a dotted ring: what the word beside it says."""
    ink, quiet = PAPER["ink"], PAPER["grey"]
    ring = {"tag": "circle", "cx": 12, "cy": 12, "r": 9, "fill": "none", "strokeWidth": 2}
    if told is Verdict.HELD:
        tick = {"tag": "path", "d": "M7.5 12.5l3 3 6-6.5", "fill": "none", "stroke": ink, "strokeWidth": 2.2}
        shapes = [ring | {"stroke": ink}, tick]
    elif told is Verdict.MISSED:
        shapes = [
            {"tag": "path", "d": "M12 2.5L22.5 21.5H1.5Z", "fill": PAPER["degraded"],
             "stroke": PAPER["degradedLine"], "strokeWidth": 1.4, "strokeLinejoin": "round"},
            {"tag": "path", "d": "M12 9v6.5M12 17.6v1.8", "stroke": ink, "strokeWidth": 2.2},
        ]  # fmt: skip
    else:
        shapes = [ring | {"stroke": quiet, "strokeDasharray": "3 2.6"}]
    words = say(f"monthly.{told.value}")
    return Vector(box=[24, 24], shapes=shapes, label=words, silent=True, className="monthly-mark")


# --- months ---------------------------------------------------------------------------------------------


def _months(say: Words, report: MonthlyReport, result: KpiResult) -> Component:
    city = report.of_city(result.kpi.key)
    drawn = html.Figure(
        [
            html.Figcaption(
                [html.Strong(say("monthly.months")), html.Span(unit(say, result.kpi.unit))],
            ),
            trend(say, result, city),
        ]
    )
    return html.Div([drawn, months_table(say, result, city)], className="monthly-pair months")


def months_table(say: Words, result: KpiResult, city: KpiResult | None) -> Component:
    """The months of the trend: value, the whole city's beside a commune's, coverage."""
    of_city = {step.start: step.value for step in city.trend} if city else {}
    heads = [say("monthly.month"), _headed(say, say("monthly.value"), result)]
    heads += [say("monthly.whole_city")] if city else []
    rows = []
    for step in reversed(result.trend):
        cells = [_number(bare(say, result, step.value))]
        cells += [_number(bare(say, result, of_city.get(step.start)))] if city else []
        cells.append(_number(percent(say, step.coverage)))
        rows.append(html.Tr([html.Th(month_name(say, step.start), scope="row"), *cells]))
    caption = say("monthly.months_table", name=name(say, result))
    return _table(caption, [*heads, say("monthly.coverage_short")], rows)


def _headed(say: Words, text: str, result: KpiResult) -> list[Any]:
    return [text, html.Span(f" {unit(say, result.kpi.unit)}", className="monthly-unit")]


def _number(text: str) -> Component:
    return html.Td(text, className="number")


def _table(caption: str, heads: Sequence[Any], rows: Sequence[Component], look: str = "") -> Component:
    first, *rest = heads
    return html.Table(
        [
            html.Caption(caption, className="unseen"),
            html.Thead(
                html.Tr(
                    [html.Th(first, scope="col")]
                    + [html.Th(head, scope="col", className="number") for head in rest]
                )
            ),
            html.Tbody(list(rows)),
        ],
        className=f"monthly-table {look}".strip(),
    )


# --- communes -------------------------------------------------------------------------------------------


def _communes(say: Words, report: MonthlyReport, result: KpiResult) -> Component:
    told = [area for area in result.areas if area.value is not None]
    if len(told) < LEAST_COMMUNES:
        return html.P(say("monthly.few_communes"), className="monthly-quiet")
    drawn = html.Figure(
        [
            html.Figcaption(
                [html.Strong(say("monthly.communes")), html.Span(unit(say, result.kpi.unit))],
            ),
            commune_map(say, report.board.map, result),
            _scale(say, result),
            *([html.P(_spread(say, result), className="monthly-quiet")] if result.spread else []),
        ]
    )
    return html.Div([drawn, communes_table(say, result)], className="monthly-pair communes")


def _scale(say: Words, result: KpiResult) -> Component:
    steps = [
        html.Li(
            [
                html.Span(className="monthly-swatch", style={"background": shade}),
                f"{bare(say, result, low)} – {bare(say, result, high)}",
            ]
        )
        for shade, low, high in scale_of(result)
    ]
    missing = html.Li([_hatched(say), say("monthly.missing")])
    return html.Ul([*steps, missing], className="monthly-scale")


def _hatched(say: Words) -> Component:
    stripes = {"tag": "path", "d": "M-2 8L8 -2M3 12L16 -1M10 12L20 2", "stroke": PAPER["rule2"],
               "strokeWidth": 1}  # fmt: skip
    box = {"tag": "rect", "x": 0.5, "y": 0.5, "width": 15, "height": 9, "fill": "none",
           "stroke": PAPER["rule2"]}  # fmt: skip
    return Vector(
        box=[16, 10], shapes=[stripes, box], label=say("monthly.missing"), silent=True,
        className="monthly-hatched",
    )  # fmt: skip


def _spread(say: Words, result: KpiResult) -> str:
    low, high = result.spread or (0.0, 0.0)
    return say("monthly.spread", low=value(say, result, low), high=value(say, result, high))


def ranked(result: KpiResult) -> list[AreaValue]:
    """The communes, who is served worst first (the highest where no direction is good); untold ones last."""
    told = [area for area in result.areas if area.value is not None]
    rest = [area for area in result.areas if area.value is None]
    low_first = result.kpi.good is Good.HIGH
    return [*sorted(told, key=lambda a: (a.value or 0.0) * (1 if low_first else -1)), *rest]


def communes_table(say: Words, result: KpiResult) -> Component:
    """Every commune with its value, its length or place among the others drawn, and its coverage."""
    told = [area.value for area in result.areas if area.value is not None]
    low, high = min(told, default=0.0), max(told, default=1.0)
    dark = shades(result)
    rows = [_commune(say, result, area, (low, high), dark.get(area.area_id, 0)) for area in ranked(result)]
    heads = [say("monthly.commune"), _headed(say, say("monthly.value"), result)]
    caption = say("monthly.communes_table", name=name(say, result))
    return _table(caption, [*heads, say("monthly.coverage_short")], rows, "bars")


def _commune(
    say: Words, result: KpiResult, area: AreaValue, ends: tuple[float, float], shade: int
) -> Component:
    if area.value is None:
        shown = say("monthly.none_here" if not area.coverage else "monthly.too_little")
        cell = html.Td(shown, className="number monthly-none")
    else:
        drawn = _drawn(area.value, *ends, shade)
        inside = html.Div([drawn, html.Span(bare(say, result, area.value))], className="monthly-barred")
        cell = html.Td(inside, className="number")
    coverage = percent(say, area.coverage) if area.coverage else "–"
    return html.Tr([html.Th(area.name, scope="row"), cell, _number(coverage)])


def _drawn(told: float, low: float, high: float, shade: int) -> Component:
    """A bar from zero; where all are nearly as long as each other, a dot between the least and the most."""
    if low > CLOSE * high:
        at = {"left": f"{100 * (told - low) / ((high - low) or 1.0):.1f}%"}
        dot = html.Span(className=f"monthly-dot shade-{max(2, shade)}", style=at)
        return html.Span(dot, className="monthly-track dots", **{"aria-hidden": "true"})
    wide = {"width": f"{100 * max(0.0, told) / (high or 1.0):.1f}%"}
    bar = html.Span(className=f"monthly-bar shade-{shade}", style=wide)
    return html.Span(bar, className="monthly-track", **{"aria-hidden": "true"})


# --- definition -----------------------------------------------------------------------------------------


def _definition(say: Words, result: KpiResult) -> Component:
    kpi = result.kpi
    terms = [
        ("formula", say(f"kpi.{kpi.key}.formula")),
        ("source", say(f"kpi.{kpi.key}.source")),
        ("rule", say("monthly.rule_body", floor=percent(say, kpi.coverage_floor))),
        ("rests_on", say("monthly.rests_on_body", n=say.number(result.n))),
        ("decision", say(f"kpi.{kpi.key}.decision")),
        ("owner", say(f"figure_owner.{kpi.owner}")),
    ]
    if result.target:
        since = day_name(say, result.target.since) if result.target.since else say("monthly.undated")
        stated = say(
            "monthly.stated", limit=limit(say, result, result.target), source=result.target.source,
            since=since,
        )  # fmt: skip
        terms.insert(2, ("target", stated))
    return html.Dl(
        [part for key, text in terms for part in (html.Dt(say(f"monthly.{key}")), html.Dd(text))],
        className="monthly-definition",
    )
