"""Langfuse's daily metrics (GET /api/public/metrics/daily): sums by day and model (JSON).

https://api.reference.langfuse.com/#tag/metrics; the input includes cached tokens."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, Format

LANGFUSE_DAILY = Format(
    name="langfuse_daily",
    title=text("Langfuse daily metrics"),
    signature=frozenset({"date", "inputUsage", "outputUsage", "countObservations"}),
    fields=MappingProxyType(
        {
            "time": ("date",),
            "requests": ("countObservations",),
            "model": ("model",),
            "input_tokens": ("inputUsage",),
            "output_tokens": ("outputUsage",),
            "total_tokens": ("totalUsage",),
            "cost_usd": ("totalCost",),
        }
    ),
    are_sums=True,
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
