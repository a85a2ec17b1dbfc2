"""What partners may have: the datasets there are, agreements, keys and their use. Instants are aware UTC.

A dataset holds equipment and its state, never images, persons, badges or where a vehicle is, because that
tells where its driver is.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from model.viewer import Scope

PARTNER_MOST, PURPOSE_MOST, CONTACT_MOST, LABEL_MOST = 120, 500, 160, 60
"""The longest texts taken, in characters."""
RATE_LEAST, RATE_MOST = 1, 6_000
LONGEST_AGREEMENT = timedelta(days=5 * 366)
KEYS_MOST = 20
"""Keys in force of one agreement: more want an agreement of their own."""

PLACE = ("id", "type", "name", "street", "area", "area_code", "longitude", "latitude")
STATE = ("status", "state", "freshness", "measured_at")
VALUE = ("value", "unit")


class PartnerKind(StrEnum):
    """Whom the agreement is with."""

    PUBLIC = "public"
    PRIVATE = "private"
    ASSOCIATION = "association"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One thing a partner may be given: assets of ``types`` (all of one ``domain``), with ``fields``."""

    name: str
    domain: str
    types: tuple[str, ...]
    fields: tuple[str, ...]


# The consumption of one meter may tell of one household or firm (decree 2020-196): no value for energy.
DATASETS: tuple[Dataset, ...] = (
    Dataset("lighting-assets", "lighting", ("streetlight", "control_cabinet"), PLACE + STATE),
    Dataset("traffic-assets", "traffic", ("junction", "detector", "segment", "car_park"), PLACE + STATE),
    Dataset("traffic-state", "traffic", ("segment", "car_park"), PLACE + STATE + VALUE),
    Dataset("energy-assets", "energy", ("building", "meter"), PLACE + STATE),
)
"""Every dataset there is, in the order screens show them."""

FIELDS: tuple[str, ...] = tuple(dict.fromkeys(field for one in DATASETS for field in one.fields))


def dataset_named(name: str) -> Dataset | None:
    """The dataset ``name``; None when there is none."""
    return next((one for one in DATASETS if one.name == name), None)


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """An agreement as somebody typed it; ``areas`` None: the whole city."""

    partner: str
    kind: str
    purpose: str
    contact: str
    datasets: tuple[str, ...]
    fields: tuple[str, ...]
    areas: frozenset[int] | None
    rate_per_minute: int
    processor_terms: bool
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement on record."""

    id: int
    partner: str
    kind: PartnerKind
    purpose: str
    contact: str
    datasets: tuple[str, ...]
    fields: tuple[str, ...]
    areas: frozenset[int] | None
    rate_per_minute: int
    processor_terms: bool
    valid_from: datetime
    valid_until: datetime
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at ``now``."""
        return self.revoked_at is None and self.valid_from <= now < self.valid_until

    def fields_of(self, dataset: Dataset) -> tuple[str, ...]:
        """What it allows of ``dataset``, in the dataset's order."""
        return tuple(field for field in dataset.fields if field in self.fields)

    @property
    def scope(self) -> Scope:
        """The part of the city it is about."""
        domains = {one.domain for one in DATASETS if one.name in self.datasets}
        return Scope(self.areas, frozenset(domains))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of an agreement: its first characters, never the key."""

    id: int
    agreement_id: int
    label: str
    prefix: str
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """What one key was used for on one day (UTC): answers and refusals of one dataset."""

    key_id: int
    day: date
    dataset: str
    answered: int
    refused: int


@dataclass(frozen=True, slots=True)
class AgreementSheet:
    """An agreement with its keys, newest first, and their use of the last 90 days, by day."""

    agreement: Agreement
    keys: tuple[ApiKey, ...]
    uses: tuple[Use, ...]

    @property
    def keys_in_force(self) -> tuple[ApiKey, ...]:
        """The keys that were not revoked."""
        return tuple(key for key in self.keys if key.revoked_at is None)
