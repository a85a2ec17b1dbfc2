"""What a page is told of the city it shows: plain data, so that pages stay pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model.people import Grant
from model.texts import Words
from model.viewer import Viewer


@dataclass(frozen=True)
class AreaChoice:
    """One commune or district one may look at alone."""

    id: int
    name: str
    kind: str


@dataclass(frozen=True)
class PageView:
    """One page as one visitor asked for it.

    ``bounds`` is west, south, east, north in WGS84; ``address`` the query of the page's address, first value
    of each name; ``theme`` ``dark`` or ``light``; ``areas`` empty while the database is away. ``viewer`` is
    who looks, ``grants`` all she holds, ``open_pages`` the paths of the pages she may see (None: all).

    ``places`` and ``domains`` are what the visitor's scope is narrowed to, names of areas and of domains;
    None: all. ``areas`` are those of the scope, ``bounds`` where its equipment is; ``empty`` says that
    nothing lies in it.
    """

    title: str
    zone: str
    bounds: tuple[float, float, float, float]
    generated: bool = False
    attribution: str = ""
    licence: str = ""
    area_kind: str = "commune"
    areas: tuple[AreaChoice, ...] = ()
    tiles: dict[str, Any] | None = None
    theme: str = "dark"
    path: str = "/"
    address: Mapping[str, str] = field(default_factory=dict)
    viewer: Viewer | None = None
    grants: tuple[Grant, ...] = ()
    open_pages: frozenset[str] | None = None
    places: tuple[str, ...] | None = None
    domains: frozenset[str] | None = None
    empty: bool = False

    def is_open(self, path: str) -> bool:
        """Whether the viewer may see the page at ``path``."""
        return self.open_pages is None or path in self.open_pages

    def shows(self, domain: str) -> bool:
        """Whether ``domain`` is in the visitor's scope."""
        return self.domains is None or domain in self.domains


def source_line(say: Words, view: PageView) -> str:
    """Whose positions these are: an invented city says so in the reader's language, a real one its source."""
    return say("shell.invented") if view.generated else view.attribution
