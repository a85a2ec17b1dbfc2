"""Writing the demo city's past by binary COPY, over two connections at once."""

import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import Engine

from geodata.database import copying
from geodata.demo_city.conditions import AreaSeries, conditions
from geodata.demo_city.heartbeats import keyframe_records
from geodata.demo_city.measures import (
    Cut,
    Figures,
    Past,
    Span,
    by_commune,
    by_day,
    measure_past,
)
from geodata.demo_city.outages import HOUR, Ledger, status_table
from geodata.demo_city.pgcopy import copy_rows, dates, pieces, rows, timestamps, words
from geodata.demo_city.physics import Physics
from geodata.demo_city.quantities import COUNTED, MEASURED, QUARTER
from geodata.demo_city.timeline import Timeline

KEYFRAME_EVERY = 6 * HOUR
_FIGURES = ("n", "sum", "min", "max", "coverage")
_AREA = ("area_id", "asset_type", "observed_property", "bucket", *_FIGURES)
FIRST_AREA_ID = 2
"""Areas: 1 is the métropole, then the communes in order."""


@dataclass(frozen=True)
class Story:
    """All that happened in the demo city."""

    physics: Physics
    ledger: Ledger
    timeline: Timeline
    cuts: list[Cut]
    span: Span
    storms: tuple[tuple[int, int], ...] = ()


def datastream_ids(story: Story) -> dict[tuple[str, str], int]:
    """The id of the first datastream of each measured property; one for each asset follows, in order."""
    ids, at = {}, 1
    for asset_type, names in MEASURED.items():
        for name in names:
            ids[asset_type, name] = at
            at += len(story.physics.city.of(asset_type))
    for asset_type, name in COUNTED.items():
        ids[asset_type, name] = at
        at += len(story.physics.city.of(asset_type))
    return ids


def write_past(engine: Engine, story: Story) -> Counter[str]:
    """Write the whole past; returns rows by table. Both connections commit by themselves."""
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(_in_own_connection, engine, story, job) for job in (_measures, _states)]
        return sum((job.result() for job in jobs), Counter[str]())


def _in_own_connection(engine: Engine, story: Story, job: Any) -> Counter[str]:
    with copying(engine) as connection:
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SET LOCAL synchronous_commit = off")
        counted: Counter[str] = job(connection, story)
    return counted


def _measures(connection: psycopg.Connection[Any], story: Story) -> Counter[str]:
    written: Counter[str] = Counter()
    ids = datastream_ids(story)
    for asset_type in MEASURED:
        pasts = measure_past(story.physics, story.ledger, story.cuts, asset_type, story.span)
        for name, past in pasts.items():
            first = ids[asset_type, name]
            written["observation"] += _write_observations(connection, story, past, first)
            written["rollup_hour"] += _write_hours(connection, story, past, first)
            written["rollup_day"] += _write_days(connection, story, past, first)
            written["area_hour"] += _write_areas(connection, story, past, asset_type, name)
    return written


def _write_observations(connection: psycopg.Connection[Any], story: Story, past: Past, first: int) -> int:
    stream, quarter = np.nonzero(past.present)
    at = story.span.quarters[quarter]
    values = past.values[stream, quarter]
    names = ("datastream_id", "phenomenon_time", "result", "quality", "received_at")
    copy_rows(
        connection,
        "observation",
        names,
        (
            rows(
                cut.stop - cut.start,
                [
                    (">i4", stream[cut] + first),
                    timestamps(at[cut]),
                    (">f8", values[cut]),
                    (">i2", 0),
                    timestamps(at[cut] + QUARTER + 2),
                ],
            )
            for cut in pieces(len(stream))
        ),
    )
    return len(stream)


def _write_hours(connection: psycopg.Connection[Any], story: Story, past: Past, first: int) -> int:
    """The hours of the last two weeks, by datastream."""
    old = len(story.span.old_hours)
    recent = story.span.hours[old:]
    hours = Figures(
        past.hours.n[:, old:], past.hours.sum[:, old:], past.hours.low[:, old:], past.hours.high[:, old:]
    )
    stream, hour = np.nonzero(hours.n)
    columns = [(">i4", stream + first), timestamps(recent[hour])]
    chunk = rows(len(stream), [*columns, *_figures(hours, (stream, hour), np.full(len(recent), 4.0))])
    copy_rows(connection, "rollup_hour", ("datastream_id", "bucket", *_FIGURES), [chunk])
    return len(stream)


