"""The moving assets of one layout in the ingest's memory: newest positions, and what they say of states.

Pure but for ``open_fleet`` and ``load_positions``. Memory only moves on once a batch is durable (``keep``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Engine

from geodata.assets import Columns
from geodata.positions import trail_of
from geodata.profiles import Bounds
from geodata.transit import BusLine, bus_lines
from model.observations import Observation, Position
from services.live.bunching import Pair, bunched, gaps, ways
from services.live.keyframes import places
from services.live.moving import (
    BUNCHED,
    IN_SERVICE,
    LINE_BYTES,
    MOVE,
    JudgedPositions,
    Moves,
    judge_positions,
    state_said,
)

RECENT_S = 600.0
"""How far back the newest positions are looked for: an older one is no place to show a bus at."""


def newest(known: Moves, moves: Moves) -> Moves:
    """The newest MOVE of each asset among ``known`` and ``moves``; at equal times, being gone wins."""
    both = np.concatenate([known, moves])
    order = np.lexsort((np.isnan(both["lon"]), both["time"], both["index"]))
    both = both[order]
    last = np.append(both["index"][1:] != both["index"][:-1], True) if len(both) else np.zeros(0, "?")
    kept: Moves = both[last]
    return kept


def load_positions(engine: Engine, columns: Columns, now: datetime | None = None) -> Moves:
    """The newest MOVE of each moving asset within the last ten minutes, from the database.

    SQLAlchemyError when it is away. What went out of duty since is not in it.
    """
    rows = trail_of(engine, now or datetime.now(UTC), RECENT_S)
    return newest(np.zeros(0, MOVE), moves_of(columns, rows))


def moves_of(columns: Columns, rows: Sequence[tuple[object, ...]]) -> Moves:
    """Stored positions as MOVE of the layout of ``columns``; those of assets it has not are left out."""
    at = places(columns, np.array([row[0] for row in rows], "i8"))
    moves = np.zeros(len(rows), MOVE)
    moves["index"] = np.maximum(at, 0)
    for place, name in enumerate(("time", "lon", "lat", "bearing", "speed"), start=1):
        moves[name] = np.array([np.nan if row[place] is None else row[place] for row in rows], "f8")
    moves["line"] = [str(row[6]).encode()[:LINE_BYTES] for row in rows]
    return moves[at >= 0]


@dataclass(frozen=True)
class JudgedFleet(JudgedPositions):
    """As JudgedPositions, with in ``states`` also who is in service and who is bunched; and the memory
    as it will be once the batch is durable."""

    latest: Moves
    pairs: frozenset[Pair]


class Fleet:
    """The moving assets of one layout. Not for several threads at once."""

    def __init__(self, columns: Columns, bounds: Bounds, lines: Sequence[BusLine], latest: Moves) -> None:
        self._columns = columns
        self._bounds = bounds
        self._ways = ways(lines)
        self._pairs: frozenset[Pair] = frozenset()
        self.latest = latest

    def judge(self, positions: Sequence[Position], now: float) -> JudgedFleet:
        """Judge ``positions`` at ``now`` (epoch s); changes nothing until ``keep``."""
        judged = judge_positions(self._columns, self._bounds, positions, now)
        latest = newest(self.latest, judged.moves)
        pairs = bunched(gaps(self._ways, latest, now), self._pairs)
        said = self._states(latest, pairs)
        of_base = {name: getattr(judged, name) for name in ("accepted", "rejects", "off_duty", "gone")}
        return JudgedFleet(**of_base, states=[*judged.states, *said], latest=latest, pairs=pairs)

    def keep(self, judged: JudgedFleet) -> None:
        """Take over what ``judge`` found: its batch is durable."""
        self.latest, self._pairs = judged.latest, judged.pairs

    def _states(self, latest: Moves, pairs: frozenset[Pair]) -> list[Observation]:
        """In service or bunched, for whoever has a newer position or a neighbour that came or went."""
        close = {index for pair in pairs for index in pair}
        turned = close ^ {index for pair in self._pairs for index in pair}
        before = _times(self.latest)
        return [
            state_said(self._columns, index, BUNCHED if index in close else IN_SERVICE, time)
            for index, time in _times(latest[np.isfinite(latest["lon"])]).items()
            if index in turned or time > before.get(index, 0.0)
        ]


def _times(moves: Moves) -> dict[int, float]:
    return dict(zip(moves["index"].tolist(), moves["time"].tolist(), strict=True))


def open_fleet(engine: Engine, columns: Columns, bounds: Bounds) -> Fleet:
    """The fleet of a layout as the database knows it; SQLAlchemyError when it is away."""
    return Fleet(columns, bounds, bus_lines(engine), load_positions(engine, columns))
