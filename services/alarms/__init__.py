"""Alarms: rules that say what needs somebody, the engine that watches, and the desk where people answer."""

from services.alarms.desk import AlarmNews, Desk, FloodSettings, Marks, bin_start, flood_of, flood_settings
from services.alarms.outward import Routes, enqueue, read_channels, tell_outside

__all__ = [
    "AlarmNews",
    "Desk",
    "FloodSettings",
    "Marks",
    "Routes",
    "bin_start",
    "enqueue",
    "flood_of",
    "flood_settings",
    "read_channels",
    "tell_outside",
]
