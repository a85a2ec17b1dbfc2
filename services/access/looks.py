"""Looks at records the law protects: who may, what for, and the entry written before anything is shown.

Asked on the whole city's engine, since a right is never asked through a scope; what lies outside the viewer's
scope is not there (NotFound). Rights are read from the database each time: one revoked a moment ago is gone.
"""

import json
from collections.abc import Collection
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from geodata.asking import asking
from model.audit import Action
from model.domains import ASSET_TYPES
from model.errors import BadField, NotFound, PurposeNeeded, Refused
from model.looks import PURPOSES, REFERENCE_MOST, REFERENCED, VALID, VIDEO, Need, Purpose, Standing
from model.roles import Role
from model.typed import typed_text
from model.viewer import Viewer
from services.access.audit import record
from services.access.once import Once

DEADLINE_MS = 2_000

_STANDING = """
    SELECT a.id, a.external_id, a.name, a.asset_type, p.id AS purpose_id, p.purpose, p.reference,
           p.valid_until AS purpose_until, r.valid_until AS right_until
    FROM asset a
    LEFT JOIN LATERAL (
        SELECT id, purpose, reference, valid_until FROM look_purpose
        WHERE session_id = :session AND asset_id = a.id AND valid_until > now() ORDER BY id DESC LIMIT 1
    ) p ON true
    LEFT JOIN LATERAL (
        SELECT max(valid_until) AS valid_until FROM video_right
        WHERE person_id = :person AND revoked_at IS NULL AND valid_until > now() AND decided_on <= now()::date
          AND (areas IS NULL OR a.commune_id = ANY(areas) OR a.district_id = ANY(areas))
    ) r ON true
    WHERE a.id = ANY(:assets)
      AND (CAST(:areas AS int[]) IS NULL OR a.commune_id = ANY(:areas) OR a.district_id = ANY(:areas))
      AND (CAST(:domains AS text[]) IS NULL OR a.domain = ANY(:domains))
"""
_READ = text(_STANDING)
_STATE = text(
    """
    INSERT INTO look_purpose (session_id, asset_id, purpose, reference, valid_until)
    VALUES (:session, :asset, :purpose, :reference, now() + :valid)
    """
)


class Looks:
    """Looks of everybody at this city's protected records. Every method blocks, two seconds at most.

    All raise Unavailable when the database is away or too slow: nothing protected is shown then.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told = Once(VALID.total_seconds())

    def needed(self, viewer: Viewer, asset_id: int) -> Standing:
        """How ``viewer`` stands to the record of an asset. NotFound when she has no such asset."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return _standing(connection, viewer, asset_id)

    def state(self, viewer: Viewer, asset_id: int, purpose: str, reference: str) -> Standing:
        """Say what the record of an asset is looked at for; good for 15 minutes of this session.

        Raises BadField for a purpose there is not, or a reference that is missing or too long; Refused for
        who may not look whatever she says (recorded as refused); NotFound.
        """
        with asking(self._engine, DEADLINE_MS) as connection:
            standing = _standing(connection, viewer, asset_id)
            if standing.need in (Need.VIDEO_RIGHT, Need.PERSON):
                _record(connection, viewer, Action.PURPOSE_STATED, standing, {}, "refused")
                connection.commit()
                raise Refused(_why(standing))
            kind = standing.guarded
            if purpose not in PURPOSES.get(kind, ()):
                raise BadField("purpose", "unknown_purpose")
            needed = Purpose(purpose) in REFERENCED
            said = typed_text("reference", reference, REFERENCE_MOST, needed=needed)
            values = {"session": viewer.session_id, "asset": asset_id, "purpose": purpose, "reference": said}
            connection.execute(_STATE, values | {"valid": VALID})
            stated = _standing(connection, viewer, asset_id)
            _record(connection, viewer, Action.PURPOSE_STATED, stated, {})
            connection.commit()
        return stated

    def attempt(self, viewer: Viewer, asset_id: int, what: str, **details: Any) -> Standing:
        """Look if it may be: an open standing is on record, once a purpose and question, when it is returned.

        ``what`` names what is shown (``panel``, ``series``, ``past``), ``details`` which part of it.
        A closed one is returned as it is.
        """
        with asking(self._engine, DEADLINE_MS) as connection:
            standing = _standing(connection, viewer, asset_id)
            key = (viewer.session_id, asset_id, standing.purpose_id, what, json.dumps(details, default=str))
            if standing.open and standing.guarded and not self._told.done(key):
                _record(connection, viewer, Action.LOOKED, standing, {"what": what, **details})
                connection.commit()
                self._told.note(key)
        return standing

    def look(self, viewer: Viewer, asset_id: int, what: str, **details: Any) -> Standing:
        """Look, or raise: PurposeNeeded, Refused for who may not at all. Either is on record by then."""
        standing = self.attempt(viewer, asset_id, what, **details)
        if standing.open:
            return standing
        key = (viewer.session_id, asset_id, standing.need, what)
        if not self._told.done(key):
            with asking(self._engine, DEADLINE_MS) as connection:
                _record(connection, viewer, Action.LOOKED, standing, {"what": what, **details}, "refused")
                connection.commit()
            self._told.note(key)
        raise (PurposeNeeded if standing.need is Need.PURPOSE else Refused)(_why(standing))

    def open_among(self, viewer: Viewer, asset_ids: Collection[int], what: str) -> frozenset[int]:
        """Those of ``asset_ids`` whose record may be shown now, looks at guarded ones recorded."""
        shown = []
        with asking(self._engine, DEADLINE_MS) as connection:
            for row in connection.execute(_READ, _values(viewer, list(asset_ids))):
                standing = _of(row, viewer)
                if standing.open:
                    shown.append(standing)
        guarded = [one.asset_id for one in shown if one.guarded]
        looked = {number for number in guarded if self.attempt(viewer, number, what).open}
        return frozenset(looked | {one.asset_id for one in shown if not one.guarded})


