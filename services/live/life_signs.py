"""Where the picture comes from now, told from when each of its sources was last heard."""

import time

from services.live.follower import Pulse

SILENT_S = 3.0
"""The writer's pulse is older: nobody takes observations in, so what is shown is not live."""
GRACE_S = 2.0
"""Redis may be lost for so long before it shows: one late answer is no outage."""
NEVER = float("-inf")


class LifeSigns:
    """When Redis was last followed, the writer's pulse seen to move, and whether the database answers."""

    def __init__(self) -> None:
        self.database_answers = False
        self._pulse: Pulse | None = None
        self._pulse_at = self._followed_at = NEVER

    def followed(self) -> None:
        """The stream in Redis was read to its end just now."""
        self._followed_at = time.monotonic()

    def unfollow(self) -> None:
        """What was followed is no longer of use: it does not count as heard until it is followed anew."""
        self._followed_at = NEVER

    def heard(self, pulse: Pulse | None) -> None:
        """The pulse counts from when it was seen to move; the first only if it is of now."""
        known, self._pulse = self._pulse, pulse
        if pulse is None or (known and known.heartbeat == pulse.heartbeat):
            return
        if known or abs(time.time() - pulse.heartbeat / 1000) < SILENT_S:
            self._pulse_at = time.monotonic()

    def moved(self) -> None:
        """The writer wrote into the stream just now: it lives, however busy it is."""
        self._pulse_at = time.monotonic()

    def unfed_s(self) -> float | None:
        """Seconds since the writer was last seen to live, while Redis answers; None while it lives."""
        now = time.monotonic()
        silent = now - self._pulse_at
        if silent < SILENT_S or silent == float("inf") or now - self._followed_at >= GRACE_S:
            return None
        return silent

    def source(self) -> str:
        """``live``; ``database`` while Redis or the intake is away; ``none`` when nobody answers."""
        now = time.monotonic()
        if now - self._followed_at < GRACE_S and now - self._pulse_at < SILENT_S:
            return "live"
        return "database" if self.database_answers else "none"
