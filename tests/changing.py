"""A process that changes things through the services as fast as it can, until it is killed."""

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe

from sqlalchemy import Engine

from geodata.database import open_engine
from model.notes import CorrectionDraft, NoteDraft
from model.viewer import Viewer
from services.access import Access
from services.history import Corrections
from services.notes import Notes
from services.settings import Settings

PAGES = frozenset({"/history"})
ASSET, CAMERA = 1, 2


def change_until_killed(url: str, viewer: Viewer, read_at: datetime, told: Pipe) -> None:
    """Change annotations, bookmarks, corrections and purposes in threads; one byte to ``told`` a change."""
    engine = open_engine(url)
    lock = threading.Lock()

    def done() -> None:
        with lock:
            told.send_bytes(b".")

    works = (_annotate, _bookmark, _correct, _look)
    threads = [threading.Thread(target=work, args=(engine, url, viewer, read_at, done)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _annotate(engine: Engine, _url: str, viewer: Viewer, _at: datetime, done: Callable[[], None]) -> None:
    book, t0 = Notes(engine), datetime.now(UTC)
    while True:
        number = book.annotate(NoteDraft("note", "Essai", "", t0, t0 + timedelta(hours=1)), viewer)
        done()
        book.withdraw(number, viewer)
        done()


def _bookmark(engine: Engine, _url: str, viewer: Viewer, _at: datetime, done: Callable[[], None]) -> None:
    book = Notes(engine)
    for turn in itertools.count():
        number = book.save_bookmark("Essai", "/history?at=now", viewer, PAGES)
        done()
        if turn % 2:
            book.remove_bookmark(number, viewer)
            done()


def _correct(engine: Engine, _url: str, viewer: Viewer, at: datetime, done: Callable[[], None]) -> None:
    corrections = Corrections(engine)
    for turn in itertools.count():
        draft = CorrectionDraft(ASSET, "energy", at, at, float(turn % 50), "essai")
        corrections.correct(draft, viewer)
        done()


def _look(engine: Engine, url: str, viewer: Viewer, _at: datetime, done: Callable[[], None]) -> None:
    looks = Access(engine, Settings(database_url=url, redis_url="unix:///nowhere")).looks
    while True:
        looks.state(viewer, CAMERA, "incident", "essai")
        done()
        looks.attempt(viewer, CAMERA, "panel")
        done()
