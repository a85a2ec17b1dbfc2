"""Questions put to the city's memory: one object with every question, answered in modules by subject."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from services.history import areas
from services.history.areas import DayFigure


class History:
    """The history of one city. Every method blocks (call it in a thread) and ends within its deadline.

    All raise Unavailable when the database is away or too slow.
    """

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self._engine = engine
        self._zone = zone

    def area_days(
        self,
        asset_type: str,
        observed_property: str,
        first_day: date,
        last_day: date,
        area_id: int | None = None,
    ) -> list[DayFigure]:
        """Figures of every local day from ``first_day`` to ``last_day``: see ``areas.area_days``."""
        return areas.area_days(
            self._engine, self._zone, asset_type, observed_property, first_day, last_day, area_id
        )
