"""What is let out of a dataset: proposed, judged by the privacy linter, approved by named persons, revocable.

A draft says which columns, where, how fine, how late and how often; a release is an approved version of it,
the only thing the publisher works from. Instants are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from model.datasets import BY_NAME, Dataset, Grain, Openness, Sensitivity
from model.roles import Role

LONGEST_RELEASE = timedelta(days=5 * 366)
"""A publication is looked at again at least every five years."""


class State(StrEnum):
    """Where a version of a publication stands."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    REPLACED = "replaced"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Act(StrEnum):
    """What somebody did with a version; its words are ``publications.act_<act>`` in the catalogues."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    CLEARED = "cleared"
    """The data-protection officer has nothing against it."""
    REFUSED = "refused"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Rule(StrEnum):
    """What the privacy linter can object to; its sentence is ``lint.<rule>`` in the catalogues."""

    UNKNOWN_DATASET = "unknown_dataset"
    CLOSED_DATASET = "closed_dataset"
    UNKNOWN_COLUMN = "unknown_column"
    NO_COLUMN = "no_column"
    KEY_MISSING = "key_missing"
    SENSITIVE_COLUMN = "sensitive_column"
    TOO_FINE_PLACE = "too_fine_place"
    TOO_FINE_TIME = "too_fine_time"
    TOO_YOUNG = "too_young"
    TOO_OFTEN = "too_often"
    COUNT_MISSING = "count_missing"
    SMALL_CELL = "small_cell"
    DOMINATED_CELL = "dominated_cell"
    DIFFERENCE = "difference"
    LICENCE = "licence"
    TOO_LONG = "too_long"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection: ``column`` it is about (empty: the whole), the ``rule``, and what would pass.

    ``passes`` names the key ``lint.pass_<key>`` of the catalogues; ``said`` fills both sentences.
    """

    rule: Rule
    column: str = ""
    passes: str = ""
    said: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A version in force whose table may not leave as it is: since when (UTC), and what speaks against it."""

    version: int
    since: datetime
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A publication as somebody proposes it. ``areas`` None: the whole city; ids of areas otherwise.

    ``name`` is its address for ever (lower case, digits, hyphens); ``delay_s`` how old data is when it
    leaves; ``cadence_s`` how often it is made; ``valid_until`` None: the longest allowed.
    """

    name: str
    dataset: str
    columns: tuple[str, ...]
    areas: frozenset[int] | None
    grain: Grain
    delay_s: int
    cadence_s: int
    licence: str
    why: str
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One approved version of a publication, in force: what the publisher may make, and nothing beyond."""

    name: str
    version: int
    dataset: Dataset
    columns: tuple[str, ...]
    areas: frozenset[int] | None
    grain: Grain
    delay_s: int
    cadence_s: int
    licence: str
    approved_by: str
    approved_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One act on a version: public, but for ``actor_id`` (None: the system)."""

    act: Act
    at: datetime
    actor_id: int | None
    actor: str
    role: str
    why: str


@dataclass(frozen=True, slots=True)
class Version:
    """What a publication was once proposed to let out, and what was done with it since, oldest first.

    ``vetoed``: the data-protection officer refused or revoked an earlier version, and has cleared none since.
    """

    number: int
    draft: Draft
    valid_until: datetime
    proposed_at: datetime
    proposed_by: str
    steps: tuple[Step, ...]
    vetoed: bool = False

    def step(self, act: Act) -> Step | None:
        """The last time ``act`` was done; None: never."""
        return next((one for one in reversed(self.steps) if one.act is act), None)

    @property
    def takes_two(self) -> bool:
        """Whether the data-protection officer must have nothing against it, beside the steward."""
        dataset = dataset_of(self.draft)
        return self.vetoed or dataset is None or personal_behind(dataset)

    @property
    def waits_for(self) -> tuple[Role, ...]:
        """The roles whose approval it still needs."""
        needed = [(Act.APPROVED, Role.STEWARD)]
        if self.takes_two:
            needed.append((Act.CLEARED, Role.DPO))
        return tuple(role for act, role in needed if self.step(act) is None)

    @property
    def complete(self) -> bool:
        """Whether all who must approve it have."""
        return dataset_of(self.draft) is not None and not self.waits_for

    def state(self, now: datetime) -> State:
        """Where it stands at ``now``."""
        for act, state in _ENDS.items():
            if self.step(act) is not None:
                return state
        if self.valid_until <= now:
            return State.EXPIRED
        return State.IN_FORCE if self.complete else State.PROPOSED


_ENDS = {Act.REVOKED: State.REVOKED, Act.REFUSED: State.REFUSED, Act.REPLACED: State.REPLACED}


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication with every version of it, the newest first."""

    name: str
    dataset: str
    versions: tuple[Version, ...]

    def in_force(self, now: datetime) -> Version | None:
        """The version that is out at ``now``; None: nothing is."""
        return next((one for one in self.versions if one.state(now) is State.IN_FORCE), None)

    def waiting(self, now: datetime) -> Version | None:
        """The version somebody still has to decide on."""
        return next((one for one in self.versions if one.state(now) is State.PROPOSED), None)


def personal_behind(dataset: Dataset) -> bool:
    """Whether ``dataset`` was made from what must not be published: then the data-protection officer must
    have nothing against it.

    It was if it is anonymised, or if the register has sensitive columns of the same types of equipment.
    """
    if dataset.openness is Openness.ANONYMISED:
        return True
    return any(
        column.sensitivity is not Sensitivity.NONE
        for other in BY_NAME.values()
        if set(other.types) & set(dataset.types)
        for column in other.columns
    )


def draft_of_all(dataset: Dataset, licence: str, why: str) -> Draft:
    """The publication a city begins with: every column of ``dataset``, as fine and as soon as it may be."""
    return Draft(
        name=dataset.name,
        dataset=dataset.name,
        columns=tuple(dataset.by_name),
        areas=None,
        grain=dataset.grain,
        delay_s=dataset.delay_s,
        cadence_s=dataset.every_s,
        licence=licence,
        why=why,
    )


def dataset_of(draft: Draft) -> Dataset | None:
    """The register's entry ``draft`` is about; None when there is none."""
    return BY_NAME.get(draft.dataset)
