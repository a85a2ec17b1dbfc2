"""What a register of open data declares: datasets, their columns, and how fine and how soon they may leave.

The register says what the city has; a publication (``model/publications.py``) is what of it is let out. The
meaning of a dataset and of a column is in the catalogues: ``dataset.<name>_title``, ``_what``, ``_how``,
``_limits``, and ``column.<name>`` (one meaning to a name in every dataset, as readers expect).
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Openness(StrEnum):
    """The four kinds of RUDI (field.md (g)): ``personal`` and ``restricted`` are listed, never given out."""

    OPEN = "open"
    RESTRICTED = "restricted"
    PERSONAL = "personal"
    ANONYMISED = "anonymised"


class Closed(StrEnum):
    """Why a dataset is not open, by its text: CRPA L311-5, L311-6 and L312-1-2."""

    SITE_SECURITY = "site_security"
    PRIVACY = "privacy"
    COMMERCIAL = "commercial"
    VIDEO = "video"
    DUTY = "duty"


class Sensitivity(StrEnum):
    """What makes a column unfit to be published as it is (field.md (f), requirement D2 and G6)."""

    NONE = "none"
    PERSON = "person"
    CONTACT = "contact"
    HOME = "home"
    PLATE = "plate"
    BADGE = "badge"
    FREE_TEXT = "free_text"
    DUTY_POSITION = "duty_position"
    VIDEO_VIEW = "video_view"
    VIDEO_STATE = "video_state"
    DOOR_STATE = "door_state"
    SITE_SECURITY = "site_security"
    DELIVERY_POINT = "delivery_point"


class Shape(StrEnum):
    """What a column holds. Instants are UTC, days local, points WGS84."""

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    NUMBER = "number"
    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    POINT = "point"
    OUTLINE = "outline"


class Place(IntEnum):
    """How fine in space, finest first."""

    ASSET = 0
    AREA = 1
    CITY = 2


class Span(IntEnum):
    """How fine in time, finest first; ``NOW`` is the state at one instant, ``NONE`` an inventory."""

    NOW = 0
    HOUR = 1
    DAY = 2
    MONTH = 3
    NONE = 4


@dataclass(frozen=True, slots=True)
class Grain:
    """One row is one ``place`` in one ``span``."""

    place: Place
    span: Span

    def finer_than(self, other: "Grain") -> bool:
        """Whether rows of this grain tell more in space or in time than ``other`` allows."""
        return self.place < other.place or self.span < other.span


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``unit`` as the domain writes it; ``decimals`` of a number, as published."""

    name: str
    shape: Shape
    unit: str = ""
    sensitivity: Sensitivity = Sensitivity.NONE
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Small cells: at least ``k`` units in each, and none of them above ``dominance`` of the total.

    ``counted`` names the column with the number of units, ``largest`` the one with the share of the largest
    (0 to 1; empty: shares are not known, so dominance is not judged); ``values`` those that are suppressed,
    ``total`` the column that rows of one sum share (secondary suppression works in it; empty: the whole).
    Energy: 10 delivery points (decree 2020-196); persons 11; enterprises 3 units, none above 85 % (Insee).
    """

    k: int
    counted: str
    values: tuple[str, ...]
    largest: str = ""
    dominance: float = 0.85
    total: str = ""


@dataclass(frozen=True)
class Dataset:
    """One entry of the register: what there is, whose it is, and the least its publications keep to.

    ``types`` are the asset types it is of; ``feeds`` the kinds of source its values come by (catalogue
    ``feed_kind``); ``grain`` the finest that may leave and ``delay_s`` the youngest; ``every_s`` how often it
    changes; ``steward`` the domain whose data steward answers for it; ``legal_basis`` a key of the catalogue
    (``legal_basis.<key>``); ``theme`` one of the European data themes (``data-theme`` authority table);
    ``high_value`` the category of EU 2023/138, empty for none; ``closed`` why it is not open.
    """

    name: str
    domain: str
    openness: Openness
    columns: tuple[Column, ...]
    grain: Grain
    types: tuple[str, ...] = ()
    key: tuple[str, ...] = ("id",)
    delay_s: int = 0
    every_s: int = 86_400
    retention: str = ""
    legal_basis: str = "open_data_duty"
    theme: str = "GOVE"
    high_value: str = ""
    closed: Closed | None = None
    secrecy: Secrecy | None = None
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what contradicts itself. ValueError names the dataset."""
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})
        if (self.openness in (Openness.OPEN, Openness.ANONYMISED)) == (self.closed is not None):
            raise ValueError(f"dataset {self.name}: a reason why it is closed, and none if it is open")
        if missing := [name for name in self.key if name not in self.by_name]:
            raise ValueError(f"dataset {self.name}: no column {missing[0]!r}, which its key names")

    @property
    def publishable(self) -> bool:
        """Whether a publication of it can be proposed at all."""
        return self.closed is None

    @property
    def located(self) -> Column | None:
        """The column that says where a row is; None for a table."""
        return next((one for one in self.columns if one.shape in (Shape.POINT, Shape.OUTLINE)), None)
