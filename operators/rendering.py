"""What the fields of the operators' tools' results are called, for people."""

from collections.abc import Mapping
from types import MappingProxyType

from netra.language.text import Text, text

COLUMNS: Mapping[str, Text] = MappingProxyType(
    {
        "attempt": text("attempt"),
        "cancel_requested_at": text("cancel requested at"),
        "consent_id": text("consent id"),
        "count": text("count"),
        "created_at": text("created at"),
        "decided_by": text("decided by"),
        "degraded": text("degraded"),
        "dollars": text("dollars"),
        "effect": text("effect"),
        "ended_at": text("ended at"),
        "error": text("error"),
        "events_in_five_minutes": text("events in five minutes"),
        "failed": text("failed"),
        "id": text("id"),
        "incidents_open": text("incidents open"),
        "last": text("last"),
        "logs_waiting": text("logs waiting"),
        "longest": text("longest"),
        "now": text("now"),
        "oldest_seconds": text("oldest seconds"),
        "overdue": text("overdue"),
        "policy": text("policy"),
        "queued": text("queued"),
        "removed": text("removed"),
        "run_id": text("run id"),
        "running": text("running"),
        "runs": text("runs"),
        "size": text("size"),
        "started_at": text("started at"),
        "state": text("state"),
        "stopping": text("stopping"),
        "streams": text("streams"),
        "thread_id": text("thread id"),
        "tokens": text("tokens"),
        "tool": text("tool"),
        "until": text("until"),
        "user": text("user"),
        "version": text("version"),
        "well": text("well"),
        "what": text("what"),
        "workers": text("workers"),
        "workload_id": text("workload id"),
    }
)
"""By name. tests/operating/test_columns.py looks that none is missing."""
