"""What a publication of a dataset says of itself: its ``about.json``, as far as the API repeats it."""

import msgspec

from model.errors import Unavailable
from services.publishing import artefacts

TABLE_FILE = artefacts.TABLE_FILE.format("parquet")
"""With ``about.json`` what makes a publication a collection: panels have neither."""

TEMPORAL = ("instant", "day", "month")
PLACES = ("point", "outline")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One column: what it holds (a ``Shape``), its unit, and its meaning by language."""

    name: str
    shape: str = "text"
    unit: str = ""
    meaning: dict[str, str] = {}


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of use."""

    id: str = ""
    name: str = ""
    url: str | None = None


class Span(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """From when to when the rows are; ISO 8601."""

    first: str | None = None
    last: str | None = None


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A publication in its own words; texts are by language. What else the file holds is not needed here."""

    title: dict[str, str]
    what: dict[str, str] = {}
    how: dict[str, str] = {}
    limits: dict[str, str] = {}
    producer: str = ""
    attribution: str = ""
    licence: Licence = Licence()
    columns: tuple[Told, ...]
    key: tuple[str, ...] = ()
    bbox: tuple[float, float, float, float] | None = None
    temporal: Span | None = None
    time_zone: str = "UTC"
    grain: dict[str, str] = {}
    dataset: str = ""
    cadence_s: int = 3_600
    data_time: str | None = None
    rows: int | None = None

    @property
    def fields(self) -> tuple[Told, ...]:
        """The columns that are properties of a feature."""
        return tuple(one for one in self.columns if one.shape not in PLACES)

    @property
    def located(self) -> bool:
        """Whether rows have a place."""
        return any(one.shape in PLACES for one in self.columns)

    @property
    def timed(self) -> Told | None:
        """The column that says when a row is; None for an inventory."""
        return next((one for one in self.columns if one.shape in TEMPORAL), None)


def read_about(body: bytes) -> About:
    """``body`` as a publication's own words. Raises Unavailable when it is none."""
    try:
        return msgspec.json.decode(body, type=About)
    except msgspec.DecodeError as error:
        raise Unavailable(f"about.json cannot be read: {error}") from None
