"""Promises: what was committed to, against which baseline, how it is kept and where it leads."""

from services.boards.promises.front import Promises

__all__ = ["Promises"]
