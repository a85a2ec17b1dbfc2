"""What is taken of an agreement somebody typed, and what an agreement allows of a question."""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from model.errors import BadField, NotAgreed
from model.partners import (
    CONTACT_MOST,
    FIELDS,
    LONGEST_AGREEMENT,
    PARTNER_MOST,
    PURPOSE_MOST,
    RATE_LEAST,
    RATE_MOST,
    Agreement,
    AgreementDraft,
    ApiKey,
    Dataset,
    PartnerKind,
    dataset_named,
)
from model.typed import typed_text

START = "vgp_"
PREFIX = len(START) + 6
_KEY = re.compile(START + r"[A-Za-z0-9_-]{43}")


def new_key(start: str = START) -> str:
    """A key: 256 random bits, as text that can be copied and found by leak scanners by its ``start``."""
    return start + secrets.token_urlsafe(32)


def looks_like_key(key: str) -> bool:
    """Whether ``key`` could be one: what cannot is refused without asking the database."""
    return _KEY.fullmatch(key) is not None


def hash_of(key: str) -> bytes:
    """What is kept of a key. It is random, so a plain SHA-256 cannot be turned around."""
    return hashlib.sha256(key.encode()).digest()


def checked_agreement(draft: AgreementDraft, areas: Collection[int], now: datetime) -> AgreementDraft:
    """``draft`` cleaned. Raises BadField naming what cannot be taken."""
    partner = typed_text("partner", draft.partner, PARTNER_MOST)
    if draft.kind not in set(PartnerKind):
        raise BadField("kind", "unknown_kind")
    purpose = typed_text("purpose", draft.purpose, PURPOSE_MOST, lines=True)
    contact = typed_text("contact", draft.contact, CONTACT_MOST)
    _data(draft)
    if draft.areas is not None and not draft.areas:
        raise BadField("areas", "empty")
    if not (draft.areas or frozenset()) <= set(areas):
        raise BadField("areas", "unknown_area")
    if not RATE_LEAST <= draft.rate_per_minute <= RATE_MOST:
        raise BadField("rate", "bad_rate", least=RATE_LEAST, most=RATE_MOST)
    _period(draft, now)
    return replace(draft, partner=partner, purpose=purpose, contact=contact)


def _data(draft: AgreementDraft) -> None:
    if not draft.datasets:
        raise BadField("datasets", "empty")
    chosen = [dataset_named(name) for name in draft.datasets]
    if None in chosen:
        raise BadField("datasets", "unknown_dataset")
    if not draft.fields:
        raise BadField("fields", "empty")
    if not set(draft.fields) <= set(FIELDS):
        raise BadField("fields", "unknown_field")
    for dataset in chosen:
        if dataset is not None and not set(draft.fields) & set(dataset.fields):
            raise BadField("fields", "no_field_of", dataset=dataset.name)


def _period(draft: AgreementDraft, now: datetime) -> None:
    if draft.valid_until <= max(draft.valid_from, now):
        raise BadField("until", "ends_before")
    if draft.valid_until - draft.valid_from > LONGEST_AGREEMENT:
        raise BadField("until", "too_long_period", days=LONGEST_AGREEMENT.days)


def in_force(key: ApiKey, agreement: Agreement, now: datetime) -> None:
    """Raise NotAgreed with the reason when ``key`` opens nothing at ``now``."""
    if key.revoked_at is not None:
        raise NotAgreed("key_revoked")
    if agreement.revoked_at is not None:
        raise NotAgreed("agreement_revoked")
    if now < agreement.valid_from:
        raise NotAgreed("agreement_not_begun", f"it begins {agreement.valid_from:%Y-%m-%d %H:%M} UTC")
    if now >= agreement.valid_until:
        raise NotAgreed("agreement_over", f"it ended {agreement.valid_until:%Y-%m-%d %H:%M} UTC")


def allowed(
    agreement: Agreement, dataset: str, fields: Collection[str] = (), area: int | None = None
) -> Dataset:
    """The dataset ``agreement`` allows. Raises NotAgreed for a dataset, field or area beyond it."""
    found = dataset_named(dataset)
    if found is None or dataset not in agreement.datasets:
        raise NotAgreed("dataset_not_agreed", dataset[:60])
    beyond = [field for field in fields if field not in agreement.fields_of(found)]
    if beyond:
        raise NotAgreed("field_not_agreed", ", ".join(beyond)[:120])
    if area is not None and agreement.areas is not None and area not in agreement.areas:
        raise NotAgreed("area_not_agreed", str(area))
    return found
