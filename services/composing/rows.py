"""Composed boards as the database keeps them, read into plain values and written as new rows."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.asking import statement
from model.composed import Audience, Composed, Saved, Sees, Tile, as_rows, tiles_of
from model.viewer import Viewer

_BOARDS = """
    SELECT b.id, b.owner_id, b.owner, v.version, v.title, v.tiles, v.saved_at, v.saved_by, b.deleted_at,
           s.sees, s.people, s.role, s.edits,
           coalesce((SELECT jsonb_agg(jsonb_build_array(r.name, r.board_version) ORDER BY r.name, r.version)
                     FROM composed_release r WHERE r.board_id = b.id), '[]') AS proposed
    FROM composed_board b
    JOIN LATERAL (
        SELECT * FROM composed_version v WHERE v.board_id = b.id
          AND (CAST(:version AS integer) IS NULL OR v.version = :version)
        ORDER BY v.version DESC LIMIT 1
    ) v ON true
    LEFT JOIN LATERAL (
        SELECT * FROM composed_share s WHERE s.board_id = b.id ORDER BY s.id DESC LIMIT 1
    ) s ON true
    {rest}
"""
_ALL = statement(_BOARDS, rest="ORDER BY v.saved_at DESC, b.id DESC")
_ONE = statement(_BOARDS, rest="WHERE b.id = :id")
_HISTORY = text(
    "SELECT version, title, saved_at, saved_by, jsonb_array_length(tiles) FROM composed_version "
    "WHERE board_id = :id ORDER BY version DESC"
)
_RELEASED = text(
    "SELECT board_id, board_version FROM composed_release WHERE name = :name AND version = :version"
)
# One board at a time: the second of two editors is told of the first, and never writes over her.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('vigie.composed'), CAST(:id AS integer))")
_MAKE = text("INSERT INTO composed_board (owner_id, owner) VALUES (:owner_id, :owner) RETURNING id")
_SAVE = text(
    """
    INSERT INTO composed_version (board_id, version, title, tiles, saved_by_id, saved_by)
    VALUES (:id, :version, :title, CAST(:tiles AS jsonb), :by_id, :by)
    """
)
_SHARE = text(
    """
    INSERT INTO composed_share (board_id, sees, people, role, edits, by)
    VALUES (:id, :sees, :people, :role, :edits, :by)
    """
)
_DELETE = text("UPDATE composed_board SET deleted_at = :at, deleted_by = :by WHERE id = :id")
_RELEASE = text(
    """
    INSERT INTO composed_release (name, version, board_id, board_version)
    VALUES (:name, :version, :id, :board_version)
    """
)


def boards(connection: Connection) -> list[Composed]:
    """Every board there ever was as it was last saved, the latest first."""
    return [_board(row) for row in connection.execute(_ALL, {"version": None})]


def board(connection: Connection, board_id: int, version: int | None = None) -> Composed | None:
    """The board ``board_id`` as it was last saved, or as its ``version`` was; None: there is none."""
    row = connection.execute(_ONE, {"id": board_id, "version": version}).one_or_none()
    return _board(row) if row else None


def history(connection: Connection, board_id: int) -> list[Saved]:
    """Each time the board was saved, the latest first."""
    return [Saved(*row) for row in connection.execute(_HISTORY, {"id": board_id})]


def released(connection: Connection, name: str, number: int) -> tuple[int, int] | None:
    """The board and its version that version ``number`` of the publication ``name`` shows; None: no board."""
    row = connection.execute(_RELEASED, {"name": name, "version": number}).one_or_none()
    return (row.board_id, row.board_version) if row else None


def lock(connection: Connection, board_id: int) -> None:
    """Wait for whoever changes the board just now; until the end of the transaction."""
    connection.execute(_LOCK, {"id": board_id})


def add_board(connection: Connection, viewer: Viewer) -> int:
    """A new board of ``viewer``; its id."""
    return int(str(connection.scalar(_MAKE, {"owner_id": viewer.person_id, "owner": viewer.name})))


def add_version(
    connection: Connection, viewer: Viewer, board_id: int, version: int, title: str, tiles: tuple[Tile, ...]
) -> None:
    """What the board holds from now on."""
    values = {
        "id": board_id, "version": version, "title": title,
        "tiles": json.dumps(as_rows(tiles), ensure_ascii=False), "by_id": viewer.person_id, "by": viewer.name,
    }  # fmt: skip
    connection.execute(_SAVE, values)


def add_share(connection: Connection, viewer: Viewer, board_id: int, audience: Audience) -> None:
    """Who may see the board from now on."""
    values = {
        "id": board_id, "sees": audience.sees.value, "people": list(audience.people),
        "role": audience.role, "edits": audience.edits, "by": viewer.name,
    }  # fmt: skip
    connection.execute(_SHARE, values)


def set_deleted(connection: Connection, board_id: int, at: datetime | None, by: str | None) -> None:
    """The board is gone since ``at``, or there again."""
    connection.execute(_DELETE, {"id": board_id, "at": at, "by": by})


def add_release(connection: Connection, name: str, version: int, board: Composed) -> None:
    """Version ``version`` of the publication ``name`` shows ``board`` as it is."""
    values = {"name": name, "version": version, "id": board.id, "board_version": board.version}
    connection.execute(_RELEASE, values)


def _board(row: Any) -> Composed:
    audience = Audience(Sees(row.sees), tuple(row.people), row.role, row.edits) if row.sees else Audience()
    return Composed(
        row.id, row.owner_id, row.owner, row.version, row.title, tiles_of(row.tiles), audience, row.saved_at,
        row.saved_by, row.deleted_at, tuple((name, version) for name, version in row.proposed),
    )  # fmt: skip
