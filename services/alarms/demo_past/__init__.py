"""The demo city's past alarms: its last two weeks of state changes, lived through in virtual time."""

from services.alarms.demo_past.replaying import lived_through, turns_of
from services.alarms.demo_past.writing import write_demo_alarms

__all__ = ["lived_through", "turns_of", "write_demo_alarms"]
