"""The demo city's past alarms: its last two weeks of state changes, lived through in virtual time."""

from services.alarms.demo_past.writing import lived_again, write_demo_alarms

__all__ = ["lived_again", "write_demo_alarms"]
