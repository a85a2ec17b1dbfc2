"""History: questions over observations, rollups and states. Wings meet only at this front."""

from services.history.area_table import AreaTable, area_table
from services.history.areas import DayFigure
from services.history.buckets import SHARES, property_of
from services.history.calendar import day_hours, day_start, days_between, local_day
from services.history.keeping import keep_rollups
from services.history.questions import History
from services.history.rollups import roll_up_dirty
from services.history.state_rollups import roll_up_states
from services.history.timeline import Changes, PastState

__all__ = [
    "SHARES",
    "AreaTable",
    "Changes",
    "DayFigure",
    "History",
    "PastState",
    "area_table",
    "day_hours",
    "day_start",
    "days_between",
    "keep_rollups",
    "local_day",
    "property_of",
    "roll_up_dirty",
    "roll_up_states",
]
