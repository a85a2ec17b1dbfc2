"""What is taken of a proposal somebody typed, before the linter judges what it would let out."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from model.datasets import BY_NAME, Dataset
from model.errors import BadField
from model.publications import LONGEST_RELEASE, Draft
from model.typed import typed_text
from services.publishing.artefacts import NAME

NAME_MOST, WHY_MOST = 64, 500
SECONDS_MOST = 366 * 86_400
COLUMNS_MOST = 60


def checked_draft(draft: Draft, areas: Collection[int], now: datetime) -> tuple[Draft, Dataset, datetime]:
    """``draft`` cleaned, its dataset, and when it ends. Raises BadField naming what cannot be taken."""
    name = typed_text("name", draft.name, NAME_MOST).lower()
    if not NAME.fullmatch(name):
        raise BadField("name", "bad_name")
    dataset = BY_NAME.get(draft.dataset)
    if dataset is None:
        raise BadField("dataset", "unknown_dataset")
    if draft.areas is not None and not draft.areas:
        raise BadField("areas", "empty")
    if not (draft.areas or frozenset()) <= set(areas):
        raise BadField("areas", "unknown_area")
    _numbers(draft)
    until = draft.valid_until or now + LONGEST_RELEASE
    if until <= now:
        raise BadField("until", "ends_before")
    why = typed_text("why", draft.why, WHY_MOST, lines=True)
    columns = tuple(dict.fromkeys(typed_text("columns", one, NAME_MOST) for one in draft.columns))
    return replace(draft, name=name, why=why, columns=columns, valid_until=until), dataset, until


def _numbers(draft: Draft) -> None:
    if not 0 <= draft.delay_s <= SECONDS_MOST:
        raise BadField("delay", "bad_delay", most=SECONDS_MOST // 86_400)
    if not 0 < draft.cadence_s <= SECONDS_MOST:
        raise BadField("cadence", "bad_cadence", most=SECONDS_MOST // 86_400)
    if len(draft.columns) > COLUMNS_MOST:
        raise BadField("columns", "too_many", most=COLUMNS_MOST)
    if len(draft.licence) > NAME_MOST:
        raise BadField("licence", "too_long", most=NAME_MOST)
