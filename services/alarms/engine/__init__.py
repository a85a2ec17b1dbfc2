"""The alarm engine: follows what settles in the database, and keeps alarms as the rules say."""

from services.alarms.engine.engine import AlarmEngine
from services.alarms.engine.running import watch_alarms

__all__ = ["AlarmEngine", "watch_alarms"]
