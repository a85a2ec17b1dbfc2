"""The chart of a promise: promised line, observed months, projected band, with its table. Pure.

``promise_chart(say, state)`` stands by itself: a board places it as it is.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.promise_words import baseline_years, gap, how_told, month_text, noon, percent, why_withheld
from layouts.vectors import Shape, Vector
from model.algorithms import registered
from model.errors import NotFound
from model.promises import Projection, PromiseState
from model.texts import Words

WIDTH, HEIGHT = 720.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 156.0, 32.0, 28.0
LINE = 17.0
PAGE = "/boards/promises"


@dataclass(frozen=True)
class Place:
    """Where days and savings stand in the box: ``low`` and ``high`` the least and greatest saving drawn."""

    first: date
    last: date
    low: float
    high: float

    def x(self, day: date) -> float:
        """Pixels from the left."""
        whole = max(1, (self.last - self.first).days)
        return round(LEFT + (day - self.first).days * (WIDTH - LEFT - RIGHT) / whole, 1)

    def y(self, saving: float) -> float:
        """Pixels from the top: what is saved goes down, as the consumption does."""
        share = (saving - self.low) / (self.high - self.low)
        return round(TOP + share * (HEIGHT - TOP - BOTTOM), 1)


def promise_chart(say: Words, state: PromiseState, *, address: str = PAGE) -> Component:
    """The promise as a figure: title, drawing, what the band rests on, ways to its definition, its table.

    A forecast that stands in no register is not drawn.
    """
    shown = allowed(state)
    drawn: list[Component] = [
        html.Div(
            Vector(
                box=[WIDTH, HEIGHT], shapes=shapes(say, state, shown), label=label_of(say, state),
                className="promise-drawing",
            ),
            className="promise-scroll", tabIndex="0", role="region",
            **{"aria-label": state.commitment.title(say.language)},
        )
        if any(month.saving is not None for month in state.months)
        else html.P(why_withheld(say, state), className="promise-none")
    ]  # fmt: skip
    key = state.commitment.draft.key
    ways = [
        html.A(say(f"promises.way_{name}"), href=f"{address}#{name}-{key}", className="promise-way")
        for name in ("definition", "sum", "register")
    ]
    return html.Figure(
        [
            html.Figcaption(
                [
                    html.Strong(state.commitment.title(say.language)),
                    html.Span(say("promises.axis", period=baseline_years(say, state)), className="quiet"),
                ],
                className="promise-head",
            ),
            *drawn,
            html.P(
                [how_told(say, state), " ", *[part for way in ways for part in (way, " ")]],
                className="promise-note",
            ),
            html.Details(
                [html.Summary(say("promises.table")), promise_table(say, state)], className="promise-tables"
            ),
        ],
        className="promise",
    )


def allowed(state: PromiseState) -> Projection | None:
    """The projection, if its algorithm is registered (field.md P4)."""
    try:
        registered("promise_projection")
    except NotFound:
        return None
    return state.projection


def label_of(say: Words, state: PromiseState) -> str:
    """The drawing in words."""
    saving = gap(say, state.saving) if state.saving is not None else "–"
    return say(
        "promises.label", title=state.commitment.title(say.language), saving=saving,
        target=gap(say, state.commitment.draft.target_share, 0),
        term=month_text(say, state.commitment.draft.target_on),
    )  # fmt: skip


def shapes(say: Words, state: PromiseState, projection: Projection | None) -> list[Shape]:
    """Everything drawn, the band first, so that lines stand on it."""
    place = _place(state, projection)
    return [
        *_axes(say, place),
        *(_band(place, projection) if projection else []),
        *_promised(say, place, state),
        *_observed(say, place, state),
        *_ends(say, place, state, projection),
    ]


def _place(state: PromiseState, projection: Projection | None) -> Place:
    draft = state.commitment.draft
    told = [month.saving for month in state.months if month.saving is not None]
    deepest = max([draft.target_share, *told, *([p.high for p in projection.path] if projection else [])])
    least = min([0.0, *told, *([p.low for p in projection.path] if projection else [])])
    first = state.baseline.first or state.months[0].start
    last = max(draft.target_on, state.months[-1].start)
    return Place(
        date(first.year, 1, 1),
        date(last.year + 1, 1, 1),
        _tenth(least, down=True),
        _tenth(deepest, down=False),
    )


def _tenth(value: float, *, down: bool) -> float:
    """``value`` to the fifth outside it: −0.8 to 0, in steps of 0.2."""
    steps = value / 0.2
    return 0.2 * (int(steps) - (1 if steps < int(steps) else 0) if down else -int(-steps // 1))


def _text(x: float, y: float, text: str, name: str, anchor: str = "start") -> Shape:
    return {"tag": "text", "x": x, "y": y, "text": text, "className": name, "textAnchor": anchor}


def _axes(say: Words, place: Place) -> list[Shape]:
    found: list[Shape] = []
    steps = round((place.high - place.low) / 0.2)
    for at in range(steps + 1):
        saving = place.low + 0.2 * at
        y = place.y(saving)
        found.append(
            {"tag": "line", "x1": LEFT, "x2": WIDTH - RIGHT, "y1": y, "y2": y, "className": "promise-grid"}
        )
        found.append(_text(LEFT - 8, y + 4, gap(say, saving, 0), "promise-tick", "end"))
    every = 2 if place.last.year - place.first.year > 6 else 1
    for year in range(place.first.year, place.last.year, every):
        x = place.x(date(year, 1, 1))
        found.append(_text(x, HEIGHT - 8, str(year), "promise-tick", "start"))
    return found


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _band(place: Place, projection: Projection) -> list[Shape]:
    days = [point.start.replace(day=28) for point in projection.path]
    low = [(place.x(day), place.y(p.low)) for day, p in zip(days, projection.path, strict=True)]
    high = [(place.x(day), place.y(p.high)) for day, p in zip(days, projection.path, strict=True)]
    middle = [(place.x(day), place.y(p.middle)) for day, p in zip(days, projection.path, strict=True)]
    return [
        {"tag": "path", "d": _path([*low, *reversed(high)]) + "Z", "className": "promise-band"},
        {"tag": "path", "d": _path(middle), "className": "promise-middle"},
    ]


def _promised(say: Words, place: Place, state: PromiseState) -> list[Shape]:
    draft, base = state.commitment.draft, state.baseline
    if base.last is None or base.first is None:
        return []
    begin, end = (place.x(base.last), place.y(0)), (place.x(draft.target_on), place.y(draft.target_share))
    middle = ((2 * begin[0] + end[0]) / 3 + 10, (2 * begin[1] + end[1]) / 3)
    return [
        {"tag": "path", "d": _path([begin, end]), "className": "promise-promised"},
        _text(*middle, say("promises.promised_line"), "promise-quiet"),
        {"tag": "path", "d": _path([(place.x(base.first), begin[1]), begin]), "className": "promise-base"},
        _text(place.x(base.first), begin[1] - 8, say("promises.base"), "promise-quiet"),
    ]


def _observed(say: Words, place: Place, state: PromiseState) -> list[Shape]:
    found: list[Shape] = []
    stretch: list[tuple[float, float]] = []
    for month in state.months:
        if month.saving is None:
            found += _months(stretch)
            stretch = []
        else:
            stretch.append((place.x(month.start.replace(day=15)), place.y(month.saving)))
    found += _months(stretch)
    if state.saving is None:
        return found
    x, y = place.x(state.months[-1].start.replace(day=28)), place.y(state.saving)
    found.append({"tag": "circle", "cx": x, "cy": y, "r": 5, "className": "promise-now"})
    below = max([y, *(point[1] for point in stretch)]) + 24
    until = month_text(say, state.months[-1].start)
    found.append(
        _text(x, below, say("promises.observed_mark", saving=gap(say, state.saving)), "promise-strong", "end")
    )
    told = say("promises.observed_when", n=say.number(state.window), until=until)
    return [*found, _text(x, below + LINE, told, "promise-quiet", "end")]


def _months(stretch: list[tuple[float, float]]) -> list[Shape]:
    if not stretch:
        return []
    if len(stretch) == 1:
        return [
            {"tag": "circle", "cx": stretch[0][0], "cy": stretch[0][1], "r": 1.6, "className": "promise-now"}
        ]
    return [{"tag": "path", "d": _path(stretch), "className": "promise-observed"}]


def _ends(say: Words, place: Place, state: PromiseState, projection: Projection | None) -> list[Shape]:
    """What stands at the right: the promise's tick, and the projection with its interval, never one on top of
    the other."""
    draft = state.commitment.draft
    x = place.x(draft.target_on)
    promised = place.y(draft.target_share)
    found = [
        {
            "tag": "line",
            "x1": x - 5,
            "x2": x + 7,
            "y1": promised,
            "y2": promised,
            "className": "promise-tickmark",
        }
    ]
    below = promised
    if projection is not None:
        ahead = projection.at_target
        above = place.y(ahead.middle)
        if abs(above - promised) < 2.4 * LINE:
            shift = 1.2 * LINE
            above, below = (
                (promised - shift, promised + shift) if ahead.middle <= draft.target_share
                else (promised + shift, promised - shift)
            )  # fmt: skip
        found += [
            _text(x + 12, above, gap(say, ahead.middle), "promise-label"),
            _text(
                x + 12, above + LINE - 2,
                say("promises.projected_mark", low=gap(say, ahead.low, 0), high=gap(say, ahead.high, 0)),
                "promise-quiet",
            ),
        ]  # fmt: skip
    return [
        *found,
        _text(x + 12, below + 4, gap(say, draft.target_share, 0), "promise-strong"),
        _text(x + 12, below + 2 + LINE, say("promises.promised_mark"), "promise-quiet"),
    ]


def promise_table(say: Words, state: PromiseState) -> Component:
    """Every month observed, then the year ends projected."""
    heads = [
        "month",
        "kwh",
        "expected",
        "saving",
        "coverage",
        "points",
        state.commitment.draft.promised.value,
    ]
    rows = [
        html.Tr(
            [
                html.Th(month_text(say, month.start), scope="row"),
                html.Td(say.number(month.kwh)),
                html.Td(say.number(month.expected) if month.expected else "–"),
                html.Td(gap(say, month.saving) if month.saving is not None else "–"),
                html.Td(percent(say, month.coverage)),
                html.Td(say.number(month.points)),
                html.Td(say.number(month.drivers, 1)),
            ]
        )
        for month in reversed(state.months)
    ]
    parts: list[Any] = [
        html.Table(
            [
                html.Caption(say("promises.table_months")),
                html.Thead(html.Tr([html.Th(say(f"promises.col_{name}"), scope="col") for name in heads])),
                html.Tbody(rows),
            ]
        )
    ]
    projection = allowed(state)
    if projection is not None:
        parts.append(_projected_table(say, projection))
    return html.Div(
        parts, className="promise-scroll", tabIndex="0", role="region",
        **{"aria-label": say("promises.table")},
    )  # fmt: skip


def _projected_table(say: Words, projection: Projection) -> Component:
    ends = [p for p in projection.path if p.start.month == 12 or p is projection.path[-1]]
    heads = ("year_ending", "middle", "low", "high")
    rows = [
        html.Tr(
            [
                html.Th(month_text(say, p.start), scope="row"),
                *[html.Td(gap(say, value)) for value in (p.middle, p.low, p.high)],
            ]
        )
        for p in ends
    ]
    return html.Table(
        [
            html.Caption(say("promises.table_projected")),
            html.Thead(html.Tr([html.Th(say(f"promises.col_{name}"), scope="col") for name in heads])),
            html.Tbody(rows),
        ]
    )


def day_text(say: Words, day: date | None) -> str:
    """A day as a date; a dash where there is none."""
    return say.day(noon(say, day), "medium") if day else "–"
