"""Metrics: declared once, of one process each, and told in Prometheus' own format."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.metrics import DECLARED, Metrics


def test_what_is_counted_is_rendered() -> None:
    metrics = Metrics()
    metrics.counter("vigie_events_sent_total").labels("frame").inc(3)
    metrics.gauge("vigie_consoles").set(2)
    metrics.histogram("vigie_callback_seconds").labels("show_asset").observe(0.02)
    body, content_type = metrics.render()
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    assert content_type.startswith("text/plain")
    assert families["vigie_events_sent"].samples[0].value == 3
    assert families["vigie_consoles"].samples[0].value == 2
    assert "process_resident_memory_bytes" in families
    assert {"vigie_callback_seconds"} <= families.keys()


def test_each_process_counts_its_own() -> None:
    first, second = Metrics(), Metrics()
    first.gauge("vigie_consoles").set(7)
    assert first.gauge("vigie_consoles") is first.gauge("vigie_consoles")
    assert b"vigie_consoles 7" not in second.render()[0]


def test_what_is_not_declared_or_of_another_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        Metrics().counter("vigie_nonsense_total")
    with pytest.raises(TypeError, match="is a Gauge"):
        Metrics().counter("vigie_consoles")


@pytest.mark.parametrize("name", DECLARED)
def test_every_metric_can_be_made(name: str) -> None:
    declared = DECLARED[name]
    made = getattr(Metrics(), declared.kind.__name__.lower())(name)
    if declared.labels:
        made.labels(*declared.labels)
