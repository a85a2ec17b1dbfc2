"""What one monthly report says, read from stored figures and corrections; nothing is computed anew."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Engine, text

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.kpis import KpiBoard, Period
from model.monthly import WHOLE_CITY, Corrected, MonthlyReport, month_after
from model.texts import words
from services.boards import CITY_BOARD
from services.history import day_start
from services.takeaway import origin_in

Found = tuple[KpiBoard, KpiBoard | None, tuple[Corrected, ...]]
"""The board of the place, the whole city's beside a commune's, and what was corrected."""


class Figures(Protocol):
    """What reports ask of the boards."""

    def board(
        self, period: Period, start: date, area: int | None = None, keys: Sequence[str] | None = None
    ) -> KpiBoard:
        """The stored figures of a period and place."""
        ...

    def last_month(self, now: datetime) -> date:
        """The first day of the last complete month."""
        ...


_CORRECTED = text(
    """
    SELECT a.asset_type, d.observed_property,
           count(*) FILTER (WHERE c.withdrawn_at IS NULL) AS readings,
           count(DISTINCT a.id) FILTER (WHERE c.withdrawn_at IS NULL) AS assets,
           count(*) FILTER (WHERE c.withdrawn_at IS NOT NULL) AS withdrawn
    FROM correction c
    JOIN datastream d ON d.id = c.datastream_id
    JOIN asset a ON a.id = d.asset_id
    WHERE c.phenomenon_time >= :t0 AND c.phenomenon_time < :t1
      AND (:area = 0 OR :area IN (a.commune_id, a.district_id))
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
    """
)


def collected(engine: Engine, profile: CityProfile, boards: Figures, area_id: int, month: date) -> Found:
    """The figures of a place and ``month``, the whole city's beside a commune's, and what was corrected.

    Blocks. Raises Unavailable.
    """
    city = boards.board(Period.MONTH, month)
    own = boards.board(Period.MONTH, month, area_id) if area_id != WHOLE_CITY else city
    t0, t1 = (day_start(day, profile.zone) for day in (month, month_after(month)))
    with asking(engine) as connection:
        found = connection.execute(_CORRECTED, {"t0": t0, "t1": t1, "area": area_id})
        corrected = tuple(Corrected(**row._mapping) for row in found)
    return own, city if own is not city else None, corrected


def report_in(
    profile: CityProfile,
    language: str,
    found: Found,
    made_at: datetime,
    version: int,
    reason: str,
) -> MonthlyReport:
    """The report in ``language``: only whose data it is is said differently in each."""
    board, city, corrected = found
    say = words(language, profile.time_zone)
    told = {result.kpi.key for result in board.results if result.kpi.per_area or city is None}
    return MonthlyReport(
        origin=origin_in(profile, say), generated=profile.generated, board=board, city=city,
        keys=tuple(key for key in CITY_BOARD if key in told), corrected=corrected, made_at=made_at,
        version=version, reason=reason,
    )  # fmt: skip
