"""History: questions over observations, rollups and states. Wings meet only at this front."""

from services.history.archive.archive import Archive, Archived
from services.history.archive.closing import close_once, keep_archive
from services.history.archive.status import Holdings, holdings
from services.history.calendar import day_hours, day_start, days_between, local_day
from services.history.figures.area_table import AreaTable, area_table
from services.history.figures.areas import DayFigure
from services.history.figures.buckets import SHARES, property_of
from services.history.figures.comparing import WEEK, YEAR
from services.history.figures.raw import Raw
from services.history.figures.reaching import Reach
from services.history.past.change_rows import Changes
from services.history.past.density import read_gaps
from services.history.past.difference import Difference, Kind, when
from services.history.past.playing import Played, codes_of, known_codes, laid_out
from services.history.past.replay import Shelves
from services.history.past.timeline import PastState
from services.history.questions import History
from services.history.upkeep.corrections import Corrections, history_of_corrections
from services.history.upkeep.keeping import keep_rollups
from services.history.upkeep.rollups import roll_up_dirty
from services.history.upkeep.state_rollups import roll_up_states
from services.history.upkeep.verifying import Verdict, verify

__all__ = [
    "SHARES",
    "WEEK",
    "YEAR",
    "Archive",
    "Archived",
    "AreaTable",
    "Changes",
    "Corrections",
    "DayFigure",
    "Difference",
    "History",
    "Holdings",
    "Kind",
    "PastState",
    "Played",
    "Raw",
    "Reach",
    "Shelves",
    "Verdict",
    "area_table",
    "close_once",
    "codes_of",
    "day_hours",
    "day_start",
    "days_between",
    "history_of_corrections",
    "holdings",
    "keep_archive",
    "keep_rollups",
    "known_codes",
    "laid_out",
    "local_day",
    "property_of",
    "read_gaps",
    "roll_up_dirty",
    "roll_up_states",
    "verify",
    "when",
]
