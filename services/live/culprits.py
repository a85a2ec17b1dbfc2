"""Finding the item on which judging itself fails: a fault of ours costs that item, and not its feed.

Without this a broker would hand over the same batch for ever, and nothing behind it would come in.
"""

import copy
import logging
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from model.observations import Observation, Position
from services.live.batch import Batch, City, Part
from services.live.letters import ITEM_MOST, form_of
from services.live.parsed import Parsed
from services.live.quality import Reject

log = logging.getLogger(__name__)
FAILED = "failed_here"
DETAIL = "judging fails on it; the log says how"
Fails = Callable[[Part], bool]


def take(city: City, parts: Sequence[Part], trace: str, now: float) -> Batch:
    """As ``city.take``; what judging fails on is refused instead. Raises what that raises where no single
    item is to blame."""
    try:
        return city.take(parts, trace, now)
    except Exception:
        log.exception("batch %s could not be judged; looking for the item", trace)
    return city.take(
        [without_culprits(part, lambda some: fails(city, some, now)) for part in parts], trace, now
    )


def fails(city: City, part: Part, now: float) -> bool:
    """Whether judging ``part`` at ``now`` (epoch s) fails; the memory stays as it is."""
    fleet = copy.copy(city.fleet)
    try:
        batch = city.take([part], "", now)
    except Exception as error:
        log.debug("judging fails: %r", error)
        return True
    city.take_back([batch])
    city.fleet = fleet
    return False


def without_culprits(part: Part, fails: Fails) -> Part:
    """``part`` with each item that ``fails`` by itself turned into a reject, found by halves."""
    count = len(part.parsed.observations) + len(part.parsed.positions)
    doubtful, culprits = [np.arange(count)], list[int]()
    while doubtful:
        some = doubtful.pop()
        if not len(some) or not fails(_only(part, set(some.tolist()))):
            continue
        if len(some) == 1:
            culprits.append(int(some[0]))
        else:
            doubtful += np.array_split(some, 2)
    return _refused(part, sorted(culprits)) if culprits else part


def _only(part: Part, places: set[int]) -> Part:
    """``part`` with only the observations and positions at ``places``."""
    seen, moved = part.parsed.observations, part.parsed.positions
    return part._replace(
        parsed=Parsed(
            [one for place, one in enumerate(seen) if place in places],
            [],
            [one for place, one in enumerate(moved, len(seen)) if place in places],
        )
    )


def _refused(part: Part, culprits: Sequence[int]) -> Part:
    items: list[Observation | Position] = [*part.parsed.observations, *part.parsed.positions]
    rows = part.parsed.sent_rows()
    rejects = list(part.parsed.rejects)
    for at in culprits:
        item = msgspec.json.encode(items[at])[:ITEM_MOST]
        rejects.append(Reject(rows[at], FAILED, DETAIL, item, items[at].asset[:200], form_of(items[at])))
    kept = _only(part, set(range(len(items))) - set(culprits)).parsed
    return part._replace(parsed=Parsed(kept.observations, rejects, kept.positions, part.parsed.notes))
