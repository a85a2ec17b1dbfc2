"""What people hid, beginning and ending by itself: windows, shelves whose time is over, what got worse."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from model.alarms import Happening
from services.alarms.engine.writing import line

_BEGIN = """
UPDATE alarm_hiding SET began_at = %(now)s
WHERE began_at IS NULL AND ended_at IS NULL AND from_at <= %(now)s AND until > %(now)s
      AND (kind <> 'disabled' OR seconded_at IS NOT NULL)
RETURNING id, kind
"""
_EXPIRE = """
UPDATE alarm_hiding SET ended_at = %(now)s, ended_why = 'expired'
WHERE ended_at IS NULL AND until <= %(now)s RETURNING id, kind
"""
_WORSE = """
UPDATE alarm_hiding h SET ended_at = %(now)s, ended_why = 'worse'
FROM alarm s, alarm a
WHERE h.ended_at IS NULL AND h.kind = 'shelved' AND h.ends_when = 'severity' AND s.id = h.alarm_id
      AND a.asset_id = h.asset_id AND a.closed_at IS NULL AND a.returned_at IS NULL AND a.id <> s.id
      AND a.severity > s.severity AND a.noticed_at > h.made_at
RETURNING h.id, h.kind
"""
_FIRST_END = "SELECT min(until) FROM alarm_hiding WHERE ended_at IS NULL"
_BEHIND = "SELECT hiding_id, array_agg(alarm_id) FROM alarm_hidden(%s) GROUP BY 1"
_BEGUN = {
    "shelved": Happening.SHELVED,
    "out_of_service": Happening.OUT_OF_SERVICE,
    "disabled": Happening.DISABLED,
}
_OVER = {
    "shelved": Happening.UNSHELVED,
    "out_of_service": Happening.IN_SERVICE,
    "disabled": Happening.ENABLED,
}
_INSTANT = timedelta(microseconds=1)

Connection = psycopg.Connection[Any]


def tend_hidings(connection: Connection, now: datetime) -> int:
    """Begin and end what is due at ``now`` (aware), each a line in the threads of the alarms behind it.

    How many began or ended.
    """
    told = {"now": now}
    row = connection.execute(_FIRST_END).fetchone()
    # Looked at before it ends, at an instant all of it still hid.
    before = min(now, row[0] if row and row[0] else now) - _INSTANT
    ending = _behind(connection, before)
    changed = 0
    for question, why in ((_EXPIRE, "expired"), (_WORSE, "worse")):
        for hiding, kind in connection.execute(question, told).fetchall():
            changed += 1
            ids = ending.get(hiding, [])
            line(connection, _OVER[kind], ids, now, [{"why": why}] * len(ids))
    begun = connection.execute(_BEGIN, told).fetchall()
    hidden = _behind(connection, now) if begun else {}
    for hiding, kind in begun:
        line(connection, _BEGUN[kind], hidden.get(hiding, []), now)
    return changed + len(begun)


def _behind(connection: Connection, at: datetime) -> dict[int, list[int]]:
    """The open alarms each hiding keeps from the list at ``at``."""
    return {row[0]: row[1] for row in connection.execute(_BEHIND, (at,))}
