"""Langfuse: its observations, one row a call, and its daily metrics."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, Format

LANGFUSE = Format(
    name="langfuse",
    title=text("Langfuse observations"),
    signature=frozenset({"traceId", "type", "startTime", "usageDetails.input"}),
    other_signatures=(
        frozenset({"traceId", "type", "startTime", "usageDetails"}),
        frozenset({"type", "startTime", "providedModelName", "usageDetails.input"}),
        frozenset({"traceId", "startTime", "promptTokens", "completionTokens", "level"}),
        frozenset({"traceId", "startTime", "inputUsage", "outputUsage"}),
    ),
    fields=MappingProxyType(
        {
            "time": ("startTime",),
            "end_time": ("endTime",),
            "first_token_time": ("completionStartTime",),
            "latency_s": ("latency",),
            "first_token_s": ("timeToFirstToken",),
            "request_id": ("id",),
            "span_id": ("id",),
            "parent_id": ("parentObservationId",),
            "trace_id": ("traceId",),
            "kind": ("type",),
            "model": (
                "providedModelName",
                "model",
                "modelName",
            ),
            "fresh_input_tokens": (
                "usageDetails.input",
                "usageDetails.input_tokens",
                "usageDetails.prompt_tokens",
            ),
            "input_tokens": (
                "promptTokens",
                "inputUsage",
                "usage.input",
                "inputTokens",
            ),
            "cached_tokens": (
                "usageDetails.input_cached_tokens",
                "usageDetails.input_cache_read",
                "usageDetails.cache_read_input_tokens",
                "usageDetails.input_cache_read_tokens",
            ),
            "cache_write_tokens": (
                "usageDetails.input_cache_creation",
                "usageDetails.cache_creation_input_tokens",
                "usageDetails.input_cache_creation_tokens",
            ),
            "cache_write_5m_tokens": ("usageDetails.input_cache_creation_5m",),
            "cache_write_1h_tokens": ("usageDetails.input_cache_creation_1h",),
            "output_tokens": (
                "usageDetails.output",
                "usageDetails.output_tokens",
                "usageDetails.completion_tokens",
                "completionTokens",
                "outputUsage",
                "usage.output",
                "outputTokens",
            ),
            "reasoning_tokens": (
                "usageDetails.output_reasoning_tokens",
                "usageDetails.output_reasoning",
            ),
            "audio_input_tokens": ("usageDetails.input_audio_tokens", "usageDetails.input_audio"),
            "image_input_tokens": ("usageDetails.input_image_tokens", "usageDetails.input_image"),
            "audio_output_tokens": ("usageDetails.output_audio_tokens", "usageDetails.output_audio"),
            "total_tokens": (
                "usageDetails.total",
                "totalTokens",
                "totalUsage",
                "usage.total",
            ),
            "status": ("level",),
            "error": ("statusMessage",),
            "feature": (
                "traceName",
                "name",
            ),
            "environment": ("environment",),
            "user": ("userId",),
            "session": ("sessionId",),
            "temperature": ("modelParameters.temperature",),
            "cost_usd": (
                "totalCost",
                "calculatedTotalCost",
                "costDetails.total",
            ),
        }
    ),
    kinds_are_beside=True,
)
"""The API, the blob storage export and the export of the tables (JSON, JSON lines, CSV).

https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields and
https://langfuse.com/docs/observability/features/token-and-cost-tracking; the keys of `usage_details` are disjoint,
the older promptTokens and inputUsage include cached tokens."""

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
"""GET /api/public/metrics/daily (JSON): sums by day and model. The input includes cached tokens.

https://api.reference.langfuse.com/#tag/metrics"""
