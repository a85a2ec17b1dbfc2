"""Questions put to the city's memory."""

from zoneinfo import ZoneInfo

from sqlalchemy import Engine


class History:
    """The history of one city."""

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self._engine = engine
        self._zone = zone
