"""A feed's last hour by minute: small in its row, large in its detail, and as a table. Pure.

What was taken stands up from the base, what was refused hangs down from it on a scale of its own: two of a
thousand would otherwise never be seen. A stretch without anything that is longer than the feed may be silent
is hatched, never drawn as zero.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from layouts.vectors import Shape, Vector
from model.feeds import HOUR_MINUTES, SILENT_LEAST_S, Minute, Tally, total
from model.texts import Words

SPARK = (150.0, 34.0)
CHART = (600.0, 150.0)
BASE = 0.8
"""Where the base stands, as a share of the height from the top."""
FILLED = 0.74
"""How much of its minute a bar fills."""
LEAST = 1.0
MINUTE = timedelta(minutes=1)
LABELS = (60, 45, 30, 15, 0)
COLUMNS = ("received", "stored", "duplicate", "dead")

Slots = list[Tally | None]


def slots_of(hour: Sequence[Minute], now: datetime) -> Slots:
    """The 60 minutes up to the one under way, oldest first; None where nothing came."""
    first = first_minute(now)
    slots: Slots = [None] * HOUR_MINUTES
    for minute in hour:
        at = (minute.at - first) // MINUTE
        if 0 <= at < HOUR_MINUTES:
            slots[at] = minute.tally
    return slots


def first_minute(now: datetime) -> datetime:
    """When the oldest of the minutes shown began."""
    return now.replace(second=0, microsecond=0) - (HOUR_MINUTES - 1) * MINUTE


def gaps(slots: Slots, patience_s: float) -> Iterator[tuple[int, int]]:
    """Stretches [start, end) of empty minutes that are longer than the feed may be silent."""
    start = 0
    for at, slot in enumerate([*slots, Tally()]):
        if slot is None:
            continue
        if (at - start) * MINUTE.total_seconds() > patience_s:
            yield start, at
        start = at + 1


def minute_bars(
    slots: Slots, patience_s: float, size: tuple[float, float], titles: Sequence[str] = ()
) -> list[Shape]:
    """The bars of ``slots`` in a box of ``size``; ``titles`` are shown over each minute."""
    width, height = size
    base = height * BASE
    step = width / HOUR_MINUTES
    shapes: list[Shape] = [
        _rect(start * step, 0, (end - start) * step, base, "bar-gap missing")
        for start, end in gaps(slots, patience_s)
    ]
    most = max((tally.received for tally in slots if tally), default=0)
    most_dead = max((tally.dead for tally in slots if tally), default=0)
    for at, tally in enumerate(slots):
        if tally:
            x = at * step + step * (1 - FILLED) / 2
            shapes += _taken(x, step * FILLED, base, tally, most)
            shapes += _refused(x, step * FILLED, base, height - base, tally, most_dead)
    shapes.append({"tag": "line", "x1": 0, "x2": width, "y1": base, "y2": base, "className": "bar-base"})
    shapes += [
        {**_rect(at * step, 0, step, height, "bar-hit"), "title": title} for at, title in enumerate(titles)
    ]
    return shapes


def _taken(x: float, width: float, base: float, tally: Tally, most: int) -> Iterator[Shape]:
    """Stored, duplicates above it, and above both what nobody accounts for."""
    top = base
    for name, count in (
        ("stored", tally.stored),
        ("duplicate", tally.duplicate),
        ("lost", max(0, tally.difference)),
    ):
        if count > 0 and most:
            length = max(LEAST, count / most * (base - 2))
            top -= length
            yield _rect(x, top, width, length, f"bar-{name}")


def _refused(x: float, width: float, base: float, room: float, tally: Tally, most: int) -> Iterator[Shape]:
    if tally.dead > 0:
        yield _rect(x, base + 1, width, max(2 * LEAST, tally.dead / most * (room - 1)), "bar-dead")


def _rect(x: float, y: float, width: float, height: float, name: str) -> Shape:
    return {
        "tag": "rect", "x": round(x, 2), "y": round(y, 2), "width": round(width, 2),
        "height": round(height, 2), "className": name,
    }  # fmt: skip


# --- in a row -----------------------------------------------------------------------------------------


def spark(say: Words, hour: Sequence[Minute], now: datetime, patience_s: float) -> Component:
    """The hour, small."""
    slots = slots_of(hour, now)
    return Vector(
        box=list(SPARK), width=SPARK[0], height=SPARK[1], shapes=minute_bars(slots, patience_s, SPARK),
        label=hour_sentence(say, slots, patience_s), className="minutes minutes-small",
    )  # fmt: skip


def hour_sentence(say: Words, slots: Slots, patience_s: float) -> str:
    """What the bars show, in one sentence."""
    summed = total(slot for slot in slots if slot)
    silent = sum(end - start for start, end in gaps(slots, patience_s))
    return say(
        "feeds.hour_sentence",
        received=say.number(summed.received),
        dead=say.number(summed.dead),
        silent=say.number(silent),
    )


# --- in the detail ------------------------------------------------------------------------------------


def hour_chart(
    say: Words, hour: Sequence[Minute], now: datetime, patience_s: float = SILENT_LEAST_S
) -> Component:
    """The hour with its axis, its key and the same as a table."""
    slots = slots_of(hour, now)
    first = first_minute(now)
    titles = [_title(say, first + at * MINUTE, slot) for at, slot in enumerate(slots)]
    told = [slot for slot in slots if slot]
    drawing = Vector(
        box=list(CHART), shapes=minute_bars(slots, patience_s, CHART, titles), stretch=True,
        label=hour_sentence(say, slots, patience_s), className="minutes minutes-large",
    )  # fmt: skip
    most, dead = (max((getattr(slot, name) for slot in told), default=0) for name in ("received", "dead"))
    return html.Section(
        [
            html.Header([html.H3(say("feeds.hour")), _key(say, told)], className="hour-head"),
            html.Div(
                [
                    html.Div(
                        [
                            html.Span(say("feeds.a_minute", n=say.number(most))),
                            html.Span(say("feeds.refused_a_minute", n=say.number(dead)) if dead else ""),
                        ],
                        className="hour-scale",
                    ),
                    drawing,
                    html.Div(
                        [html.Span(say.time(now - back * MINUTE)) for back in LABELS], className="hour-times"
                    ),
                ],
                className="hour-figure",
            ),
            _table(say, slots, first),
        ],
        className="hour",
    )


def _title(say: Words, at: datetime, slot: Tally | None) -> str:
    if slot is None:
        return say("feeds.minute_nothing", time=say.time(at))
    counts = {name: say.number(getattr(slot, name)) for name in COLUMNS}
    return say("feeds.minute", time=say.time(at), **counts)


def _key(say: Words, told: Sequence[Tally]) -> Component:
    """What the bars mean; what nobody accounts for only when there is any."""
    names = ["stored", "duplicate", "dead", *(["lost"] if any(t.difference > 0 for t in told) else []), "gap"]
    items = [html.Span([html.I(className=f"key-{name}"), say(f"feeds.key_{name}")]) for name in names]
    return html.Div(items, className="chart-key")


def _table(say: Words, slots: Slots, first: datetime) -> Component:
    heads = [html.Th(say(f"feeds.{name}"), scope="col") for name in ("minute_head", *COLUMNS)]
    rows = [
        html.Tr(
            [html.Th(say.time(first + at * MINUTE), scope="row"), *_cells(say, slots[at])],
            key=f"{first + at * MINUTE}",
        )
        for at in reversed(range(len(slots)))
    ]
    table = html.Table(
        [
            html.Caption(say("feeds.hour_table"), className="unseen"),
            html.Thead(html.Tr(heads)),
            html.Tbody(rows),
        ],
        className="values",
        tabIndex="0",
    )
    return html.Details([html.Summary(say("feeds.as_table")), table], className="chart-table")


def _cells(say: Words, slot: Tally | None) -> list[Component]:
    if slot is None:
        return [html.Td(say("feeds.nothing"), colSpan=len(COLUMNS), className="quiet")]
    return [html.Td(say.number(getattr(slot, name))) for name in COLUMNS]
