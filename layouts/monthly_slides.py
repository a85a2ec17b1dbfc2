"""The monthly report as slides (PPTX): native charts and tables, so that whoever presents may change them.

The same figures in the same words as the sheet; each drawing has its words for who hears it, each slide a
title, each definition stands in the notes.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Emu, Inches, Pt

from layouts.monthly_charts import map_words, trend_words
from layouts.monthly_figure import LEAST_COMMUNES, ranked
from layouts.monthly_words import (
    change,
    heading,
    lead,
    limit,
    month_short,
    name,
    percent,
    unit,
    value,
    why_withheld,
)
from model.kpis import KpiResult, Verdict
from model.monthly import MonthlyReport, computed_at, inputs_of, withheld
from model.texts import Words
from model.tokens import colours

WIDE, HIGH = Inches(13.333), Inches(7.5)
SIDE, TOP = Inches(0.6), Inches(1.55)
TITLE_SLIDE, TITLE_ONLY = 0, 5
"""Layouts of the plain template; their placeholders are what a screen reader reads as titles."""
COMMUNES_MOST = 24
PAPER = colours("light")
LANGUAGE_TAGS = {"fr": "fr-FR", "en": "en-GB"}


def slides(say: Words, report: MonthlyReport) -> bytes:
    """The whole presentation: title, all figures as a table, a slide a figure, sources and limits."""
    show = Presentation()
    show.slide_width, show.slide_height = WIDE, HIGH
    _about(say, report, show.core_properties)
    _title(say, report, show)
    _overview(say, report, show)
    for result in report.told:
        _figure(say, report, result, show)
    _sources(say, report, show)
    _speak(show, LANGUAGE_TAGS[say.language])
    out = BytesIO()
    show.save(out)
    return out.getvalue()


def _about(say: Words, report: MonthlyReport, about: Any) -> None:
    about.title = f"{say('monthly.title')}. {heading(say, report)}"
    about.author, about.last_modified_by = report.origin.city, "Vigie"
    about.language = LANGUAGE_TAGS[say.language]
    about.subject, about.comments = report.origin.source, ""
    about.created = about.modified = report.made_at.replace(tzinfo=None)


def _speak(show: Any, tag: str) -> None:
    """Say on every run in which language it is written."""
    for slide in show.slides:
        for run in slide._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}rPr"):
            run.set("lang", tag)


# --- slides ---------------------------------------------------------------------------------------------


def _title(say: Words, report: MonthlyReport, show: Any) -> None:
    slide = show.slides.add_slide(show.slide_layouts[TITLE_SLIDE])
    title, below = slide.shapes.title, slide.placeholders[1]
    _place(title, SIDE, Inches(1.6), WIDE - 2 * SIDE, Inches(1.5))
    _place(below, SIDE, Inches(3.2), WIDE - 2 * SIDE, Inches(3.2))
    _write(title.text_frame, [(heading(say, report), 44, True)])
    said = " ".join(text for text, _ in lead(say, report))
    lines = [(f"{report.origin.city} · {say('monthly.title')}", 20, False), (said, 22, False)]
    made = say("monthly.made", version=report.version, at=say.instant(report.made_at))
    lines.append((f"{made} {say('monthly.invented')}" if report.generated else made, 14, False))
    _write(below.text_frame, lines)


def _headed(show: Any, text: str) -> Any:
    slide = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    title = slide.shapes.title
    _place(title, SIDE, Inches(0.4), WIDE - 2 * SIDE, Inches(0.8))
    _write(title.text_frame, [(text, 30, True)])
    return slide


def _overview(say: Words, report: MonthlyReport, show: Any) -> None:
    slide = _headed(show, say("monthly.slide_figures"))
    columns = ("figure", "value", "before", "year_before", "target", "coverage")
    heads = [say(f"monthly.{key}") for key in columns]
    rows = [
        [
            name(say, one), value(say, one) if one.value is not None else say("monthly.withheld"),
            change(say, one, one.before), change(say, one, one.year_before), _verdict(say, one),
            percent(say, one.coverage),
        ]
        for one in report.told
    ]  # fmt: skip
    _table(slide, [heads, *rows], (3.6, 1.9, 1.5, 1.5, 2.4, 1.2), say("monthly.overview"))


def _verdict(say: Words, result: KpiResult) -> str:
    """The verdict in words, with a sign that needs no colour."""
    sign = {Verdict.HELD: "✓ ", Verdict.MISSED: "▲ "}.get(result.verdict, "")
    told = f"{sign}{say(f'monthly.{result.verdict.value}')}"
    return f"{told} · {limit(say, result, result.target)}" if result.target else told


def _figure(say: Words, report: MonthlyReport, result: KpiResult, show: Any) -> None:
    slide = _headed(show, name(say, result))
    _facts(say, report, result, slide)
    several = report.whole_city and _told_communes(result) >= LEAST_COMMUNES
    wide = Inches(7.1) if several else WIDE - 2 * SIDE
    if any(step.value is not None for step in result.trend):
        _trend(say, report, result, slide, wide)
    if several:
        _communes(say, result, slide, SIDE + wide + Inches(0.2))
    note = say(
        "monthly.slide_note", formula=say(f"kpi.{result.kpi.key}.formula"),
        source=say(f"kpi.{result.kpi.key}.source"),
    )  # fmt: skip
    slide.notes_slide.notes_text_frame.text = note


def _told_communes(result: KpiResult) -> int:
    return sum(area.value is not None for area in result.areas)


def _facts(say: Words, report: MonthlyReport, result: KpiResult, slide: Any) -> None:
    box = slide.shapes.add_textbox(SIDE, Inches(1.15), WIDE - 2 * SIDE, Inches(0.8))
    shown = value(say, result) if result.value is not None else say("monthly.withheld")
    told = [] if result.value is not None else [why_withheld(say, result)]
    told += [_verdict(say, result)]
    told += [f"{say('monthly.before').lower()} {change(say, result, result.before)}"] if result.before else []
    if result.year_before:
        told.append(f"{say('monthly.year_before').lower()} {change(say, result, result.year_before)}")
    city = report.of_city(result.kpi.key)
    told += [f"{say('monthly.whole_city').lower()} {value(say, city)}"] if city else []
    told.append(f"{say('monthly.coverage').lower()} {percent(say, result.coverage)}")
    _write(box.text_frame, [(shown, 28, True), (" · ".join(told), 15, False)])
    _say_of(box, name(say, result), f"{shown}. {'. '.join(told)}")


def _trend(say: Words, report: MonthlyReport, result: KpiResult, slide: Any, wide: int) -> None:
    """The months as a native line chart: the figure, its target dashed, the whole city beside a commune."""
    data = CategoryChartData(number_format=_format(result))
    data.categories = [month_short(say, step.start) for step in result.trend]
    data.add_series(f"{name(say, result)} ({unit(say, result.kpi.unit)})", [s.value for s in result.trend])
    if result.target:
        data.add_series(say("monthly.target"), [result.target.value] * len(result.trend))
    city = report.of_city(result.kpi.key)
    if city is not None:
        known = {step.start: step.value for step in city.trend}
        data.add_series(say("monthly.whole_city"), [known.get(step.start) for step in result.trend])
    where = (SIDE, Inches(2.1), wide, Inches(4.9))
    shape = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *where, data)
    _say_of(shape, say("monthly.months_table", name=name(say, result)), trend_words(say, result))
    chart = shape.chart
    _quiet(chart, result)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    looks = [("ink", 2.5, None)]
    looks += [("ink2", 1.5, MSO_LINE.DASH)] if result.target else []
    looks += [("lampOn", 1.75, None)] if city is not None else []
    for series, (ink, width, dash) in zip(chart.plots[0].series, looks, strict=True):
        _lined(series, ink, width, dash)


def _lined(series: Any, ink: str, width: float, dash: Any) -> None:
    line = series.format.line
    line.color.rgb, line.width = _rgb(PAPER[ink]), Pt(width)
    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.NONE if dash else XL_MARKER_STYLE.CIRCLE
    if dash:
        line.dash_style = dash
        return
    series.marker.size = 5
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = _rgb(PAPER[ink])
    series.marker.format.line.color.rgb = _rgb(PAPER[ink])


def _communes(say: Words, result: KpiResult, slide: Any, left: int) -> None:
    """The communes as native bars, who is served worst on top; a commune without a value keeps its place."""
    shown = ranked(result)[:COMMUNES_MOST]
    data = CategoryChartData(number_format=_format(result))
    data.categories = [area.name for area in shown]
    title = f"{say('monthly.communes')} ({unit(say, result.kpi.unit)})"
    data.add_series(title, [area.value for area in shown])
    where = (left, Inches(2.1), WIDE - SIDE - left, Inches(4.9))
    shape = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *where, data)
    _say_of(shape, say("monthly.communes_table", name=name(say, result)), map_words(say, result))
    chart = shape.chart
    _quiet(chart, result)
    chart.has_title, chart.has_legend = True, False
    _write(chart.chart_title.text_frame, [(title, 12, True)])
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.value_axis.visible = False
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 45, True
    plot.data_labels.font.size, plot.data_labels.number_format = Pt(9), _format(result)
    plot.data_labels.number_format_is_linked = False
    fill = plot.series[0].format.fill
    fill.solid()
    fill.fore_color.rgb = _rgb("#557A97")


def _quiet(chart: Any, result: KpiResult) -> None:
    chart.font.size, chart.font.color.rgb = Pt(10), _rgb(PAPER["ink2"])
    chart.has_title = False
    axis = chart.value_axis
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = _rgb(PAPER["rule"])
    axis.format.line.fill.background()
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = _format(result), False
    chart.category_axis.format.line.color.rgb = _rgb(PAPER["rule2"])


def _format(result: KpiResult) -> str:
    digits = result.kpi.decimals
    return "#,##0" + ("." + "0" * digits if digits else "")


def _sources(say: Words, report: MonthlyReport, show: Any) -> None:
    slide = _headed(show, say("monthly.slide_sources"))
    hidden = [f"{name(say, one)} ({why_withheld(say, one)})" for one in withheld(report)]
    nothing = say("monthly.nothing_withheld")
    when = computed_at((report.board, report.city))
    lines = [
        say("monthly.known_body"),
        f"{say('monthly.withheld_title')}. {', '.join(hidden)}." if hidden else nothing,
        say("takeaway.source", source=report.origin.source),
    ]
    lines += [say("takeaway.licence", licence=report.origin.licence)] if report.origin.licence else []
    lines += [say("monthly.computed", at=say.instant(when), zone=report.origin.zone)] if when else []
    inputs = inputs_of((report.board, report.city))[:16]
    lines += [say("monthly.identity", version=report.version, inputs=inputs), say("monthly.no_person")]
    box = slide.shapes.add_textbox(SIDE, TOP, WIDE - 2 * SIDE, Inches(5.2))
    _write(box.text_frame, [(line, 16, False) for line in lines])
    _say_of(box, say("monthly.slide_sources"), " ".join(lines))


# --- parts ----------------------------------------------------------------------------------------------


def _table(slide: Any, rows: Sequence[Sequence[str]], widths: Sequence[float], words: str) -> None:
    high = min(0.46, 5.4 / len(rows))
    shape = slide.shapes.add_table(
        len(rows), len(widths), SIDE, Inches(1.4), Inches(sum(widths)), Inches(high * len(rows))
    )
    _say_of(shape, words, words)
    table = shape.table
    table.horz_banding, table.first_row = False, True
    for at, wide in enumerate(widths):
        table.columns[at].width = Inches(wide)
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            cell = table.cell(down, across)
            _write(cell.text_frame, [(text, 13, down == 0 or across < 2)])
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.fill.solid()
            cell.fill.fore_color.rgb = _rgb(PAPER["raise"] if down == 0 else "#FFFFFF")


def _write(frame: Any, lines: Sequence[tuple[str, int, bool]]) -> None:
    """Write ``lines`` of (text, points, bold), from the left, in ink."""
    frame.word_wrap = True
    for at, (text, size, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.alignment = 1
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, _rgb(PAPER["ink"])


def _place(shape: Any, left: int, top: int, wide: int, high: int) -> None:
    shape.left, shape.top, shape.width, shape.height = Emu(left), Emu(top), Emu(wide), Emu(high)


def _say_of(shape: Any, called: str, words: str) -> None:
    """Give a shape its name and what a screen reader says of it."""
    shape.name = called
    shape._element.xpath(".//p:cNvPr")[0].set("descr", words)


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.removeprefix("#"))
