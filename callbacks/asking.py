"""Who asks: the viewer of the request this task works for, set by the guard and by nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from model.viewer import Viewer

_NOW: ContextVar[Viewer | None] = ContextVar("viewer", default=None)


def viewer_now() -> Viewer | None:
    """Who the current task answers; None: nobody is signed in."""
    return _NOW.get()


@contextmanager
def asked_by(viewer: Viewer | None) -> Iterator[None]:
    """Work for ``viewer`` within the block; tasks and threads begun in it know it too."""
    before = _NOW.set(viewer)
    try:
        yield
    finally:
        _NOW.reset(before)
