"""Short ways to put a symbol of ``model/symbols.json`` on a page."""

from layouts.components import Symbol
from model.states import Status


def status_symbol(status: Status | str, size: int = 20, title: str | None = None) -> Symbol:
    """The shape, letter and colour of ``status`` (also ``consequence``, ``stale``, ``recovered``)."""
    name = status.key if isinstance(status, Status) else status
    return Symbol(group="status", name=name, size=size, title=title)


def glyph(name: str, size: int = 20, title: str | None = None) -> Symbol:
    """A domain's or asset type's glyph, in the colour of the text around."""
    return Symbol(group="glyph", name=name, size=size, title=title)


def priority_symbol(priority: int, size: int = 20, title: str | None = None) -> Symbol:
    """Priority 1 (critical) to 4 (low), each with its digit."""
    return Symbol(group="priority", name=str(priority), size=size, title=title)


def freshness_symbol(freshness: str, size: int = 16, title: str | None = None) -> Symbol:
    """How fresh a value is: ``live``, ``late``, ``stale`` or ``never``."""
    return Symbol(group="freshness", name=freshness, size=size, title=title)


def icon(name: str, size: int = 20, title: str | None = None) -> Symbol:
    """A control's icon: ``plus``, ``fit``, ``search``, ``past``..."""
    return Symbol(group="icon", name=name, size=size, title=title)
