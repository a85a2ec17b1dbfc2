"""The readings a rule has to be shown of the past: of the datastreams that can have come to be in alarm."""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.asking import ask_once
from geodata.assets import Columns
from model.alarm_rules import Beyond, Changing, Rule, Stuck
from services.alarms.watching import READINGS
from services.alarms.watching.members import slot_of
from services.alarms.watching.rows import Rows
from services.history import History

OF_READINGS = (Beyond, Changing, Stuck)
READ_MS = 30_000

_STREAMS = """
SELECT s.id, s.asset_id FROM datastream s JOIN asset a ON a.id = s.asset_id
WHERE a.asset_type = %(kind)s AND s.observed_property = %(name)s ORDER BY s.id
"""
_FIRST_READING = """
SELECT least((SELECT min(phenomenon_time) FROM observation
              WHERE phenomenon_time >= %(t0)s AND phenomenon_time < %(t1)s),
             (SELECT min(day)::timestamp AT TIME ZONE 'UTC' FROM archived_day
              WHERE dropped_at IS NOT NULL AND day >= %(day0)s AND day <= %(day1)s))
"""


class PastReadings:
    """What ``rule`` needs of the readings of ``columns`` in [t0, t1) (aware), read stretch after stretch.

    Raises KeyError for a property the type does not declare; Unavailable.
    """

    def __init__(
        self, engine: Engine, history: History, columns: Columns, rule: Rule, t0: datetime, t1: datetime
    ) -> None:
        condition = rule.condition
        assert isinstance(condition, OF_READINGS)  # noqa: S101 - for mypy
        self._slot = slot_of(rule.asset_type, condition.observed_property)
        self._ids, self._index = _streams(engine, columns, rule.asset_type, condition.observed_property)

    def read(self, history: History, t0: datetime, t1: datetime) -> Rows:
        """READINGS of [t0, t1), from the database and the archive, with the corrections in force."""
        if not len(self._ids):
            return np.zeros(0, READINGS)
        found = history.readings(self._ids.tolist(), t0, t1, READ_MS)
        rows = np.zeros(len(found.times), READINGS)
        rows["index"] = self._index[np.searchsorted(self._ids, found.streams)]
        rows["time"], rows["value"], rows["slot"] = found.times, found.values, self._slot
        return rows


def _streams(
    engine: Engine, columns: Columns, asset_type: str, observed_property: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The datastreams of the property by id, and the live index of each."""
    rows = ask_once(engine, _STREAMS, {"kind": asset_type, "name": observed_property}, READ_MS)
    table = np.array(rows, "i8").reshape(-1, 2)
    at = np.minimum(np.searchsorted(columns.ids, table[:, 1]), max(len(columns) - 1, 0))
    known = columns.ids[at] == table[:, 1] if len(columns) else np.zeros(len(table), "?")
    return table[known, 0], at[known].astype("i8")


def known_from(engine: Engine, t0: datetime, t1: datetime) -> float:
    """Where readings begin to be on record in [t0, t1), in the database or the archive; t1 where none are."""
    last = t1 - timedelta(microseconds=1)
    asked = {"t0": t0, "t1": t1, "day0": t0.astimezone(UTC).date(), "day1": last.astimezone(UTC).date()}
    first = ask_once(engine, _FIRST_READING, asked, READ_MS)[0][0]
    return max(t0, first or t1).timestamp()
