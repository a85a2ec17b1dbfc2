"""The city at two instants as drawings for paper: streets quiet, lamps as points, what is wrong as symbols.

Shapes carry their colours (the light theme's: a report is a sheet of paper), so that the page, a printer and
the PDF draw the same. Pure.
"""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.symbols import status_symbol
from layouts.vectors import Shape, Vector
from model.report import Ground, MapOfInstant, Mark, NightReport
from model.symbols import symbols
from model.texts import Words
from model.tokens import colours

PAPER = colours("light")
BOX = 24.0
SIZES = (16.0, 34.0, 60.0)
"""Of a symbol by its mark's weight; the smallest go without their letter."""
LABEL = 30.0
RING = 5.0
WIDE = 1000.0
POINTS = {
    "out_of_service": ("grey", 2.0), "unknown": ("border", 2.0),
    "normal": ("lamp", 2.8), "active": ("lampOn", 3.0),
}  # fmt: skip
LEGEND = ("fault", "consequence", "degraded", "comms_lost", "maintenance")


def maps(say: Words, report: NightReport) -> Component:
    """The map at A beside the map at B, and what their symbols mean, with how many there were of each."""
    return html.Section(
        [
            html.H2(say("report.maps")),
            html.Div(
                [
                    _map(say, report.ground, report.map_a, "report.map_a"),
                    _map(say, report.ground, report.map_b, "report.map_b"),
                ],
                className="report-maps",
            ),
            _legend(say, report),
        ],
        className="report-part",
    )


def _map(say: Words, ground: Ground, shown: MapOfInstant, key: str) -> Component:
    when = say.instant(shown.at)
    counted = ", ".join(f"{say(f'legend.{name}')} {say.number(shown.counts.get(name, 0))}" for name in LEGEND)
    return html.Figure(
        [
            html.Figcaption([html.Strong(say(key)), html.Span(when)]),
            Vector(
                box=[ground.width, ground.height],
                shapes=drawing(ground, shown),
                label=say("report.map_label", at=when, counted=counted),
                className="report-map",
            ),
        ]
    )


def drawing(ground: Ground, shown: MapOfInstant) -> list[Shape]:
    """Land, streets, borders, quiet points, then symbols: what is grave and new lies on top."""
    shapes = [{"tag": "path", "d": area, "fill": PAPER["land"], "stroke": "none"} for area in ground.areas]
    for rank in sorted(ground.streets, reverse=True):
        line = {"stroke": PAPER["avenue"], "strokeWidth": 3.4 if rank == 1 else 1.8, "fill": "none"}
        shapes.append({"tag": "path", "d": ground.streets[rank], **line})
    border = {"fill": "none", "stroke": PAPER["border"], "strokeWidth": 1}
    shapes += [{"tag": "path", "d": area, **border} for area in ground.areas]
    for name, (colour, width) in POINTS.items():
        if name in shown.quiet:
            dots = {"stroke": PAPER[colour], "strokeWidth": width, "strokeLinecap": "round", "fill": "none"}
            shapes.append({"tag": "path", "d": shown.quiet[name], **dots})
    return [*shapes, *_rings(shown.marks), *_symbols(shown.marks)]


def _rings(marks: Sequence[Mark]) -> list[Shape]:
    """All consequences as one path of rings."""
    around = f"a{RING:g} {RING:g} 0 1 0 {2 * RING:g} 0a{RING:g} {RING:g} 0 1 0 {-2 * RING:g} 0"
    rings = "".join(f"M{mark.x - RING:g} {mark.y:g}{around}" for mark in marks if mark.drawn == "consequence")
    ring = {"fill": "none", "stroke": PAPER["fault"], "strokeWidth": 2.2}
    return [{"tag": "path", "d": rings, **ring}] if rings else []


def _symbols(marks: Sequence[Mark]) -> list[Shape]:
    shapes: list[Shape] = []
    for mark in marks:
        if mark.drawn != "consequence":
            shapes += symbol(mark.drawn, mark.x, mark.y, SIZES[mark.weight], mark.name)
    for mark in marks:
        if mark.weight == len(SIZES) - 1:
            shapes += _name(mark)
    return shapes


def _name(mark: Mark) -> list[Shape]:
    """The name of what took others with it, beside its symbol, on a ground of its own."""
    left = mark.x > WIDE / 2
    text = {
        "tag": "text", "text": mark.name, "x": mark.x + (-LABEL - 6 if left else LABEL + 6), "y": mark.y + 10,
        "fontSize": LABEL, "fontWeight": 600, "textAnchor": "end" if left else "start",
    }  # fmt: skip
    halo = {"stroke": "#FFFFFF", "strokeWidth": 8, "strokeLinejoin": "round", "fill": "#FFFFFF"}
    return [text | halo, text | {"fill": PAPER["ink"]}]


def symbol(name: str, x: float, y: float, size: float, title: str = "") -> list[Shape]:
    """The status symbol ``name`` centred on (x, y), ``size`` units wide; a small one goes without letter."""
    scale = size / BOX
    place = f"translate({x - size / 2:g} {y - size / 2:g}) scale({scale:g})"
    shapes = [_shape(shape, place) for shape in symbols()["status"][name] if "d" in shape or size > SIZES[0]]
    if title and shapes:
        shapes[0]["title"] = title
    return shapes


def _shape(shape: Shape, place: str) -> Shape:
    if "text" in shape:
        return {
            "tag": "text", "text": shape["text"], "x": 12, "y": shape["y"] + 0.36 * shape["size"],
            "fontSize": shape["size"], "fontWeight": 600, "textAnchor": "middle",
            "fill": PAPER[shape["fill"]], "transform": place,
        }  # fmt: skip
    drawn = {"tag": "path", "d": shape["d"], "transform": place, "fill": "none"}
    if "fill" in shape:
        drawn["fill"] = PAPER[shape["fill"]]
    if "stroke" in shape:
        drawn |= {"stroke": PAPER[shape["stroke"]], "strokeWidth": shape["width"]}
    if "dash" in shape:
        drawn["strokeDasharray"] = " ".join(str(part) for part in shape["dash"])
    return drawn


def _legend(say: Words, report: NightReport) -> Component:
    """Every symbol with its count at A and at B, as a table: the maps in figures."""
    names = (*LEGEND, "unknown", "out_of_service", "active", "normal")
    heads = [html.Th(html.Span(say("report.legend"), className="unseen"), scope="col")]
    heads += [
        html.Th([status_symbol(name, 16), html.Div(say(f"legend.{name}"))], scope="col", className="number")
        for name in names
    ]
    rows = [
        html.Tr(
            [
                html.Th([html.Strong(say(key)), f" {say.instant(shown.at)}"], scope="row"),
                *(html.Td(say.number(shown.counts.get(name, 0)), className="number") for name in names),
            ]
        )
        for key, shown in (("report.map_a", report.map_a), ("report.map_b", report.map_b))
    ]
    caption = say("report.legend_caption")
    table = html.Table(
        [html.Caption(caption, className="unseen"), html.Thead(html.Tr(heads)), html.Tbody(rows)],
        className="report-legend",
    )
    said = html.P(caption, className="report-quiet", **{"aria-hidden": "true"})
    return html.Div([said, html.Div(table, className="report-scroll")])
