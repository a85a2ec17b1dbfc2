"""Asking for dead letters to be tried again. The ingest does it, within a second or two, and says what came.

Asking is a mark on the letter, so that it survives everything; asking again while the mark stands changes
nothing. A letter that came in (stored, or a duplicate of what was there) is never asked for again; one whose
replay failed may be.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action
from model.errors import BadRequest
from model.letters import REPLAY_MOST, Selection
from model.roles import FEED_KEEPERS
from model.viewer import Viewer
from services.access import must_be, record

DEADLINE_MS = 2_000
LARGEST_ID = 2**63 - 1

_MARK = """
    UPDATE dead_letter
    SET replay_asked_at = :now, replay_asked_by = :by, replayed_at = NULL, outcome = NULL
    WHERE id IN (
        SELECT id FROM dead_letter
        WHERE {which}
          AND (replay_asked_at IS NULL OR replayed_at IS NOT NULL)
          AND (outcome IS NULL OR outcome NOT IN ('stored', 'duplicate'))
        ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    )
"""
# Only our own conditions are put together; what is selected is bound.
_BY_ID = text(_MARK.format(which="id = ANY(:ids)"))
_BY_REASON = text(_MARK.format(which="feed = :feed AND reason = :reason"))


def ask_replay(engine: Engine, selection: Selection, viewer: Viewer, now: datetime) -> int:
    """Mark ``selection`` to be replayed, as asked by ``viewer`` at ``now``; how many this call marked.

    Of a feed and reason at most REPLAY_MOST, the oldest first: ask again for the rest. Raises BadRequest when
    nothing or too much is selected, Refused, Unavailable.
    """
    must_be(viewer, FEED_KEEPERS, "have letters replayed")
    statement, values = _statement(selection)
    with asking(engine, DEADLINE_MS) as connection:
        bound = {**values, "by": viewer.name, "now": now, "most": REPLAY_MOST}
        marked = int(connection.execute(statement, bound).rowcount)
        if marked:
            _record(connection, viewer, selection, marked)
        connection.commit()
    return marked


def _record(connection: Connection, viewer: Viewer, selection: Selection, marked: int) -> None:
    told = {"feed": selection.feed, "reason": selection.reason, "ids": list(selection.ids), "count": marked}
    record(
        connection, viewer, Action.REPLAY_ASKED, kind="feed", object=selection.feed or "",
        details={name: value for name, value in told.items() if value},
    )  # fmt: skip


def _statement(selection: Selection) -> tuple[Any, dict[str, Any]]:
    if len(selection.ids) > REPLAY_MOST:
        raise BadRequest(f"{len(selection.ids)} dead letters at once: at most {REPLAY_MOST}")
    if selection.ids:
        return _BY_ID, {"ids": [id_ for id_ in selection.ids if 0 < id_ <= LARGEST_ID]}
    if selection.feed and selection.reason:
        return _BY_REASON, {"feed": selection.feed, "reason": selection.reason}
    raise BadRequest("name the dead letters to replay: ids, or a feed and a reason")
