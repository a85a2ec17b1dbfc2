"""Corrections of readings: what was sent stays, what figures are made from follows the correction.

Who corrects says why and signs. Correction, the withdrawal of an earlier one, the note that rollups must be
made again (``dirty_batch``) and the entry of the audit are one transaction; the view ``reading`` applies what
is in force.
"""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action
from model.domains.declaration import Property
from model.errors import BadField, NotFound
from model.notes import READINGS_MOST, REASON_MOST, CorrectedReading, Correction, CorrectionDraft, Reading
from model.roles import CORRECTORS
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record, within_scope
from services.history.archive.cold import Cold
from services.history.figures.buckets import property_of
from services.history.figures.sent import sent_between

DEADLINE_MS = 6_000
LISTED = 200
"""Corrections of one list, the newest."""

_STREAM = text(
    "SELECT d.id, a.asset_type FROM datastream d JOIN asset a ON a.id = d.asset_id "
    "WHERE d.asset_id = :asset AND d.observed_property = :property"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.correction'), :stream)")
_WITHDRAW_EARLIER = text(
    "UPDATE correction SET withdrawn_at = :now, withdrawn_by = :author WHERE datastream_id = :stream "
    "AND phenomenon_time >= :t0 AND phenomenon_time <= :t1 AND withdrawn_at IS NULL"
)
_INSERT = text(
    """
    INSERT INTO correction (datastream_id, phenomenon_time, result, author, reason, made_at)
    SELECT :stream, at, CAST(:result AS double precision), :author, :reason, :now
    FROM unnest(CAST(:instants AS timestamptz[])) AS at
    """
)
_DIRTY = text(
    """
    INSERT INTO dirty_batch (bucket, streams)
    SELECT DISTINCT date_trunc('hour', at, 'UTC'), ARRAY[CAST(:stream AS integer)]
    FROM unnest(CAST(:instants AS timestamptz[])) AS at
    """
)


def correct(engine: Engine, draft: CorrectionDraft, viewer: Viewer, cold: Cold | None = None) -> int:
    """Put ``draft`` in force, signed by ``viewer``; how many readings it corrects.

    An earlier correction of the same reading is withdrawn in the same transaction and stays on record. A
    reading of an archived day is looked up in ``cold``; its day comes back when its rollups are made again.
    Raises NotFound for an asset that does not measure the property, BadField naming the field for an empty
    reason, an impossible value or one outside the declared range that is not confirmed, a period
    without readings or with more than 1,000; Refused for equipment outside her scope; Unavailable.
    """
    must_be(viewer, CORRECTORS, "correct readings")
    _checked_period(draft.t0, draft.t1)
    reason = typed_text("reason", draft.reason, REASON_MOST, lines=True)
    with asking(engine, DEADLINE_MS) as connection:
        stream, declared = stream_of(connection, draft.asset_id, draft.observed_property)
        asset = within_scope(connection, viewer, asset_id=draft.asset_id)
        _checked_value(draft, declared)
        connection.execute(_ONE_AT_A_TIME, {"stream": stream})
        instants = _meant(connection, cold, stream, draft)
        signed = {"stream": stream, "now": datetime.now(UTC), "author": viewer.name}
        connection.execute(_WITHDRAW_EARLIER, signed | {"t0": draft.t0, "t1": draft.t1})
        new = {"instants": instants, "result": draft.result, "reason": reason}
        connection.execute(_INSERT, signed | new)
        connection.execute(_DIRTY, {"stream": stream, "instants": instants})
        told = _told(draft) | {"readings": len(instants)}
        record(
            connection, viewer, Action.READING_CORRECTED, kind="asset", object=asset,
            asset_id=draft.asset_id, details=told,
        )  # fmt: skip
        connection.commit()
    return len(instants)


def _told(draft: CorrectionDraft) -> dict[str, Any]:
    return {
        "property": draft.observed_property, "t0": draft.t0, "t1": draft.t1, "result": draft.result,
        "reason": draft.reason, "confirmed": draft.confirmed,
    }  # fmt: skip


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


def _meant(connection: Connection, cold: Cold | None, stream: int, draft: CorrectionDraft) -> list[datetime]:
    """The instants of the readings to correct; BadField when there are none, or too many."""
    found = sent_between(connection, cold, stream, draft.t0, draft.t1, READINGS_MOST + 1)
    if not found:
        raise BadField("t0", "no_reading")
    if len(found) > READINGS_MOST:
        raise BadField("t1", "too_many", most=READINGS_MOST)
    return [reading.at for reading in found]


_WITHDRAW = text(
    "UPDATE correction SET withdrawn_at = :now, withdrawn_by = :by WHERE id = :id AND withdrawn_at IS NULL "
    "RETURNING datastream_id, phenomenon_time, result, author"
)
_STREAM_OF = text("SELECT asset_id, observed_property FROM datastream WHERE id = :stream")


def withdraw(engine: Engine, correction_id: int, viewer: Viewer) -> None:
    """Take a correction out of force, in the name of ``viewer``: the reading counts again as it was sent.

    Raises NotFound when no such correction is in force, Refused for equipment outside her scope, Unavailable.
    """
    must_be(viewer, CORRECTORS, "withdraw corrections")
    values = {"id": correction_id, "by": viewer.name, "now": datetime.now(UTC)}
    with asking(engine, DEADLINE_MS) as connection:
        row = connection.execute(_WITHDRAW, values).one_or_none()
        if row is None:
            raise NotFound(f"no correction {correction_id} is in force")
        connection.execute(_DIRTY, {"stream": row[0], "instants": [row[1]]})
        stream = connection.execute(_STREAM_OF, {"stream": row[0]}).one()
        asset = within_scope(connection, viewer, asset_id=stream.asset_id)
        told = {"property": stream.observed_property, "at": row[1], "result": row[2], "author": row[3]}
        record(
            connection, viewer, Action.CORRECTION_WITHDRAWN, kind="asset", object=asset,
            asset_id=stream.asset_id, details=told,
        )  # fmt: skip
        connection.commit()


_MADE = "c.made_at, c.withdrawn_at, c.withdrawn_by"
_CORRECTION = f"c.id, c.phenomenon_time, c.result, c.author, c.reason, {_MADE}"
_IN_FORCE = text(
    f"SELECT {_CORRECTION} FROM correction c WHERE c.datastream_id = :stream "  # noqa: S608 - our own columns
    "AND c.phenomenon_time >= :t0 AND c.phenomenon_time <= :t1 AND c.withdrawn_at IS NULL"
)


def readings(
    engine: Engine,
    asset_id: int,
    observed_property: str,
    t0: datetime,
    t1: datetime,
    most: int = READINGS_MOST,
    cold: Cold | None = None,
) -> tuple[Reading, ...]:
    """The newest ``most`` readings from ``t0`` to ``t1`` (both included) as sent, oldest first.

    Raises NotFound for an asset that does not measure the property, Unavailable.
    """
    with asking(engine, DEADLINE_MS) as connection:
        stream, _ = stream_of(connection, asset_id, observed_property)
        sent = sent_between(connection, cold, stream, t0, t1, most)
        bounds = {"stream": stream, "t0": t0, "t1": t1}
        made = (Correction(*row) for row in map(tuple, connection.execute(_IN_FORCE, bounds)))
        in_force = {correction.at: correction for correction in made}
    return tuple(
        Reading(one.at, one.result, one.quality, one.raw, one.raw_unit, in_force.get(one.at)) for one in sent
    )


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

    ``archive`` is the folder of closed days, where there is one. All raise Unavailable when a part is away or
    too slow.
    """

    def __init__(self, engine: Engine, archive: Path | None = None) -> None:
        self._engine = engine
        self._cold = Cold(archive) if archive else None

    def correct(self, draft: CorrectionDraft, viewer: Viewer) -> int:
        """Put ``draft`` in force; how many readings it corrects. See ``correct``."""
        return correct(self._engine, draft, viewer, self._cold)

    def withdraw(self, correction_id: int, viewer: Viewer) -> None:
        """Take a correction out of force. NotFound when none of that id is."""
        withdraw(self._engine, correction_id, viewer)

    def readings(
        self, asset_id: int, observed_property: str, t0: datetime, t1: datetime, most: int = READINGS_MOST
    ) -> tuple[Reading, ...]:
        """Readings as sent, with the corrections in force: see ``readings``."""
        return readings(self._engine, asset_id, observed_property, t0, t1, most, self._cold)

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
