"""What an alarm is: its condition, its handling and its hiding, kept apart; and what is shown of it.

Codes of states follow ISA-18.2. Times are aware UTC. An alarm is *of* one asset, or of a whole area.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class Priority(IntEnum):
    """How soon to respond."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4


class Severity(IntEnum):
    """How bad the effect is."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


class Hiding(StrEnum):
    """Why an alarm is kept from the list. ``suppressed`` is the network's doing, the others are people's."""

    SUPPRESSED = "suppressed"
    SHELVED = "shelved"
    OUT_OF_SERVICE = "out_of_service"
    DISABLED = "disabled"


class AlarmState(StrEnum):
    """What an alarm is, in one code. The three facts behind it are the truth, this is their name."""

    NORM = "NORM"
    UNACK = "UNACK"
    ACKED = "ACKED"
    RTNUN = "RTNUN"
    LATCHED_UNACK = "LATCHED_UNACK"
    LATCHED_ACKED = "LATCHED_ACKED"
    SHLVD = "SHLVD"
    DSUPR = "DSUPR"
    OOSRV = "OOSRV"
    DSBLD = "DSBLD"


_HIDDEN = {
    Hiding.SHELVED: AlarmState.SHLVD,
    Hiding.SUPPRESSED: AlarmState.DSUPR,
    Hiding.OUT_OF_SERVICE: AlarmState.OOSRV,
    Hiding.DISABLED: AlarmState.DSBLD,
}


def state_of(
    *, active: bool, acknowledged: bool, latched: bool = False, hiding: Hiding | None = None
) -> AlarmState:
    """The code of an alarm. ``latched``: over, but it stays until it is reset (ISA-18.2)."""
    if hiding is not None:
        return _HIDDEN[hiding]
    if active:
        return AlarmState.ACKED if acknowledged else AlarmState.UNACK
    if latched:
        return AlarmState.LATCHED_ACKED if acknowledged else AlarmState.LATCHED_UNACK
    return AlarmState.NORM if acknowledged else AlarmState.RTNUN


class Happening(StrEnum):
    """What can happen to an alarm: the kinds of ``alarm_event``, each with its words in the catalogues."""

    RAISED = "raised"
    ANNUNCIATED = "annunciated"
    RAISED_AGAIN = "raised_again"
    RE_ALARMED = "re_alarmed"
    RETURNED = "returned"
    CLOSED = "closed"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    RESET = "reset"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    GROUPED = "grouped"
    UNGROUPED = "ungrouped"
    RATED = "rated"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"
    DISABLED = "disabled"
    ENABLED = "enabled"
    UNCERTAIN = "uncertain"
    CERTAIN = "certain"
    TOLD = "told"
    """Somebody outside was told; details: route, moment."""


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One line of the list. ``asset`` is its external id ('' of an area's), ``index`` its live index or -1.

    ``consequences`` counts the open alarms it explains, ``cause_outside`` is true when its cause lies outside
    what the viewer sees. ``title`` is empty where the class's own words in the catalogues say it
    (``alarm.rule.<alarm_class>``). ``worst`` is the most urgent priority that lasts in its group, itself
    included: by that it is ranked, so that no critical alarm hides under a lesser cause. ``asset_id`` is the
    registry's number, 0 of an area's.
    """

    id: int
    alarm_class: str
    title: dict[str, str]
    priority: int
    severity: int
    domain: str
    asset_type: str
    asset: str
    index: int
    name: str
    street: str
    area: str
    state: int | None
    value: float | None
    raised_at: datetime
    noticed_at: datetime
    returned_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    confirmed_at: datetime | None
    assigned_to: str
    code: AlarmState
    hiding: Hiding | None
    cause_id: int | None
    consequences: int
    activations: int
    escalation: int
    uncertain: bool
    latched: bool
    cause_outside: bool = False
    lon: float | None = None
    lat: float | None = None
    worst: int = 4
    asset_id: int = 0

    @property
    def active(self) -> bool:
        """Whether the condition lasts."""
        return self.returned_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether an operator has seen it."""
        return self.acknowledged_at is not None


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What of the list is asked for; None: all. It is applied to the whole set, never to one page.

    ``domains`` names, ``priorities`` 1 to 4, ``area`` an area id, ``handling`` some of ``unacknowledged``,
    ``acknowledged``, ``returned``, ``mine``; ``text`` is looked for in name, street and id. ``offset`` pages.
    """

    domains: frozenset[str] | None = None
    priorities: frozenset[int] | None = None
    area: int | None = None
    handling: frozenset[str] | None = None
    text: str = ""
    offset: int = 0
    limit: int = 200


