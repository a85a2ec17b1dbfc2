"""Where the moving assets are, as a web process knows it: followed in Redis, with a short trail of each.

Positions are of the moment: they have no stream id for consoles, and a console that comes back gets them with
its snapshot. What went out of duty is forgotten, trail and all.
"""

import asyncio
import logging
import math
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import Columns
from geodata.positions import trail_of
from geodata.transit import BusLine
from model.errors import Unavailable
from services.live.bunching import Gap, gaps, ways
from services.live.fleet import moves_of
from services.live.follower import BLOCK_MS
from services.live.frames import Event, moves_event
from services.live.live_positions import READ_POSITIONS, KnownPositions, parse_positions, position_keys
from services.live.moving import MOVE, Moves
from services.redis_clients import AsyncScripts

log = logging.getLogger(__name__)

TRAIL_S = 120.0
FORGOTTEN_S = 900.0
"""A position this old is no place to show anything at."""
FIXES_MOST = 40
AT_ONCE = 200
Row = list[Any]
"""On the wire: live index, line, bearing, speed, and ``[t, lon, lat, ...]`` of its fixes, oldest first; no
fixes at all says that it is gone."""


class Movements:
    """Follows the live positions of one shard. Nothing connects before ``follow``."""

    def __init__(self, redis_url: str, shard: str, send: Callable[[Event], None]) -> None:
        self._keys = position_keys(shard)
        self._redis = AsyncScripts(redis_url, BLOCK_MS / 1000 + 0.5)
        self._send = send
        self._columns: Columns | None = None
        self._ways = ways([])
        self._fixes: dict[int, deque[Any]] = {}
        self._gone: dict[int, float] = {}

    def lay_out(self, columns: Columns, lines: Sequence[BusLine]) -> None:
        """Begin anew with another layout: live indices mean other assets now."""
        self._columns = columns
        self._ways = ways(lines)
        self._fixes.clear()
        self._gone.clear()

    def document(self, now: float) -> list[Row]:
        """Every moving asset with its trail, for a snapshot at ``now`` (epoch s)."""
        self._forget(now)
        return [_row(list(fixes), now - TRAIL_S) for _, fixes in sorted(self._fixes.items())]

    def position(self, index: int) -> Any | None:
        """The newest MOVE of the asset at live ``index``; None when it is nowhere."""
        fixes = self._fixes.get(index)
        return fixes[-1] if fixes else None

    def gaps(self, now: float) -> list[Gap]:
        """Who follows whom on every line at ``now`` (epoch s), and how closely."""
        latest = [fixes[-1] for fixes in self._fixes.values()]
        return gaps(self._ways, np.array(latest, MOVE), now)

    def take(self, moves: Moves) -> Moves:
        """Take over what is newer among ``moves`` (MOVE), in order of time; returns those."""
        newer = [move for move in moves[np.argsort(moves["time"], kind="stable")] if self._take(move)]
        return np.array(newer, MOVE)

    def show(self, moves: Moves) -> None:
        """Take over ``moves`` and send the consoles what is newer."""
        newer = self.take(moves)
        if len(newer):
            self._send(moves_event(time.time(), [_row([move], 0.0) for move in newer]))

    async def follow(self, stopped: Callable[[], bool]) -> None:
        """Follow Redis until ``stopped()``; while it is away, or of another layout, try again."""
        away = False
        while not stopped():
            try:
                last_id = await self._catch_up()
                away = False
                while not stopped():
                    last_id = await self._take_ticks(last_id)
            except Unavailable as error:
                if not away:
                    log.info("positions are not followed: %s", error)
                away = True
            await asyncio.sleep(random.uniform(0.2, 0.6))  # noqa: S311 - jitter

    async def close(self) -> None:
        """Let go of the connection."""
        await self._redis.close()

    async def _catch_up(self) -> str:
        """Take over what Redis holds, trails too; the stream id to go on from."""
        since = int((time.time() - TRAIL_S) * 1000)
        table, newest, recent = await self._redis.run(READ_POSITIONS, self._keys, since)
        known = parse_positions(table, newest)
        if not _is_of(known, self._columns):
            raise Unavailable("Redis holds no positions of this layout")
        assert known is not None and self._columns is not None  # noqa: S101 - as just looked at
        entries = [dict(zip(flat[::2], flat[1::2], strict=True)) for _, flat in recent]
        trail = [_moves(fields) for fields in entries if _version(fields) == self._columns.version]
        self.show(np.concatenate([*trail, known.moves]))
        return known.last_id

    async def _take_ticks(self, last_id: str) -> str:
        for id_, fields in await self._redis.newer(self._keys.moves, last_id, AT_ONCE, BLOCK_MS):
            moves = _moves(fields)
            if self._columns is None or _version(fields) != self._columns.version or not len(moves):
                raise Unavailable("the positions were put in place anew")
            self.show(moves)
            last_id = id_.decode()
        return last_id

    def _take(self, move: Any) -> bool:
        index, at = int(move["index"]), float(move["time"])
        if self._columns is None or index >= len(self._columns) or at <= self._gone.get(index, 0.0):
            return False
        fixes = self._fixes.get(index)
        if math.isnan(move["lon"]):
            newer = fixes is None or at >= fixes[-1]["time"]
            if newer:
                self._fixes.pop(index, None)
                self._gone[index] = at
            return newer
        if fixes is None:
            fixes = self._fixes[index] = deque(maxlen=FIXES_MOST)
        if fixes and at <= fixes[-1]["time"]:
            return False
        fixes.append(move)
        return True

    def _forget(self, now: float) -> None:
        old = [index for index, fixes in self._fixes.items() if now - fixes[-1]["time"] > FORGOTTEN_S]
        for index in old:
            del self._fixes[index]


def _is_of(known: KnownPositions | None, columns: Columns | None) -> bool:
    return known is not None and columns is not None and known.version == columns.version


def _version(fields: dict[bytes, bytes]) -> int:
    return int(fields.get(b"v", 0))


def _moves(fields: dict[bytes, bytes]) -> Moves:
    packed = fields.get(b"d", b"")
    return np.frombuffer(packed[: len(packed) - len(packed) % MOVE.itemsize], MOVE)


def _row(fixes: list[Any], since: float) -> Row:
    """The wire row of an asset's ``fixes`` (MOVE, oldest first), without those before ``since``."""
    newest = fixes[-1]
    if math.isnan(newest["lon"]):
        return [int(newest["index"]), "", None, None, []]
    shown = [fix for fix in fixes[:-1] if fix["time"] >= since] + [newest]
    flat: list[float] = []
    for fix in shown:
        flat += [round(float(fix["time"]), 1), round(float(fix["lon"]), 6), round(float(fix["lat"]), 6)]
    line = newest["line"].decode("utf-8", "replace")
    return [int(newest["index"]), line, _number(newest["bearing"]), _number(newest["speed"]), flat]


def _number(value: Any) -> float | None:
    return None if math.isnan(value) else round(float(value), 1)


def moves_at(engine: Engine, columns: Columns, at: datetime) -> list[Row]:
    """Where everything that moves was at ``at`` (aware), each with its trail, as wire rows.

    Nobody outside duty, nor older than the retention rule allows. Unavailable while the database is away.
    """
    try:
        moves = moves_of(columns, trail_of(engine, at, TRAIL_S))
    except SQLAlchemyError as error:
        raise Unavailable(f"the database is away: {type(error).__name__}") from None
    of: dict[int, list[Any]] = {}
    for move in moves:
        of.setdefault(int(move["index"]), []).append(move)
    return [_row(fixes, 0.0) for _, fixes in sorted(of.items())]
