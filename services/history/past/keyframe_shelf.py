"""Keyframes read from the database and kept unpacked: the newest used ones, in bounded memory."""

import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.states import RECORD

MOST_BYTES = 24_000_000
"""About 80 keyframes of 35,000 assets."""

_INSTANTS = text(
    """
    (SELECT at FROM state_keyframe WHERE at <= :t0 ORDER BY at DESC LIMIT 1)
    UNION ALL
    (SELECT at FROM state_keyframe WHERE at > :t0 AND at <= :t1)
    ORDER BY 1
    """
)
_FRAMES = text(
    "SELECT at, asset_ids, records, heard FROM state_keyframe WHERE at = ANY(:instants) ORDER BY at"
)


@dataclass(frozen=True, eq=False, slots=True)
class Keyframe:
    """Every asset's record at ``at`` (aware): ``ids`` i8 ascending, ``records`` RECORD, same order.

    ``heard``: their times tell who was still heard then.
    """

    at: datetime
    ids: npt.NDArray[np.int64]
    records: npt.NDArray[np.void]
    heard: bool

    @property
    def time(self) -> float:
        """Its instant in epoch seconds."""
        return self.at.timestamp()


class Frames(Protocol):
    """Keyframes by instant, of the whole city or of a scope."""

    bytes: int

    def spanning(self, connection: Connection, t0: datetime, t1: datetime) -> list[Keyframe]:
        """The newest keyframe not after ``t0``, if there is one, and all with t0 < at <= t1, in order."""


class KeyframeShelf:
    """Keyframes by instant; safe for several threads. What was used longest ago makes room."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[datetime, Keyframe] = OrderedDict()
        self._ids: dict[bytes, npt.NDArray[np.int64]] = {}
        self.bytes = 0

    def spanning(self, connection: Connection, t0: datetime, t1: datetime) -> list[Keyframe]:
        """The newest keyframe not after ``t0``, if there is one, and all with t0 < at <= t1, in order."""
        instants = list(connection.scalars(_INSTANTS, {"t0": t0, "t1": t1}))
        with self._lock:
            have = {at: self._kept[at] for at in instants if at in self._kept}
            for at in have:
                self._kept.move_to_end(at)
        missing = [at for at in instants if at not in have]
        if missing:
            for at, ids, records, heard in connection.execute(_FRAMES, {"instants": missing}):
                have[at] = self._unpacked(at, ids, records, heard)
            self._keep([have[at] for at in missing if at in have])
        return [have[at] for at in instants if at in have]

    def _unpacked(self, at: datetime, ids: bytes, records: bytes, heard: bool) -> Keyframe:
        return Keyframe(at, self._ids_of(ids), np.frombuffer(zlib.decompress(records), RECORD), heard)

    def _ids_of(self, packed: bytes) -> npt.NDArray[np.int64]:
        """The asset ids, shared by all keyframes of the same assets."""
        found = self._ids.get(packed)
        if found is None:
            found = np.frombuffer(zlib.decompress(packed), "<u4").astype("i8")
            with self._lock:
                if len(self._ids) > 3:
                    self._ids.clear()
                self._ids[packed] = found
        return found

    def _keep(self, frames: list[Keyframe]) -> None:
        with self._lock:
            for one in frames:
                if one.at not in self._kept:
                    self._kept[one.at] = one
                    self.bytes += one.records.nbytes
            while self.bytes > self._most and len(self._kept) > 1:
                self.bytes -= self._kept.popitem(last=False)[1].records.nbytes
