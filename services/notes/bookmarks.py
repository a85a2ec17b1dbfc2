"""Bookmarks of the past: a title and an address of our own."""

from collections.abc import Collection

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action
from model.errors import NotFound
from model.notes import TITLE_MOST, Bookmark
from model.roles import NOTE_KEEPERS
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record
from services.notes.checking import checked_address

DEADLINE_MS = 2_000
MOST = 200
"""Bookmarks listed, the newest."""

_INSERT = text(
    "INSERT INTO bookmark (title, address, author) VALUES (:title, :address, :author) RETURNING id"
)
_LIST = text(
    "SELECT id, title, address, author, made_at FROM bookmark ORDER BY made_at DESC, id DESC LIMIT :most"
)
_REMOVE = text("DELETE FROM bookmark WHERE id = :id RETURNING title, address, author")


def bookmarks(engine: Engine, pages: Collection[str]) -> tuple[Bookmark, ...]:
    """The newest 200 bookmarks, the latest first, whose address is still one of our ``pages``."""
    with asking(engine, DEADLINE_MS) as connection:
        found = tuple(Bookmark(*row) for row in connection.execute(_LIST, {"most": MOST}))
    return tuple(one for one in found if one.address.partition("?")[0] in pages)


def save_bookmark(engine: Engine, title: str, address: str, viewer: Viewer, pages: Collection[str]) -> int:
    """Keep ``address`` under ``title``, signed by ``viewer``; its id.

    Raises BadField for an address that is none of ours (a path of ``pages`` with its query), an empty or too
    long text, Refused, Unavailable.
    """
    must_be(viewer, NOTE_KEEPERS, "keep bookmarks")
    values = {
        "title": typed_text("title", title, TITLE_MOST),
        "address": checked_address(address, pages),
        "author": viewer.name,
    }
    with asking(engine, DEADLINE_MS) as connection:
        made = int(str(connection.scalar(_INSERT, values)))
        _record(connection, viewer, Action.BOOKMARK_MADE, made, values["title"], values["address"])
        connection.commit()
    return made


def remove_bookmark(engine: Engine, bookmark_id: int, viewer: Viewer) -> None:
    """Forget a bookmark: the audit knows it was there. Raises NotFound when there is none, Refused,
    Unavailable."""
    must_be(viewer, NOTE_KEEPERS, "forget bookmarks")
    with asking(engine, DEADLINE_MS) as connection:
        gone = connection.execute(_REMOVE, {"id": bookmark_id}).one_or_none()
        if gone is None:
            raise NotFound(f"no bookmark {bookmark_id}")
        _record(connection, viewer, Action.BOOKMARK_REMOVED, bookmark_id, gone.title, gone.address)
        connection.commit()


def _record(
    connection: Connection, viewer: Viewer, action: Action, number: int, title: str, address: str
) -> None:
    told = {"title": title, "address": address}
    record(connection, viewer, action, kind="bookmark", object=str(number), details=told)
