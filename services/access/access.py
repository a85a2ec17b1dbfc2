"""Access, as the doors are handed it: one counter a subject. Wings meet only at ``services.access``."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from services.access.looks import Looks
from services.access.reading import Audit


@dataclass(frozen=True)
class Access:
    """Everything about who may do what, on the whole city's ``engine``: rights are never asked through a
    scope. Each subject is a counter of its own."""

    engine: Engine
    audit: Audit = field(init=False)
    looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        """Open the counters on the one engine; nothing connects yet."""
        object.__setattr__(self, "audit", Audit(self.engine))
        object.__setattr__(self, "looks", Looks(self.engine))
