"""Who asks: the viewer of the request this task works for, set by the guard and by nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from model.errors import Refused
from model.viewer import Viewer
from services.city import City

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


def asker(city: City) -> Viewer:
    """Who asks, for what is done in her name; Refused when nobody is signed in."""
    if city.viewer is None:
        raise Refused("sign in first")
    return city.viewer
