"""Access, as the doors are handed it: one counter a subject. Wings meet only at ``services.access``."""

from dataclasses import dataclass

from sqlalchemy import Engine


@dataclass(frozen=True)
class Access:
    """Everything about who may do what, on the whole city's ``engine``: rights are never asked through a
    scope. Each subject is a counter of its own."""

    engine: Engine