def _values(viewer: Viewer, assets: list[int]) -> dict[str, Any]:
    scope = viewer.scope
    return {
        "assets": assets, "session": viewer.session_id, "person": viewer.person_id,
        "areas": None if scope.areas is None else sorted(scope.areas),
        "domains": None if scope.domains is None else sorted(scope.domains),
    }  # fmt: skip


def _standing(connection: Connection, viewer: Viewer, asset_id: int) -> Standing:
    row = connection.execute(_READ, _values(viewer, [asset_id])).one_or_none()
    if row is None:
        raise NotFound(f"no asset {asset_id}")
    return _of(row, viewer)


def _of(row: Row[Any], viewer: Viewer) -> Standing:
    guarded = ASSET_TYPES[row.asset_type].guarded
    who = (row.id, row.external_id, row.name, row.asset_type, guarded)
    if not guarded:
        return Standing(*who, Need.NONE)
    if viewer.role is Role.WALL:
        return Standing(*who, Need.PERSON)
    if guarded == VIDEO and row.right_until is None:
        return Standing(*who, Need.VIDEO_RIGHT)
    if row.purpose_id is None:
        return Standing(*who, Need.PURPOSE)
    until = min(row.purpose_until, row.right_until) if guarded == VIDEO else row.purpose_until
    return Standing(*who, Need.NONE, row.purpose_id, row.purpose, row.reference, until.astimezone(UTC))


def _why(standing: Standing) -> str:
    if standing.need is Need.PURPOSE:
        return f"the record of {standing.external_id} is protected: state a purpose first"
    if standing.need is Need.PERSON:
        return f"the record of {standing.external_id} is not for shared screens"
    return f"the record of {standing.external_id} is video: no video right of yours covers it"


def _record(
    connection: Connection, viewer: Viewer, action: Action, standing: Standing, details: dict[str, Any],
    outcome: str = "done",
) -> None:  # fmt: skip
    told = {"name": standing.name, "guarded": standing.guarded, **details}
    told |= {"reference": standing.reference} if standing.reference else {}
    told |= {"needed": standing.need.value} if not standing.open else {}
    record(
        connection, viewer, action, kind="asset", object=standing.external_id, asset_id=standing.asset_id,
        purpose=standing.purpose, outcome=outcome, details=told,
    )  # fmt: skip
