"""Bunching: vehicles of one line and direction that run closer together than the line is planned. Pure.

The rule is in docs/feeds/moving-assets.md; its numbers are the constants here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.transit import BusLine
from services.live.moving import Moves

SPEED_MS = 5.0
"""Commercial speed of a bus, stops included, 18 km/h: what turns metres along the line into seconds."""
CLOSE_SHARE, APART_SHARE = 0.25, 0.4
"""Two are bunched below the first share of the planned headway, and stay so until above the second."""
OFF_ROUTE_M = 120.0
TERMINUS_M = 250.0
"""Within this of either end vehicles wait for their time: no bunching is judged there."""
OLD_S = 90.0
"""An older position says nothing of now."""

Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]
"""Live indices: the vehicle behind, then the one ahead of it."""


@dataclass(frozen=True)
class Gap:
    """Two vehicles that follow one another: ``metres`` and ``seconds`` between them along the line, and
    the seconds ``planned``. ``direction`` is 1 along the line's path, -1 against it."""

    line: str
    direction: int
    behind: int
    ahead: int
    metres: float
    planned: int

    @property
    def pair(self) -> Pair:
        """Who they are."""
        return self.behind, self.ahead

    @property
    def seconds(self) -> float:
        """The time between them at the line's usual speed."""
        return self.metres / SPEED_MS

    @property
    def share(self) -> float:
        """Of the planned headway."""
        return self.seconds / self.planned


class Way:
    """One line's path in metres around its own middle, to measure along it (within 0.1 % over 30 km)."""

    def __init__(self, line: BusLine) -> None:
        self.name, self.planned = line.name, line.headway_s
        self._middle = line.path.mean(axis=0)
        self._scale = 111_195.0 * np.array([np.cos(np.radians(self._middle[1])), 1.0])
        xy = (line.path - self._middle) * self._scale
        self._from, self._step = xy[:-1], np.diff(xy, axis=0)
        lengths = np.hypot(*self._step.T)
        self._squared = np.maximum(lengths**2, 1e-9)
        self._begins = np.append(0.0, np.cumsum(lengths))

    @property
    def length(self) -> float:
        """Metres from end to end."""
        return float(self._begins[-1])

    def project(self, lonlat: Floats, bearing: Floats) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
        """Metres along the line, metres beside it, and direction (0 where the bearing does not say) of
        points ``lonlat`` (n, 2) heading ``bearing`` (n, degrees from north, NaN unknown)."""
        xy = (lonlat - self._middle) * self._scale
        away = xy[:, None, :] - self._from
        share = np.clip((away * self._step).sum(axis=2) / self._squared, 0, 1)
        beside = np.hypot(*np.moveaxis(away - share[..., None] * self._step, 2, 0))
        best = beside.argmin(axis=1)
        rows = np.arange(len(xy))
        lengths = np.sqrt(self._squared[best])
        heading = np.column_stack([np.sin(np.radians(bearing)), np.cos(np.radians(bearing))])
        along = (heading * self._step[best]).sum(axis=1) / lengths
        direction = np.where(np.abs(np.nan_to_num(along)) < 0.5, 0, np.sign(np.nan_to_num(along)))
        return (
            self._begins[best] + share[rows, best] * lengths,
            beside[rows, best],
            direction.astype("i8"),
        )


def ways(lines: Iterable[BusLine]) -> dict[str, Way]:
    """The lines one can measure along, by name as positions give it."""
    return {line.name: Way(line) for line in lines if len(line.path) > 1 and line.headway_s > 0}


def gaps(of_lines: Mapping[str, Way], latest: Moves, now: float) -> list[Gap]:
    """The gaps between successive vehicles of each line and direction, from their ``latest`` MOVE records.

    Left out: vehicles without a place, older than 90 s at ``now`` (epoch s), off their line's path, of
    no clear direction, or near a terminus.
    """
    current = latest[(now - latest["time"] <= OLD_S) & np.isfinite(latest["lon"])]
    found: list[Gap] = []
    for name in np.unique(current["line"]).tolist():
        way = of_lines.get(name.decode("utf-8", "ignore"))
        if way is not None:
            found += _gaps_of(way, current[current["line"] == name])
    return found


def _gaps_of(way: Way, moves: Moves) -> list[Gap]:
    lonlat = np.column_stack([moves["lon"], moves["lat"]])
    along, beside, direction = way.project(lonlat, moves["bearing"].astype("f8"))
    judged = (beside <= OFF_ROUTE_M) & (along > TERMINUS_M) & (along < way.length - TERMINUS_M)
    found: list[Gap] = []
    for heading in (1, -1):
        ours = np.flatnonzero(judged & (direction == heading))
        ours = ours[np.argsort(along[ours] * heading, kind="stable")]
        for behind, ahead in zip(ours[:-1].tolist(), ours[1:].tolist(), strict=True):
            metres = float(abs(along[ahead] - along[behind]))
            indices = int(moves["index"][behind]), int(moves["index"][ahead])
            found.append(Gap(way.name, heading, *indices, metres, way.planned))
    return found


def bunched(found: Iterable[Gap], before: frozenset[Pair] = frozenset()) -> frozenset[Pair]:
    """The pairs too close: below a quarter of the planned headway, or below 0.4 for a pair of ``before``."""
    return frozenset(
        gap.pair for gap in found if gap.share < (APART_SHARE if gap.pair in before else CLOSE_SHARE)
    )
