"""Whether conditions hold: the one evaluator of rules, for what happens now, what was missed, what once was.

It is fed with rows (``CHANGES``, ``READINGS``) and a clock, and tells what turned (``TURNS``). Fed in pieces
or at once, it says the same.
"""

from services.alarms.watching.rows import CHANGES, READINGS, TURNS
from services.alarms.watching.sky import Sky
from services.alarms.watching.watcher import Watcher

__all__ = ["CHANGES", "READINGS", "TURNS", "Sky", "Watcher"]
