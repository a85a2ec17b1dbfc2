"""The picture a web process holds of the city: records, since when, and what the screens draw. Pure."""

import base64
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import TYPE_ORDER
from model.states import ABNORMAL, RECORD, Bytes, Status, display_codes, freshness_of
from services.live.keyframes import Loaded, places
from services.live.state import Records


@dataclass(frozen=True)
class Snapshot:
    """What a console starts from: display ``codes`` u1 (n) of layout ``version``, and the stream id frames
    go on from; ``source`` is live, database or none, ``server_time`` epoch s; ``geometry`` the address of the
    places; ``moves`` the wire rows of what moves (services/live/movements.py), nothing of what is out of
    duty."""

    version: int
    sequence: str
    server_time: float
    codes: Bytes
    source: str
    geometry: str
    moves: list[list[Any]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """As ``GET /live/snapshot`` answers it."""
        return {
            "version": self.version,
            "count": len(self.codes),
            "sequence": self.sequence,
            "server_time": self.server_time,
            "geometry": self.geometry,
            "codes": base64.b64encode(self.codes.tobytes()).decode(),
            "source": self.source,
            "moves": self.moves,
        }


class Picture:
    """The state of the assets of ``columns``: ``records`` RECORD, ``since`` u4 epoch of the last status
    change (0 unknown), ``codes`` display codes u1; all of length n. ``revision`` rises with what is known."""

    def __init__(self, columns: Columns, loaded: Loaded, now: float) -> None:
        self.columns = columns
        self.records: Records = loaded.records
        self.since = loaded.since
        self.revision = 0
        self.codes: Bytes = self._drawn(now)

    def apply(self, changes: Records) -> None:
        """Take over ``changes`` (CHANGE), unless something newer is known; at equal times they win."""
        changes = changes[changes["index"] < len(self.columns)]
        self._take(changes["index"].astype("i8"), changes)

    def refresh(self, records: Records) -> None:
        """Take over a whole state (RECORD, n) where it is not older than what is known."""
        self._take(np.arange(len(self.records)), records)

    def _take(self, index: npt.NDArray[np.int64], new: Records) -> None:
        self.revision += 1
        current = new["time"] >= self.records["time"][index]
        index, new = index[current], new[current]
        turned = new["status"] != self.records["status"][index]
        self.since[index[turned]] = new["time"][turned]
        for name in RECORD.names or ():
            self.records[name][index] = new[name]

    def turn(self, changes: list[tuple[int, int, int, float]]) -> None:
        """Take over state changes of the database: asset id, status, state code, epoch s, in time order."""
        self.revision += 1
        at = places(self.columns, np.array([change[0] for change in changes], "i8"))
        for index, (_, status, state, time) in zip(at.tolist(), changes, strict=True):
            if index < 0 or time < self.since[index]:
                continue
            if status != self.records["status"][index]:
                self.since[index] = int(time)
            self.records["status"][index], self.records["state"][index] = status, state
            self.records["time"][index] = max(int(time), int(self.records["time"][index]))

    def redraw(self, now: float) -> tuple[npt.NDArray[np.intp], Bytes]:
        """Judge everything anew at ``now`` (epoch s): indices whose code changed, and the codes before."""
        before, self.codes = self.codes, self._drawn(now)
        return np.flatnonzero(before != self.codes), before

    def _drawn(self, now: float) -> Bytes:
        fresh = freshness_of(self.records["time"], self.columns.periods, now)
        return display_codes(self.records["status"], self.columns.parents, fresh)

    def late_feeds(self, now: float) -> list[dict[str, Any]]:
        """Asset types of which nothing came for three periods: their name, last time and period, s.

        What is out of service owes nobody news: buses at night are no late feed.
        """
        late = []
        due = self.records["status"] != Status.OUT_OF_SERVICE
        for code in np.unique(self.columns.types[due]).tolist():
            ours = due & (self.columns.types == code)
            last, period = int(self.records["time"][ours].max()), float(self.columns.periods[ours][0])
            if last and now - last > max(3 * period, 30.0):
                late.append({"type": TYPE_ORDER[code], "last": last, "period": period})
        return late


def attention_moved(indices: npt.NDArray[np.intp], before: Bytes, codes: Bytes) -> bool:
    """Whether the set of what needs somebody changed at ``indices``."""
    old, new = before[indices] & 0x0F, codes[indices] & 0x0F
    abnormal = np.isin(old & 7, ABNORMAL) | np.isin(new & 7, ABNORMAL)
    return bool((abnormal & (old != new)).any())
