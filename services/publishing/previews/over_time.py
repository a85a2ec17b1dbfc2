"""A series as a line: the last thirty days, the last two days by the hour, or the last thirteen months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from model.datasets import Column, Span
from services.publishing.chart import chart
from services.publishing.datasets.asked import months_before
from services.publishing.panels import saying
from services.publishing.panels.drawings import Line, heights
from services.publishing.panels.story import Row
from services.publishing.previews.showing import Asked, Picture, Time

HOURS, DAYS, MONTHS = 48, 30, 13
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Point:
    """One hour, day or month: the value of all that is published of it together, and of how many rows."""

    time: Time
    value: float | None
    rows: int


def line_of(asked: Asked) -> Picture | None:
    """The newest part of a series; None for a table that is none."""
    measure, name = asked.measure, asked.time
    if measure is None or name is None:
        return None
    points = _points(asked, measure, name)
    if not points:
        return None
    say = asked.say
    first, last = (asked.told(point.time) for point in (points[0], points[-1]))
    caption = say(
        f"preview.{_how(asked, measure)}", measure=asked.named(measure), first=first, last=last,
        every=say(f"preview.{_every(asked)}"), zone=asked.profile.zone.key,
    )  # fmt: skip
    rows = tuple(
        Row(asked.told(one.time), (asked.number(one.value, measure), say.number(one.rows)))
        for one in reversed(points)
    )
    head = (say(f"preview.head_{_every(asked)}"), asked.named(measure), say("preview.head_rows"))
    label = f"{asked.title}. {caption} {_extremes(asked, measure, points)}"
    return Picture(_line(asked, measure, points), caption, label, head, rows, say("embed.gap"))


def _points(asked: Asked, measure: Column, name: str) -> list[Point]:
    newest = pc.max(asked.table[name]).as_py()
    if newest is None:
        return []
    times = _times(asked, newest)
    part = asked.table.filter(
        pc.greater_equal(asked.table[name], pa.scalar(times[0], asked.table[name].type))
    )
    weight = asked.weight(measure)
    weights = part[weight].to_pylist() if weight else [1] * part.num_rows
    sums: dict[Time, list[float]] = {time: [0.0, 0.0, 0] for time in times}
    for time, value, heavy in zip(
        part[name].to_pylist(), part[measure.name].to_pylist(), weights, strict=True
    ):
        if value is not None and heavy and time in sums:
            one = sums[time]
            one[0], one[1], one[2] = one[0] + value * heavy, one[1] + heavy, one[2] + 1
    added = asked.added(measure)
    return [
        Point(time, (total if added else total / heavy) if rows else None, int(rows))
        for time, (total, heavy, rows) in sums.items()
    ]


def _times(asked: Asked, newest: Time) -> list[Time]:
    span = asked.release.grain.span
    if span is Span.HOUR and isinstance(newest, datetime):
        return [newest - back * _HOUR for back in range(HOURS - 1, -1, -1)]
    if span is Span.MONTH:
        return [months_before(newest, back) for back in range(MONTHS - 1, -1, -1)]
    return [newest - back * _DAY for back in range(DAYS - 1, -1, -1)]


def _line(asked: Asked, measure: Column, points: Sequence[Point]) -> Line:
    values = [point.value for point in points]
    step, _ = heights(values)
    # The axis is laid in steps of figures people read, whatever the size of the values.
    size = 1.0
    while step / size > 25:
        size *= 10
    drawn = chart([None if value is None else value / size for value in values], None)
    decimals = 0 if all(round(tick * size, 6) == round(tick * size) for tick, _ in drawn.ticks) else 1
    ends = (points[0], points[(len(points) - 1) // 2], points[-1])
    first, middle, last = (_short(asked, point.time) for point in ends)
    ticks = tuple((asked.say.number(tick * size, decimals), y) for tick, y in drawn.ticks)
    return Line(drawn, ticks, (first, middle, last), asked.say("embed.gap"), "")


def _extremes(asked: Asked, measure: Column, points: Sequence[Point]) -> str:
    known = [point for point in points if point.value is not None]
    if not known:
        return asked.say("preview.nothing")
    low, high = min(known, key=lambda one: one.value or 0), max(known, key=lambda one: one.value or 0)
    return asked.say(
        "preview.extremes",
        low=str(asked.number(low.value, measure)), low_at=asked.told(low.time),
        high=str(asked.number(high.value, measure)), high_at=asked.told(high.time),
    )  # fmt: skip


def _how(asked: Asked, measure: Column) -> str:
    """Whether rows of one time were added, averaged, or are one alone."""
    if not asked.by_area and "id" not in asked.table.column_names:
        return "over_time"
    return "over_time_sum" if asked.added(measure) else "over_time_mean"


def _every(asked: Asked) -> str:
    return {Span.HOUR: "hour", Span.MONTH: "month"}.get(asked.release.grain.span, "day")


def _short(asked: Asked, time: Time) -> str:
    if isinstance(time, datetime):
        return f"{saying.short_day(asked.say, asked.say.local(time).date())} {asked.say.time(time)}"
    return (
        saying.month(asked.say, time)
        if asked.release.grain.span is Span.MONTH
        else saying.short_day(asked.say, time)
    )
