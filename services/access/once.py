"""What was done a moment ago, so that a screen that refreshes itself does not fill the audit."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable

MOST = 10_000


class Once:
    """Remembers keys for ``seconds``, at most 10,000, in this process; safe between threads.

    What is forgotten too early is recorded twice, never not at all.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()

    def done(self, key: Hashable) -> bool:
        """Whether ``key`` was noted within the last seconds."""
        with self._lock:
            return self._until.get(key, 0.0) > time.monotonic()

    def note(self, key: Hashable) -> None:
        """Remember ``key`` from now on; call it once what it stands for is committed."""
        with self._lock:
            self._until[key] = time.monotonic() + self._seconds
            self._until.move_to_end(key)
            while len(self._until) > MOST:
                self._until.popitem(last=False)
