"""What senders are told: a receipt each, once their batch is durable."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from model.errors import Unavailable
from services.live.batch import Batch, Part
from services.live.quality import Reject
from services.live.writer import Stored


@dataclass(frozen=True)
class Receipt:
    """What became of what was sent: received = stored + duplicate + rejected.

    A state that repeats what is known, at a newer instant, is stored too: in the live record and, by it,
    in the next keyframe. ``rejects`` are all of them, by row. ``trace`` names the batch, up to its frame.
    ``spooled``: durable on this machine's disk, on its way into the database; what that already has is
    then counted as duplicate later.
    """

    received: int
    stored: int
    duplicate: int
    rejects: tuple[Reject, ...]
    trace: str = ""
    spooled: bool = False

    @property
    def rejected(self) -> int:
        """How many were refused."""
        return len(self.rejects)


@dataclass
class Submission:
    """One call of ``submit`` on its way."""

    part: Part
    done: "asyncio.Future[Receipt]" = field(repr=False)


@dataclass
class Ahead:
    """A judged batch on its way to the disk."""

    submissions: list[Submission]
    batch: Batch
    failed: bool = False


def answer(ahead: Ahead, stored: Stored) -> None:
    """Tell every sender of a durable batch what became of its items."""
    again = _by_part(ahead, stored.repeated)
    refused = {row: why for row, why in stored.refused}
    for place, submission in enumerate(ahead.submissions):
        outcome = ahead.batch.outcomes[place]
        received = len(submission.part.parsed)
        duplicate = outcome.duplicate + again.get(place, 0)
        lost = [Reject(row, "not_storable", why) for row, why in refused.items() if _is_of(ahead, row, place)]
        rejects = tuple(sorted([*outcome.rejects, *lost], key=lambda reject: reject.row))
        receipt = Receipt(
            received, received - duplicate - len(rejects), duplicate, rejects,
            ahead.batch.plan.id, stored.spooled,
        )  # fmt: skip
        if not submission.done.done():
            submission.done.set_result(receipt)


def _is_of(ahead: Ahead, row: int, place: int) -> bool:
    return int(ahead.batch.part_of[row]) == place


def _by_part(ahead: Ahead, rows: Sequence[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for row in rows:
        place = int(ahead.batch.part_of[row])
        counts[place] = counts.get(place, 0) + 1
    return counts


def fail(submissions: Sequence[Submission], why: str) -> None:
    """Tell them that nothing of it was applied."""
    error = Unavailable(why)
    for submission in submissions:
        if not submission.done.done():
            submission.done.set_exception(error)
