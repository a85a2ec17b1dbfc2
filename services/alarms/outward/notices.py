"""Writing down what is to be told, in the transaction of what it tells of; each once a route."""

from collections.abc import Sequence
from typing import Any

import psycopg

from model.alarm_routes import Moment

# What is explained by another alarm or hidden is nobody's news: its cause is told, or somebody said why not.
_ENQUEUE = """
INSERT INTO alarm_notice (route_id, alarm_id, moment, turn)
SELECT r.id, a.id, %(moment)s, CASE %(moment)s WHEN 'escalated' THEN a.escalation ELSE a.activations END
FROM alarm a JOIN alarm_route r ON r.enabled AND r.removed_at IS NULL AND %(moment)s = ANY (r.moments)
WHERE a.id = ANY (%(ids)s) AND a.cause_id IS NULL AND a.annunciated_at IS NOT NULL
  AND a.priority = ANY (r.priorities)
  AND (r.domains IS NULL OR a.domain = ANY (r.domains))
  AND (r.classes IS NULL OR a.alarm_class = ANY (r.classes))
  AND (r.areas IS NULL OR a.commune_id = ANY (r.areas) OR a.district_id = ANY (r.areas))
  AND (%(moment)s <> 'returned' OR EXISTS (
      SELECT FROM alarm_notice n WHERE n.route_id = r.id AND n.alarm_id = a.id AND n.moment <> 'returned'
  ) OR NOT 'raised' = ANY (r.moments))
ON CONFLICT DO NOTHING
"""


def enqueue(connection: psycopg.Connection[Any], alarms: Sequence[int], moment: Moment) -> int:
    """Write a notice for every route that asks for ``moment`` of ``alarms`` (ids); how many were written.

    Part of the caller's transaction: a notice stands exactly when what it tells of does. An end is told to
    those who were told of the beginning. Told before: nothing is written.
    """
    if not alarms:
        return 0
    return connection.execute(_ENQUEUE, {"moment": str(moment), "ids": list(alarms)}).rowcount
