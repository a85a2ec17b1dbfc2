"""Proof that what is stored of the key figures is what their questions answer now, and computing again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from geodata.profiles import CityProfile
from model.kpis import Kpi
from services.boards.engine import ONE_AT_A_TIME, Asked, asked, compute, first_day

DEADLINE_MS = 600_000
SHOWN = 20
"""Differences of one figure that are named; all are counted."""

_UNTIL = text("SELECT until FROM kpi WHERE key = :kpi AND definition = :definition")
_DIFFERENT = """
    SELECT day, area_id, s.top, f.top, s.bottom, f.bottom, s.coverage, f.coverage, s.n, f.n
    FROM (SELECT * FROM kpi_day WHERE kpi = :kpi AND day >= :first AND day <= :last) s
    FULL JOIN ({days}) f USING (day, area_id)
    WHERE s.n IS DISTINCT FROM f.n OR NOT ({same_top} AND {same_bottom} AND {same_coverage})
       OR cardinality(s.cases) IS DISTINCT FROM cardinality(f.cases)
    ORDER BY day, area_id
"""
_SAME = (
    "(s.{0} IS NOT DISTINCT FROM f.{0} OR abs(s.{0} - f.{0}) <= 1e-9 * greatest(1, abs(s.{0}), abs(f.{0})))"
)


@dataclass(frozen=True)
class Verified:
    """What was compared: figures, days by area, and each difference in one line."""

    figures: int
    days: int
    differences: tuple[str, ...]

    def summary(self) -> str:
        """All of it in one line."""
        return f"{self.figures} figures, {self.days} days compared: {len(self.differences)} differences"


def recompute(
    engine: Engine, profile: CityProfile, kpis: Sequence[Kpi], first: date | None, last: date | None
) -> Iterator[tuple[str, date, date]]:
    """Compute the days from ``first`` to ``last`` (None: all) of ``kpis`` again; each figure as it is done.

    Figures the keeper has not begun are left to it. Raises Unavailable.
    """
    for kpi in kpis:
        one = asked(kpi, profile)
        with asking(engine, DEADLINE_MS) as connection:
            connection.execute(ONE_AT_A_TIME)
            span = _span(connection, one, first, last)
            if span is None:
                continue
            until = connection.scalar(_UNTIL, {"kpi": kpi.key, "definition": one.definition})
            compute(connection, one, *span, until)
            connection.commit()
        yield kpi.key, *span


def verify(
    engine: Engine, profile: CityProfile, kpis: Sequence[Kpi], first: date | None, last: date | None
) -> Verified:
    """Ask every figure's question again and hold the answer against what is stored. Raises Unavailable."""
    figures, days, found = 0, 0, []
    for kpi in kpis:
        one = asked(kpi, profile)
        with asking(engine, DEADLINE_MS) as connection:
            span = _span(connection, one, first, last)
            if span is None:
                continue
            figures, days = figures + 1, days + (span[1] - span[0]).days + 1
            found += _differences(connection, one, *span)
    return Verified(figures, days, tuple(found))


def _span(
    connection: Connection, one: Asked, first: date | None, last: date | None
) -> tuple[date, date] | None:
    until = connection.scalar(_UNTIL, {"kpi": one.kpi.key, "definition": one.definition})
    since = first_day(connection, one)
    if until is None or since is None:
        return None
    span = max(first or since, since), min(last or until, until)
    return span if span[0] <= span[1] else None


def _differences(connection: Connection, one: Asked, first: date, last: date) -> list[str]:
    same = {f"same_{name}": _SAME.format(name) for name in ("top", "bottom", "coverage")}
    question = statement(_DIFFERENT, days=one.days_sql, **same)
    rows = connection.execute(question, one.bound(first, last) | {"kpi": one.kpi.key}).all()
    lines = [
        f"{one.kpi.key} {day} area {area}: stored {_told(found[0::2])}, counted {_told(found[1::2])}"
        for day, area, *found in rows[:SHOWN]
    ]
    more = len(rows) - len(lines)
    return [*lines, *([f"{one.kpi.key}: {more} more"] if more > 0 else [])]


def _told(found: Sequence[object]) -> str:
    if found[1] is None and found[3] is None:
        return "nothing"
    return "top {} bottom {} coverage {} n {}".format(*found)
