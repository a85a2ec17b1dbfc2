"""What an item may be refused for, and how a stored quality is put together. Nothing is ever repaired.

A refused item becomes a dead letter with one of ``REASONS``; a doubtful value is kept, and its doubts
travel with it as bits beside its quality (``model.observations``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.observations import Quality

FUTURE_S = 300.0
"""A device's clock may be this far ahead; beyond, the observation is held back (faults.md F10)."""
SKEW_S = 5.0
"""Ahead by more than this, a device's clock is doubted."""
PAST_S = 400 * 86_400.0
"""Older than thirteen months is outside what the history keeps."""

REASONS: dict[str, str] = {
    "malformed": "the item is not an observation: a field is missing or of another kind",
    "duplicate_key": "one field is given twice",
    "time_without_zone": "phenomenon_time has no time zone",
    "no_time": "the item says no time, and its source does not let the instant of receipt stand for it",
    "no_asset_named": "the item names nothing that its source's declaration turns into an asset",
    "unknown_asset": "no asset of that external id in the layout in force",
    "other_door": "the asset's domain is taken in by another ingest process",
    "unknown_property": "the asset's type declares no such property",
    "unknown_state": "the asset's type declares no state of that name or code",
    "unknown_kind": "the feed has no use for an item of this kind, and its source declares none",
    "unknown_unit": "the value's unit cannot be turned into the one its domain declares",
    "bad_position": "no place on Earth",
    "personal_data": "it is about a person (a plate, a name) and is not kept, not even here",
    "not_moving": "a position of an asset whose type does not move",
    "outside_the_city": "the position lies outside the city's bounds",
    "not_a_number": "a measured value must be a number",
    "not_finite": "NaN or infinity",
    "in_the_future": "phenomenon_time is more than 5 minutes ahead of the server",
    "too_old": "phenomenon_time is more than 400 days ago; of a position, more than 7 days",
    "bad_quality": "a state its own sender calls bad says nothing",
    "failed_here": "the intake itself failed on it, alone and repeatedly; its log says how",
    "not_storable": "the database refused it, alone and repeatedly",
}
"""Reason code to what it means; dead letters are counted by it."""

QUALITY_OF: dict[int | str, int] = {key: int(q) for q in Quality for key in (int(q), q.name.lower())}
"""A quality by its name or number; one we do not know is no reason to lose the value, nor to trust it."""

STATE_SLOT = -1
JUDGED = np.dtype(
    [("row", "i4"), ("index", "i4"), ("slot", "i1"), ("value", "f8"), ("time", "f8"), ("quality", "i2")]
)
"""An accepted observation: its row in the batch, live index, place of the property in its type's
declaration (-1: the state), value or state code, phenomenon_time in seconds since 1970, quality with its
doubts."""

Judged = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Reject:
    """A refused item: its row in what was sent, the reason code, a short detail, and the item itself.

    ``item`` is the item as the feed sent it, for its dead letter; empty where the judge refused an
    observation, which is then kept as Vigie's own JSON. ``asset`` is its external id where known, ``form``
    what ``item`` is: ``payload``, or Vigie's JSON of one ``observation`` or ``position``.
    """

    row: int
    reason: str
    detail: str = ""
    item: bytes = b""
    asset: str = ""
    form: str = "payload"


def reason_counts(rejects: Iterable[Reject]) -> dict[str, tuple[int, str]]:
    """How many rejects by reason, with the last detail as excerpt."""
    counts: dict[str, tuple[int, str]] = {}
    for reject in rejects:
        counts[reject.reason] = (counts.get(reject.reason, (0, ""))[0] + 1, reject.detail)
    return counts
