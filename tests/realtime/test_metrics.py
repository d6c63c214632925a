from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from realtime.metrics import Metrics

Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def values(metrics: Metrics) -> Values:
    families = text_string_to_metric_families(metrics.render().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_delivered_events_are_counted() -> None:
    metrics = Metrics()
    metrics.connections.inc()
    metrics.frames_received.inc()
    metrics.count_refusal("too_large")
    metrics.count_close(4401)
    metrics.record_commit(12, 0.004)
    metrics.record_run_end("completed", 1.5)
    found = values(metrics)
    assert found["netra_connections", ()] == 1
    assert found["netra_frames_received_total", ()] == 1
    assert found["netra_refusals_total", (("code", "too_large"),)] == 1
    assert found["netra_closes_total", (("code", "4401"),)] == 1
    assert (found["netra_batch_items_sum", ()], found["netra_commit_seconds_count", ()]) == (12, 1)
    assert found["netra_runs_total", (("outcome", "completed"),)] == 1
    assert found["netra_run_seconds_sum", (("outcome", "completed"),)] == 1.5
    assert found["process_resident_memory_bytes", ()] > 1_000_000


def test_delivery_is_timed_from_the_first_event() -> None:
    metrics, now = Metrics(), datetime.now(UTC)
    metrics.delivery.record_sent(2, now - timedelta(seconds=2))
    metrics.delivery.record_sent(1, now + timedelta(hours=1))  # by a clock that is ahead
    metrics.delivery.record_sent(500, None)  # from the log
    found = values(metrics)
    assert found["netra_events_sent_total", ()] == 503
    assert found["netra_delivery_seconds_bucket", (("le", "1.0"),)] == 1
    assert found["netra_delivery_seconds_bucket", (("le", "2.5"),)] == 2
    assert found["netra_delivery_seconds_sum", ()] >= 2


def test_two_metrics_objects_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.incidents.inc()
    assert values(other)["netra_incidents_total", ()] == 0
    assert REGISTRY.get_sample_value("netra_incidents_total") is None
