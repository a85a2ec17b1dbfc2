"""Alarms: rules that say what needs somebody, the engine that watches, and the desk where people answer."""

from services.alarms.desk import AlarmNews, Desk, FloodSettings, bin_start, flood_of, flood_settings

__all__ = ["AlarmNews", "Desk", "FloodSettings", "bin_start", "flood_of", "flood_settings"]
