"""What a process counts of itself, for Prometheus: each name declared here and explained in docs/operate.md.

    metrics = Metrics()
    metrics.counter("vigie_events_sent_total").labels("frame").inc()
    body, content_type = metrics.render()

Labels take words of ours (a kind, a handler's name), never what somebody sent: their number is bounded.
"""

import threading
from typing import Any, NamedTuple, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

disable_created_metrics()  # type: ignore[no-untyped-call]

M = TypeVar("M", Counter, Gauge, Histogram)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Declared(NamedTuple):
    """One metric: its kind, what it says, its labels, and the buckets of a histogram (seconds)."""

    kind: type[Counter] | type[Gauge] | type[Histogram]
    says: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


DECLARED: dict[str, Declared] = {
    "vigie_consoles": Declared(Gauge, "Consoles that follow the live stream"),
    "vigie_consoles_dropped_total": Declared(Counter, "Consoles let go because they stopped reading"),
    "vigie_events_sent_total": Declared(Counter, "Events written to consoles, by kind", ("kind",)),
    "vigie_sent_bytes_total": Declared(Counter, "Bytes of events written to consoles, uncompressed"),
    "vigie_frames_merged_total": Declared(Counter, "Frames merged into another for a slow console"),
    "vigie_frame_changes_total": Declared(Counter, "Changes of display drawn by the hub"),
    "vigie_frame_age_seconds": Declared(Gauge, "Age of the newest frame drawn"),
    "vigie_source": Declared(Gauge, "1 for where the picture comes from now, 0 for the others", ("source",)),
    "vigie_assets": Declared(Gauge, "Assets of the layout in force"),
    "vigie_database_up": Declared(Gauge, "Whether the database answers"),
    "vigie_redis_up": Declared(Gauge, "Whether the live stream in Redis is followed"),
    "vigie_items_received_total": Declared(Counter, "Items a feed sent", ("feed",)),
    "vigie_items_dead_total": Declared(Counter, "Items of a feed that became dead letters", ("feed",)),
    "vigie_batch_seconds": Declared(Histogram, "Time from receipt to durable of a batch", (), SECONDS),
    "vigie_spooled_items": Declared(Gauge, "Items that wait in the spool for the database"),
    "vigie_intake_ready": Declared(Gauge, "Whether a batch would be accepted"),
    "vigie_callback_seconds": Declared(Histogram, "Time a callback takes", ("callback",), SECONDS),
    "vigie_callback_errors_total": Declared(Counter, "Callbacks that failed", ("callback",)),
}


class Metrics:
    """The metrics of one process (of one city, in tests), each made when first asked for."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._made: dict[str, Any] = {}
        self._making = threading.Lock()

    def counter(self, name: str) -> Counter:
        """The counter ``name``; KeyError when it is not declared, TypeError when it is something else."""
        return self._of(Counter, name)

    def gauge(self, name: str) -> Gauge:
        """The gauge ``name``; errors as ``counter``."""
        return self._of(Gauge, name)

    def histogram(self, name: str) -> Histogram:
        """The histogram ``name``; errors as ``counter``."""
        return self._of(Histogram, name)

    def render(self) -> tuple[bytes, str]:
        """Everything in Prometheus' text format, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _of(self, kind: type[M], name: str) -> M:
        declared = DECLARED[name]
        if declared.kind is not kind:
            raise TypeError(f"{name} is a {declared.kind.__name__}, not a {kind.__name__}")
        with self._making:
            if name not in self._made:
                make: Any = kind
                more = {"buckets": declared.buckets} if declared.buckets else {}
                self._made[name] = make(name, declared.says, declared.labels, registry=self._registry, **more)
            made: M = self._made[name]
        return made
