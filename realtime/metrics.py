"""The process's counters and timers: numbers and our own codes only, nothing that names a user, run or address."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

DELIVERY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


class DeliveryCollector(Collector):
    def __init__(self) -> None:
        self._events = 0
        self._seconds = 0.0
        self._counts = [0] * (len(DELIVERY_BUCKETS) + 1)

    def record_sent(self, events: int, since: datetime | None) -> None:
        """So many events were handed to one socket just now; `since` is the time of the first, if it was a live one."""
        self._events += events
        if since is not None:
            # An event of another machine's clock may lie ahead.
            seconds = max(0.0, (datetime.now(UTC) - since).total_seconds())
            self._seconds += seconds
            self._counts[bisect_left(DELIVERY_BUCKETS, seconds)] += 1

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily("netra_events_sent", "Events handed to sockets.", value=self._events)
        below = zip([*map(str, DELIVERY_BUCKETS), "+Inf"], accumulate(self._counts), strict=True)
        yield HistogramMetricFamily(
            "netra_delivery_seconds", "From an event's time to its socket.", list(below), sum_value=self._seconds
        )


RUN_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20)
BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200)


class Metrics:
    """Made once per process and handed down; two of them, as tests have, share nothing. Safe from any thread, but for
    deliveries, which are the loop's."""

    def __init__(self) -> None:
        mine = self._registry = CollectorRegistry()
        self.delivery = DeliveryCollector()
        mine.register(self.delivery)
        ProcessCollector(registry=mine)  # process_resident_memory_bytes, processor time, open files
        self.connections = Gauge("netra_connections", "Open sockets.", registry=mine)
        self.events_waiting = Gauge("netra_events_waiting", "Items in the writer, not committed yet.", registry=mine)
        self.frames_received = Counter("netra_frames_received", "Frames that clients sent.", registry=mine)
        self.refusals = Counter("netra_refusals", "Error frames, by code.", ["code"], registry=mine)
        self.closes = Counter("netra_closes", "Sockets that were closed from here, by code.", ["code"], registry=mine)
        self.window_stalls = Counter("netra_window_stalls", "A client's window was full.", registry=mine)
        self.resyncs = Counter("netra_resyncs", "Clients that had to fetch a snapshot.", registry=mine)
        self.incidents = Counter("netra_incidents", "Isolation incidents.", registry=mine)
        self.runs = Counter("netra_runs", "Runs that ended here, by outcome.", ["outcome"], registry=mine)
        self.legacy_calls = Counter(
            "netra_legacy_calls",
            "Uses of the old pattern, by agent and what was called.",
            ["agent", "what"],
            registry=mine,
        )
        self.run_seconds = Histogram(
            "netra_run_seconds", "From a run's claim to its end.", ["outcome"], buckets=RUN_BUCKETS, registry=mine
        )
        self.commit_seconds = Histogram("netra_commit_seconds", "One commit.", buckets=COMMIT_BUCKETS, registry=mine)
        self.batch_items = Histogram("netra_batch_items", "Items in one commit.", buckets=BATCH_BUCKETS, registry=mine)

    def count_refusal(self, code: str) -> None:
        self.refusals.labels(code).inc()

    def count_close(self, code: int) -> None:
        self.closes.labels(str(code)).inc()

    def record_commit(self, items: int, seconds: float) -> None:
        self.batch_items.observe(items)
        self.commit_seconds.observe(seconds)

    def record_run_end(self, outcome: str, seconds: float) -> None:
        """`outcome` is a word of ours: completed, failed, cancelled, revoked, given_back, lost."""
        self.runs.labels(outcome).inc()
        self.run_seconds.labels(outcome).observe(seconds)

    def count_legacy_calls(self, agent: str, what: str, times: int) -> None:
        """Both are names of code: an agent's, and that of a class's method."""
        self.legacy_calls.labels(agent, what).inc(times)

    def render(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)
