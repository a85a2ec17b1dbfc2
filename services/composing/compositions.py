"""Making, saving, sharing, deleting and proposing composed boards: the one place each of it is done."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from geodata.asking import asking
from model.audit import Action
from model.composed import (
    TITLE_MOST,
    Audience,
    Composed,
    Saved,
    Tile,
    checked_audience,
    checked_tiles,
    may_edit,
    may_see,
    may_share,
)
from model.errors import NotFound, NotNow, Refused
from model.kpis import Kpi
from model.publications import Finding
from model.roles import BOARD_COMPOSERS, BOARD_READERS
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record
from services.composing import rows
from services.composing.proposing import Wish, draft_of
from services.publishing.register import Publications

DEADLINE_MS = 3_000


class Compositions:
    """The composed boards of one city. Every method blocks (call it in a thread), three seconds at most.

    All raise Unavailable when the database is away. A board its viewer may not see is NotFound, as if it did
    not exist. What changes one raises Refused where it is not hers to change. Sharing, deleting, restoring
    and proposing stand in the audit, in the same transaction.
    """

    def __init__(self, engine: Engine, kpis: Mapping[str, Kpi], register: Publications) -> None:
        self._engine = engine
        self._kpis = kpis
        self._register = register

    def list(self, viewer: Viewer) -> Sequence[Composed]:
        """The boards ``viewer`` may see, the last saved first; her own that she deleted among them."""
        must_be(viewer, BOARD_READERS, "see boards")
        with asking(self._engine, DEADLINE_MS) as connection:
            return [one for one in rows.boards(connection) if may_see(viewer, one)]

    def open(self, viewer: Viewer, board_id: int, version: int | None = None) -> Composed:
        """The board ``board_id`` as it is, or as ``version`` was. NotFound."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return _seen(connection, viewer, board_id, version)

    def proposed(self, viewer: Viewer, name: str, number: int) -> Composed:
        """The board that version ``number`` of the publication ``name`` was proposed to show. NotFound."""
        with asking(self._engine, DEADLINE_MS) as connection:
            found = rows.released(connection, name, number)
            if found is None:
                raise NotFound(f"no board behind version {number} of {name}")
            return _seen(connection, viewer, *found)

    def history(self, viewer: Viewer, board_id: int) -> Sequence[Saved]:
        """Each time the board was saved, the latest first; for those who may change it."""
        with asking(self._engine, DEADLINE_MS) as connection:
            if not may_edit(viewer, _seen(connection, viewer, board_id)):
                raise Refused("that board is not hers to change", "not_hers")
            return rows.history(connection, board_id)

    def make(self, viewer: Viewer, title: str, tiles: Sequence[Tile] = ()) -> int:
        """A new board of hers, which nobody else sees; its id. Raises BadField, Refused."""
        must_be(viewer, BOARD_COMPOSERS, "compose boards")
        clean = typed_text("title", title, TITLE_MOST)
        taken = checked_tiles(tiles, self._kpis)
        with asking(self._engine, DEADLINE_MS) as connection:
            made = rows.add_board(connection, viewer)
            rows.add_version(connection, viewer, made, 1, clean, taken)
            connection.commit()
        return made

    def save(self, viewer: Viewer, board_id: int, base: int, title: str, tiles: Sequence[Tile]) -> int:
        """Keep what she made of version ``base``; the new version.

        Raises NotNow (``changed``, with ``by``, ``at`` and ``version``) when somebody saved since: nothing is
        written then, and hers is still on her screen. Raises BadField, Refused.
        """
        clean = typed_text("title", title, TITLE_MOST)
        taken = checked_tiles(tiles, self._kpis)
        with self._changing(viewer, board_id) as (connection, held, _):
            if held.version != base:
                raise NotNow("changed", by=held.saved_by, at=held.saved_at.isoformat(), version=held.version)
            rows.add_version(connection, viewer, board_id, held.version + 1, clean, taken)
        return held.version + 1

    def share(self, viewer: Viewer, board_id: int, audience: Audience) -> None:
        """Say who sees the board beside her. Raises BadField, Refused."""
        wanted = checked_audience(audience)
        with self._changing(viewer, board_id, owner=True) as (connection, held, _):
            rows.add_share(connection, viewer, board_id, wanted)
            details = {"before": _told(held.audience), "after": _told(wanted)}
            _record(connection, viewer, Action.BOARD_SHARED, held, details)

    def duplicate(self, viewer: Viewer, board_id: int, title: str) -> int:
        """A board of her own like one she may see; its id. Raises BadField, Refused."""
        return self.make(viewer, title, self.open(viewer, board_id).tiles)

    def delete(self, viewer: Viewer, board_id: int) -> None:
        """Put the board away; it can be restored. What is published of it stays until it is revoked."""
        with self._changing(viewer, board_id, owner=True) as (connection, held, now):
            rows.set_deleted(connection, board_id, now, viewer.name)
            _record(connection, viewer, Action.BOARD_DELETED, held, {"version": held.version})

    def restore(self, viewer: Viewer, board_id: int) -> None:
        """Take back that it was deleted. Raises NotNow (``not_deleted``) when it is there."""
        with self._changing(viewer, board_id, owner=True, deleted=True) as (connection, held, _):
            if held.deleted_at is None:
                raise NotNow("not_deleted")
            rows.set_deleted(connection, board_id, None, None)
            _record(connection, viewer, Action.BOARD_RESTORED, held, {"version": held.version})

    def propose(self, viewer: Viewer, board_id: int, wish: Wish) -> tuple[int, tuple[Finding, ...]]:
        """Propose the board as it is now to the public, as a panel; the publication's version, and what the
        linter has against it. A steward of the whole city decides.

        Raises BadField naming the tile or field that cannot leave, Refused, NotNow.
        """
        board = self.open(viewer, board_id)
        if not may_share(viewer, board):
            raise Refused("that board is not hers to propose", "not_hers")
        draft = draft_of(board, wish, self._kpis)

        def beside(connection: Connection, number: int) -> None:
            rows.add_release(connection, draft.name, number, board)
            told = {"publication": draft.name, "publication_version": number, "version": board.version}
            _record(connection, viewer, Action.BOARD_PROPOSED, board, told)

        return self._register.propose(viewer, draft, beside)

    @contextmanager
    def _changing(
        self, viewer: Viewer, board_id: int, *, owner: bool = False, deleted: bool = False
    ) -> Iterator[tuple[Connection, Composed, datetime]]:
        """One transaction in which one board is changed, by one person at a time."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows.lock(connection, board_id)
            held = _seen(connection, viewer, board_id)
            if not (may_share if owner else may_edit)(viewer, held):
                raise Refused("that board is not hers to change", "not_hers")
            if held.deleted_at is not None and not deleted:
                raise NotFound(f"no board {board_id}")
            yield connection, held, datetime.now(UTC)
            connection.commit()


def _seen(connection: Connection, viewer: Viewer, board_id: int, version: int | None = None) -> Composed:
    held = rows.board(connection, board_id, version)
    if held is None or not may_see(viewer, held):
        raise NotFound(f"no board {board_id}")
    if version is not None and held.version != version:
        raise NotFound(f"no version {version} of board {board_id}")
    return held


def _told(audience: Audience) -> dict[str, Any]:
    return {
        "sees": audience.sees.value, "people": list(audience.people), "role": audience.role,
        "edits": audience.edits,
    }  # fmt: skip


def _record(
    connection: Connection, viewer: Viewer, action: Action, board: Composed, details: dict[str, Any]
) -> None:
    told = {"title": board.title} | details
    record(connection, viewer, action, kind="composed_board", object=str(board.id), details=told)
