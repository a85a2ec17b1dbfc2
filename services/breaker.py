"""A circuit breaker: after a few failures in a row nobody waits for a dead server any more."""

import time
from collections.abc import Callable


class Breaker:
    """Opens after ``failures`` in a row; then lets one try through every ``retry_s`` (half-open)."""

    def __init__(
        self, failures: int = 3, retry_s: float = 2.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._retry_s = retry_s
        self._clock = clock
        self._failed = 0
        self._next_try = 0.0

    @property
    def closed(self) -> bool:
        """Whether calls go through as usual."""
        return self._failed < self._limit

    def allows(self) -> bool:
        """Whether a call may be tried now."""
        if self.closed:
            return True
        now = self._clock()
        if now < self._next_try:
            return False
        self._next_try = now + self._retry_s
        return True

    def note(self, *, ok: bool) -> None:
        """Tell how the call went."""
        self._failed = 0 if ok else self._failed + 1
        if not ok and not self.closed:
            self._next_try = self._clock() + self._retry_s
