"""History: questions over observations, rollups and states. Wings meet only at this front."""

from services.history.archive import Archive, Archived
from services.history.area_table import AreaTable, area_table
from services.history.areas import DayFigure
from services.history.buckets import SHARES, property_of
from services.history.calendar import day_hours, day_start, days_between, local_day
from services.history.closing import close_once, keep_archive
from services.history.comparing import WEEK, YEAR
from services.history.export import safe_cell, series_csv
from services.history.keeping import keep_rollups
from services.history.questions import History
from services.history.rollups import roll_up_dirty
from services.history.state_rollups import roll_up_states
from services.history.status import Holdings, holdings
from services.history.timeline import Changes, PastState
from services.history.verifying import Verdict, verify

__all__ = [
    "SHARES",
    "WEEK",
    "YEAR",
    "Archive",
    "Archived",
    "AreaTable",
    "Changes",
    "DayFigure",
    "History",
    "Holdings",
    "PastState",
    "Verdict",
    "area_table",
    "close_once",
    "day_hours",
    "day_start",
    "days_between",
    "holdings",
    "keep_archive",
    "keep_rollups",
    "local_day",
    "property_of",
    "roll_up_dirty",
    "roll_up_states",
    "safe_cell",
    "series_csv",
    "verify",
]
