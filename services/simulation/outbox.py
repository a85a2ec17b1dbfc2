"""What is waiting to be sent: of each asset's state only the newest, of measured values all."""

import asyncio
from collections import deque
from collections.abc import Iterable

from services.simulation.reports import Report

VALUES_MOST = 50_000


def _is_state(report: Report) -> bool:
    """Whether it replaces the asset's state; one whose instant nobody can tell replaces nothing."""
    return report.property == "state" and report.zoned


class Outbox:
    """Reports on their way to one door. While it is closed, states replace each other; values queue.

    Values beyond VALUES_MOST push out the oldest, counted in ``dropped``, as a gateway's memory would.
    """

    def __init__(self) -> None:
        self._states: dict[str, Report] = {}
        self._values: deque[Report] = deque()
        self.arrived = asyncio.Event()
        self.dropped = 0

    def __len__(self) -> int:
        """How many reports wait."""
        return len(self._states) + len(self._values)

    def put(self, reports: Iterable[Report]) -> None:
        """Add ``reports``, newer than all that wait."""
        for report in reports:
            if _is_state(report):
                # Taken out first, so that the newest goes to the end of the line.
                self._states.pop(report.asset, None)
                self._states[report.asset] = report
            else:
                self._values.append(report)
        while len(self._values) > VALUES_MOST:
            self._values.popleft()
            self.dropped += 1
        if len(self):
            self.arrived.set()

    def take(self, most: int) -> list[Report]:
        """Up to ``most`` reports, states first, the longest waiting first."""
        names = list(self._states)[:most] if len(self._states) > most else list(self._states)
        taken = [self._states.pop(name) for name in names]
        while self._values and len(taken) < most:
            taken.append(self._values.popleft())
        if not len(self):
            self.arrived.clear()
        return taken

    def give_back(self, reports: Iterable[Report]) -> None:
        """Put back what could not be sent; a newer state of the same asset stays."""
        returned = list(reports)
        old = {r.asset: r for r in returned if _is_state(r) and r.asset not in self._states}
        self._states = {**old, **self._states}
        self._values.extendleft(r for r in reversed(returned) if not _is_state(r))
        if len(self):
            self.arrived.set()
