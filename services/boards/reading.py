"""Stored figures as a board wants them: of one place by time, and of every commune at once.

Row policies of the database let through what the reader may see. The whole city, for a reader of some of its
areas, is those areas together: quantities add up; a median does not, and is withheld.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from geodata.asking import statement
from model.kpis import Period

CITY = 0

_DAY_ROWS = """
    SELECT d.kpi, d.day AS start, d.area_id, d.top, d.bottom, d.weight, d.coverage, d.n,
           kpi_told(k.measure, k.scale, w.why, d.top, d.bottom, (
               SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY c) FROM unnest(d.cases) c)) AS value,
           w.why AS withheld, left(k.definition, 8) || '.' || left(md5(
               hash_record_extended(ROW (d.day, d.top, d.bottom, d.coverage, d.n), 0)::text), 16) AS inputs,
           d.computed_at
    FROM kpi_day d JOIN kpi k ON k.key = d.kpi
    CROSS JOIN LATERAL (
        SELECT kpi_withheld(k.measure, k.floor, k.fewest, d.top, d.bottom, d.coverage, d.n) AS why) w
    WHERE d.kpi = ANY (:keys) AND d.day = ANY (:starts) AND {which}
"""
_VALUE_ROWS = """
    SELECT kpi, start, area_id, top, bottom, weight, coverage, n, value, withheld, inputs, computed_at
    FROM kpi_value WHERE kpi = ANY (:keys) AND period = :period AND start = ANY (:starts) AND {which}
"""
_ONE = "SELECT kpi, start, area_id, value, coverage, n, withheld, inputs, computed_at FROM ({rows}) r"
_TOGETHER = """
    SELECT t.kpi, t.start, 0 AS area_id,
           CASE WHEN t.areas = 1 THEN t.value
                ELSE kpi_told(k.measure, k.scale, w.why, t.top, t.bottom, NULL) END,
           t.coverage, t.n, w.why,
           t.inputs, t.computed_at
    FROM (
        SELECT kpi, start, CASE WHEN bool_or(top IS NULL) THEN NULL ELSE sum(top) END AS top,
               sum(bottom) AS bottom,
               CASE WHEN count(*) = 1 THEN min(coverage)
                    ELSE coalesce(sum(coverage * weight) / nullif(sum(weight), 0), 0) END AS coverage,
               sum(n)::bigint AS n,
               count(*) AS areas, min(value) AS value,
               CASE WHEN count(*) = 1 THEN min(inputs)
                    ELSE left(min(inputs), 9) || left(md5(string_agg(inputs, ',' ORDER BY area_id)), 16)
               END AS inputs,
               max(computed_at) AS computed_at
        FROM ({rows}) r GROUP BY kpi, start
    ) t JOIN kpi k ON k.key = t.kpi
    CROSS JOIN LATERAL (SELECT CASE WHEN k.measure = 'median' AND t.areas > 1 THEN 'partial' ELSE
        kpi_withheld(k.measure, k.floor, k.fewest, t.top, t.bottom, t.coverage, t.n) END AS why) w
"""


@dataclass(frozen=True)
class Told:
    """One stored figure of one place and period."""

    value: float | None
    coverage: float
    n: int
    withheld: str | None
    inputs: str
    computed_at: datetime


Stored = Mapping[tuple[str, date, int], Told]
"""By figure, first day of the period, and area (0: the whole city, or all of it the reader may see)."""


def _rows(period: Period, which: str) -> str:
    return (_DAY_ROWS if period is Period.DAY else _VALUE_ROWS).format(which=which)


def read_place(
    connection: Connection,
    period: Period,
    keys: Sequence[str],
    starts: Sequence[date],
    area: int,
    *,
    parts: bool,
) -> Stored:
    """The figures of ``area`` at ``starts``; with ``parts`` of all the reader's areas together, as area 0."""
    if parts:
        question = statement(_TOGETHER, rows=_rows(period, "area_id > 0"))
    else:
        question = statement(_ONE, rows=_rows(period, "area_id = :area"))
    return _read(connection, question.text, period, keys, starts, {} if parts else {"area": area})


def read_areas(connection: Connection, period: Period, keys: Sequence[str], starts: Sequence[date]) -> Stored:
    """The figures of every area of the reader's at ``starts``."""
    return _read(connection, _ONE.format(rows=_rows(period, "area_id > 0")), period, keys, starts, {})


def _read(
    connection: Connection, question: str, period: Period, keys: Sequence[str], starts: Sequence[date],
    bound: Mapping[str, object],
) -> Stored:  # fmt: skip
    asked = {"keys": list(keys), "starts": list(starts), **bound}
    if period is not Period.DAY:
        asked["period"] = period.value
    return {
        (row[0], row[1], row[2]): Told(*row[3:])
        for row in map(tuple, connection.execute(text(question), asked))
    }


_NAMES = text(
    "SELECT id, name FROM area WHERE kind = :kind AND (CAST(:own AS integer[]) IS NULL OR id = ANY (:own) "
    "OR parent_id = ANY (:own)) ORDER BY name"
)


def read_names(connection: Connection, kind: str, own: list[int] | None) -> dict[int, str]:
    """The reader's areas of ``kind``, by id, in the order of their names."""
    return {row[0]: row[1] for row in connection.execute(_NAMES, {"kind": kind, "own": own})}
