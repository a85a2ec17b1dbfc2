"""Access, as the doors are handed it: one counter a subject. Wings meet only at ``services.access``."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from services.access.partners import Partners
from services.access.people import People


@dataclass(frozen=True)
class Access:
    """Everything about who may do what, on the whole city's ``engine``: rights are never asked through a
    scope. Each subject is a counter of its own."""

    engine: Engine
    people: People = field(init=False)
    partners: Partners = field(init=False)

    def __post_init__(self) -> None:
        """Open the counters; nothing connects before it is asked."""
        object.__setattr__(self, "people", People(self.engine))
        object.__setattr__(self, "partners", Partners(self.engine))
