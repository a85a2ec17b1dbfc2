"""The drawings of a programme: progress by commune, and the share done over time, with its table. Pure."""

from datetime import date

from dash import html
from dash.development.base_component import Component

from layouts.promise_chart import day_text
from layouts.promise_words import percent
from layouts.vectors import CLASSES, Shape, Vector, step_of
from model.programmes import ProgrammeState
from model.texts import Words

BOUNDS = [at / CLASSES for at in range(CLASSES + 1)]
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 420.0, 150.0, 46.0, 10.0, 24.0


def map_drawing(say: Words, state: ProgrammeState) -> Component:
    """Communes in the shade of their share done; one without works is hatched, never pale."""
    shares = {area.area_id: area.share for area in state.areas}
    shapes: list[Shape] = []
    for outline in state.map.outlines:
        share = shares.get(outline.area_id)
        name = "commune missing" if share is None else f"commune step-{step_of(share, BOUNDS)}"
        told = say("programmes.no_works_here") if share is None else percent(say, share)
        title = say("programmes.map_title", name=outline.name, told=told)
        shapes.append({"tag": "path", "d": outline.path, "className": name, "title": title})
    ends = [percent(say, 0.0), percent(say, 1.0)]
    return html.Figure(
        [
            html.Figcaption(html.Strong(say("programmes.map"))),
            Vector(
                box=[state.map.width, state.map.height], shapes=shapes, label=say("programmes.map_label"),
                className="programme-map",
            ),
            html.Div([html.Span(className=f"step-{step}") for step in range(CLASSES)], className="scale"),
            html.Div([html.Span(end) for end in ends], className="scale-ends"),
            html.Div(
                [html.Span(className="hatch-key"), say("programmes.no_works_here")], className="map-key"
            ),
        ],
        className="multiple",
    )  # fmt: skip


def course_drawing(say: Words, state: ProgrammeState) -> Component:
    """The share of all points done, day by day of works: a line of steps from 0 to what is done."""
    if not state.course:
        return html.P(say("programmes.not_begun"), className="quiet")
    first, last = state.course[0][0], state.course[-1][0]
    label = say(
        "programmes.course_label", first=day_text(say, first), last=day_text(say, last),
        share=percent(say, state.course[-1][1]),
    )  # fmt: skip
    rows = [
        html.Tr([html.Th(day_text(say, day), scope="row"), html.Td(percent(say, share, 1))])
        for day, share in _month_ends(state.course)
    ]
    table = html.Table(
        [
            html.Caption(say("programmes.course")),
            html.Thead(
                html.Tr([html.Th(say(f"programmes.col_{name}"), scope="col") for name in ("day", "share")])
            ),
            html.Tbody(rows),
        ]
    )
    return html.Figure(
        [
            html.Figcaption(html.Strong(say("programmes.course"))),
            Vector(
                box=[WIDTH, HEIGHT], shapes=_steps(say, state.course), label=label,
                className="promise-drawing",
            ),
            html.Details([html.Summary(say("promises.table")), table], className="promise-tables"),
        ],
        className="multiple",
    )  # fmt: skip


def _month_ends(course: tuple[tuple[date, float], ...]) -> list[tuple[date, float]]:
    """The last step of every month: a row a day of works would be a list of all cabinets."""
    return list({(day.year, day.month): (day, share) for day, share in course}.values())


def _steps(say: Words, course: tuple[tuple[date, float], ...]) -> list[Shape]:
    first, last = course[0][0], course[-1][0]
    span = max(1, (last - first).days)

    def x(day: date) -> float:
        return round(LEFT + (day - first).days * (WIDTH - LEFT - 8) / span, 1)

    def y(share: float) -> float:
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    path, before = f"M{x(first)} {y(0)}", 0.0
    for day, share in course:
        path += f"L{x(day)} {y(before)}L{x(day)} {y(share)}"
        before = share
    shapes: list[Shape] = []
    for share in (0.0, 0.5, 1.0):
        shapes.append(
            {
                "tag": "line",
                "x1": LEFT,
                "x2": WIDTH - 8,
                "y1": y(share),
                "y2": y(share),
                "className": "promise-grid",
            }
        )
        shapes.append(
            {"tag": "text", "x": LEFT - 8, "y": y(share) + 4, "text": percent(say, share),
             "className": "promise-tick", "textAnchor": "end"}
        )  # fmt: skip
    ends = ((first, "start", LEFT), (last, "end", WIDTH - 8))
    return [
        *shapes,
        {"tag": "path", "d": path, "className": "promise-observed"},
        *(
            {"tag": "text", "x": at, "y": HEIGHT - 6, "text": day_text(say, day), "className": "promise-tick",
             "textAnchor": anchor}
            for day, anchor, at in ends
        ),
    ]  # fmt: skip
