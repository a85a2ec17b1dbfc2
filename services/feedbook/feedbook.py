"""The feedbook of one city, as callbacks are handed it: every question in one place."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from model.feeds import Overview
from model.letters import Letter, Letters, Reason, Selection
from model.viewer import Viewer
from services.feedbook.accounts import overview
from services.feedbook.letters import dead_letters, letter, reasons
from services.feedbook.replays import ask_replay


class Feedbook:
    """The accounts of one city's feeds. Every method blocks (call it in a thread) and ends within 2 s.

    All raise Unavailable when the database is away or too slow.
    """

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self._engine = engine
        self._zone = zone

    def overview(self, now: datetime) -> Overview:
        """Every feed at ``now`` (aware): see ``accounts.overview``."""
        return overview(self._engine, now, self._zone)

    def reasons(self) -> tuple[Reason, ...]:
        """Why items were refused, over all feeds, the newest first."""
        return reasons(self._engine)

    def dead_letters(self, feed: str, reason: str = "", page: int = 1) -> Letters:
        """One page of what ``feed`` could not deliver: see ``letters.dead_letters``."""
        return dead_letters(self._engine, feed, reason, page)

    def letter(self, letter_id: int) -> tuple[Letter, bytes]:
        """One dead letter and its whole item. NotFound when there is none."""
        return letter(self._engine, letter_id)

    def ask_replay(self, selection: Selection, viewer: Viewer, now: datetime) -> int:
        """Ask the ingest to try ``selection`` again; how many it was asked for now."""
        return ask_replay(self._engine, selection, viewer, now)
