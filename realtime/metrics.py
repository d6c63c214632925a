"""The process's counters and timers: numbers and our own codes only, nothing that names a user, run or address."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

RUN_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)  # seconds
COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20)  # seconds
DELIVERY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200)  # items


class DeliveryCollector(Collector):
    """Counts the events handed to sockets, and their delay. Used on the event loop only."""

    def __init__(self) -> None:
        self._events = 0
        self._seconds = 0.0
        self._counts = [0] * (len(DELIVERY_BUCKETS) + 1)

    def record_sent(self, events: int, since: datetime | None) -> None:
        """Count events that one socket was just sent. `since` is the time of the first, if it was a live one."""
        self._events += events
        if since is not None:
            # By another machine's clock, an event may lie in the future.
            seconds = max(0.0, (datetime.now(UTC) - since).total_seconds())
            self._seconds += seconds
            self._counts[bisect_left(DELIVERY_BUCKETS, seconds)] += 1

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily("netra_events_sent", "Events handed to sockets.", value=self._events)
        buckets = zip([*map(str, DELIVERY_BUCKETS), "+Inf"], accumulate(self._counts), strict=True)
        yield HistogramMetricFamily(
            "netra_delivery_seconds", "From an event's time to its socket.", list(buckets), sum_value=self._seconds
        )


class Metrics:
    """All metrics of one process. Each instance has a registry of its own. Safe from any thread, except `delivery`."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.delivery = DeliveryCollector()
        registry.register(self.delivery)
        ProcessCollector(registry=registry)  # process_resident_memory_bytes, processor time, open files
        self.connections = Gauge("netra_connections", "Open sockets.", registry=registry)
        self.events_waiting = Gauge(
            "netra_events_waiting", "Items in the writer, not committed yet.", registry=registry
        )
        self.frames_received = Counter("netra_frames_received", "Frames that clients sent.", registry=registry)
        self.refusals = Counter("netra_refusals", "Error frames, by code.", ["code"], registry=registry)
        self.closes = Counter(
            "netra_closes", "Sockets that were closed from here, by code.", ["code"], registry=registry
        )
        self.window_stalls = Counter("netra_window_stalls", "A client's window was full.", registry=registry)
        self.resyncs = Counter("netra_resyncs", "Clients that had to fetch a snapshot.", registry=registry)
        self.incidents = Counter("netra_incidents", "Isolation incidents.", registry=registry)
        self.runs = Counter("netra_runs", "Runs that ended here, by outcome.", ["outcome"], registry=registry)
        self.legacy_calls = Counter(
            "netra_legacy_calls",
            "Uses of the old pattern, by agent and what was called.",
            ["agent", "what"],
            registry=registry,
        )
        self.unbacked_figures = Counter(
            "netra_unbacked_figures", "Numbers of a language model's words that no result backs.", registry=registry
        )
        self.run_seconds = Histogram(
            "netra_run_seconds", "From a run's claim to its end.", ["outcome"], buckets=RUN_BUCKETS, registry=registry
        )
        self.commit_seconds = Histogram(
            "netra_commit_seconds", "One commit.", buckets=COMMIT_BUCKETS, registry=registry
        )
        self.batch_items = Histogram(
            "netra_batch_items", "Items in one commit.", buckets=BATCH_BUCKETS, registry=registry
        )

    def count_refusal(self, code: str) -> None:
        self.refusals.labels(code).inc()

    def count_close(self, code: int) -> None:
        self.closes.labels(str(code)).inc()

    def record_commit(self, items: int, seconds: float) -> None:
        self.batch_items.observe(items)
        self.commit_seconds.observe(seconds)

    def record_run_end(self, outcome: str, seconds: float) -> None:
        """`outcome` is one of completed, failed, cancelled, revoked, given_back and lost."""
        self.runs.labels(outcome).inc()
        self.run_seconds.labels(outcome).observe(seconds)

    def count_legacy_calls(self, agent: str, what: str, times: int) -> None:
        """Both names come from code: an agent's, and a method's with its class."""
        self.legacy_calls.labels(agent, what).inc(times)

    def count_unbacked_figures(self, count: int) -> None:
        self.unbacked_figures.inc(count)

    def render(self) -> bytes:
        """Render all metrics in Prometheus' text format."""
        return generate_latest(self._registry)
