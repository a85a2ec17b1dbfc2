"""What is read of the live city by whoever shows it: the picture in force, where it is, what moves."""

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.states import RECORD, Bytes
from services.live.frames import Event
from services.live.geometry import Geometry, geometry_path
from services.live.movements import Movements
from services.live.picture import Picture, Snapshot
from services.live.state import Records


class Pictured:
    """The reading half of the hub. ``columns`` is None until the database was read once; ``frame_time`` is
    when the city was last drawn, epoch s."""

    def __init__(self, redis_url: str, shard: str) -> None:
        self._picture: Picture | None = None
        self._geometry = Geometry(b"", b"", b"")
        self._areas: list[tuple[int, str]] = []
        self._sequence = "0-0"
        self.movements = Movements(redis_url, shard, self._send_moves)
        self.frame_time = 0.0

    def _send_moves(self, one: Event) -> None:
        """To everybody who follows what moves."""
        raise NotImplementedError

    @property
    def source(self) -> str:
        """Where the picture comes from: ``live``, ``database`` or ``none``."""
        raise NotImplementedError

    @property
    def picture(self) -> Picture | None:
        """The picture of the layout in force; None while none was read."""
        return self._picture

    @property
    def areas(self) -> Sequence[tuple[int, str]]:
        """Id and name of the areas assets are counted under."""
        return self._areas

    @property
    def sequence(self) -> str:
        """The newest stream id."""
        return self._sequence

    @property
    def columns(self) -> Columns | None:
        """The assets of the layout in force; None while none was read."""
        return self._picture.columns if self._picture else None

    @property
    def records(self) -> Records:
        """RECORD (n): the newest known state. Read it, do not write to it."""
        return self._picture.records if self._picture else np.zeros(0, RECORD)

    @property
    def codes(self) -> Bytes:
        """Display codes u1 (n)."""
        return self._picture.codes if self._picture else np.zeros(0, "u1")

    @property
    def since(self) -> npt.NDArray[np.uint32]:
        """When the status last changed, u4 (n) epoch s, 0 unknown."""
        return self._picture.since if self._picture else np.zeros(0, "u4")

    @property
    def geometry_path(self) -> str:
        """The address of the geometry of the layout in force."""
        return geometry_path(self._picture.columns.version if self._picture else 0)

    def snapshot(self) -> Snapshot:
        """What a console starts from."""
        version, now = self._picture.columns.version if self._picture else 0, time.time()
        moves, where = self.movements.document(now), self.geometry_path
        return Snapshot(version, self._sequence, now, self.codes.copy(), self.source, where, moves)

    def geometry(self) -> Geometry:
        """The packed geometry (gz, br, raw) of the layout in force, made once a layout."""
        return self._geometry
