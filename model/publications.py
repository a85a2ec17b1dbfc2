"""What is let out of a dataset: proposed, judged by the privacy linter, approved by named persons, revocable.

A draft says which columns, where, how fine, how late and how often; a release is an approved version of it,
the only thing the publisher works from. Instants are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from model.datasets import BY_NAME, Dataset, Grain

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
