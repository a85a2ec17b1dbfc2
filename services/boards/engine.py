"""The engine: writes the quantities of a figure's days, and its months and years, as sets in the database.

Days come from the figure's recipe (``recipes/``), months from days and years from months, so a correction is
as dear as the days it touches. Everything is written anew for a range of days: running twice changes nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from geodata.asking import statement
from geodata.profiles import CityProfile
from model.kpis import Kpi, Measure
from services.boards.catalogue import FEWEST_CASES
from services.boards.recipes import Question, question

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.kpis'))")
_DAYS = """
    SELECT CASE WHEN grouping(area_id) = 1 THEN 0 ELSE area_id END AS area_id, day,
           CASE WHEN bool_or(top IS NULL AND n > 0) THEN NULL ELSE coalesce(sum(top), 0) END AS top,
           coalesce(sum(bottom), 0) AS bottom, coalesce(sum(weight), 0) AS weight,
           coalesce(least(1, sum(coverage * weight) / nullif(sum(weight), 0)), 0) AS coverage,
           coalesce(sum(n), 0)::bigint AS n,
           CASE WHEN :cases THEN
               coalesce(array_agg(one ORDER BY one) FILTER (WHERE one IS NOT NULL), '{{}}') END AS cases
    FROM ({sql}) part
    GROUP BY GROUPING SETS ((day), (area_id, day))
    HAVING grouping(area_id) = 1 OR :per_area AND area_id <> 0
"""
"""How rows of a recipe add up: a sum that lacks a price has none, a coverage weighs as its weight says."""
WRITE_DAYS = """
    INSERT INTO kpi_day (kpi, area_id, day, top, bottom, weight, coverage, n, cases)
    SELECT :kpi, d.* FROM ({days}) d
"""
_FORGET_DAYS = text("DELETE FROM kpi_day WHERE kpi = :kpi AND day >= :first AND day <= :last")
_FORGET_VALUES = text(
    "DELETE FROM kpi_value WHERE kpi = :kpi AND period = :period AND start >= :first AND start <= :last"
)
_WRITE_VALUES = """
    INSERT INTO kpi_value
        (kpi, period, start, area_id, top, bottom, value, weight, coverage, n, withheld, inputs)
    SELECT k.key, :period, v.start, v.area_id, v.top, v.bottom,
           kpi_told(k.measure, k.scale, w.why, v.top, v.bottom,
                    CASE WHEN k.measure = 'median' AND w.why IS NULL THEN (
                        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY c)
                        FROM kpi_day x CROSS JOIN unnest(x.cases) c
                        WHERE x.kpi = k.key AND x.area_id = v.area_id AND x.day < v.start + interval '1 month'
                          AND x.day >= v.start - CASE :period WHEN 'year' THEN interval '11 months'
                                                              ELSE interval '0' END) END),
           v.weight, v.coverage, v.n, w.why, left(k.definition, 8) || '.' || left(md5(v.inputs), 16)
    FROM kpi k CROSS JOIN ({values}) v
    CROSS JOIN LATERAL (
        SELECT kpi_withheld(k.measure, k.floor, k.fewest, v.top, v.bottom, v.coverage, v.n) AS why) w
    WHERE k.key = :kpi
"""
_MONTHS = statement(
    _WRITE_VALUES,
    values="""
    SELECT m.start, d.area_id, CASE WHEN bool_or(d.top IS NULL) THEN NULL ELSE sum(d.top) END AS top,
           sum(d.bottom) AS bottom, sum(d.weight) AS weight,
           coalesce(sum(d.coverage * d.weight) / nullif(sum(d.weight), 0), 0) * m.days / m.lasts AS coverage,
           sum(d.n)::bigint AS n,
           sum(hash_record_extended(ROW (d.day, d.top, d.bottom, d.coverage, d.n), 0))::text AS inputs
    FROM (
        SELECT date_trunc('month', day)::date AS start, count(*)::float8 AS days,
               extract(day FROM date_trunc('month', min(day)) + interval '1 month - 1 day') AS lasts
        FROM kpi_day WHERE kpi = :kpi AND area_id = 0 AND day >= :first AND day < :until GROUP BY 1
    ) m JOIN kpi_day d ON d.kpi = :kpi AND d.day >= m.start AND d.day < m.start + interval '1 month'
    GROUP BY m.start, m.days, m.lasts, d.area_id
    """,
)
"""Whole months of days; a day that is not there at all, of any area, counts as not covered."""
_YEARS = statement(
    _WRITE_VALUES,
    values="""
    SELECT y.start, m.area_id, CASE WHEN bool_or(m.top IS NULL) THEN NULL ELSE sum(m.top) END AS top,
           sum(m.bottom) AS bottom, sum(m.weight) AS weight,
           coalesce(sum(m.coverage * m.weight) / nullif(sum(m.weight), 0), 0) * y.months / 12 AS coverage,
           sum(m.n)::bigint AS n, string_agg(m.inputs, ',' ORDER BY m.start) AS inputs
    FROM (
        SELECT a.start, count(*)::float8 AS months FROM kpi_value a
        JOIN kpi_value b ON b.kpi = a.kpi AND b.period = 'month' AND b.area_id = 0
         AND b.start <= a.start AND b.start > a.start - interval '1 year'
        WHERE a.kpi = :kpi AND a.period = 'month' AND a.area_id = 0 AND a.start >= :first AND a.start <= :last
        GROUP BY a.start
    ) y JOIN kpi_value m ON m.kpi = :kpi AND m.period = 'month' AND m.start <= y.start
     AND m.start > y.start - interval '1 year'
    GROUP BY y.start, y.months, m.area_id
    """,
)
"""Twelve months that end with one; a month that is not there counts as not covered."""


def days_of_question(sql: str) -> str:
    """A recipe's question ``sql`` added up by area and day, the whole city beside its areas."""
    return _DAYS.format(sql=sql)


