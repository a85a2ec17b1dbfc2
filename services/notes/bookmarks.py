"""Bookmarks of the past: a title and an address of our own."""

from collections.abc import Collection

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import NotFound
from model.notes import TITLE_MOST, Bookmark
from model.typed import author_of, typed_text
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
_REMOVE = text("DELETE FROM bookmark WHERE id = :id")


def bookmarks(engine: Engine, pages: Collection[str]) -> tuple[Bookmark, ...]:
    """The newest 200 bookmarks, the latest first, whose address is still one of our ``pages``."""
    with asking(engine, DEADLINE_MS) as connection:
        found = tuple(Bookmark(*row) for row in connection.execute(_LIST, {"most": MOST}))
    return tuple(one for one in found if one.address.partition("?")[0] in pages)


def save_bookmark(engine: Engine, title: str, address: str, author: str, pages: Collection[str]) -> int:
    """Keep ``address`` under ``title``; its id.

    Raises BadField for an address that is none of ours (a path of ``pages`` with its query), an empty or too
    long text, Unavailable.
    """
    values = {
        "title": typed_text("title", title, TITLE_MOST),
        "address": checked_address(address, pages),
        "author": author_of(author),
    }
    with asking(engine, DEADLINE_MS) as connection:
        made = connection.scalar(_INSERT, values)
        connection.commit()
    return int(str(made))


def remove_bookmark(engine: Engine, bookmark_id: int) -> None:
    """Forget a bookmark: it is nobody's evidence. Raises NotFound when there is none, Unavailable."""
    with asking(engine, DEADLINE_MS) as connection:
        gone = connection.execute(_REMOVE, {"id": bookmark_id}).rowcount
        connection.commit()
    if not gone:
        raise NotFound(f"no bookmark {bookmark_id}")
