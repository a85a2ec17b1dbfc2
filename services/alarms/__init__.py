"""Alarms: rules that say what needs somebody, the engine that watches, and the desk where people answer."""

from services.alarms.causes import BROKEN, CHILDLESS, flaws_told, read_topology
from services.alarms.demo_past import write_demo_alarms
from services.alarms.desk import (
    AlarmLoad,
    AlarmNews,
    Desk,
    Ended,
    FloodSettings,
    Marks,
    StoodThen,
    bin_start,
    flood_of,
    flood_settings,
    night_alarms,
)
from services.alarms.engine import AlarmEngine, watch_alarms
from services.alarms.outward import Routes, enqueue, read_channels, tell_outside
from services.alarms.quality import last_days, positions_of, quality
from services.alarms.reviews import Reviews, side_by_side
from services.alarms.rules import RuleBook, RuleDrafts, backtest, checked_rule, draft_of, last_month

__all__ = [
    "BROKEN",
    "CHILDLESS",
    "AlarmEngine",
    "AlarmLoad",
    "AlarmNews",
    "Desk",
    "Ended",
    "FloodSettings",
    "Marks",
    "Reviews",
    "Routes",
    "RuleBook",
    "RuleDrafts",
    "StoodThen",
    "backtest",
    "bin_start",
    "checked_rule",
    "draft_of",
    "enqueue",
    "flaws_told",
    "flood_of",
    "flood_settings",
    "last_days",
    "last_month",
    "night_alarms",
    "positions_of",
    "quality",
    "read_channels",
    "read_topology",
    "side_by_side",
    "tell_outside",
    "watch_alarms",
    "write_demo_alarms",
]
