"""The desk: reading alarms and answering them, the dossier, and news for every screen."""

from services.alarms.desk.desk import Desk
from services.alarms.desk.flood import BIN, FloodSettings, bin_start, flood_of, flood_settings
from services.alarms.desk.load import AlarmLoad
from services.alarms.desk.marks import Marks
from services.alarms.desk.news import AlarmNews
from services.alarms.desk.night import night_alarms
from services.alarms.desk.past import Ended, StoodThen

__all__ = [
    "BIN",
    "AlarmLoad",
    "AlarmNews",
    "Desk",
    "Ended",
    "FloodSettings",
    "Marks",
    "StoodThen",
    "bin_start",
    "flood_of",
    "flood_settings",
    "night_alarms",
]
