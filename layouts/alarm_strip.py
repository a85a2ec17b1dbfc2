"""Alarms per ten minutes over a period, a row a day: where the load was, and where it was a flood. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from dash import html
from dash.development.base_component import Component

from layouts.vectors import Shape, Vector
from model.alarm_quality import AlarmQuality, FloodSpan
from model.texts import Words

BIN = timedelta(minutes=10)
STEPS = (1, 3, 6, 11)
"""The shades begin at so many alarms; the last is the flood of the field's texts."""
ROW, CELL, LEFT, TOP = 12, 6, 84, 18
HOURS = (0, 6, 12, 18)

Day = tuple[date, list[tuple[int, datetime, int]]]


def days_of(say: Words, found: AlarmQuality) -> list[Day]:
    """Each local day with its bins: (place since midnight, when it begins, alarms)."""
    days: dict[date, list[tuple[int, datetime, int]]] = {}
    for place, count in enumerate(found.bins):
        at = found.first_bin + place * BIN
        bins = days.setdefault(say.local(at).date(), [])
        first = bins[0][0] if bins else _since_midnight(say, at)
        bins.append((first + len(bins), at, count))
    return list(days.items())


def _since_midnight(say: Words, at: datetime) -> int:
    local = say.local(at)
    return (local.hour * 60 + local.minute) // 10


def shade(count: int) -> int:
    """The step of ``STEPS`` a bin of ``count`` stands in, -1 for an empty one."""
    return sum(count >= least for least in STEPS) - 1


def _in_flood(floods: tuple[FloodSpan, ...], at: datetime) -> bool:
    return any(flood.begin <= at < flood.end for flood in floods)


def strip(say: Words, found: AlarmQuality) -> Component:
    """The strip with its key and its table."""
    days = days_of(say, found)
    columns = max((bins[-1][0] + 1 for _, bins in days), default=144)
    box = (LEFT + columns * CELL, TOP + len(days) * ROW)
    shapes = [*_heads(), *(shape for row, day in enumerate(days) for shape in _row(say, found, row, day))]
    label = say(
        "alarm_quality.strip_label", n=say.number(found.total), days=len(days), floods=len(found.floods)
    )
    return html.Figure(
        [
            html.Div(
                Vector(box=box, width="100%", height=None, shapes=shapes, label=label),
                # It scrolls sideways on a narrow screen, by keyboard too.
                className="load-strip",
                tabIndex="0",
                role="region",
                **{"aria-label": say("alarm_quality.strip")},
            ),
            _key(say),
            _table(say, found, days),
        ],
        className="load-figure",
    )


def _heads() -> Iterator[Shape]:
    for hour in HOURS:
        x = LEFT + hour * 6 * CELL
        yield {"tag": "text", "x": x, "y": 12, "text": f"{hour:02d}:00", "className": "strip-text"}


def _row(say: Words, found: AlarmQuality, row: int, day: Day) -> Iterator[Shape]:
    _, bins = day
    y = TOP + row * ROW
    noon = bins[len(bins) // 2][1]
    text = say.day(noon, "medium").rsplit(" ", 1)[0]
    yield {"tag": "text", "x": 0, "y": y + 9, "text": text, "className": "strip-text"}
    first, last = bins[0][0], bins[-1][0]
    yield {
        "tag": "rect", "x": LEFT + first * CELL, "y": y, "width": (last - first + 1) * CELL,
        "height": ROW - 2, "className": "strip-ground",
    }  # fmt: skip
    for place, at, count in bins:
        if count:
            flood = _in_flood(found.floods, at)
            cell: Shape = {
                "tag": "rect", "x": LEFT + place * CELL, "y": y, "width": CELL - 0.5, "height": ROW - 2,
                "className": f"strip-{'flood' if flood else shade(count)}",
            }  # fmt: skip
            if count >= STEPS[2]:
                cell["title"] = say("alarm_quality.bin", at=say.soon(at), n=count)
            yield cell
    for flood in found.floods:
        if flood.begin in {at for _, at, _ in bins}:
            x = LEFT + next(place for place, at, _ in bins if at == flood.begin) * CELL
            yield {"tag": "path", "d": f"M{x} {y - 1}l3 4l3 -4z", "className": "strip-mark"}


def _key(say: Words) -> Component:
    names = ("1–2", "3–5", "6–10", ">\u202f10")
    return html.Figcaption(
        [
            say("alarm_quality.strip_key"),
            *(
                html.Span([html.I(className=f"key-cell strip-{at}"), name])
                for at, name in enumerate(names[:3])
            ),
            html.Span(
                [html.I("▾", className="key-cell strip-flood"), say("alarm_quality.flood")],
            ),
        ],
        className="strip-key",
    )


def _table(say: Words, found: AlarmQuality, days: list[Day]) -> Component:
    heads = ("day", "alarms", "busiest", "flood_minutes")
    rows = []
    for _, bins in days:
        _, at, most = max(bins, key=lambda one: one[2])
        flood = 10 * sum(_in_flood(found.floods, when) for _, when, _ in bins)
        rows.append(
            html.Tr(
                [
                    html.Th(say.day(bins[len(bins) // 2][1], "medium"), scope="row"),
                    html.Td(say.number(sum(count for *_, count in bins))),
                    html.Td(f"{most} ({say.time(at)})" if most else "0"),
                    html.Td(f"{flood} min" if flood else "0"),
                ]
            )
        )
    head = html.Tr([html.Th(say(f"alarm_quality.head_{name}"), scope="col") for name in heads])
    return html.Details(
        [
            html.Summary(say("alarm_quality.as_table")),
            html.Table([html.Thead(head), html.Tbody(rows)], className="quality-table"),
        ],
        className="quality-twin",
    )
