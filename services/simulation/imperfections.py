"""The few things a real city sends wrong: so that the feeds page of a demonstration has something to show.

A wrong item is sent beside the right one, so the picture of the city stays true. Seeded: the same seed
makes the same mistakes.
"""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

SHARE = 1 / 2_000
"""Of all items, how many are wrong at pace 1."""
HOUR = 3_600
CLOCK_WRONG_S = 600
AWAY_S = 60
PROVIDERS_AWAY = 0.5
"""Chance that one provider is away for a minute in any hour at pace 1."""


class Flaw(Enum):
    """How an item is wrong."""

    UNKNOWN_ASSET = "unknown_asset"
    OUT_OF_RANGE = "out_of_range"
    TIME_WITHOUT_ZONE = "time_without_zone"


@dataclass
class Imperfections:
    """The mistakes of one city. ``pace`` multiplies how often they happen; 0 is a city without any."""

    seed: int = 0
    pace: float = 1.0
    made: int = 0
    _rng: np.random.Generator = field(init=False)
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        """Draw how far off the first mistake is."""
        self._rng = np.random.default_rng([abs(self.seed), 13])
        self._left = self._gap()

    def _gap(self) -> int:
        share = min(SHARE * self.pace, 1.0)
        return int(self._rng.geometric(share)) if share > 0 else -1

    def strike(self) -> Flaw | None:
        """Count one item; how it goes wrong, mostly None."""
        self._left -= 1
        if self._left != 0:
            return None
        self._left = self._gap()
        self.made += 1
        return list(Flaw)[int(self._rng.integers(len(Flaw)))]

    def clock_ahead(self, now: float, clocks: int) -> tuple[int, float] | None:
        """Which of ``clocks`` clocks runs ahead at ``now`` (s) and by how many seconds; mostly None.

        It goes wrong once an hour, for ten minutes.
        """
        if not clocks or self.pace <= 0:
            return None
        hour, within = divmod(int(now), HOUR)
        rng = np.random.default_rng([abs(self.seed), hour, 17])
        begins = int(rng.integers(0, HOUR - CLOCK_WRONG_S))
        which, ahead = int(rng.integers(clocks)), float(rng.integers(400, 900))
        return (which, ahead) if begins <= within < begins + CLOCK_WRONG_S else None

    def away(self, now: float, providers: int) -> int | None:
        """Which of ``providers`` answers 503 at ``now`` (s); mostly None."""
        hour, within = divmod(int(now), HOUR)
        rng = np.random.default_rng([abs(self.seed), hour, 19])
        happens = rng.random() < PROVIDERS_AWAY * self.pace
        begins, which = int(rng.integers(0, HOUR - AWAY_S)), int(rng.integers(max(providers, 1)))
        return which if happens and begins <= within < begins + AWAY_S else None
