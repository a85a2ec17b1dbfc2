"""What happens on the simulated roads: accidents and roadworks that come, change and end.

Pure: who asks at an instant is told everything that is going on then, or ended a moment ago. Each is drawn
from the slot of time it begins in, so a restart changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from geodata.demo_city.dice import dice

LINGERS_S = 900
"""How long a situation that has ended is still published, with its end."""
FULL_SIZE = 400
"""Segments of the full demo city, for which the chances are meant."""
_WHETHER, _WHEN, _WHERE, _LASTS, _SHUTS = 901, 911, 921, 931, 941


@dataclass(frozen=True)
class Sort:
    """One sort of situation: at most one begins in each slot of ``every_s``, by ``chance``."""

    name: str
    every_s: int
    chance: float
    shortest_s: int
    longest_s: int
    shuts: float


SORTS = (
    Sort("accident", 900, 0.5, 1_200, 3_600, 0.25),
    Sort("roadworks", 7_200, 0.6, 10_800, 28_800, 0.35),
)


@dataclass(frozen=True)
class Situation:
    """One situation as it stands: ``segment`` a place among the segments; instants in whole seconds.

    ``version`` 1 is its beginning, 2 a change (``shut`` may become known), 3 its end.
    """

    id: str
    sort: str
    segment: int
    began: int
    changed: int
    ends: int
    version: int
    shut: bool

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.version == 3


def situations(now: float, segments: int) -> list[Situation]:
    """Every situation published at ``now`` (s) on a city of ``segments`` segments, the oldest first."""
    if not segments:
        return []
    found = [one for number, sort in enumerate(SORTS) for one in _of_sort(sort, number, int(now), segments)]
    return sorted(found, key=lambda one: (one.began, one.id))


def _of_sort(sort: Sort, number: int, now: int, segments: int) -> Iterator[Situation]:
    first = (now - sort.longest_s - LINGERS_S) // sort.every_s
    # In a small city less happens, but not so little that nothing is ever seen.
    chance = sort.chance * min(1.0, (segments / FULL_SIZE) ** 0.5)
    for slot in range(first, now // sort.every_s + 1):

        def drawn(salt: int, slot: int = slot) -> float:
            return float(dice(salt, number, slot))

        if drawn(_WHETHER) >= chance:
            continue
        began = slot * sort.every_s + int(drawn(_WHEN) * sort.every_s)
        lasts = sort.shortest_s + int(drawn(_LASTS) * (sort.longest_s - sort.shortest_s))
        if began <= now < began + lasts + LINGERS_S:
            yield _as_it_stands(
                sort, slot, now, began, lasts, int(drawn(_WHERE) * segments), drawn(_SHUTS) < sort.shuts
            )


def _as_it_stands(
    sort: Sort, slot: int, now: int, began: int, lasts: int, segment: int, shuts: bool
) -> Situation:
    turns, ends = began + lasts // 3, began + lasts
    version = 1 if now < turns else 2 if now < ends else 3
    return Situation(
        id=f"VAL-{sort.name[:3].upper()}-{slot:07d}",
        sort=sort.name,
        segment=segment,
        began=began,
        changed=(began, turns, ends)[version - 1],
        ends=ends,
        version=version,
        shut=shuts and version == 2,
    )
