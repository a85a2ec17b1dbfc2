"""Alarms: rules that say what needs somebody, the engine that watches, and the desk where people answer."""

from services.alarms.outward import Routes, enqueue, read_channels, tell_outside

__all__ = ["Routes", "enqueue", "read_channels", "tell_outside"]
