"""Asking for dead letters to be tried again. The ingest does it, within a second or two, and says what came.

Asking is a mark on the letter, so that it survives everything; asking again while the mark stands changes
nothing. A letter that came in (stored, or a duplicate of what was there) is never asked for again; one whose
replay failed may be.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import BadRequest
from model.letters import REPLAY_MOST, Selection

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


def ask_replay(engine: Engine, selection: Selection, by: str, now: datetime) -> int:
    """Mark ``selection`` to be replayed, as asked ``by`` at ``now``; how many were marked by this call.

    Of a feed and reason at most REPLAY_MOST, the oldest first: ask again for the rest. Raises BadRequest when
    nothing or too much is selected, Unavailable.
    """
    statement, values = _statement(selection)
    with asking(engine, DEADLINE_MS) as connection:
        marked = connection.execute(statement, {**values, "by": by[:200], "now": now, "most": REPLAY_MOST})
        connection.commit()
    return int(marked.rowcount)


def _statement(selection: Selection) -> tuple[Any, dict[str, Any]]:
    if len(selection.ids) > REPLAY_MOST:
        raise BadRequest(f"{len(selection.ids)} dead letters at once: at most {REPLAY_MOST}")
    if selection.ids:
        return _BY_ID, {"ids": [id_ for id_ in selection.ids if 0 < id_ <= LARGEST_ID]}
    if selection.feed and selection.reason:
        return _BY_REASON, {"feed": selection.feed, "reason": selection.reason}
    raise BadRequest("name the dead letters to replay: ids, or a feed and a reason")
