"""The report of a night: what it holds, as plain data that a page and a PDF are both laid out from.

Instants are aware. ``a`` and ``b`` are the two instants compared, a < b.
"""

from dataclasses import dataclass
from datetime import datetime

from model.notes import Annotation
from model.series import Series
from model.takeaway import Label


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault or lost link between A and B, told by its cause.

    ``began`` None: before what is on record. ``before`` whether it was already there at A; ``ended`` None:
    still there at B. ``seconds`` how long it lasted: to its end or to B, from its beginning or from A where
    that is not known. ``consequences`` counts the assets it took with it at any time between A and B.
    """

    external_id: str
    name: str
    asset_type: str
    street: str
    area: str
    status: str
    state: str
    began: datetime | None
    before: bool
    ended: datetime | None
    seconds: float
    consequences: int
    priority: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One abnormal asset on a map: where (in the map's box), what it is drawn as, whose it is, and how much
    it weighs: 0; 1 where it is new since the instant compared with; 2 where it also took others with it."""

    x: float
    y: float
    drawn: str
    name: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class MapOfInstant:
    """The city at one instant: quiet assets as one path of points by class, abnormal ones as marks.

    ``counts`` is how many assets were drawn as each class, quiet ones among them.
    """

    at: datetime
    quiet: dict[str, str]
    marks: tuple[Mark, ...]
    counts: dict[str, int]
    known: float


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies under a map, in a box of ``width`` by ``height``: paths of areas, and of streets by rank."""

    width: float
    height: float
    areas: tuple[str, ...]
    streets: dict[int, str]


@dataclass(frozen=True, slots=True)
class Silence:
    """A feed of which nothing came between ``t0`` and ``t1``, the longest such time between A and B."""

    feed: str
    t0: datetime
    t1: datetime
    period_s: int


@dataclass(frozen=True, eq=False, slots=True)
class Concerned:
    """One series the night concerned: of one asset (``name``), or of a type in the whole city."""

    observed_property: str
    asset_type: str
    name: str
    series: Series


@dataclass(frozen=True, slots=True)
class Figures:
    """The night in figures; each is defined in docs/take-away.md.

    ``faults_a``, ``faults_b``: assets in fault of their own at A and B. ``new``, ``came_and_went``,
    ``recovered``, ``already`` count troubles (``NightReport``). ``lamps_dark`` light points that were in
    fault at some time, ``lamp_hours`` how long in all; ``known`` the share of asset-hours whose status was
    known.
    """

    assets: int
    faults_a: int
    faults_b: int
    new: int
    came_and_went: int
    recovered: int
    already: int
    lamps: int
    lamps_dark: int
    lamp_hours: float
    known: float


@dataclass(frozen=True, slots=True)
class NightAlarm:
    """One alarm that was put before the operators at ``shown_at``; what was done about it by B."""

    alarm_class: str
    title: dict[str, str]
    priority: int
    external_id: str
    name: str
    shown_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    returned_at: datetime | None
    consequences: int


@dataclass(frozen=True, slots=True)
class NightAlarms:
    """The alarms of a night, most urgent first; ``total`` of them, ``acknowledged`` by B."""

    rows: tuple[NightAlarm, ...] = ()
    total: int = 0
    acknowledged: int = 0


@dataclass(frozen=True, slots=True)
class NightReport:
    """Everything the report says.

    Troubles are in four lists, worst first: ``new`` (began after A, there at B), ``came_and_went`` (began
    and ended between), ``recovered`` (there at A, ended), ``already`` (there at A and at B). ``degraded``
    holds what worked less well at B and not at A. ``silences`` None: how feeds did then is not on record.
    ``gaps`` are the times nothing at all was recorded. ``alarms`` None: not for who asks.
    """

    label: Label
    a: datetime
    b: datetime
    figures: Figures
    ground: Ground
    map_a: MapOfInstant
    map_b: MapOfInstant
    new: tuple[Trouble, ...]
    came_and_went: tuple[Trouble, ...]
    recovered: tuple[Trouble, ...]
    already: tuple[Trouble, ...]
    degraded: tuple[Trouble, ...]
    series: tuple[Concerned, ...]
    notes: tuple[Annotation, ...]
    silences: tuple[Silence, ...] | None
    gaps: tuple[tuple[datetime, datetime], ...]
    alarms: NightAlarms | None = None
