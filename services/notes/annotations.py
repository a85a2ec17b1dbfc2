"""Annotations: written, withdrawn with a name, read by period and place."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from geodata.asking import asking
from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.notes import Annotation, NoteDraft
from model.roles import NOTE_KEEPERS
from model.viewer import Viewer
from services.access import must_be, record, within_scope
from services.notes.checking import checked_note

DEADLINE_MS = 2_000
MOST = 500
"""Annotations of one answer, the newest: more on one chart could not be read."""

_SELECT = """
    SELECT n.id, n.kind, n.title, n.body, n.t0, n.t1, n.area_id, r.name, n.asset_id, s.external_id, s.name,
           n.author, n.made_at, n.withdrawn_at, n.withdrawn_by
    FROM annotation n LEFT JOIN area r ON r.id = n.area_id LEFT JOIN asset s ON s.id = n.asset_id
    WHERE n.t0 <= :t1 AND n.t1 >= :t0 AND {which}
    ORDER BY n.t0 DESC, n.id DESC LIMIT :most
"""
_IN_FORCE = "n.withdrawn_at IS NULL"
_CITY = "(n.area_id IS NULL AND n.asset_id IS NULL)"
# An area lies in others: what is noted of the métropole is true of each commune.
_AREAS = """
    n.area_id IN (WITH RECURSIVE around AS (
        SELECT id, parent_id FROM area WHERE id {start}
        UNION SELECT a.id, a.parent_id FROM area a JOIN around b ON a.id = b.parent_id
    ) SELECT id FROM around)
"""
_OF_AREA = _AREAS.format(start="= :area")
_OF_ITS_AREAS = _AREAS.format(
    start="IN (SELECT unnest(ARRAY[commune_id, district_id]) FROM asset WHERE id = :asset)"
)
_ITS_ASSETS = "n.asset_id IN (SELECT id FROM asset WHERE :area IN (commune_id, district_id))"
# Only our own conditions are put together; what is asked for is bound.
_PLACES = {
    "all": "true",
    "city": _CITY,
    "asset": f"({_CITY} OR n.asset_id = :asset OR {_OF_ITS_AREAS})",
    "area": f"({_CITY} OR {_OF_AREA})",
    "area_and_assets": f"({_CITY} OR {_OF_AREA} OR {_ITS_ASSETS})",
}


def annotations_between(
    engine: Engine,
    t0: datetime,
    t1: datetime,
    area: int | None = None,
    asset: int | None = None,
    *,
    with_assets: bool = False,
    withdrawn: bool = False,
) -> tuple[Annotation, ...]:
    """Annotations that touch [t0, t1] (aware), the latest first, at most 500.

    Of an ``asset``: its own, its areas' and the whole city's. Of an ``area``: its own, those of the areas
    around it and the whole city's, and of its assets ``with_assets``. Area 0: only the whole city's.
    Neither: all there are. ``withdrawn`` adds those no longer in force. Raises Unavailable.
    """
    place = _place(area, asset, with_assets)
    which = _PLACES[place] if withdrawn else f"{_IN_FORCE} AND {_PLACES[place]}"
    values: dict[str, Any] = {"t0": t0, "t1": t1, "most": MOST}
    values |= {"asset": asset} if place == "asset" else {"area": area} if place.startswith("area") else {}
    with asking(engine, DEADLINE_MS) as connection:
        rows = connection.execute(text(_SELECT.format(which=which)), values)
        return tuple(Annotation(*row) for row in rows)


def _place(area: int | None, asset: int | None, with_assets: bool) -> str:
    if asset is not None:
        return "asset"
    if area is None:
        return "all"
    if not area:
        return "city"
    return "area_and_assets" if with_assets else "area"


_INSERT = text(
    """
    INSERT INTO annotation (kind, title, body, t0, t1, area_id, asset_id, author)
    VALUES (:kind, :title, :body, :t0, :t1, :area_id, :asset_id, :author) RETURNING id
    """
)


def annotate(engine: Engine, draft: NoteDraft, viewer: Viewer, now: datetime) -> int:
    """Write ``draft`` at ``now`` (aware), signed by ``viewer``; its id. One transaction with its entry.

    Raises BadField naming the field that cannot be taken, a place the city does not have or she does not see
    among them, Refused and Unavailable.
    """
    must_be(viewer, NOTE_KEEPERS, "annotate")
    note = checked_note(draft, now)
    values = {name: getattr(note, name) for name in note.__slots__} | {"author": viewer.name}
    try:
        with asking(engine, DEADLINE_MS) as connection:
            _checked_place(connection, viewer, note.asset_id, note.area_id)
            made = int(str(connection.scalar(_INSERT, values)))
            _record(connection, viewer, Action.NOTE_MADE, made, note.asset_id, _told(note))
            connection.commit()
    except IntegrityError as error:
        raise BadField("place", "unknown_place") from error
    return made


def _checked_place(connection: Connection, viewer: Viewer, asset_id: int | None, area_id: int | None) -> None:
    try:
        within_scope(connection, viewer, asset_id=asset_id, area_id=area_id)
    except Refused as error:
        raise BadField("place", "unknown_place") from error


def _told(note: NoteDraft) -> dict[str, Any]:
    return {name: getattr(note, name) for name in note.__slots__ if getattr(note, name) not in (None, "")}


def _record(
    connection: Connection, viewer: Viewer, action: Action, note_id: int, asset_id: int | None,
    details: dict[str, Any],
) -> None:  # fmt: skip
    record(
        connection, viewer, action, kind="annotation", object=str(note_id), asset_id=asset_id, details=details
    )


_WITHDRAW = text(
    "UPDATE annotation SET withdrawn_at = :now, withdrawn_by = :by WHERE id = :id AND withdrawn_at IS NULL "
    "RETURNING title, author, asset_id, area_id"
)


def withdraw(engine: Engine, note_id: int, viewer: Viewer, now: datetime) -> None:
    """Take annotation ``note_id`` out of force, in the name of ``viewer``; it stays on record.

    Raises NotFound when no such annotation is in force, Refused for one outside her scope, Unavailable.
    """
    must_be(viewer, NOTE_KEEPERS, "withdraw annotations")
    values = {"id": note_id, "by": viewer.name, "now": now}
    with asking(engine, DEADLINE_MS) as connection:
        gone = connection.execute(_WITHDRAW, values).one_or_none()
        if gone is None:
            raise NotFound(f"no annotation {note_id} is in force")
        within_scope(connection, viewer, asset_id=gone.asset_id, area_id=gone.area_id)
        told = {"title": gone.title, "author": gone.author}
        _record(connection, viewer, Action.NOTE_WITHDRAWN, note_id, gone.asset_id, told)
        connection.commit()
