"""PostHog's events of generations (CSV, JSON lines, a batch export): properties whose names begin with `$ai_`.

https://posthog.com/docs/llm-analytics/generations; cached tokens are inside the input, except Anthropic's."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

POSTHOG = Format(
    name="posthog",
    title=text("PostHog generations"),
    signature=frozenset({"*.$ai_input_tokens", "*.$ai_output_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("timestamp", "created_at"),
            "request_id": ("uuid",),
            "span_id": ("*.$ai_span_id",),
            "parent_id": ("*.$ai_parent_id",),
            "trace_id": ("*.$ai_trace_id",),
            "kind": ("event",),
            "model": ("*.$ai_model",),
            "provider": ("*.$ai_provider",),
            "input_tokens": ("*.$ai_input_tokens",),
            "cached_tokens": ("*.$ai_cache_read_input_tokens",),
            "cache_write_tokens": ("*.$ai_cache_creation_input_tokens",),
            "output_tokens": ("*.$ai_output_tokens",),
            "reasoning_tokens": ("*.$ai_reasoning_tokens",),
            "latency_s": ("*.$ai_latency",),
            "status": ("*.$ai_http_status",),
            "failed": ("*.$ai_is_error",),
            "searches": ("*.$ai_web_search_count",),
            "user": ("distinct_id",),
            "session": ("*.$ai_session_id", "*.$session_id"),
            "cost_usd": ("*.$ai_total_cost_usd",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    excludes_cached_when="lower(trim(provider)) = 'anthropic'",
)
