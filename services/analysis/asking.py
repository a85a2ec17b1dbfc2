"""What every analysis is handed: the database, the city's memory, its zone and place."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from model.analysis import Question
from services.history import History


@dataclass(frozen=True, slots=True)
class Asking:
    """One question being answered: an open connection with its deadline, and the city around it.

    ``lon`` and ``lat`` (WGS84) are where the sun is reckoned for; ``now`` (aware) ends what can be known;
    ``areas`` are those the question counts over; ``thresholds`` the city's dated settings.
    """

    connection: Connection
    history: History
    zone: ZoneInfo
    lon: float
    lat: float
    area_kind: str
    now: datetime
    asked: Question
    areas: list[int]
    thresholds: dict[str, dict[str, object]]
