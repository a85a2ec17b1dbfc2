"""The notes of one city, as callbacks are handed them: every question and every writer in one place."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Engine

from model.notes import Annotation, Bookmark, NoteDraft
from model.viewer import Viewer
from services.notes import annotations, bookmarks


class Notes:
    """Annotations and bookmarks of one city. Every method blocks (call it in a thread), two seconds at most.

    All raise Unavailable when the database is away or too slow; writers BadField, naming the field, and
    Refused. What is written is signed by the viewer and stands in the audit with it, or not at all.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def between(
        self,
        t0: datetime,
        t1: datetime,
        area: int | None = None,
        asset: int | None = None,
        *,
        with_assets: bool = False,
        withdrawn: bool = False,
    ) -> tuple[Annotation, ...]:
        """Annotations that touch [t0, t1]: see ``annotations.annotations_between``."""
        return annotations.annotations_between(
            self._engine, t0, t1, area, asset, with_assets=with_assets, withdrawn=withdrawn
        )  # fmt: skip

    def annotate(self, draft: NoteDraft, viewer: Viewer) -> int:
        """Write ``draft`` now, signed by ``viewer``; its id."""
        return annotations.annotate(self._engine, draft, viewer, datetime.now(UTC))

    def withdraw(self, note_id: int, viewer: Viewer) -> None:
        """Take an annotation out of force. NotFound when none of that id is."""
        annotations.withdraw(self._engine, note_id, viewer, datetime.now(UTC))

    def bookmarks(self, pages: Collection[str]) -> tuple[Bookmark, ...]:
        """The newest bookmarks of ``pages``."""
        return bookmarks.bookmarks(self._engine, pages)

    def save_bookmark(self, title: str, address: str, viewer: Viewer, pages: Collection[str]) -> int:
        """Keep an address of ``pages`` under a title; its id."""
        return bookmarks.save_bookmark(self._engine, title, address, viewer, pages)

    def remove_bookmark(self, bookmark_id: int, viewer: Viewer) -> None:
        """Forget a bookmark. NotFound when there is none."""
        bookmarks.remove_bookmark(self._engine, bookmark_id, viewer)
