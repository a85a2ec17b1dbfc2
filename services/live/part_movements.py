"""Where the moving assets of one scope are: the hub's movements, less what lies outside the scope."""

import time
from typing import Any

from services.live.bunching import Gap
from services.live.frames import Event, moves_event
from services.live.movements import Movements, Row
from services.live.narrowing import Narrowing


class PartMovements:
    """The movements of a scope, read like the hub's. Vehicles lie in no area: only a scope of all areas that
    holds their domain has any."""

    def __init__(self, whole: Movements) -> None:
        self._whole = whole
        self._narrowing: Narrowing | None = None

    def lay_out(self, narrowing: Narrowing) -> None:
        """Begin anew with the assets of ``narrowing``."""
        self._narrowing = narrowing if narrowing.moves else None

    def document(self, now: float) -> list[Row]:
        """Every moving asset with its trail, for a snapshot at ``now`` (epoch s)."""
        return self._rows(self._whole.document(now)) if self._narrowing else []

    def position(self, index: int) -> Any | None:
        """The newest MOVE of the asset at the scope's live ``index``; None when it is nowhere."""
        return self._whole.position(int(self._narrowing.index[index])) if self._narrowing else None

    def gaps(self, now: float) -> list[Gap]:
        """Who follows whom on every line at ``now`` (epoch s), of those in the scope."""
        if self._narrowing is None:
            return []
        place = self._narrowing.place
        found = (
            (gap, int(place[gap.behind]), int(place[gap.ahead]))
            for gap in self._whole.gaps(now)
            if max(gap.behind, gap.ahead) < len(place)
        )
        return [
            Gap(gap.line, gap.direction, behind, ahead, gap.metres, gap.planned)
            for gap, behind, ahead in found
            if behind >= 0 and ahead >= 0
        ]

    def own(self, one: Event) -> Event | None:
        """The hub's moves event ``one`` with the scope's rows; None when there are none."""
        rows = self._rows(list(one.moves.values())) if self._narrowing and one.moves else []
        return moves_event(time.time(), rows) if rows else None

    def _rows(self, rows: list[Row]) -> list[Row]:
        if self._narrowing is None:
            return []
        place = self._narrowing.place
        own = ((int(place[row[0]]) if row[0] < len(place) else -1, row) for row in rows)
        return [[index, *row[1:]] for index, row in own if index >= 0]
