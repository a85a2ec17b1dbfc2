"""The report of a night: a sheet of paper on the screen, the same on a printer and in a PDF. Pure.

``sheet`` is the report itself, of html and drawings alone; ``page`` frames it with what only a screen needs.
"""

from collections.abc import Sequence
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from layouts.acts import needs
from layouts.history import ways
from layouts.ids import Report
from layouts.report_alarms import alarms_part
from layouts.report_charts import series_part
from layouts.report_maps import maps
from layouts.report_tables import troubles
from layouts.shell import state_card, top_bar
from layouts.state_words import state_label
from layouts.symbols import icon
from layouts.view import PageView
from model.report import NightReport, Trouble
from model.takeaway import foot, percent
from model.texts import Words


def page(say: Words, view: PageView) -> Component:
    """The frame of the report; the sheet comes by callback, from the address."""
    return html.Div(
        [
            top_bar(say, view, right=[ways(say, "report")]),
            html.Div(
                state_card("loading", say("report.loading"), ""), id=Report.BODY, className="report-body",
                **{"aria-live": "polite"},
            ),
        ],
        className="report-page",
    )  # fmt: skip


def body(
    say: Words, report: NightReport, nights: Sequence[tuple[str, str]], *, pdf: str, can_pdf: bool
) -> list[Component]:
    """The tools over the sheet, then the sheet. ``nights`` are (catalogue key, address) of nights near."""
    return [_tools(say, report, nights, pdf, can_pdf), sheet(say, report)]


def _tools(
    say: Words, report: NightReport, nights: Sequence[tuple[str, str]], pdf: str, can_pdf: bool
) -> Component:
    near = [html.A(say(key), href=href, className="way") for key, href in nights]
    return html.Div(
        [
            html.Div(near, className="report-nights"),
            _asked(say, report),
            html.Div(_paper(say, pdf, can_pdf), className="report-paper"),
        ],
        className="report-tools",
    )


def _asked(say: Words, report: NightReport) -> Component:
    """The two instants, as a form that leads to the address of that report."""
    ends = [
        _labelled(say(f"report.{name}"), dcc.Input(type="datetime-local", name=name, value=_field(say, at)))
        for name, at in (("a", report.a), ("b", report.b))
    ]
    make = html.Button(say("report.make"), type="submit", className="button")
    return html.Form(
        [*ends, make],
        className="report-asked",
        action="/report",
        **{"data-zone": report.label.origin.zone, "aria-label": say("report.choose")},
    )


def _paper(say: Words, pdf: str, can_pdf: bool) -> list[Component]:
    """To a printer, and as a file where this server can make one."""
    printing = html.Button(
        [icon("print", 16), say("report.print")], type="button", className="button", **{"data-print": "page"}
    )
    if not can_pdf:
        return [printing, html.P(say("report.no_pdf"), className="report-quiet")]
    parts = [icon("download", 16), say("report.pdf")]
    return [printing, html.A(parts, href=pdf, className="button", **needs("export"))]


def _field(say: Words, at: datetime) -> str:
    return f"{say.local(at):%Y-%m-%dT%H:%M}"


def _labelled(text: str, control: Component) -> Component:
    return html.Label([html.Span(text), control])


def sheet(say: Words, report: NightReport) -> Component:
    """The report itself."""
    return html.Article(
        [
            _head(say, report),
            _figures(say, report),
            maps(say, report),
            *alarms_part(say, report),
            troubles(say, report),
            series_part(say, report),
            _notes(say, report),
            _known(say, report),
            _colophon(say, report),
        ],
        className="report-sheet paper",
        lang=say.language,
    )


def title(say: Words, report: NightReport) -> str:
    """What the document is called: the city, and the two instants."""
    return say(
        "report.document", city=report.label.origin.city, t0=say.instant(report.a), t1=say.instant(report.b)
    )


def _head(say: Words, report: NightReport) -> Component:
    same = say.local(report.a).date() == say.local(report.b).date()
    when = say(
        "report.when_day" if same else "report.when", t0=say.time(report.a), t1=say.time(report.b),
        day=say.day(report.a, "full"), next=say.day(report.b, "full"), zone=report.label.origin.zone,
    )  # fmt: skip
    return html.Header(
        [
            html.P(report.label.origin.city, className="report-city"),
            html.H1(report.label.title),
            html.P(when, className="report-when"),
            html.P(lead(say, report), className="report-lead"),
        ]
    )


def lead(say: Words, report: NightReport) -> str:
    """The night in a few sentences: what stays open, what is over, and what was gravest."""
    if not report.figures.known:
        return say("report.nothing_known")
    figures = report.figures
    told = [
        _counted(say, "report.lead_new", figures.new),
        _counted(say, "report.lead_over", figures.came_and_went),
        _counted(say, "report.lead_recovered", figures.recovered),
    ]
    worst = gravest(report)
    if worst is not None:
        told.append(_worst(say, worst))
    return " ".join(told)


