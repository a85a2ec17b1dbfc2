"""The desk: reading alarms and answering them, the dossier, and news for every screen."""

from services.alarms.desk.desk import Desk
from services.alarms.desk.flood import FloodSettings, bin_start, flood_of, flood_settings
from services.alarms.desk.marks import Marks
from services.alarms.desk.news import AlarmNews

__all__ = ["AlarmNews", "Desk", "FloodSettings", "Marks", "bin_start", "flood_of", "flood_settings"]
