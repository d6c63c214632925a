"""Spans of Datadog's LLM Observability, from its export API (JSON): `attributes` of one span each.

https://docs.datadoghq.com/llm_observability/evaluations/export_api; durations and costs are in nanoseconds and
nanodollars, cached tokens are inside the input, and workflows and agents repeat the tokens of the calls in them."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

DATADOG = Format(
    name="datadog",
    title=text("Datadog LLM Observability spans"),
    signature=frozenset({"*.span_kind", "*.ml_app", "*.metrics.input_tokens", "*.metrics.output_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("*.start_ms", "*.start_ns", "*.timestamp"),
            "latency": ("*.attributes.duration", "duration"),
            "span_id": ("*.span_id",),
            "parent_id": ("*.attributes.parent_id", "parent_id"),
            "trace_id": ("*.trace_id",),
            "kind": ("*.span_kind",),
            "request_id": ("*.span_id",),
            "model": ("*.model_name",),
            "provider": ("*.model_provider",),
            "input_tokens": ("*.metrics.input_tokens",),
            "cached_tokens": ("*.metrics.cache_read_input_tokens",),
            "cache_write_tokens": ("*.metrics.cache_write_input_tokens",),
            "output_tokens": ("*.metrics.output_tokens",),
            "reasoning_tokens": ("*.metrics.reasoning_output_tokens",),
            "total_tokens": ("*.metrics.total_tokens",),
            "status": ("*.attributes.status", "status"),
            "feature": ("*.ml_app",),
            "session": ("*.session_id",),
            "temperature": ("*.metadata.temperature",),
            "cost_usd": ("*.metrics.estimated_total_cost",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    cost_divisor=1_000_000_000,
)
