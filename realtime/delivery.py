"""How many events reached sockets, and how soon. Counted in plain numbers, on one event loop: every frame comes by, and
prometheus' own counters take a lock for each of their steps."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


class Delivery(Collector):
    def __init__(self) -> None:
        self._events = 0
        self._seconds = 0.0
        self._counts = [0] * (len(BOUNDS) + 1)

    def sent(self, events: int, since: datetime | None) -> None:
        """So many events were handed to one socket just now; `since` is the time of the first, if it was a live one."""
        self._events += events
        if since is not None:
            # An event of another machine's clock may lie ahead.
            seconds = max(0.0, (datetime.now(UTC) - since).total_seconds())
            self._seconds += seconds
            self._counts[bisect_left(BOUNDS, seconds)] += 1

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily("netra_events_sent", "Events handed to sockets.", value=self._events)
        below = zip([*map(str, BOUNDS), "+Inf"], accumulate(self._counts), strict=True)
        yield HistogramMetricFamily(
            "netra_delivery_seconds", "From an event's time to its socket.", list(below), sum_value=self._seconds
        )
