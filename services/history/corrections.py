"""Corrections of readings: what was sent stays, what figures are made from follows the correction.

Who corrects says why and signs. Correction, the withdrawal of an earlier one and the note that rollups must
be made again (``dirty_batch``) are one transaction; the view ``reading`` applies what is in force.
"""

import math
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from geodata.asking import asking
from model.domains.declaration import Property
from model.errors import BadField, NotFound
from model.notes import READINGS_MOST, REASON_MOST, CorrectedReading, Correction, CorrectionDraft, Reading
from model.typed import author_of, typed_text
from services.history.buckets import property_of

DEADLINE_MS = 6_000
LISTED = 200
"""Corrections of one list, the newest."""

_STREAM = text(
    "SELECT d.id, a.asset_type FROM datastream d JOIN asset a ON a.id = d.asset_id "
    "WHERE d.asset_id = :asset AND d.observed_property = :property"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.correction'), :stream)")
_COUNT = text(
    "SELECT count(*) FROM (SELECT 1 FROM observation WHERE datastream_id = :stream "
    "AND phenomenon_time >= :t0 AND phenomenon_time <= :t1 LIMIT :most) counted"
)
_WITHDRAW_EARLIER = text(
    "UPDATE correction SET withdrawn_at = :now, withdrawn_by = :author WHERE datastream_id = :stream "
    "AND phenomenon_time >= :t0 AND phenomenon_time <= :t1 AND withdrawn_at IS NULL"
)
_INSERT = text(
    """
    INSERT INTO correction (datastream_id, phenomenon_time, result, author, reason, made_at)
    SELECT datastream_id, phenomenon_time, CAST(:result AS double precision), :author, :reason, :now
    FROM observation
    WHERE datastream_id = :stream AND phenomenon_time >= :t0 AND phenomenon_time <= :t1
    """
)
_DIRTY = text(
    """
    INSERT INTO dirty_batch (bucket, streams)
    SELECT DISTINCT date_trunc('hour', phenomenon_time, 'UTC'), ARRAY[CAST(:stream AS integer)]
    FROM correction WHERE datastream_id = :stream AND phenomenon_time >= :t0 AND phenomenon_time <= :t1
    """
)


def correct(engine: Engine, draft: CorrectionDraft) -> int:
    """Put ``draft`` in force; how many readings it corrects.

    An earlier correction of the same reading is withdrawn in the same transaction and stays on record.
    Raises NotFound for an asset that does not measure the property, BadField naming the field for an empty
    reason or author, an impossible value or one outside the declared range that is not confirmed, a period
    without readings or with more than 1,000; Unavailable.
    """
    _checked_period(draft.t0, draft.t1)
    author, reason = author_of(draft.author), typed_text("reason", draft.reason, REASON_MOST, lines=True)
    with asking(engine, DEADLINE_MS) as connection:
        stream, declared = stream_of(connection, draft.asset_id, draft.observed_property)
        _checked_value(draft, declared)
        values: dict[str, Any] = {
            "stream": stream, "t0": draft.t0, "t1": draft.t1, "now": datetime.now(UTC), "author": author,
        }  # fmt: skip
        connection.execute(_ONE_AT_A_TIME, {"stream": stream})
        count = _counted(connection, values)
        connection.execute(_WITHDRAW_EARLIER, values)
        connection.execute(_INSERT, values | {"result": draft.result, "reason": reason})
        connection.execute(_DIRTY, {name: values[name] for name in ("stream", "t0", "t1")})
        connection.commit()
    return count


def stream_of(connection: Connection, asset_id: int, observed_property: str) -> tuple[int, Property]:
    """The datastream of an asset's property, and how that is declared. NotFound when there is none."""
    row = connection.execute(_STREAM, {"asset": asset_id, "property": observed_property[:80]}).one_or_none()
    if row is None:
        raise NotFound(f"asset {asset_id} does not measure {observed_property[:80]!r}")
    return int(row[0]), property_of(row[1], observed_property)


def _checked_period(t0: datetime, t1: datetime) -> None:
    if t0.tzinfo is None or t1.tzinfo is None:
        raise BadField("t0", "no_zone")
    if t1 < t0:
        raise BadField("t1", "ends_before")


def _checked_value(draft: CorrectionDraft, declared: Property) -> None:
    if draft.result is None:
        return
    if not math.isfinite(draft.result):
        raise BadField("result", "no_number")
    if not draft.confirmed and not declared.low <= draft.result <= declared.high:
        raise BadField("result", "out_of_range", low=declared.low, high=declared.high, unit=declared.unit)


def _counted(connection: Connection, values: dict[str, Any]) -> int:
    """How many readings there are to correct; BadField when none or too many."""
    bounds = {name: values[name] for name in ("stream", "t0", "t1")}
    count = int(connection.scalar(_COUNT, bounds | {"most": READINGS_MOST + 1}) or 0)
    if not count:
        raise BadField("t0", "no_reading")
    if count > READINGS_MOST:
        raise BadField("t1", "too_many", most=READINGS_MOST)
    return count


_WITHDRAW = text(
    "UPDATE correction SET withdrawn_at = :now, withdrawn_by = :by WHERE id = :id AND withdrawn_at IS NULL "
    "RETURNING datastream_id, phenomenon_time"
)


def withdraw(engine: Engine, correction_id: int, by: str) -> None:
    """Take a correction out of force, in the name of ``by``: the reading counts again as it was sent.

    Raises BadField for an empty name, NotFound when no such correction is in force, Unavailable.
    """
    values = {"id": correction_id, "by": author_of(by), "now": datetime.now(UTC)}
    with asking(engine, DEADLINE_MS) as connection:
        row = connection.execute(_WITHDRAW, values).one_or_none()
        if row is None:
            raise NotFound(f"no correction {correction_id} is in force")
        connection.execute(_DIRTY, {"stream": row[0], "t0": row[1], "t1": row[1]})
        connection.commit()


_MADE = "c.made_at, c.withdrawn_at, c.withdrawn_by"
_CORRECTION = f"c.id, c.phenomenon_time, c.result, c.author, c.reason, {_MADE}"
_READINGS = text(
    f"""
    SELECT * FROM (
        SELECT o.phenomenon_time, o.result, o.quality, o.raw, o.raw_unit, {_CORRECTION}
        FROM observation o
        LEFT JOIN correction c ON c.datastream_id = o.datastream_id
             AND c.phenomenon_time = o.phenomenon_time AND c.withdrawn_at IS NULL
        WHERE o.datastream_id = :stream AND o.phenomenon_time >= :t0 AND o.phenomenon_time <= :t1
        ORDER BY o.phenomenon_time DESC LIMIT :most
    ) newest ORDER BY 1
    """  # noqa: S608 - only our own columns are put together
)


def readings(
    engine: Engine,
    asset_id: int,
    observed_property: str,
    t0: datetime,
    t1: datetime,
    most: int = READINGS_MOST,
) -> tuple[Reading, ...]:
    """The newest ``most`` readings from ``t0`` to ``t1`` (both included) as sent, oldest first.

    Raises NotFound for an asset that does not measure the property, Unavailable.
    """
    with asking(engine, DEADLINE_MS) as connection:
        stream, _ = stream_of(connection, asset_id, observed_property)
        rows = connection.execute(_READINGS, {"stream": stream, "t0": t0, "t1": t1, "most": most})
        return tuple(_reading(row) for row in rows)


def _reading(row: Row[Any]) -> Reading:
    at, sent, quality, raw, raw_unit, *made = tuple(row)
    return Reading(at, sent, quality, raw, raw_unit, Correction(*made) if made[0] is not None else None)


_STORY = text(
    f"""
    SELECT {_CORRECTION}, a.external_id, a.name, a.asset_type, d.observed_property, d.unit, o.result
    FROM correction c JOIN datastream d ON d.id = c.datastream_id JOIN asset a ON a.id = d.asset_id
    LEFT JOIN observation o ON o.datastream_id = c.datastream_id AND o.phenomenon_time = c.phenomenon_time
    WHERE c.phenomenon_time >= :t0 AND c.phenomenon_time <= :t1
      AND (CAST(:asset AS bigint) IS NULL OR d.asset_id = :asset)
      AND (CAST(:property AS text) IS NULL OR d.observed_property = :property)
      AND (:withdrawn OR c.withdrawn_at IS NULL)
    ORDER BY c.made_at DESC, c.id DESC LIMIT :most
    """  # noqa: S608 - only our own columns are put together
)


def history_of_corrections(
    engine: Engine,
    t0: datetime,
    t1: datetime,
    asset_id: int | None = None,
    observed_property: str | None = None,
    *,
    withdrawn: bool = True,
    most: int = LISTED,
) -> tuple[CorrectedReading, ...]:
    """Corrections of readings from ``t0`` to ``t1``, the last made first, at most ``most``.

    Of one asset or property where named; those withdrawn too unless told otherwise. ``sent`` is None for a
    reading that is no longer in the database. Raises Unavailable.
    """
    values = {
        "t0": t0, "t1": t1, "asset": asset_id, "property": observed_property, "withdrawn": withdrawn,
        "most": most,
    }  # fmt: skip
    with asking(engine, DEADLINE_MS) as connection:
        rows = connection.execute(_STORY, values)
        return tuple(CorrectedReading(Correction(*row[:8]), *row[8:]) for row in map(tuple, rows))


class Corrections:
    """Corrections of one city's readings. Every method blocks (call it in a thread) and has a deadline.

    All raise Unavailable when the database is away or too slow.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def correct(self, draft: CorrectionDraft) -> int:
        """Put ``draft`` in force; how many readings it corrects. See ``correct``."""
        return correct(self._engine, draft)

    def withdraw(self, correction_id: int, by: str) -> None:
        """Take a correction out of force. NotFound when none of that id is."""
        withdraw(self._engine, correction_id, by)

    def readings(
        self, asset_id: int, observed_property: str, t0: datetime, t1: datetime, most: int = READINGS_MOST
    ) -> tuple[Reading, ...]:
        """Readings as sent, with the corrections in force: see ``readings``."""
        return readings(self._engine, asset_id, observed_property, t0, t1, most)

    def history(
        self,
        t0: datetime,
        t1: datetime,
        asset_id: int | None = None,
        observed_property: str | None = None,
        *,
        withdrawn: bool = True,
        most: int = LISTED,
    ) -> tuple[CorrectedReading, ...]:
        """Corrections made of readings of a period: see ``history_of_corrections``."""
        return history_of_corrections(
            self._engine, t0, t1, asset_id, observed_property, withdrawn=withdrawn, most=most
        )  # fmt: skip
