"""What the hub counts of itself."""

import time

from services.metrics import Metrics

SOURCES = ("live", "database", "none")


class HubCounts:
    """The hub's part of the metrics of its process."""

    def __init__(self, metrics: Metrics) -> None:
        self.changes = metrics.counter("vigie_frame_changes_total")
        self.merged = metrics.counter("vigie_frames_merged_total")
        self._consoles = metrics.gauge("vigie_consoles")
        self._source = metrics.gauge("vigie_source")
        self._assets = metrics.gauge("vigie_assets")
        self._redis = metrics.gauge("vigie_redis_up")
        self._age = metrics.gauge("vigie_frame_age_seconds")

    def note(self, consoles: int, source: str, assets: int, following: bool, frame_time: float) -> None:
        """Set the gauges; ``frame_time`` in seconds since 1970, 0 while nothing was drawn."""
        self._consoles.set(consoles)
        for name in SOURCES:
            self._source.labels(name).set(name == source)
        self._assets.set(assets)
        self._redis.set(following)
        self._age.set(time.time() - frame_time if frame_time else float("nan"))
