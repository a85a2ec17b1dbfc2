"""When each asset was last heard of, from the live state in Redis; repeated states are nowhere else."""

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.errors import Unavailable
from services.live.state import LiveState


class NewestTimes:
    """Reads the newest phenomenon_time of every asset of the city ``shard``. Not for several threads."""

    def __init__(self, redis_url: str, shard: str) -> None:
        self._live = LiveState(redis_url, shard)

    def of(self, columns: Columns) -> npt.NDArray[np.float64] | None:
        """f8 (n) epoch s, 0 never; None while Redis is away or holds another layout."""
        try:
            snap = self._live.read()
        except Unavailable:
            return None
        if snap is None or snap.version != columns.version or len(snap.records) != len(columns):
            return None
        return snap.records["time"].astype("f8")

    def close(self) -> None:
        """Let go of the connections."""
        self._live.close()