@dataclass(frozen=True)
class Asked:
    """One figure with its question in one city."""

    kpi: Kpi
    question: Question

    @property
    def definition(self) -> str:
        """Identifies the declaration and everything the question says: another one is another figure."""
        told = (self.kpi, self.question.sql, sorted(self.question.bound.items()))
        return hashlib.md5(repr(told).encode(), usedforsecurity=False).hexdigest()

    @property
    def days_sql(self) -> str:
        """The whole question of the figure's days, the city beside its areas."""
        return days_of_question(self.question.sql)

    def bound(self, first: date, last: date) -> dict[str, Any]:
        """Everything ``days_sql`` binds."""
        how = {"cases": self.kpi.measure is Measure.MEDIAN, "per_area": self.kpi.per_area}
        return {**self.question.bound, **how, "first": first, "last": last}


def asked(kpi: Kpi, profile: CityProfile) -> Asked:
    """``kpi`` with its question in the city of ``profile``."""
    return Asked(kpi, question(kpi, profile))


def first_day(connection: Connection, one: Asked) -> date | None:
    """The first local day anything of the figure is on record; None: nothing is."""
    found: date | None = connection.scalar(text(one.question.since), dict(one.question.bound))
    return found


_OLDEST = text("SELECT min(day) FROM kpi_day WHERE kpi = :kpi")


def oldest_day(connection: Connection, kpi: Kpi) -> date | None:
    """The oldest local day that is stored of a figure; None: none."""
    found: date | None = connection.scalar(_OLDEST, {"kpi": kpi.key})
    return found


def write_days(connection: Connection, one: Asked, first: date, last: date) -> None:
    """Write the local days ``first`` to ``last`` of a figure anew.

    Days of which nothing is on record any more stay as they were computed.
    """
    which = {"kpi": one.kpi.key, "first": first, "last": last}
    since = first_day(connection, one)
    if since is not None and since <= last:
        connection.execute(_FORGET_DAYS, which | {"first": max(first, since)})
        bound = one.bound(max(first, since), last)
        connection.execute(statement(WRITE_DAYS, days=one.days_sql), bound | {"kpi": one.kpi.key})


def write_values(connection: Connection, kpi: Kpi, first: date, last: date, yesterday: date) -> None:
    """Write anew the months that hold one of the days ``first`` to ``last``, and the years of those months.

    Only months that ended by ``yesterday`` are written.
    """
    month, until = first.replace(day=1), (yesterday + timedelta(days=1)).replace(day=1)
    through = min(_next_month(last), until)
    if through <= month:
        return
    which = {"kpi": kpi.key, "first": month, "last": through - timedelta(days=1)}
    connection.execute(_FORGET_VALUES, which | {"period": "month"})
    connection.execute(_MONTHS, {"kpi": kpi.key, "period": "month", "first": month, "until": through})
    later = min(_next_month(last, 12), until) - timedelta(days=1)
    connection.execute(_FORGET_VALUES, which | {"period": "year", "last": later})
    connection.execute(_YEARS, which | {"period": "year", "last": later})


def _next_month(day: date, months: int = 1) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def compute(connection: Connection, one: Asked, first: date, last: date, yesterday: date) -> None:
    """Write the days ``first`` to ``last`` of a figure anew, with the months and years that hold them."""
    write_days(connection, one, first, last)
    write_values(connection, one.kpi, first, last, yesterday)


_ENROL = text(
    """
    INSERT INTO kpi (key, domain, measure, scale, floor, fewest, definition)
    VALUES (:key, :domain, :measure, :scale, :floor, :fewest, :definition)
    ON CONFLICT (key) DO UPDATE SET domain = :domain, measure = :measure, scale = :scale, floor = :floor,
        fewest = :fewest, definition = :definition, until = NULL
    """
)
_ENROLLED = text("SELECT EXISTS (SELECT FROM kpi WHERE key = :kpi)")
_FORGET = ("DELETE FROM kpi_day WHERE kpi = :kpi", "DELETE FROM kpi_value WHERE kpi = :kpi")


def enrol(connection: Connection, one: Asked) -> None:
    """Begin a figure as it is declared now; what was computed of it as it was declared before is let go."""
    kpi = one.kpi
    if connection.scalar(_ENROLLED, {"kpi": kpi.key}):
        for forget in _FORGET:
            connection.execute(text(forget), {"kpi": kpi.key})
    connection.execute(
        _ENROL,
        {
            "key": kpi.key, "domain": kpi.domain, "measure": kpi.measure.value, "scale": kpi.scale,
            "floor": kpi.coverage_floor, "fewest": FEWEST_CASES if kpi.measure is Measure.MEDIAN else 0,
            "definition": one.definition,
        },
    )  # fmt: skip