def _counted(say: Words, key: str, n: int) -> str:
    return say(f"{key}_{'none' if not n else 'one' if n == 1 else 'many'}", n=say.number(n))


def gravest(report: NightReport) -> Trouble | None:
    """What took most with it, else what is most urgent, of all that began in the night."""
    began = [*report.new, *report.came_and_went]
    return min(began, key=lambda t: (-t.consequences, t.priority, -t.seconds)) if began else None


def _worst(say: Words, trouble: Trouble) -> str:
    n = trouble.consequences
    key = "report.worst_alone" if not n else "report.worst_one" if n == 1 else "report.worst_many"
    ended = "report.worst_ended" if trouble.ended else "report.worst_open"
    at = say.time(trouble.ended) if trouble.ended else ""
    began = say.time(trouble.began) if trouble.began else say("report.before_record")
    fact = state_label(say, trouble.asset_type, trouble.state)
    fact = fact[:1].lower() + fact[1:]
    return f"{say(key, name=trouble.name, fact=fact, at=began, n=say.number(n))} {say(ended, at=at)}"


def _figures(say: Words, report: NightReport) -> Component:
    f = report.figures
    told = (
        ("faults", say.number(f.faults_b)),
        ("new", say.number(f.new)),
        ("came_and_went", say.number(f.came_and_went)),
        ("recovered", say.number(f.recovered)),
        ("lamp_hours", say.number(f.lamp_hours, 0)),
        ("coverage", percent(say, f.known)),
    )
    return html.Section(
        [
            html.H2(say("report.figures"), className="unseen"),
            html.Dl([_fact(say, report, name, value) for name, value in told], className="report-figures"),
        ],
        className="report-part",
    )


def _fact(say: Words, report: NightReport, name: str, value: str) -> Component:
    f = report.figures
    says = say(
        f"report.figure_{name}_says", lamps=say.number(f.lamps_dark), all=say.number(f.lamps),
        before=say.number(f.faults_a),
    )  # fmt: skip
    return html.Div(
        [html.Dt(say(f"report.figure_{name}")), html.Dd(value), html.Dd(says, className="report-quiet")]
    )


def _notes(say: Words, report: NightReport) -> Component:
    def told(at: datetime) -> str:
        return say.instant(at)

    rows = [
        html.Li(
            [
                html.Strong(note.title),
                html.Span(
                    " · ".join(
                        part
                        for part in (
                            say(f"report.kind_{note.kind}"),
                            note.asset or note.area or report.label.origin.city,
                            f"{told(note.t0)} – {told(note.t1)}", say("report.noted_by", name=note.author),
                        )
                        if part
                    ),
                    className="report-quiet",
                ),
                *([html.P(note.body)] if note.body else []),
            ]
        )
        for note in report.notes
    ]  # fmt: skip
    inside = html.Ul(rows, className="report-notes") if rows else html.P(say("report.no_notes"))
    return html.Section([html.H2(say("report.notes")), inside], className="report-part")


def _known(say: Words, report: NightReport) -> Component:
    """How complete this is: states known, times nothing was recorded, feeds that were silent."""
    f = report.figures
    shares = [percent(say, share) for share in (f.known, report.map_a.known, report.map_b.known)]
    lines = [say("report.known", share=shares[0], a=shares[1], b=shares[2], n=say.number(f.assets))]
    lines += [say("report.gap", t0=say.instant(t0), t1=say.instant(t1)) for t0, t1 in report.gaps]
    lines.append(say("report.no_gap") if not report.gaps else "")
    if report.silences is None:
        lines.append(say("report.feeds_unknown"))
    elif not report.silences:
        lines.append(say("report.feeds_heard"))
    else:
        lines += [
            say(
                "report.feed_silent", feed=silence.feed,
                t0=say.instant(silence.t0), t1=say.instant(silence.t1),
                age=say.age((silence.t1 - silence.t0).total_seconds()),
            )
            for silence in report.silences
        ]  # fmt: skip
    body_ = html.Ul([html.Li(line) for line in lines if line], className="report-lines")
    return html.Section([html.H2(say("report.complete")), body_], className="report-part")


def _colophon(say: Words, report: NightReport) -> Component:
    return html.Footer(
        [html.P(line) for line in (*foot(say, report.label), say("report.definitions"))],
        className="report-colophon",
    )


def away(say: Words, what: str) -> list[Component]:
    """The report cannot be made now."""
    return [state_card("broken", say("report.away"), say("history.away_body", what=what))]


def bad(say: Words, what: str) -> list[Component]:
    """The report cannot be made as asked."""
    last = html.A(say("report.last_night"), href="/report", className="button")
    return [state_card("empty", say("report.bad"), what, last)]