def _write_days(connection: psycopg.Connection[Any], story: Story, past: Past, first: int) -> int:
    days, day_numbers, hours_in = by_day(story.physics, past.hours, story.span.hours)
    stream, day = np.nonzero(days.n)
    columns = [(">i4", stream + first), dates(day_numbers[day])]
    chunk = rows(len(stream), [*columns, *_figures(days, (stream, day), hours_in * 4.0)])
    copy_rows(connection, "rollup_day", ("datastream_id", "day", *_FIGURES), [chunk])
    return len(stream)


def _figures(figures: Figures, at: tuple[Any, Any], expected: Any) -> list[tuple[str, Any]]:
    """The figure columns of the cells ``at``; ``expected`` values in each column of the grid."""
    return [
        (">i4", figures.n[at]),
        (">f8", figures.sum[at]),
        (">f8", figures.low[at]),
        (">f8", figures.high[at]),
        (">f8", figures.n[at] / expected[at[1]]),
    ]


def _write_areas(
    connection: psycopg.Connection[Any], story: Story, past: Past, asset_type: str, name: str
) -> int:
    communes = story.physics.city.communes[past.rows].astype("i8")
    figures, found, count = by_commune(past.hours, communes)
    hours = story.span.hours

    def chunks() -> Iterator[memoryview]:
        for at, commune in enumerate(found.tolist()):
            there = np.flatnonzero(figures.n[at])
            key = [(">i4", commune + FIRST_AREA_ID), words(asset_type), words(name), timestamps(hours[there])]
            cells = (np.full(len(there), at), there)
            yield rows(len(there), [*key, *_figures(figures, cells, np.full(len(hours), 4.0 * count[at]))])

    copy_rows(connection, "area_hour", _AREA, chunks())
    return int(np.count_nonzero(figures.n))


def _states(connection: psycopg.Connection[Any], story: Story) -> Counter[str]:
    written: Counter[str] = Counter()
    written["state_change"] = _write_changes(connection, story)
    written["state_keyframe"] = _write_keyframes(connection, story)
    series = list(conditions(story.physics, story.ledger, story.timeline, story.span))
    copy_rows(connection, "area_hour", _AREA, (_area_rows(s, story.span) for s in series))
    written["area_hour"] = len(series) * len(story.span.over)
    return written


def _area_rows(series: AreaSeries, span: Span) -> memoryview:
    return rows(
        len(span.over),
        [
            (">i4", series.commune + FIRST_AREA_ID),
            words(series.asset_type),
            words(series.property),
            timestamps(span.over),
            (">i4", series.n),
            (">f8", series.sum),
            (">f8", series.low),
            (">f8", series.high),
            (">f8", series.coverage),
        ],
    )


def _write_changes(connection: psycopg.Connection[Any], story: Story) -> int:
    """Changes in the order of time, as they would have come in."""
    timeline = story.timeline
    real = np.flatnonzero(timeline.real)
    real = real[np.argsort(timeline.at[real], kind="stable")]
    status = status_table()[story.physics.city.types[timeline.rows[real]], timeline.state[real]]
    names = ("asset_id", "phenomenon_time", "status", "state", "received_at")
    copy_rows(
        connection,
        "state_change",
        names,
        (
            rows(
                cut.stop - cut.start,
                [
                    (">i8", timeline.rows[real[cut]] + 1),
                    timestamps(timeline.at[real[cut]]),
                    (">i2", status[cut]),
                    (">i2", timeline.state[real[cut]]),
                    timestamps(timeline.at[real[cut]] + 1),
                ],
            )
            for cut in pieces(len(real))
        ),
    )
    return len(real)


def _write_keyframes(connection: psycopg.Connection[Any], story: Story) -> int:
    span = story.span
    instants = [*range(span.recent, span.now, KEYFRAME_EVERY), span.now]
    ids = zlib.compress(np.arange(1, len(story.physics.city) + 1, dtype="<u4").tobytes(), 6)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO state_keyframe (at, asset_ids, records) VALUES (to_timestamp(%s), %s, %s)",
            [
                (at, ids, zlib.compress(keyframe_records(story.physics, story.timeline, at).tobytes(), 1))
                for at in instants
            ],
        )
    return len(instants)
