"""What every file says of itself beside its rows, and what a writer is handed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

GEOMETRY = "geometry"


@dataclass(frozen=True)
class Told:
    """A publication's name, its columns with units, and whose it is: enough to use a file found alone.

    ``key`` names the columns that tell rows apart; ``located`` whether each row has its place; ``timed``
    whether it is a series, so that each place comes back with every hour.
    """

    name: str
    city: str
    generated: bool
    attribution: str
    licence: dict[str, str | None]
    columns: tuple[dict[str, Any], ...]
    key: tuple[str, ...]
    located: bool
    timed: bool = False

    @property
    def head(self) -> dict[str, Any]:
        """As the members of a JSON object."""
        return {
            "publication": self.name,
            "city": self.city,
            "generated": self.generated,
            "attribution": self.attribution,
            "licence": self.licence,
            "columns": list(self.columns),
        }


Write = Callable[[pa.Table, Told, Path], None]
