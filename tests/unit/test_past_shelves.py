"""What the history keeps of the past in memory is bounded, whatever nights are asked for."""

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from model.states import RECORD
from services.history.past.change_hours import pack
from services.history.past.change_rows import Changes
from services.history.past.change_shelf import ChangeShelf
from services.history.past.keyframe_shelf import KeyframeShelf

T = datetime(2025, 11, 3, tzinfo=UTC)
ASSETS = 500


class Connection:
    """A database with a keyframe and a packed hour for every hour; it counts what it had to hand out."""

    def __init__(self) -> None:
        self.handed_out = 0
        self._ids = zlib.compress(np.arange(1, ASSETS + 1, dtype="<u4").tobytes())

    def scalars(self, _asked: Any, bounds: dict[str, datetime]) -> list[datetime]:
        """The instants of keyframes."""
        return [_hour(bounds["t0"])]

    def execute(self, asked: Any, bounds: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Keyframes, clean hours, packed hours."""
        if "state_keyframe" in str(asked):
            return [self._frame(at) for at in bounds["instants"]]
        if "dirty" in str(asked):
            count = int((bounds["last"] - bounds["first"]) / timedelta(hours=1)) + 1
            return [(bounds["first"] + timedelta(hours=n), 1) for n in range(count)]
        return [self._hour(hour) for hour in bounds["hours"]]

    def _frame(self, at: datetime) -> tuple[Any, ...]:
        self.handed_out += 1
        return at, self._ids, zlib.compress(np.zeros(ASSETS, RECORD).tobytes()), True

    def _hour(self, hour: datetime) -> tuple[Any, ...]:
        self.handed_out += 1
        times = hour.timestamp() + np.arange(ASSETS, dtype="f8")
        ones = np.ones(ASSETS, "u1")
        return hour, 1, pack(Changes(np.arange(1, ASSETS + 1), times, ones, ones), hour.timestamp())


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def test_keyframes_of_a_thousand_nights_take_no_more_than_allowed() -> None:
    connection, most = Connection(), 20 * ASSETS * RECORD.itemsize
    shelf = KeyframeShelf(most)
    for night in range(1_000):
        at = T + timedelta(days=night)
        assert shelf.spanning(connection, at, at)[0].at == at  # type: ignore[arg-type]
        assert shelf.bytes <= most
    last = T + timedelta(days=999)
    handed_out = connection.handed_out
    shelf.spanning(connection, last, last)  # type: ignore[arg-type]
    assert connection.handed_out == handed_out


def test_hours_of_a_thousand_nights_take_no_more_than_allowed() -> None:
    connection, most = Connection(), 400_000
    shelf = ChangeShelf(most)
    for night in range(1_000):
        at = T + timedelta(days=night)
        found = shelf.between(connection, at, at + timedelta(hours=2))  # type: ignore[arg-type]
        assert len(found) == 2 * ASSETS
        assert shelf.bytes <= most
    handed_out = connection.handed_out
    shelf.between(connection, at, at + timedelta(hours=2))  # type: ignore[arg-type]
    assert connection.handed_out == handed_out