@dataclass(frozen=True, slots=True)
class Flood:
    """The load of a position now (EEMUA 191, ISA-18.2): alarms put before it in the running ten minutes.

    ``on``: more than the threshold since the bin ``since``, and no bin below the end since. ``causes`` and
    ``consequences`` count what the list holds.
    """

    on: bool
    count: int
    threshold: int
    since: datetime | None = None
    causes: int = 0
    consequences: int = 0


@dataclass(frozen=True, slots=True)
class AlarmList:
    """The list as it is now, or as it was: causes only, ranked; ``total`` rows fit the query.

    ``by_priority`` counts unhidden causes by priority before the filter on priorities; ``unacknowledged`` of
    them; ``hidden`` is how many alarms are kept from the list on purpose; ``watched_until`` is how far the
    engine has seen (aware UTC; None: never), so that a list that stands still says so. ``revision`` rises
    with every change.

    Of the past (``at``): ``learnt`` are alarms that had begun by then and were noticed later, most urgent
    first, ``learnt_total`` of them; ``watched`` is false where no engine watched at that instant.
    """

    rows: tuple[AlarmRow, ...]
    total: int
    by_priority: dict[int, int]
    unacknowledged: dict[int, int]
    consequences: int
    hidden: int
    flood: Flood
    watched_until: datetime | None
    revision: int = 0
    at: datetime | None = None
    learnt: tuple[AlarmRow, ...] = ()
    learnt_total: int = 0
    watched: bool = True


@dataclass(frozen=True, slots=True)
class Recovered:
    """An alarm that ended between two instants: its ``row`` as of the second, after ``lasted_s`` seconds."""

    row: AlarmRow
    ended_at: datetime
    lasted_s: float


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """One line of an alarm's thread, by a person or (``actor`` empty) the system."""

    id: int
    at: datetime
    kind: Happening
    actor: str
    role: str
    text: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HiddenRow:
    """One line of what is hidden now: by whom, why, since and until when; ``alarms`` are open behind it.

    ``waiting`` is true for a disabling that awaits its second person.
    """

    id: int
    kind: Hiding
    alarm_class: str
    title: dict[str, str]
    asset: str
    name: str
    area: str
    domain: str
    reason: str
    reference: str
    from_at: datetime
    until: datetime | None
    made_by: str
    made_by_id: int | None
    seconded_by: str
    waiting: bool
    alarms: int
    with_children: bool = False


@dataclass(frozen=True, slots=True)
class AlarmSheet:
    """One alarm whole: its row, thread, what it explains or is explained by, and what its rule says to do.

    ``never_shelved``: why it may not be shelved at all, ``highly_managed`` or ``never_shelved``; else empty.
    """

    row: AlarmRow
    thread: tuple[AlarmEvent, ...]
    cause: AlarmRow | None
    consequences: tuple[AlarmRow, ...]
    action: dict[str, str]
    responder: str
    rule_version: int
    confirmed_action: str
    max_shelve_s: int
    escalates_at: datetime | None
    hidings: tuple[HiddenRow, ...] = ()
    never_shelved: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One alarm as it was read back before it was acknowledged: how often it had been raised by then."""

    id: int
    activations: int


@dataclass(frozen=True, slots=True)
class Already:
    """An alarm somebody had acknowledged before: nothing was done, and this says who did it when."""

    id: int
    by: str
    at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """An alarm that is not as it was read back: ``raised_again`` (now ``activations`` times), ``closed``."""

    id: int
    what: str
    activations: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What became of an acknowledgement: ``done`` is committed; the others were left as they are."""

    done: tuple[AlarmRow, ...]
    already: tuple[Already, ...] = ()
    changed: tuple[ChangedSince, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What is kept from the list: an asset (its registry id, ``with_children`` all it feeds), an area, or
    neither (the whole city); of it one ``alarm_class``, one ``domain``, or everything (empty)."""

    asset_id: int | None = None
    area_id: int | None = None
    alarm_class: str = ""
    domain: str = ""
    with_children: bool = False


@dataclass(frozen=True, slots=True)
class Assignable:
    """Somebody an alarm may be given to: she is signed up, and sees where it lies."""

    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Nearby:
    """One line of a dossier: something ``distance_m`` away, ``after_s`` seconds after the alarm began.

    ``kind``: alarm, change (a state), note, works, camera (equipment that may see it), moved (a vehicle).
    ``lon`` and ``lat`` (WGS84) are where it is drawn; ``score`` ranks it, 1 most telling.
    """

    kind: str
    at: datetime | None
    after_s: float
    distance_m: float
    domain: str
    asset_type: str
    asset: str
    index: int
    name: str
    lon: float
    lat: float
    state: int | None
    status: int | None
    alarm: AlarmRow | None
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything within ``radius_m`` and ``span_s`` either side of an alarm, most telling first."""

    alarm: AlarmRow
    radius_m: float
    span_s: float
    found: tuple[Nearby, ...]
    left_out: int
