"""What people hid, beginning and ending by itself: windows, shelves whose time is over, what got worse."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg

from model.alarms import Happening
from services.alarms.engine.standing import Standing
from services.alarms.engine.writing import line

_BEGIN = """
UPDATE alarm_hiding SET began_at = %(now)s
WHERE began_at IS NULL AND ended_at IS NULL AND from_at <= %(now)s AND until > %(now)s
      AND (kind <> 'disabled' OR seconded_at IS NOT NULL)
"""
_EXPIRE = """
UPDATE alarm_hiding SET ended_at = %(now)s, ended_why = 'expired'
WHERE ended_at IS NULL AND until <= %(now)s RETURNING id, kind, rule_id, asset_id
"""
_WORSE = """
UPDATE alarm_hiding h SET ended_at = %(now)s, ended_why = 'worse'
FROM alarm s, alarm a
WHERE h.ended_at IS NULL AND h.kind = 'shelved' AND h.ends_when = 'severity' AND s.id = h.alarm_id
      AND a.asset_id = h.asset_id AND a.closed_at IS NULL AND a.returned_at IS NULL AND a.id <> s.id
      AND a.severity > s.severity AND a.noticed_at > h.made_at
RETURNING h.id, h.kind, h.rule_id, h.asset_id
"""
_OVER = {
    "shelved": Happening.UNSHELVED,
    "out_of_service": Happening.IN_SERVICE,
    "disabled": Happening.ENABLED,
}


def tend_hidings(connection: psycopg.Connection[Any], standing: Iterable[Standing], now: datetime) -> int:
    """Begin and end what is due at ``now`` (aware), each end a line in the thread of the alarms it hid; how
    many changed."""
    told = {"now": now}
    changed = connection.execute(_BEGIN, told).rowcount
    open_ = [one for one in standing if not one.closed]
    for question, why in ((_EXPIRE, "expired"), (_WORSE, "worse")):
        for _, kind, rule_id, asset_id in connection.execute(question, told).fetchall():
            changed += 1
            ids = [
                one.id for one in open_
                if rule_id in (None, one.rule_id) and asset_id in (None, one.asset_id)
            ]  # fmt: skip
            line(connection, _OVER[kind], ids, now, [{"why": why}] * len(ids))
    return changed
